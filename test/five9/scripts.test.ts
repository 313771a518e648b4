/** Each script of the simulator through an agent's and a supervisor's session: the picture is what the house is, each leg ends once. */
import assert from 'node:assert/strict'
import { TERMINAL_EVENTS, type Call } from '../../src/model'
import { Faults } from '../../src/simulator/faults/faults'
import { Five9Face } from '../../src/simulator/five9/face'
import { RealClock, VirtualClock } from '../../src/simulator/pbx/clock'
import { Pbx } from '../../src/simulator/pbx/pbx'
import { Rng } from '../../src/simulator/pbx/rng'
import { play, scenarios } from '../../src/simulator/scenarios'
import { differs } from './differences'
import { Line } from './harness'

const STEP_MS = 1000
const AFTERWARDS_MS = 60_000
const MOST_STEPS = 400
const PATIENCE_MS = 4000
const BOB = '3000002'

/** The house in a time of its own, the face and its sockets in ours. */
interface House { readonly pbx: Pbx; readonly face: Five9Face }

async function until (holds: () => boolean): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS
  while (!holds()) {
    if (Date.now() > deadline) return false
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  return true
}

/** What Bob's session has wrong of his calls. */
function agentDifferences (sim: House, { session: { picture } }: Line): string[] {
  const open = sim.pbx.connectionsOf('bob').filter(({ state }) => state !== 'null')
  const legs = picture.callsOf(BOB).filter(({ state }) => state !== 'parked')
  return differs(legs, open) ? [`bob: session ${legs.map(({ state }) => state).join()}; house ${open.map(({ state }) => state).join()}`] : []
}

/** What the supervisor's session has wrong of agents and queues. */
function supervisorDifferences (sim: House, { session: { picture } }: Line): string[] {
  const wrong: string[] = []
  const agents = [...picture.agents()]
  for (const agent of sim.pbx.agents.values()) {
    const user = sim.pbx.users.get(agent.userKey)!
    const told = agents.find(({ name }) => name === `${user.first} ${user.last}`)
    const open = sim.pbx.connectionsOf(user.key).filter(({ state }) => state !== 'null')
    // An outbound call shows when it is answered, no earlier (five9.md 7.1).
    const shown = open.filter(({ state }) => state === 'connected' || state === 'hold' || state === 'alerting')
    const fact = !agent.loggedIn ? 'loggedOut' : shown.length > 0 ? 'busy' : agent.wrapUp !== undefined ? 'wrapUp' : agent.routing
    if (fact !== told?.state && !(told?.state === agent.routing && open.some(({ state }) => state !== 'hold'))) wrong.push(`${agent.key}: session ${told?.state} (${told?.vendorState}), house ${fact}`)
    const legs = told === undefined ? [] : picture.callsOf(told.id).filter(({ state }) => state === 'active' || state === 'held' || state === 'ringing')
    if (legs.length > 1) wrong.push(`${agent.key}: ${legs.length} legs for one row`)
  }
  for (const queue of sim.pbx.queues.values()) {
    const waiting = [...picture.queues()].find(({ name }) => name === queue.name)?.waiting
    // A call that is offered to an agent waits no more there (five9.md 9.1).
    const offered = [...sim.pbx.agents.values()].filter(({ userKey }) => sim.pbx.connectionsOf(userKey).some(({ state }) => state === 'alerting')).length
    const { length } = queue.entries
    if (waiting === undefined || waiting > length || waiting < length - offered) wrong.push(`${queue.key}: session ${waiting}, house ${queue.entries.length}`)
  }
  return wrong
}

describe('Five9: each script of the simulator through sessions', () => {
  let sim: House
  let clock: VirtualClock
  let lines: Line[] = []
  let total = 0
  beforeEach(async () => {
    clock = new VirtualClock(Date.now())
    const pbx = new Pbx({ clock, seed: 1 })
    sim = { pbx, face: new Five9Face({ pbx, clock: new RealClock(), rng: new Rng(2), faults: new Faults(new Rng(1)), options: {} }, { host: '127.0.0.1', port: 0 }) }
    await sim.face.start()
  })
  afterEach(async () => {
    await Promise.all(lines.map((line) => line.close()))
    lines = []
    await sim.face.stop()
    sim.pbx.close()
  })

  for (const name of scenarios.keys()) {
    it(`${name}: the sessions have what the house has, at each step and at the end`, async () => {
      const { url, username, password, adminUsername, adminPassword } = sim.face.login()
      const agent = new Line({ baseUrl: url, username, password, stationType: 'SOFTPHONE' })
      const supervisor = new Line({ baseUrl: url, username: adminUsername, password: adminPassword, role: 'supervisor' })
      lines = [agent, supervisor]
      await Promise.all(lines.map((line) => line.online()))
      const differences = (): string[] => [...agentDifferences(sim, agent), ...supervisorDifferences(sim, supervisor)]
      const agree = async (when: string): Promise<void> => {
        if (!await until(() => differences().length === 0)) assert.deepEqual(differences(), [], when)
      }
      await agree('before')
      let down: Promise<void> | undefined
      const { done } = play(sim.pbx, name, {
        drivesClock: false,
        hooks: {
          breakLine: () => { down = sim.face.line(false) },
          mendLine: () => { down = down?.then(() => sim.face.line(true)).then(() => { down = undefined }) }
        }
      })
      let over = false
      void done.catch(() => undefined).finally(() => { over = true })
      let left = AFTERWARDS_MS / STEP_MS
      const seen = new Set<string>()
      for (let step = 0; step < MOST_STEPS && left > 0; step++) {
        if (over) left -= 5
        clock.advance(over ? STEP_MS * 5 : STEP_MS)
        await new Promise((resolve) => { setImmediate(resolve) })
        if (down !== undefined) continue
        for (const { key } of sim.pbx.connectionsOf('bob')) seen.add(key)
        for (const line of lines) if (line.session.status.state !== 'online') await line.session.whenOnline(PATIENCE_MS)
        await agree(`after step ${step}`)
      }
      await done
      assert.ok(over, 'the script has ended')
      await agree('at the end')
      const listed = (await agent.perform('listCalls', { user: BOB })).items as Call[]
      const known = agent.session.picture.callsOf(BOB)
      assert.deepEqual(listed.map(({ id, state }) => [id, state]).sort(), known.map(({ id, state }) => [id, state]).sort())
      for (const line of lines) {
        const ends = new Map<string, number>()
        for (const { event, call } of line.events) if (call !== undefined && TERMINAL_EVENTS.has(event)) ends.set(call.id, (ends.get(call.id) ?? 0) + 1)
        assert.deepEqual([...ends].filter(([, count]) => count !== 1), [], 'each leg ends once')
        assert.equal(line.session.counters.badDrafts ?? 0, 0)
        assert.deepEqual(line.warnings.filter((code) => code === 'frame'), [])
      }
      const told = new Set(agent.events.flatMap(({ call }) => call?.owner.id === BOB ? [call.id] : []))
      // A parked call that comes back is the same call there.
      const back = agent.events.filter(({ event, call }) => event === 'call.parked' && call?.owner.id === BOB).length
      assert.ok(told.size + back >= seen.size, `no call passes untold: ${told.size} of ${seen.size}`)
      total += seen.size
    }).timeout(20_000)
  }

  it('has played calls of the agent', () => assert.ok(total > 10, `only ${total} calls`))
})
