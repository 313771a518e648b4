/** Nodes of one account in a running Node-RED, on a world's wire. What reaches the end of a wire is kept over deploys, as a user's database would. */
import type { Node, NodeAPI, NodeDef } from 'node-red'
import type { TelephonyEvent } from '../../../src/model'
import { isAccountNode, type AccountNode } from '../../../nodes/shared/account'
import call from '../../../nodes/actions/call'
import originate from '../../../nodes/actions/originate'
import { TAB, helper, node, on, type FlowNode, type Message } from '../../nodes/support/flows'
import type { Vendor } from '../vendors'
import { PATIENCE_MS } from './line'
import { until, type World } from './world'

const SINK = 'test-sink'
/** ms that Node-RED may take to start a deploy while a peer is dead. */
const DEPLOY_MS = 8000

export interface StatusSeen { readonly id: string; readonly fill?: string; readonly text?: string }
export type Kind = 'full' | 'flows' | 'nodes'

export class Deployed {
  /** Messages of the event node. */
  readonly seen: Message[] = []
  /** Results of the action nodes. */
  readonly results: Message[] = []
  /** What the Catch node caught. */
  readonly caught: Message[] = []
  readonly statuses: StatusSeen[] = []

  constructor (private readonly world: World) {}

  get vendor (): Vendor { return this.world.vendor }
  get secrets (): Record<string, unknown> { return { acc: this.vendor.nodes.credentials(this.world.simulator) } }

  /** An account, its events, two action nodes, a Catch and a Status node. */
  flow (changes: Readonly<Record<string, Record<string, unknown>>> = {}): FlowNode[] {
    const { platform, nodes } = this.vendor
    const { simulator, relay } = this.world
    const all: FlowNode[] = [
      TAB,
      { id: 'acc', type: nodes.account, name: 'Office', version: 1, connectTo: 'system', ...nodes.properties(simulator, relay.place) },
      on('events', nodes.events, { account: 'acc', version: 1, wires: [['seen']] }),
      on('place', 'cti-originate', { vendor: platform, [platform]: 'acc', version: 1, wires: [['results']] }),
      on('act', 'cti-call', { vendor: platform, [platform]: 'acc', action: '', version: 1, wires: [['results']] }),
      on('catch', 'catch', { scope: null, uncaught: false, wires: [['caught']] }),
      on('status', 'status', { scope: null, wires: [['statuses']] }),
      ...['seen', 'results', 'caught', 'statuses'].map((id) => on(id, SINK))
    ]
    return all.map((one) => ({ ...one, ...changes[one.id] }))
  }

  async start (flow: FlowNode[] = this.flow(), secrets: Record<string, unknown> = this.secrets): Promise<void> {
    // Node-RED keeps and changes what it gets.
    await helper.load([...this.vendor.nodes.registers, originate, call, (RED: NodeAPI) => this.registerSink(RED)], structuredClone(flow), structuredClone(secrets))
  }

  /** @param secrets undefined keeps those that are deployed */
  async deploy (kind: Kind, flow: FlowNode[] = this.flow(), secrets: Record<string, unknown> = this.secrets): Promise<void> {
    const before = node('seen')
    const old = [node('acc'), node('events'), before]
    await helper.setFlows(structuredClone(flow), kind, structuredClone(secrets)).catch((error: Error) => {
      // The helper waits a third of a second only; a peer that is dead takes longer to leave.
      if (!error.message.includes('timeout')) throw error
    })
    await until(() => node('acc') !== null && node('events') !== null && (kind !== 'full' || old.every((each, index) => [node('acc'), node('events'), node('seen')][index] !== each)), 'the deploy', DEPLOY_MS)
  }

  /** The account as it is deployed now. */
  get account (): AccountNode {
    const found: unknown = node('acc')
    if (!isAccountNode(found)) throw new Error('there is no account')
    return found
  }

  online (ms = PATIENCE_MS): Promise<void> {
    return until(() => node('acc') !== null && this.account.sessionStatus.state === 'online', () => `the account to be online: ${JSON.stringify(this.account.sessionStatus)}`, ms)
  }

  /** Events of that name after a mark. */
  told (topic: string, from = 0): TelephonyEvent[] {
    return this.seen.slice(from).filter((msg) => msg.topic === topic).map(({ payload }) => payload as TelephonyEvent)
  }

  /** Names of what was told of calls, after a mark. */
  calls (from = 0): string[] {
    return this.seen.slice(from).map(({ topic }) => topic ?? '').filter((topic) => topic.startsWith('call.') && topic !== 'call.updated')
  }

  async event (topic: string, from = 0, count = 1): Promise<TelephonyEvent> {
    await until(() => this.told(topic, from).length >= count, () => `${topic} after ${this.seen.slice(from).map((msg) => msg.topic).join(' ')}`)
    return this.told(topic, from)[count - 1] as TelephonyEvent
  }

  send (id: string, payload: unknown): void {
    node(id).receive({ payload })
  }

  /** Sends and waits for what the Catch node gets. */
  async fails (id: string, payload: unknown): Promise<NonNullable<Message['error']> & { source?: { id: string } }> {
    const from = this.caught.length
    this.send(id, payload)
    await until(() => this.caught.length > from, `an error of ${id} at the Catch node`)
    return this.caught[from]?.error as NonNullable<Message['error']>
  }

  /** Colours under a node, each once in a row. */
  colours (id: string): (string | undefined)[] {
    return this.statuses.filter((status) => status.id === id).map(({ fill }) => fill).filter((fill, index, all) => fill !== all[index - 1])
  }

  /** What is under the node now. */
  look (id: string): StatusSeen | undefined {
    return this.statuses.filter((status) => status.id === id).at(-1)
  }

  private registerSink (RED: NodeAPI): void {
    const { seen, results, caught, statuses } = this
    const lists: Record<string, (msg: Message) => void> = {
      seen: (msg) => { seen.push(msg) },
      results: (msg) => { results.push(msg) },
      caught: (msg) => { caught.push(msg) },
      statuses: ({ status }) => {
        const { source, ...look } = status as { source: { id: string } } & Omit<StatusSeen, 'id'>
        statuses.push({ ...look, id: source.id })
      }
    }
    RED.nodes.registerType(SINK, function (this: Node, def: NodeDef) {
      RED.nodes.createNode(this, def)
      this.on('input', (msg, _send, done) => {
        lists[def.id]?.(msg as Message)
        done()
      })
    })
  }
}
