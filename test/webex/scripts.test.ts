/** All scripts of the simulator through a real session of a service app that watches everybody: what is told is what is. */
import assert from 'node:assert/strict'
import { TERMINAL_EVENTS, type Call, type Condition } from '../../src/model'
import { VirtualClock } from '../../src/simulator/pbx/clock'
import type { Connection } from '../../src/simulator/pbx/types'
import { play, scenarios } from '../../src/simulator/scenarios'
import type { WebexOptions } from '../../src/webex'
import { House, type Line } from './harness'

const STATES: Readonly<Record<string, readonly string[]>> = {
  initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'initiated'], connected: ['active'], hold: ['held'], queued: ['dialing', 'active'], fail: ['dialing', 'active']
}
const CONDITIONS: readonly Condition[] = ['always', 'busy', 'noAnswer']
/** ms of PBX time between two looks, and after the script for what still runs. */
const STEP_MS = 1000
const AFTERWARDS_MS = 60_000
const MOST_STEPS = 400

const ownerId = (line: Line, email: string): string => line.driver.ownerOf(email) ?? ''

/** Where session and house differ: calls of users, forwarding, do not disturb. Calls have other ids there: their states are compared. */
function differences (house: House, line: Line, withSettings: boolean): string[] {
  const { pbx } = house
  const { picture } = line.session
  const wrong: string[] = []
  for (const user of pbx.users.values()) {
    if (user.admin === true) continue
    const id = ownerId(line, user.email)
    const open: Connection[] = pbx.connectionsOf(user.key).filter(({ state }) => state !== 'null')
    const legs = picture.callsOf(id)
    const left = [...legs]
    const unmatched = open.filter(({ state }) => {
      const at = left.findIndex((leg) => STATES[state]?.includes(leg.state))
      if (at >= 0) left.splice(at, 1)
      return at < 0
    })
    if (unmatched.length > 0 || left.length > 0) wrong.push(`${user.key}: session ${legs.map(({ state }) => state).join()}; house ${open.map(({ state }) => state).join()}`)
    if (!withSettings) continue
    if ((picture.dnd(id)?.enabled ?? false) !== user.dnd.enabled) wrong.push(`${user.key} dnd`)
    for (const condition of CONDITIONS) if ((picture.forwarding(id)?.rules[condition]?.enabled ?? false) !== user.forwarding[condition].enabled) wrong.push(`${user.key} ${condition}`)
  }
  return wrong
}

const agree = (house: House, line: Line, when: string, withSettings = false): Promise<void> =>
  house.until(() => differences(house, line, withSettings).length === 0, 'agreement').catch(() => assert.deepEqual(differences(house, line, withSettings), [], when))

/** What the server lists for each user is what the session has. */
async function listsAgree (house: House, line: Line): Promise<void> {
  for (const { email, admin } of house.pbx.users.values()) {
    if (admin === true) continue
    const id = ownerId(line, email)
    const listed = (await line.perform('listCalls', { user: id })).items as Call[]
    assert.deepEqual(listed.map(({ id: callId, state }) => [callId, state]).sort(), line.session.picture.callsOf(id).map(({ id: callId, state }) => [callId, state]).sort())
  }
}

const WAYS: readonly (readonly [string, (house: House) => Partial<WebexOptions>])[] = [
  ['by webhook', () => ({})],
  ['by polling', () => ({ hooks: undefined, pollIdleMs: 25, pollBusyMs: 25 })]
]

describe('Webex: each script of the simulator through a session', () => {
  let house: House
  let clock: VirtualClock
  let total = 0
  beforeEach(async () => {
    clock = new VirtualClock(Date.now())
    house = await House.build({ clock })
  })
  afterEach(() => house.close())

  for (const [way, options] of WAYS) {
    for (const name of scenarios.keys()) {
      it(`${name}, ${way}: the session has what the house has, at each step and at the end`, async () => {
        const { serviceClientId: clientId = '', serviceClientSecret: clientSecret = '', serviceRefreshToken: refreshToken = '' } = house.simulator.demoLogin('webex')
        const people = [...house.pbx.users.values()].filter(({ admin }) => admin !== true).map(({ email }) => email)
        const line = await house.online({ auth: { kind: 'service', refreshToken }, client: { clientId, clientSecret }, userList: people, settingsMs: 100, ...options(house) })
        await agree(house, line, 'before')
        let down: Promise<void> | undefined
        const face = house.simulator.face('webex')
        const { done } = play(house.pbx, name, {
          drivesClock: false,
          hooks: {
            breakLine: () => { down = face.line(false) },
            mendLine: () => { down = down?.then(() => face.line(true)).then(() => { down = undefined }) }
          }
        })
        let over = false
        void done.catch(() => undefined).finally(() => { over = true })
        const seen = new Set<string>()
        let left = AFTERWARDS_MS / STEP_MS
        for (let step = 0; step < MOST_STEPS && left > 0; step++) {
          if (over) left -= 5
          clock.advance(over ? STEP_MS * 5 : STEP_MS)
          await new Promise((resolve) => { setImmediate(resolve) })
          if (down !== undefined) continue
          for (const user of house.pbx.users.values()) for (const { key } of house.pbx.connectionsOf(user.key)) seen.add(key)
          if (line.session.status.state !== 'online') await line.session.whenOnline(4000)
          await agree(house, line, `after step ${step}`)
        }
        await done
        assert.ok(over, 'the script has ended')
        await agree(house, line, 'at the end', true)
        await listsAgree(house, line)
        const ends = new Map<string, number>()
        for (const { event, call } of line.events) if (call !== undefined && TERMINAL_EVENTS.has(event)) ends.set(call.id, (ends.get(call.id) ?? 0) + 1)
        assert.deepEqual([...ends].filter(([, count]) => count !== 1), [], 'each leg ends once')
        assert.equal(line.session.counters.badDrafts ?? 0, 0)
        total += seen.size
      }).timeout(20_000)
    }
  }

  it('has played calls', () => assert.ok(total > scenarios.size, `only ${total} calls`))
})
