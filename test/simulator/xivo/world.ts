/** The house of the sheet's timelines (xivo-cti.md 9): Dana with an agent and a mailbox, Lee, and Pat outside. */
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Directory } from '../../../src/simulator/pbx/types'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/simulator'
import { type XivoOptions } from '../../../src/simulator/xivo/options'
import { RawClient } from './client'

export const PAT = '+12025550142'

const features = { remoteOffice: { enabled: false }, callWaiting: true, recording: 'on-demand-user-start' as const, callFilter: false, voicemail: true }

export const DIRECTORY: Directory = {
  users: [
    { key: 'dexample', first: 'Dana', last: 'Example', extension: '1007', agentKey: 'agent-dana', ids: { xivo: '3' }, features: { ...features, voicemail: false } },
    { key: 'lsample', first: 'Lee', last: 'Sample', extension: '1009', ids: { xivo: '5' } },
    { key: 'boss', first: 'Sam', last: 'Visor', extension: '1011', supervisor: true, agentKey: 'agent-sam', ids: { xivo: '12' } },
    { key: 'nophone', first: 'Nora', last: 'Phoneless', extension: '1099', devices: [], ids: { xivo: '13' } }
  ],
  queues: [
    { key: 'blue', name: 'Blue team', number: '3002', members: ['agent-dana'], ids: { xivo: '2' } },
    { key: 'red', name: 'Red team', number: '3003', members: ['agent-sam'], ids: { xivo: '6' }, wrapUpSeconds: 0 },
    { key: '__switchboard_hold', name: 'Hold', number: '3008', ids: { xivo: '8' } }
  ],
  trunks: [{ key: 'trunk-a', name: 'Trunk A', number: '+12025550100' }],
  externals: [{ number: PAT, name: 'Pat Placeholder', silent: true }]
}

export const OPTIONS: Partial<XivoOptions> = {
  ids: { phone: { 'dexample-desk': 7, 'lsample-desk': 9, 'boss-desk': 10 }, agent: { 'agent-dana': 4, 'agent-sam': 6 }, voicemail: { dexample: 21, lsample: 22 } },
  lines: { 'dexample-desk': 'SIP/dana77', 'lsample-desk': 'SIP/lee99', 'boss-desk': 'SIP/sam11' },
  agentNumbers: { 'agent-dana': '2004', 'agent-sam': '2006' },
  sheets: [],
  liftAfterMs: false
}

export class XivoWorld {
  readonly clock = new VirtualClock(1716203045410)
  private readonly clients: RawClient[] = []

  private constructor (private started?: Simulator) {}

  static async open (options: Partial<XivoOptions> = {}, more: SimulatorOptions = {}): Promise<XivoWorld> {
    const world = new XivoWorld()
    world.started = await startSimulator({ directory: DIRECTORY, clock: world.clock, xivo: { ...OPTIONS, ...options }, ...more })
    return world
  }

  get simulator (): Simulator {
    if (this.started === undefined) throw new Error('not started')
    return this.started
  }

  get pbx (): Simulator['pbx'] {
    return this.simulator.pbx
  }

  async connect (): Promise<RawClient> {
    const client = await RawClient.open(this.simulator.demoLogin('xivo').url)
    this.clients.push(client)
    return client
  }

  /** A client that is logged in with 1.2, and has read what the log-in told. */
  async client (login = 'dexample', state = 'berightback'): Promise<RawClient> {
    const client = await this.connect()
    await client.login(login, { state })
    await client.settle()
    return client
  }

  async client2 (login = 'dexample', state = 'berightback'): Promise<RawClient> {
    const client = await this.connect()
    await client.login2(login, { state })
    await client.settle()
    return client
  }

  async close (): Promise<void> {
    for (const client of this.clients) client.close()
    await this.simulator.close()
  }
}
