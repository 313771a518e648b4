/** The queues that an account names: their numbers, and their waiting calls, looked at again and again (webex-calling.md 3.2, 3.8). */
import type { Link } from '../session/types'
import { path, type WebexApi } from './api'
import { keyOf } from './ids'
import { Loop } from './loop'
import type { Settings } from './options'
import { queueDrafts, type QueueName } from './queueCalls'
import { records, text } from './read'
import type { Source } from './scope'

export interface QueuesOptions { readonly link: Link; readonly api: WebexApi; readonly settings: Settings; readonly source: () => Source }

export class Queues {
  private readonly byKey = new Map<string, QueueName>()
  private readonly loop: Loop

  constructor (private readonly options: QueuesOptions) {
    const { link, settings } = options
    for (const id of settings.queues) this.byKey.set(keyOf(id), { id })
    this.loop = new Loop({
      clock: link.clock,
      signal: link.signal,
      every: () => this.byKey.size === 0 ? 0 : settings.pollIdleMs,
      work: () => this.read(),
      failed: (error) => link.warn('queuesNotRead', `The waiting calls could not be read: ${error.message}`)
    })
  }

  start (): void {
    this.loop.plan()
  }

  stop (): void {
    this.loop.stop()
  }

  lookSoon (): void {
    if (this.byKey.size > 0) this.loop.soon(0)
  }

  /** Reads names and numbers; an administrator may. @throws CtiError */
  async learn (): Promise<void> {
    if (this.byKey.size === 0) return
    const { api, link, settings } = this.options
    for (const node of await api.all('/telephony/config/queues', 'queues', link.signal, { max: 100, orgId: settings.orgId })) {
      const known = this.byKey.get(keyOf(text(node, 'id') ?? ''))
      const name = text(node, 'name')
      const number = text(node, 'phoneNumber') ?? text(node, 'extension')
      if (known !== undefined) this.byKey.set(keyOf(known.id), { id: known.id, ...(name === undefined ? {} : { name }), ...(number === undefined ? {} : { number }) })
    }
  }

  /** Tells what is new in each queue. @throws CtiError */
  async read (): Promise<void> {
    const { api, link, source } = this.options
    for (const queue of this.byKey.values()) {
      const reply = await api.get(path('telephony', 'queues', queue.id, 'calls'), link.signal)
      link.receive(queueDrafts(records(reply.node, 'items'), queue, source()), reply.node)
    }
  }

  /** Number by which a queue is called that is named by id or name. */
  numberOf (word: string): string | undefined {
    for (const { id, name, number } of this.byKey.values()) if (keyOf(id) === keyOf(word) || name === word) return number
    return undefined
  }

  /** Id of the queue that a redirecting party is. */
  idOf (id: string | undefined, number: string | undefined, name: string | undefined): string | undefined {
    for (const queue of this.byKey.values()) {
      if ((id !== undefined && keyOf(id) === keyOf(queue.id)) || (number !== undefined && number === queue.number) || (name !== undefined && name === queue.name)) return queue.id
    }
    return undefined
  }
}
