/** Which devices tell their calls: Monitor Start and Presence Start, in blocks and one after the other (ipecs.md 3.2, 5.1, 6). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import type { IpecsApi } from './api'
import { isForbidden, isTokenDead } from './errors'
import type { Memory } from './memory'
import { MOST_DEVICES, TERMINALS_PAGE } from './protocol'
import { objects, text } from './read'

const MOST_PAGES = 100
/** A device that was monitored before is monitored (ipecs.md 11). */
const DONE = /^ok$|already/i

function blocks (numbers: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(numbers.length / MOST_DEVICES) }, (_, index) => numbers.slice(index * MOST_DEVICES, (index + 1) * MOST_DEVICES))
}

export class Monitors {
  /** Why call control is off for this account; undefined while it is not. */
  ctiOff: string | undefined
  /** Devices that the switch refused, with its word. */
  readonly refused = new Map<string, string>()
  private wanted: string[] = []
  private retryTimer: unknown
  private busy: Promise<void> = Promise.resolve()

  constructor (private readonly link: Link, private readonly api: IpecsApi, private readonly memory: Memory) {
    link.signal.addEventListener('abort', () => link.clock.clearTimeout(this.retryTimer), { once: true })
  }

  /** Finds out whom to monitor and starts it. A missing right is told by name and ends nothing else. @throws CtiError when the connection is gone */
  async start (): Promise<void> {
    const { settings } = this.memory
    this.wanted = settings.extensions === 'all' ? await this.terminals() : [...settings.extensions]
    await this.add(this.wanted)
    // Only a group's own number brings its `queueing` events; whether that is possible is not documented, so a refusal says nothing (ipecs.md 11).
    if (this.ctiOff === undefined && this.wanted.length > 0) for (const block of blocks(this.memory.groups.list())) await this.request('monitorStart', block)
  }

  /** Monitors further devices, after what is under way. */
  add (numbers: readonly string[]): Promise<void> {
    const next = this.busy.then(() => this.monitor(numbers))
    this.busy = next.catch(() => undefined)
    return next
  }

  /** The switch has forgotten them: all again. */
  again (): Promise<void> {
    this.memory.monitored.clear()
    return this.add(this.wanted)
  }

  /** Says goodbye to the switch; failures mean that it knows already. */
  async stop (timeoutMs: number): Promise<void> {
    this.link.clock.clearTimeout(this.retryTimer)
    const [block] = blocks([...this.memory.monitored])
    // A logout ends them anyway; with many devices the time of a close is too short for all blocks.
    if (block === undefined || this.memory.monitored.size > MOST_DEVICES) return
    const names = this.memory.settings.presence ? ['presenceStop', 'monitorStop'] : ['monitorStop']
    for (const name of names) await this.api.call(name, { devices: block }, { timeoutMs }).catch(() => undefined)
  }

  private async monitor (numbers: readonly string[]): Promise<void> {
    const { memory, link } = this
    for (const block of blocks(numbers)) {
      if (this.ctiOff !== undefined || link.signal.aborted) return
      const failed = await this.request('monitorStart', block)
      if (failed === undefined) return
      for (const device of block) {
        const why = failed.get(device)
        if (why === undefined) {
          memory.monitored.add(device)
          memory.addExtension(device)
          this.refused.delete(device)
        } else this.refused.set(device, why)
      }
      const started = block.filter((device) => !failed.has(device))
      if (memory.settings.presence && started.length > 0) await this.request('presenceStart', started)
    }
    this.tellRefused()
  }

  private tellRefused (): void {
    if (this.refused.size === 0) return
    const { link, memory } = this
    const names = [...this.refused].slice(0, 5).map(([device, why]) => `${device} (${why})`).join(', ')
    link.warn('notMonitored', `The switch does not monitor ${this.refused.size === 1 ? 'this extension' : `${this.refused.size} extensions`}: ${names}. Licence API-CTI-EXT? They are tried again every ${Math.round(memory.settings.monitorRetryMs / 1000)} s.`)
    link.clock.clearTimeout(this.retryTimer)
    this.retryTimer = link.clock.setTimeout(() => { this.add([...this.refused.keys()]).catch((error: unknown) => link.warn('monitor', CtiError.from(error).message)) }, memory.settings.monitorRetryMs)
  }

  /** @returns devices that failed, with the switch's word; undefined when the whole request was refused */
  private async request (name: 'monitorStart' | 'presenceStart', devices: readonly string[]): Promise<Map<string, string> | undefined> {
    try {
      const { body } = await this.api.call(name, { devices }, { signal: this.link.signal })
      const failed = new Map<string, string>()
      // A 200 may hold failures of single devices (ipecs.md 3.1).
      for (const entry of objects(body?.result ?? this.resultOf(body))) for (const [device, word] of Object.entries(entry)) if (!DONE.test(text(word) ?? '')) failed.set(device, (text(word) ?? 'refused').slice(0, 60))
      return failed
    } catch (raw) {
      const error = CtiError.from(raw, 'ipecs')
      if (isTokenDead(error) || this.link.signal.aborted) throw error
      if (isForbidden(error) && name === 'monitorStart') this.switchOff()
      else this.link.warn(name, `${name === 'monitorStart' ? 'Extensions could not be monitored' : 'Presence is not told'}: ${error.message}`)
      return undefined
    }
  }

  /** Said once, in the status too; the rest of the account works on (ipecs.md 6). */
  private switchOff (): void {
    this.ctiOff = 'the account has no right or licence for call control (CTI, licence API-CTI)'
    this.link.note('noCti')
    this.link.warn('noCti', `Call control is off: ${this.ctiOff}. Tick CTI for the account on the switch. ACD events go on.`)
  }

  private resultOf (body: Record<string, unknown> | Readonly<Record<string, unknown>> | undefined): unknown {
    const data = body?.data
    return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>).result : undefined
  }

  /** Every terminal of the switch, page by page. */
  private async terminals (): Promise<string[]> {
    const found = new Set<string>()
    try {
      for (let page = 0; page < MOST_PAGES; page++) {
        const before = found.size
        const { values } = await this.api.call('getTerminals', { start: before, count: TERMINALS_PAGE }, { signal: this.link.signal })
        const list = objects(values.terminals)
        for (const { deviceNumber } of list) if (text(deviceNumber) !== undefined) found.add(text(deviceNumber)!)
        if (list.length < TERMINALS_PAGE || found.size === before) break
      }
    } catch (raw) {
      const error = CtiError.from(raw, 'ipecs')
      if (isTokenDead(error) || this.link.signal.aborted) throw error
      if (isForbidden(error)) this.switchOff()
      else this.link.warn('noTerminals', `The list of extensions could not be read: ${error.message} List the extensions in the account, or correct "getTerminals" in its commands.`)
    }
    return [...found]
  }
}
