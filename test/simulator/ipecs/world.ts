/** The house of the sheet's timelines (ipecs.md 9): agents 1001 and 1002 of group 620, whose bin is 0008, and Ada outside. */
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Connection, type Directory } from '../../../src/simulator/pbx/types'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/simulator'
import { type IpecsOptions } from '../../../src/simulator/ipecs/options'
import assert from 'node:assert/strict'
import { RawClient } from './client'

export const ADA = '+12025550123'

const features = { remoteOffice: { enabled: false }, callWaiting: true, recording: 'never' as const, callFilter: false, voicemail: false }

export const DIRECTORY: Directory = {
  users: [
    { key: 'ann', first: 'Ann', last: 'Sample', extension: '1001', agentKey: 'agent-ann', pickupGroup: 'team' },
    { key: 'ben', first: 'Ben', last: 'Sample', extension: '1002', agentKey: 'agent-ben', pickupGroup: 'team' },
    { key: 'cleo', first: 'Cleo', last: 'Sample', extension: '1003', features: { ...features, callWaiting: false } },
    { key: 'dan', first: 'Dan', last: 'Sample', extension: '1004', features: { ...features, voicemail: true }, devices: [{ registered: false }] },
    { key: 'eve', first: 'Eve', last: 'Visor', extension: '1005', supervisor: true, agentKey: 'agent-eve' },
    { key: 'nobody', first: 'No', last: 'Phone', extension: '1099', devices: [] }
  ],
  queues: [
    { key: 'sales', name: 'Sales', number: '620', members: ['agent-ann', 'agent-ben'], overflow: { afterSeconds: 120, to: '630' } },
    { key: 'help', name: 'Help', number: '630', members: ['agent-ann', 'agent-eve'], wrapUpSeconds: 0 }
  ],
  dids: [{ number: '+12025550100', to: '620' }],
  externals: [
    { number: ADA, name: 'Ada Example', silent: true }, { number: '+12025550124', answerAfterMs: 1000 }, { number: '+12025550125', busy: true }, { number: '+12025550126', invalid: true }
  ],
  reasonCodes: [{ code: 'BREAK', name: 'Break' }, { code: 'LUNCH', name: 'Lunch' }],
  parkSlots: ['7001', '7002'],
  timers: { tone: 10 }
}

export const OPTIONS: Partial<IpecsOptions> = { bins: { sales: 8 }, agentIds: { 'agent-ann': '0101', 'agent-ben': '0102' }, firstLine: 6, firstCallRef: 214 }

export class IpecsWorld {
  /** 2024-05-02 10:15:04 UTC. */
  readonly clock = new VirtualClock(Date.UTC(2024, 4, 2, 10, 15, 4))
  readonly warnings: string[] = []
  private readonly clients: RawClient[] = []
  private readonly watch = (warning: Error): void => { if (warning.name === 'SimulatorWarning') this.warnings.push(String(warning.stack)) }

  private constructor (private started?: Simulator) {}

  static async open (options: Partial<IpecsOptions> = {}, more: SimulatorOptions = {}): Promise<IpecsWorld> {
    const world = new IpecsWorld()
    process.on('warning', world.watch)
    world.started = await startSimulator({ directory: DIRECTORY, clock: world.clock, ipecs: { ...OPTIONS, ...options }, ...more })
    return world
  }

  get simulator (): Simulator {
    if (this.started === undefined) throw new Error('not started')
    return this.started
  }

  get pbx (): Simulator['pbx'] {
    return this.simulator.pbx
  }

  client (user?: string, password?: string): RawClient {
    const client = new RawClient(this.simulator.demoLogin('ipecs'), user, password)
    this.clients.push(client)
    return client
  }

  /** A client that is logged in, listens and monitors; what that told is read. */
  async listener (...monitored: string[]): Promise<RawClient> {
    const client = await this.client().ready(...monitored)
    await client.settle()
    return client
  }

  /** The client's channel is gone, and the server knows it. */
  async hangUp (client: RawClient): Promise<void> {
    client.close()
    await client.until(() => client.closed !== undefined)
    const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })
    while (this.simulator.face('ipecs').connections().length > 0) await turn()
  }

  /** Somebody outside calls. */
  ring (to: string, from = ADA): Connection {
    const leg = this.pbx.inbound({ from, to })
    assert.ok(leg)
    return leg
  }

  only (userKey: string): Connection {
    const open = this.pbx.connectionsOf(userKey)
    assert.equal(open.length, 1)
    return open[0] as Connection
  }

  async close (): Promise<void> {
    for (const client of this.clients) client.close()
    const inconsistent = checkInvariant(this.pbx)
    await this.simulator.close()
    process.off('warning', this.watch)
    assert.deepEqual(inconsistent, [])
    assert.deepEqual(this.warnings, [])
  }
}
