/**
 * A real Node-RED in a process of its own, driven as the editor drives it: admin API and comms web socket.
 * The version is the devDependency's, or the one whose package folder the environment variable NODE_RED names.
 */
import WebSocket from 'ws'
import { createUserDir, startNodeRed, type NodeRedProcess } from '../../scripts/lib/nodeRed.cjs'

export interface FlowNode { id: string; type: string; z?: string; [property: string]: unknown }
export interface DebugMessage { id: string; name?: string; msg: string; format?: string; property?: string; path?: string }
export interface NodeStatus { text?: string; fill?: string; shape?: string }

/** What the sidebar of an open editor would show: debug messages and node statuses, kept in order of arrival. */
export class Comms {
  readonly debug: DebugMessage[] = []
  readonly status = new Map<string, NodeStatus>()
  private readonly waiters = new Set<() => void>()

  private constructor (private readonly socket: WebSocket) {
    socket.on('message', (data) => this.take(String(data)))
  }

  static async open (url: string): Promise<Comms> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/comms`)
    const comms = new Comms(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    for (const topic of ['debug', 'status/#']) socket.send(JSON.stringify({ subscribe: topic }))
    return comms
  }

  private take (text: string): void {
    const parsed: unknown = JSON.parse(text)
    for (const item of Array.isArray(parsed) ? parsed as { topic: string; data: unknown }[] : []) {
      if (item.topic === 'debug') this.debug.push(item.data as DebugMessage)
      if (item.topic.startsWith('status/')) this.status.set(item.topic.slice('status/'.length), item.data as NodeStatus)
    }
    for (const wake of [...this.waiters]) wake()
  }

  /** Resolves with the first value that `look` finds, now or when something arrives; rejects after `ms` and tells what did arrive, or with what `look` throws. */
  async until<T> (what: string, look: () => T | undefined | false, ms = 8000): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        try {
          const found = look()
          if (found === undefined || found === false) return
          resolve(found)
        } catch (error) {
          reject(error as Error)
        }
        stop()
      }
      const limit = setTimeout(() => {
        stop()
        const seen = this.debug.slice(-8).map((item) => `${item.name ?? item.id}: ${item.msg.slice(0, 200)}`)
        const states = [...this.status].map(([id, status]) => `${id}: ${status.text ?? ''}`)
        reject(new Error(`Waited ${ms} ms for ${what}. Debug: ${seen.join(' | ') || 'nothing'}. Statuses: ${states.join(' | ') || 'none'}`))
      }, ms)
      const stop = (): void => {
        clearTimeout(limit)
        this.waiters.delete(check)
      }
      this.waiters.add(check)
      check()
    })
  }

  close (): void {
    this.socket.terminate()
  }
}

export class NodeRed {
  private constructor (private readonly process: NodeRedProcess, readonly comms: Comms) {}

  private starts (): number {
    return this.process.output().match(/Started (modified )?(flows|nodes)/g)?.length ?? 0
  }

  /** `userDir`: one that was prepared; otherwise a fresh one with the working copy linked in. */
  static async start (options: { userDir?: string; flows?: FlowNode[] } = {}): Promise<NodeRed> {
    const userDir = options.userDir ?? await createUserDir({ flows: options.flows })
    const process = await startNodeRed({ userDir })
    try {
      return new NodeRed(process, await Comms.open(process.url))
    } catch (error) {
      await process.stop()
      throw error
    }
  }

  get url (): string { return this.process.url }
  get userDir (): string { return this.process.userDir }
  /** Everything that Node-RED has logged so far. */
  get log (): string { return this.process.output() }

  /** Calls the admin API; anything but a 2xx is thrown with its body. */
  async request (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text
  }

  async get<T> (path: string, headers?: Record<string, string>): Promise<T> {
    return JSON.parse(await this.request('GET', path, undefined, headers)) as T
  }

  /** Deploys and resolves when the flows have been started. */
  async deploy (flows: FlowNode[], kind: 'full' | 'flows' | 'nodes' = 'full'): Promise<void> {
    const before = this.starts()
    await this.request('POST', '/flows', { flows }, { 'Node-RED-Deployment-Type': kind })
    // The answer comes before the new flows run.
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.starts() > before) finish()
      }
      const limit = setTimeout(() => finish(new Error(`The flows did not start:\n${this.log}`)), 20000)
      const finish = (error?: Error): void => {
        clearTimeout(limit)
        this.process.child.stdout?.off('data', look)
        if (error) reject(error)
        else resolve()
      }
      this.process.child.stdout?.on('data', look)
      look()
    })
  }

  /** Presses the button of an inject node. */
  async press (injectId: string): Promise<void> {
    await this.request('POST', `/inject/${injectId}`, {})
  }

  async stop (): Promise<void> {
    this.comms.close()
    await this.process.stop()
  }
}
