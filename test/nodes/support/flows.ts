import { once } from 'node:events'
import type { Node, NodeAPI, NodeStatus } from 'node-red'

/** The part of the test helper that these tests use; the package has no types. */
interface Helper {
  init (nodeRed: string): void
  load (registers: unknown[], flow: unknown[], credentials: unknown): Promise<void>
  unload (): Promise<void>
  startServer (): Promise<void>
  stopServer (): Promise<void>
  setFlows (flow: unknown[], type: 'full' | 'nodes' | 'flows', credentials?: unknown): Promise<void>
  getNode (id: string): Node
  settings (settings: Record<string, unknown>): void
  log (): { args: [{ level: number; msg: unknown }][] }
  url (): string
  /** What the helper's server serves: nothing, until a test puts the applications of its runtime there. */
  _app: { use (app: unknown): void }
}

export const helper = require('node-red-node-test-helper') as Helper
helper.init(require.resolve('node-red'))
export type Register = (RED: NodeAPI) => void
export type FlowNode = { id: string; type: string } & Record<string, unknown>
export type Message = { payload?: unknown; topic?: string; request?: unknown; error?: { message: string; code?: string; cause?: Record<string, unknown> } } & Record<string, unknown>

type Handler = (ask: unknown, reply: unknown, next: () => void) => void
/** The helper's application lives as long as its server, those of the runtime as long as a flow: the last ones count. */
let current: { http: Handler; admin: Handler } | undefined
const mounted = new WeakSet<object>()

/** A node type that registers none: it puts the runtime's admin API and, behind it, its HTTP side on the helper's server, as the real Node-RED does. */
export const served: Register = (RED) => {
  current = { http: RED.httpNode as unknown as Handler, admin: RED.httpAdmin as unknown as Handler }
  if (mounted.has(helper._app)) return
  mounted.add(helper._app)
  const dispatch: Handler = (ask, reply, next) => current?.admin(ask, reply, () => current?.http(ask, reply, next))
  helper._app.use(dispatch)
}

/** A node on the tab: flow nodes need x, y and z, or the runtime takes them for configuration. */
export function on (id: string, type: string, properties: Record<string, unknown> = {}): FlowNode {
  return { id, type, z: 'tab', x: 100, y: 100, wires: [], name: '', ...properties }
}

export const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'tab' }
export const ACCOUNT: FlowNode = { id: 'acc', type: 'cti-xsi-account', name: 'Office', host: 'xsp.example.com' }
export const SECRETS = { acc: { username: 'alice@example.com', password: 'geheim-7391' } }

export async function load (registers: Register[], flow: FlowNode[], credentials: Record<string, unknown> = SECRETS): Promise<void> {
  // Node-RED keeps and changes what it gets.
  await helper.load(registers, structuredClone([TAB, ...flow]), structuredClone(credentials))
}

export function node (id: string): Node {
  return helper.getNode(id)
}

/** The next message that arrives at a helper node. */
export async function arrival (id: string): Promise<Message> {
  const [msg] = await once(node(id), 'input') as [Message]
  return msg
}

/** Messages that a helper node has received so far; grows. */
export function collect (id: string): Message[] {
  const seen: Message[] = []
  node(id).on('input', (msg) => { seen.push(msg as Message) })
  return seen
}

/** Every status that a node writes from now on. */
export function statuses (id: string): NodeStatus[] {
  const seen: NodeStatus[] = []
  const spied: NodeJS.EventEmitter = node(id)
  spied.on('call:status', (call: { args: [NodeStatus] }) => { seen.push(call.args[0]) })
  return seen
}

/** Resolves when `check` is true; looks again after each turn of the event loop. For outcomes that no event announces. */
export async function until (check: () => boolean, ms = 3000): Promise<void> {
  const end = Date.now() + ms
  while (!check()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${String(check)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
