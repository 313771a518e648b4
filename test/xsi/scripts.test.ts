import assert from 'node:assert/strict'
import { TERMINAL_EVENTS } from '../../src/model'
import type { Call, Condition } from '../../src/model'
import { VirtualClock } from '../../src/simulator/pbx/clock'
import type { Connection } from '../../src/simulator/pbx/types'
import { play, scenarios } from '../../src/simulator/scenarios'
import { agentStateOf, unavailableCodeOf } from '../../src/simulator/xsi/render/acd'
import { House, type Line } from './harness'

const STATES: Readonly<Record<string, readonly string[]>> = {
  initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'remoteRinging', 'initiated'], connected: ['active'], hold: ['held'], queued: ['dialing', 'remoteRinging', 'active'], fail: ['failed', 'dialing', 'active']
}
const CONDITIONS: readonly Condition[] = ['always', 'busy', 'noAnswer']
/** ms of PBX time between two looks, and after the script for what still runs (wrap-up). */
const STEP_MS = 1000
const AFTERWARDS_MS = 60_000
const MOST_STEPS = 400

/** Where session and house differ: calls of users and queues, agents, settings. */
function differences (house: House, { session: { picture } }: Line): string[] {
  const { pbx, face: { site } } = house
  const wrong: string[] = []
  const check = (what: string, told: unknown, fact: unknown): void => {
    if (JSON.stringify(told) !== JSON.stringify(fact)) wrong.push(`${what}: session ${JSON.stringify(told)}, house ${JSON.stringify(fact)}`)
  }
  const fits = (leg: Call, connection: Connection): boolean => leg.vendorId === site.ids.callId(connection.key) && STATES[connection.state]?.includes(leg.state) === true
  for (const user of pbx.users.values()) {
    const id = site.names.userId(user)
    const open = pbx.connectionsOf(user.key).filter(({ state }) => state !== 'null')
    const legs = picture.callsOf(id).filter(({ state }) => state !== 'parked')
    if (legs.length !== open.length || !open.every((connection) => legs.some((leg) => fits(leg, connection)))) {
      wrong.push(`${user.key}: session ${legs.map(({ vendorId, state }) => `${vendorId ?? ''} ${state}`).join()}; house ${open.map(({ key, state }) => `${site.ids.callId(key)} ${state}`).join()}`)
    }
    check(`${user.key} dnd`, picture.dnd(id)?.enabled ?? false, user.dnd.enabled)
    for (const condition of CONDITIONS) check(`${user.key} ${condition}`, picture.forwarding(id)?.rules[condition]?.enabled ?? false, user.forwarding[condition].enabled)
  }
  for (const agent of pbx.agents.values()) {
    const user = pbx.users.get(agent.userKey)
    const told = user === undefined ? undefined : picture.agent(site.names.userId(user))
    check(agent.key, [told?.vendorState, told?.reason?.id], [agentStateOf(agent), unavailableCodeOf(agent)])
    if (told?.state === 'busy') check(`${agent.key} busy`, pbx.connectionsOf(agent.userKey).some(({ state }) => state === 'connected' || state === 'hold'), true)
  }
  for (const queue of pbx.queues.values()) {
    const legs = picture.callsOf(site.names.queueId(queue)).filter(({ state }) => state === 'queued')
    check(queue.key, legs.map(({ vendorId }) => vendorId).sort(), queue.entries.map((key) => site.ids.callId(key)).sort())
  }
  return wrong
}

const agree = (house: House, line: Line, when: string): Promise<void> =>
  house.until(() => differences(house, line).length === 0, 'agreement').catch(() => assert.deepEqual(differences(house, line), [], when))

/** What the server lists for each user is what the session has. */
async function listsAgree (house: House, line: Line): Promise<void> {
  for (const user of house.pbx.users.values()) {
    const id = house.face.site.names.userId(user)
    const listed = (await line.perform('listCalls', { user: id })).items as Call[]
    const known = line.session.picture.callsOf(id).filter(({ state }) => state !== 'parked')
    assert.deepEqual(listed.map(({ id: callId, state }) => [callId, state]).sort(), known.map(({ id: callId, state }) => [callId, state]).sort())
  }
}

describe('XSI: each script of the simulator through a session', () => {
  let house: House
  let clock: VirtualClock
  let total = 0
  beforeEach(async () => {
    clock = new VirtualClock(Date.now())
    house = await House.build({}, clock)
  })
  afterEach(() => house.close())

  for (const name of scenarios.keys()) {
    it(`${name}: the session has what the house has, at each step and at the end`, async () => {
      const line = await house.online({
        auth: { kind: 'basic', username: 'cti-admin@example.com', password: 'demo' }, scope: 'users', random: () => 0,
        userList: [...house.pbx.users.values()].filter(({ admin }) => !admin).map((user) => house.face.site.names.userId(user)),
        queues: [...house.pbx.queues.values()].map((queue) => house.face.site.names.queueId(queue))
      })
      await agree(house, line, 'before')
      let down: Promise<void> | undefined
      const { done } = play(house.pbx, name, {
        drivesClock: false,
        hooks: {
          breakLine: () => { down = house.face.line(false) },
          mendLine: () => { down = down?.then(() => house.face.line(true)).then(() => { down = undefined }) }
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
        for (const user of house.pbx.users.values()) for (const { key } of house.pbx.connectionsOf(user.key)) seen.add(house.face.site.ids.callId(key))
        if (line.session.status.state !== 'online') await line.session.whenOnline(4000)
        await agree(house, line, `after step ${step}`)
      }
      await done
      assert.ok(over, 'the script has ended')
      await agree(house, line, 'at the end')
      await listsAgree(house, line)
      const told = new Set(line.events.flatMap(({ call }) => call?.vendorId ?? []))
      assert.deepEqual([...seen].filter((id) => !told.has(id)), [], 'no call passes untold')
      const ends = new Map<string, number>()
      for (const { event, call } of line.events) if (call !== undefined && TERMINAL_EVENTS.has(event)) ends.set(call.id, (ends.get(call.id) ?? 0) + 1)
      assert.deepEqual([...ends].filter(([, count]) => count !== 1), [], 'each leg ends once')
      assert.equal(line.session.counters.badDrafts ?? 0, 0)
      total += seen.size
    }).timeout(20_000)
  }

  it('has played calls', () => assert.ok(total > scenarios.size, `only ${total} calls`))
})
