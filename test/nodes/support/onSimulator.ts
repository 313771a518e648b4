import assert from 'node:assert/strict'
import type { NodeAPI } from 'node-red'
import xsiAccount from '../../../nodes/accounts/xsi-account'
import xsiEvents from '../../../nodes/events/xsi-events'
import type { TelephonyEvent } from '../../../src/model'
import { startSimulator, type Simulator } from '../../../src/simulator/simulator'
import { collect, helper, load, node, on, until, type FlowNode, type Message } from './flows'

type Payload = Record<string, unknown>

/** What a test of nodes does with a simulator: feeds them, and looks at what they send, at the events and at the PBX. */
export interface Stage {
  readonly simulator: Simulator
  /** Messages of the events node so far; grows. */
  readonly seen: readonly Message[]
  /** The next result of a node. @throws Error with code and text when it fails */
  run (id: string, payload: unknown, more?: Payload): Promise<Message>
  /** The error that a Catch node gets. */
  fail (id: string, payload: unknown): Promise<NonNullable<Message['error']>>
  /** The first event of that name that fits, now or later. */
  event (name: string, fits?: (event: TelephonyEvent) => boolean): Promise<TelephonyEvent>
}

/** Account `acc` of the administrator, who sees Bob (an agent) and the queue Support. */
const ACCOUNT: Payload = {
  name: 'Office', connectTo: 'system', scope: 'users', userList: 'bob@example.com', queues: 'support@example.com',
  packages: 'Advanced Call,Call Center Agent,Call Center Queue,Do Not Disturb,Call Forwarding Always,Call Forwarding Busy,Call Forwarding No Answer,Remote Office'
}
const LOGIN = { acc: { username: 'cti-admin@example.com', password: 'demo' } }

/**
 * Registers hooks that give each test of the suite a simulator, an account on it, an events node and `nodes`, whose outputs lead to `done`.
 * @param register the node types under test
 */
export function withSimulator (register: ((RED: NodeAPI) => void)[], nodes: FlowNode[]): () => Stage {
  let stage: Stage | undefined
  let simulator: Simulator | undefined
  before(() => helper.startServer())
  after(() => helper.stopServer())
  beforeEach(async () => {
    simulator = await startSimulator()
    const flow: FlowNode[] = [
      { id: 'acc', type: 'cti-xsi-account', ...ACCOUNT, host: simulator.face('xsi').url },
      on('events', 'cti-xsi-events', { account: 'acc', wires: [['seen']] }), on('seen', 'helper'), on('done', 'helper'),
      on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper'), ...nodes.map((one) => ({ ...one, wires: [['done']] }))
    ]
    await load([xsiAccount, xsiEvents, ...register], flow, LOGIN)
    stage = actors(simulator)
    await until(() => stage!.seen.some((msg) => msg.topic === 'connection.online'), 8000)
  })
  afterEach(async () => {
    await helper.unload()
    await simulator?.close()
    stage = undefined
    simulator = undefined
  })
  return () => stage ?? assert.fail('no stage outside of a test')
}

function actors (simulator: Simulator): Stage {
  const seen = collect('seen')
  const done = collect('done')
  const failed = collect('failed')
  /** What comes of one message: a result, or an error at the Catch node. */
  const send = async (id: string, msg: Message): Promise<{ result?: Message; error?: Message['error'] }> => {
    const [results, errors] = [done.length, failed.length]
    node(id).receive(msg)
    await until(() => done.length > results || failed.length > errors, 8000)
    return { result: done[results], error: failed[errors]?.error }
  }
  return {
    simulator,
    seen,
    run: async (id, payload, more = {}) => {
      const { result, error } = await send(id, { ...more, payload })
      return result ?? assert.fail(`${error?.code}: ${error?.message}`)
    },
    fail: async (id, payload) => {
      const { result, error } = await send(id, { payload })
      return error ?? assert.fail(`it worked: ${JSON.stringify(result?.payload)}`)
    },
    event: async (name, fits = () => true) => {
      const find = (): TelephonyEvent | undefined => seen.map((msg) => msg.payload as TelephonyEvent).find((event) => event.event === name && fits(event))
      await until(() => find() !== undefined, 5000)
      return find()!
    }
  }
}
