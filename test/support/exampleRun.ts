/** An example flow in a running Node-RED: pressed by the names of its nodes, watched through its debug nodes. */
import { basename } from 'node:path'
import assert from 'node:assert/strict'
import { type DebugMessage, type FlowNode, type NodeRed } from './nodeRed'
import { EXAMPLES, type ExampleNode } from './sets'

/** A message that a debug node showed, as far as it is JSON. */
export interface Shown { debug: string; msg: { topic?: string; payload?: unknown; request?: unknown; error?: { message: string; code?: string } } & Record<string, unknown> }

/** Of a debug node that shows one property, the message holds that property alone. */
function shown (message: DebugMessage): Shown {
  const debug = message.name ?? message.id
  const whole = (value: unknown): Shown['msg'] => message.property === undefined ? value as Shown['msg'] : { [message.property]: value }
  try {
    return { debug, msg: whole(JSON.parse(message.msg)) }
  } catch {
    return { debug, msg: { payload: message.msg } }
  }
}

/** Where examples look for the Node-RED they run in, unless their tab says otherwise. */
const DEFAULT_HOME = 'http://127.0.0.1:1880'

/** The example as somebody has it who runs Node-RED elsewhere, and with the clock stopped: a schedule must not press a button in the middle of a test. */
function settled (nodes: readonly ExampleNode[], home: string): ExampleNode[] {
  return nodes.map((node) => ({
    ...node,
    ...(node.type === 'inject' ? { crontab: '' } : {}),
    ...(Array.isArray(node.env) ? { env: (node.env as { value: string }[]).map((entry) => ({ ...entry, value: entry.value.replace(DEFAULT_HOME, home) })) } : {})
  }))
}

export class ExampleRun {
  private seen = 0

  private constructor (private readonly red: NodeRed, readonly nodes: readonly ExampleNode[]) {}

  /** Deploys the example and waits until each of its events nodes is green. */
  static async deploy (red: NodeRed, name: string): Promise<ExampleRun> {
    const example = EXAMPLES.find(({ file }) => basename(file, '.json') === name) ?? assert.fail(`no example "${name}"`)
    await red.deploy(settled(example.nodes, red.url) as FlowNode[])
    const run = new ExampleRun(red, example.nodes)
    for (const node of example.nodes.filter(({ type }) => /^cti-\w+-events$/.test(type))) await run.online(node.name ?? '')
    run.seen = red.comms.debug.length
    return run
  }

  node (name: string, type?: string): ExampleNode {
    return this.nodes.find((node) => node.name === name && (type === undefined || node.type === type)) ?? assert.fail(`no node "${name}"`)
  }

  /** Waits until the node's status is green. */
  async online (name: string, ms = 15000): Promise<void> {
    const { id } = this.node(name)
    await this.red.comms.until(`${name} to be green`, () => this.red.comms.status.get(id)?.fill === 'green', ms)
  }

  /** Presses an inject node, or the button of a simulator node; what was shown before no longer counts. */
  async press (name: string): Promise<void> {
    const node = this.nodes.find((each) => each.name === name && (each.type === 'inject' || each.type === 'cti-simulator')) ?? assert.fail(`nothing to press named "${name}"`)
    this.seen = this.red.comms.debug.length
    if (node.type === 'inject') await this.red.press(node.id)
    else await this.red.request('POST', `/cti-simulator/${node.id}/press`, {})
  }

  /** What the debug nodes have shown since the last press. */
  get shown (): Shown[] {
    return this.red.comms.debug.slice(this.seen).map(shown)
  }

  /** The first message since the last press that fits; anything from a Catch node meanwhile fails at once. */
  async see (what: string, fits: (shown: Shown) => boolean, ms?: number): Promise<Shown> {
    return this.red.comms.until(what, () => {
      const problem = this.shown.find(({ msg }) => msg.error !== undefined)
      if (problem && !fits(problem)) assert.fail(`instead of ${what}: ${problem.msg.error?.code} ${problem.msg.error?.message}`)
      return this.shown.find(fits)
    }, ms)
  }

  /** An event by its name. */
  event (name: string, ms?: number): Promise<Shown> {
    return this.see(`event ${name}`, ({ msg }) => msg.topic === name && (msg.payload as { event?: string } | undefined)?.event === name, ms)
  }

  /** The result of an action by its name. */
  result (action: string, ms?: number): Promise<Shown> {
    return this.see(`result of ${action}`, ({ msg }) => (msg.payload as { action?: string } | undefined)?.action === action, ms)
  }

  /** Names of everything that a person can press. */
  get buttons (): string[] {
    return this.nodes.filter(({ type }) => type === 'inject').map(({ name }) => name ?? '')
  }
}
