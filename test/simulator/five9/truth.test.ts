/** What a client makes of the events is what the lists say, and what the PBX is: after every scenario and under traffic. */
import assert from 'node:assert/strict'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { type Simulator, startSimulator } from '../../../src/simulator/simulator'
import { BareClient, type Doc, type Event, type Feed } from './client'

const BY_CLOCK = new Set(['currentLongestQueueTime', 'loginTime', 'offBreakTime', 'occupancy', 'utilization', 'averageIdleTime'])

/** The calls and the presence of an agent, as the events tell them. */
class AgentMirror {
  readonly calls = new Map<string, Doc>()
  presence: Doc | undefined

  constructor (readonly client: BareClient, public feed: Feed) {}

  take (events: Event[]): void {
    for (const { id, payLoad } of events) {
      const call = payLoad as Doc
      if (id === '12') this.presence = call
      if (id === '3') {
        assert.ok(!this.calls.has(String(call.id)), 'a call is created once')
        this.calls.set(String(call.id), call)
      }
      if (id === '4') {
        assert.ok(this.calls.has(String(call.id)), 'a call is created before it changes')
        this.calls.set(String(call.id), call)
      }
      if (id === '5') assert.ok(this.calls.delete(String(call.id)), 'a call is deleted once')
    }
  }

  async resync (): Promise<void> {
    this.calls.clear()
    for (const call of (await this.client.mine('GET', 'interactions/calls')).body as Doc[]) this.calls.set(String(call.id), call)
    this.presence = (await this.client.mine('GET', 'presence')).body as Doc
  }

  async compare (what: string, simulator: Simulator): Promise<number> {
    this.take(await this.feed.settle())
    const listed = (await this.client.mine('GET', 'interactions/calls')).body as Doc[]
    assert.deepEqual([...this.calls.values()].sort(byId), [...listed].sort(byId), `${what}: calls of ${this.client.username}`)
    assert.deepEqual(this.presence, (await this.client.mine('GET', 'presence')).body, `${what}: presence of ${this.client.username}`)
    const open = simulator.pbx.connectionsOf(this.client.username.split('@')[0] ?? '').filter(({ state }) => state !== 'fail').length
    assert.equal(listed.filter(({ state }) => state !== 'WRAP_UP' && state !== 'PARKED').length, open, `${what}: ${this.client.username} in the PBX`)
    return open
  }
}

const byId = (a: Doc, b: Doc): number => String(a.id) < String(b.id) ? -1 : 1

/** Rows of a supervisor by source and id. */
class StatsMirror {
  private rows = new Map<string, Map<string, Doc>>()

  take (events: Event[]): void {
    for (const { id, payLoad } of events) {
      for (const { dataSource, data, added, updated, removed } of id === '5000' || id === '5012' ? payLoad as { dataSource: string; data: Doc[]; added: Doc[]; updated: Doc[]; removed: string[] }[] : []) {
        const known = id === '5000' ? new Map<string, Doc>() : this.rows.get(dataSource) ?? new Map<string, Doc>()
        this.rows.set(dataSource, known)
        for (const row of data ?? []) known.set(String(row.id), row)
        for (const row of updated ?? []) assert.ok(known.has(String(row.id)), `${dataSource} ${String(row.id)} is updated and was never told`)
        for (const row of added ?? []) assert.ok(!known.has(String(row.id)), `${dataSource} ${String(row.id)} is added twice`)
        for (const row of [...added ?? [], ...updated ?? []]) known.set(String(row.id), row)
        for (const gone of removed ?? []) assert.ok(known.delete(gone), `${dataSource} ${gone} is removed and was never told`)
      }
    }
  }

  /** All rows as they are known now, without what goes with the clock; one text a row. */
  get shape (): string[] {
    return [...this.rows].flatMap(([source, rows]) => [...rows.values()].sort(byId).map((row) => `${source} ${JSON.stringify(row, (field, value: unknown) => BY_CLOCK.has(field) ? undefined : value)}`))
  }
}

describe('simulator/five9 truth', () => {
  const warnings: string[] = []
  const watch = (warning: Error): void => { if (warning.name === 'SimulatorWarning') warnings.push(String(warning.stack)) }
  let simulator: Simulator
  let clock: VirtualClock
  let agents: AgentMirror[]
  let supervisor: BareClient
  let sws: Feed
  let stats: StatsMirror

  const enter = async (name: string): Promise<AgentMirror> => {
    const client = new BareClient(simulator.demoLogin('five9').url, `${name}@example.com`)
    const mirror = new AgentMirror(client, await client.work())
    await mirror.feed.settle()
    await mirror.resync()
    return mirror
  }
  const connect = async (): Promise<void> => {
    agents = await Promise.all(['bob', 'erin', 'frank'].map(enter))
    supervisor = new BareClient(simulator.demoLogin('five9').url, 'dave@example.com')
    sws = await supervisor.work('supervisor')
    stats = new StatsMirror()
    stats.take(await sws.settle())
    await supervisor.sup('PUT', 'supervisors/{uid}/request_full_statistics')
    stats.take(await sws.settle())
  }
  const compare = async (what: string): Promise<number> => {
    let open = 0
    for (const mirror of agents) {
      // A script logged the agent out: he logs in again and reads anew.
      if (await mirror.client.state() !== 'WORKING') {
        await mirror.client.start()
        mirror.feed = await mirror.client.feed('agent', `again ${what}`)
        await mirror.feed.settle()
        await mirror.resync()
      }
      open += await mirror.compare(what, simulator)
    }
    stats.take(await sws.settle())
    const told = stats.shape
    await supervisor.sup('PUT', 'supervisors/{uid}/request_full_statistics')
    stats.take(await sws.settle())
    assert.deepEqual(told, stats.shape, `${what}: statistics`)
    assert.deepEqual([warnings, checkInvariant(simulator.pbx)], [[], []], what)
    return open
  }

  before(() => { process.on('warning', watch) })
  after(() => { process.off('warning', watch) })
  beforeEach(async () => {
    warnings.length = 0
    clock = new VirtualClock()
    simulator = await startSimulator({ clock, seed: 11, five9: { pingTimeoutMs: 1e12, sessionMs: 1e12 } })
    await connect()
  })
  afterEach(async () => {
    for (const { client } of agents) client.close()
    supervisor.close()
    await simulator.close()
  })

  it('holds after every scenario', async function () {
    this.timeout(60_000)
    for (const name of simulator.scenarios.filter((each) => each !== 'load')) {
      await simulator.runScenario(name)
      await simulator.face('five9').line(true)
      // A script that cuts the line leaves no socket.
      if (simulator.face('five9').connections().length === 0) {
        for (const { client } of agents) client.close()
        supervisor.close()
        await connect()
      }
      await compare(name)
    }
  })

  it('holds under traffic', async function () {
    this.timeout(60_000)
    simulator.traffic.start({ callsPerMinute: 40 })
    let seen = 0
    for (let round = 0; round < 60; round++) {
      clock.advance(3100)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { setImmediate(resolve) })
      seen += await compare(`round ${round}`)
    }
    assert.ok(seen > 20, `only ${seen} calls were open`)
    await simulator.traffic.stop()
  })
})
