import assert from 'node:assert/strict'
import type { NodeAPI } from 'node-red'
import { isSimulatedPbx } from '../../../nodes/shared/simulatedPbx'
import simulatorPbx from '../../../nodes/simulator/simulator-pbx'
import type { Platform, TelephonyEvent } from '../../../src/model'
import type { Simulator } from '../../../src/simulator/simulator'
import { arrival, collect, helper, load, node, on, served, until, type FlowNode, type Message } from './flows'

type Payload = Record<string, unknown>

/** A flow of one account that connects to a simulator in Node-RED, with nothing but `account` typed: node `events`, and the action nodes by their names. */
export interface SimulatedStage {
  /** Deploys, and waits until the account is online. @param pbx properties of the simulator */
  start (account?: Payload, pbx?: Payload): Promise<void>
  simulator (): Promise<Simulator>
  readonly seen: readonly Message[]
  /** The first event of that name that fits, now or later. */
  event (name: string, fits?: (event: TelephonyEvent) => boolean): Promise<TelephonyEvent>
  /** The result of an action. @throws Error with code and text when it fails */
  run (id: string, payload: Payload): Promise<Payload>
}

type Register = (RED: NodeAPI) => void

/**
 * Registers hooks that start and end the helper's server, and unload the flow after each test.
 * @param actions action nodes by name (`call`, `transfer` …); all but `originate` take the action from the message
 */
export function withSimulated (platform: Platform, types: Register[], actions: Readonly<Record<string, Register>>): () => SimulatedStage {
  let seen: Message[] = []
  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  const stage: SimulatedStage = {
    get seen () { return seen },
    async start (account = {}, pbx = {}) {
      const flow: FlowNode[] = [
        { id: 'pbx', type: 'cti-simulator-pbx', name: '', ...pbx }, { id: 'acc', type: `cti-${platform}-account`, name: 'Office', connectTo: 'simulator', simulator: 'pbx', ...account },
        on('events', `cti-${platform}-events`, { account: 'acc', events: undefined, wires: [['seen']] }), on('seen', 'helper'),
        ...Object.keys(actions).map((name) => on(name, `cti-${name}`, { vendor: 'msg', action: ['originate', 'request'].includes(name) ? name : '', output: 'result', wires: [['done']] })),
        on('done', 'helper'), on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper')
      ]
      await load([served, simulatorPbx, ...types, ...Object.values(actions)], flow, {})
      seen = collect('seen')
      const failed = collect('failed')
      await until(() => seen.some(({ topic }) => topic === 'connection.online') || failed.length > 0, 12_000)
      if (failed.length > 0) assert.fail(`${failed[0]?.error?.code}: ${failed[0]?.error?.message}`)
    },
    simulator () {
      const pbx: unknown = node('pbx')
      assert.ok(isSimulatedPbx(pbx))
      return pbx.simulator()
    },
    async event (name, fits = () => true) {
      const find = (): TelephonyEvent | undefined => seen.map(({ payload }) => payload as TelephonyEvent).find((one) => one.event === name && fits(one))
      await until(() => find() !== undefined, 8000).catch(() => assert.fail(`no ${name} that fits; seen: ${seen.map(({ topic }) => topic).join(', ')}`))
      return find()!
    },
    async run (id, payload) {
      const got = Promise.race([arrival('done'), arrival('failed').then(({ error }) => assert.fail(`${error?.code}: ${error?.message}`))])
      node(id).receive({ payload: { accountId: 'acc', ...payload } })
      return (await got).payload as Payload
    }
  }
  return () => stage
}

/** Registers a test that deploys again and again, and looks for sockets and timers that are left. */
export function leavesNothingBehind (stage: () => SimulatedStage): void {
  it('leave no socket or timer behind after deploys', async () => {
    const rest = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length
    await stage().start()
    await helper.unload()
    const before = rest()
    for (let i = 0; i < 6; i++) {
      await stage().start()
      await helper.unload()
    }
    await until(() => rest() <= before + 2, 6000)
  })
}
