/** The house of the sheet's timelines (five9.md 9): Rosa and Ben in Sales, Sam who supervises, Ada outside. */
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Directory } from '../../../src/simulator/pbx/types'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/simulator'
import { type Five9Face } from '../../../src/simulator/five9/face'
import { type Five9Options } from '../../../src/simulator/five9/options'
import { BareClient } from './client'

export const ADA = '+15550100142'
export const ROSA = '3000001'
export const BEN = '3000002'
export const SALES = '300000000000031'
export const SUPPORT = '300000000000032'
export const CAMPAIGN = '300000000000100'
export const OUTBOUND = '300000000000102'
export const DISPOSITION = '300000000000143'
export const LUNCH = '401101'

const features = { remoteOffice: { enabled: false }, callWaiting: true, recording: 'on-demand-user-start' as const, callFilter: false, voicemail: false }

export const DIRECTORY: Directory = {
  users: [
    { key: 'rosa', first: 'Rosa', last: 'Agent', extension: '0123', email: 'rosa.agent@example.com', numbers: ['+15550100123'], agentKey: 'agent-rosa', department: 'Sales', features: { ...features, voicemail: true } },
    { key: 'ben', first: 'Ben', last: 'Agent', extension: '0124', email: 'ben.agent@example.com', agentKey: 'agent-ben', department: 'Sales', features },
    { key: 'sam', first: 'Sam', last: 'Super', extension: '0125', email: 'sam.super@example.com', supervisor: true, department: 'Office', ids: { five9: '3000009' } },
    { key: 'mia', first: 'Mia', last: 'Both', extension: '0126', email: 'mia.both@example.com', supervisor: true, agentKey: 'agent-mia', department: 'Office', features }
  ],
  queues: [
    { key: 'sales', name: 'Sales', number: '+15550100100', extension: '0500', members: ['agent-rosa', 'agent-ben'], wrapUpSeconds: 120, ringSeconds: 18 },
    { key: 'help', name: 'Help', number: '+15550100101', extension: '0501', members: ['agent-ben', 'agent-mia'], wrapUpSeconds: 0 }
  ],
  externals: [
    { number: ADA, name: 'Ada Lind', silent: true },
    { number: '+15550100177', name: 'Nora Away', silent: true },
    { number: '+15550100188', busy: true }
  ],
  reasonCodes: [{ code: 'LUNCH', name: 'Lunch' }, { code: 'TRAINING', name: 'Training' }],
  dispositions: [{ code: 'SALE', name: 'Sale' }, { code: 'NOSALE', name: 'No sale' }],
  timers: { noAnswer: 30 }
}

export class Five9World {
  readonly clock = new VirtualClock(1763700000000)
  private readonly clients: BareClient[] = []

  private constructor (private started?: Simulator) {}

  static async open (options: Partial<Five9Options> = {}, more: SimulatorOptions = {}): Promise<Five9World> {
    const world = new Five9World()
    // The clock runs far ahead of the sockets here: they must not be given up for that.
    world.started = await startSimulator({ directory: DIRECTORY, clock: world.clock, five9: { pingTimeoutMs: 1e9, sessionMs: 1e9, ...options }, ...more })
    return world
  }

  get simulator (): Simulator {
    if (this.started === undefined) throw new Error('not started')
    return this.started
  }

  get pbx (): Simulator['pbx'] {
    return this.simulator.pbx
  }

  get face (): Five9Face {
    return this.simulator.face('five9') as Five9Face
  }

  client (username: string, password?: string): BareClient {
    const made = new BareClient(this.face.url, username.includes('@') ? username : `${username}@example.com`, password)
    this.clients.push(made)
    return made
  }

  async close (): Promise<void> {
    for (const client of this.clients) client.close()
    await this.simulator.close()
  }
}
