import assert from 'node:assert/strict'
import { TERMINAL_EVENTS } from '../../src/model'
import { Rng } from '../../src/simulator/pbx/rng'
import type { Connection } from '../../src/simulator/pbx/types'
import { House, type Line } from './harness'

const STATES: Readonly<Record<string, readonly string[]>> = {
  initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'remoteRinging'], connected: ['active'], hold: ['held'], queued: ['dialing', 'remoteRinging', 'active'], fail: ['failed', 'dialing', 'active']
}
const USERS = ['alice', 'bob', 'dave', 'erin', 'frank'] as const
const EXTENSIONS = ['1001', '1002', '1003', '1004', '1005', '1050', '+12025550199', '+12025550188', '+12025550177']

/** One random step of a day at the office; what the house refuses is no step. */
function step (house: House, rng: Rng): void {
  const { pbx } = house
  const pick = <T>(list: readonly T[]): T => list[Math.floor(rng.next() * list.length)] as T
  const user = pick(USERS)
  const own: Connection | undefined = pick(pbx.connectionsOf(user))
  const doings: (() => unknown)[] = [
    () => pbx.inbound({ from: pick(['+12025550199', '+12025550177']), to: pick(EXTENSIONS.slice(0, 6)) }),
    () => pbx.originate(user, pick(EXTENSIONS)),
    ...own === undefined ? [] : [
      () => pbx.answer(own.key),
      () => pbx.answer(own.key),
      () => pbx.hold(own.key),
      () => pbx.resume(own.key),
      () => pbx.release(own.key),
      () => pbx.blindTransfer(own.key, pick(EXTENSIONS))
    ]
  ]
  try {
    pick(doings)()
  } catch (error) {
    if ((error as Error).name !== 'Refusal') throw error
  }
}

/** What the session believes of every user against what the house knows. */
function compare (house: House, line: Line): string[] {
  const wrong: string[] = []
  for (const user of USERS) {
    const legs = line.session.picture.callsOf(`${user}@example.com`)
    const connections = house.pbx.connectionsOf(user)
    const want = connections.map(({ state }) => state).sort()
    const fits = legs.length === connections.length && connections.every((connection) => {
      const id = house.face.site.ids.callId(connection.key)
      const leg = legs.find(({ vendorId }) => vendorId === id)
      return leg !== undefined && STATES[connection.state]?.includes(leg.state) === true
    })
    if (!fits) wrong.push(`${user}: house ${want.join(',')}; session ${legs.map(({ state, vendorId }) => `${vendorId ?? ''} ${state}`).join(',')}`)
  }
  return wrong
}

const ADMIN = { kind: 'basic', username: 'cti-admin@example.com', password: 'demo' } as const
const PACKAGES = ['Advanced Call', 'Call Center Agent']

/** 150 steps; the wire breathes between some of them, so that events and steps interleave. */
async function day (house: House, seed: number, between: (n: number) => void = () => undefined): Promise<void> {
  const rng = new Rng(seed)
  for (let n = 0; n < 150; n++) {
    step(house, rng)
    between(n)
    if (n % 5 === 0) await new Promise((resolve) => { setImmediate(resolve) })
  }
}

async function agree (house: House, line: Line): Promise<void> {
  await house.until(() => compare(house, line).length === 0, 'the session to agree').catch(() => assert.deepEqual(compare(house, line), []))
  const ends = new Map<string, number>()
  const seen = new Set<string>()
  for (const { event, call } of line.events) {
    if (call === undefined) continue
    seen.add(call.id)
    if (TERMINAL_EVENTS.has(event)) ends.set(call.id, (ends.get(call.id) ?? 0) + 1)
  }
  assert.deepEqual([...ends].filter(([, count]) => count !== 1), [], 'each leg ends once')
  const open = new Set([...line.session.picture.calls()].map(({ id }) => id))
  assert.deepEqual([...seen].filter((id) => !open.has(id) && !ends.has(id)), [], 'no leg vanishes without an end')
  assert.deepEqual(line.warnings, [])
  assert.equal(line.session.counters.badDrafts ?? 0, 0)
  assert.equal(line.session.counters.afterEnd ?? 0, 0)
}

describe('XSI: a random day', () => {
  let house: House
  afterEach(() => house.close())

  for (const seed of [1, 2, 3]) {
    it(`leaves the session with what the house knows (seed ${seed})`, async () => {
      house = await House.build()
      const line = await house.online({ auth: ADMIN, scope: 'enterprise', packages: [...PACKAGES, 'Call Center Queue'], queues: ['support@example.com'] })
      await day(house, seed)
      await agree(house, line)
    })

    it(`and so it does when documents come twice and together, with slow acknowledgements (seed ${seed})`, async () => {
      house = await House.build()
      const line = await house.online({ auth: ADMIN, scope: 'users', userList: USERS.map((user) => `${user}@example.com`), packages: PACKAGES })
      house.faults.inject({ kind: 'duplicate', face: 'xsi', chance: 0.3 })
      house.faults.inject({ kind: 'merge', face: 'xsi', chance: 0.5, size: 4, ms: 5 })
      house.faults.inject({ kind: 'slow', face: 'xsi', path: 'eventresponse', chance: 0.2, ms: 50 })
      await day(house, seed)
      await agree(house, line)
    })

    it(`and so it does when the stream breaks in between (seed ${seed})`, async () => {
      house = await House.build()
      const line = await house.online({ auth: ADMIN, scope: 'users', userList: USERS.map((user) => `${user}@example.com`), packages: PACKAGES })
      await day(house, seed, (n) => { if (n === 40 || n === 110) house.face.act('dropConnections') })
      await line.event('connection.resync')
      await line.until(() => line.session.status.state === 'online', 'the session to be back')
      await agree(house, line)
    })
  }
})
