/** A session on the switch for tests, with a clock that the test moves. */
import assert from 'node:assert/strict'
import type { ActionResult, TelephonyEvent } from '../../../src/model'
import { Session } from '../../../src/session'
import { IpecsDriver, type IpecsOptions } from '../../../src/ipecs'
import { ManualClock } from '../../support/manualClock'
import { PASSWORD, USER, type FakeSwitch } from './switch'

export const START = Date.UTC(2024, 4, 2, 10, 15, 0)
const PATIENCE_MS = 4000

export interface Told extends TelephonyEvent { vendorEvent?: unknown }

/** Waits for something that sockets bring about. */
export async function until (is: () => boolean, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!is()) {
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}

export class Line {
  readonly clock = new ManualClock(START)
  readonly events: Told[] = []
  readonly warnings: string[] = []
  readonly session: Session
  private readonly leave: () => void
  private marks = 0

  constructor (readonly pbx: FakeSwitch, options: Partial<IpecsOptions> = {}) {
    const driver = new IpecsDriver({ baseUrl: pbx.url, username: USER, password: PASSWORD, extensions: ['1001', '1002'], groups: { 620: 8 }, statsIntervalMs: 0, ...options })
    this.session = new Session({ accountId: 'acc', account: 'Switch', driver, clock: this.clock, random: () => 0, timeoutMs: 3000 })
    this.leave = this.session.join({
      event: (event, vendorEvent) => { this.events.push({ ...structuredClone(event), ...(vendorEvent === undefined ? {} : { vendorEvent }) }) },
      warning: (code, text) => { this.warnings.push(`${code}: ${text}`) }
    })
  }

  static async online (pbx: FakeSwitch, options: Partial<IpecsOptions> = {}): Promise<Line> {
    const line = new Line(pbx, options)
    await line.reach('online')
    line.events.length = 0
    return line
  }

  /** Runs what is due, until the session is in a state. */
  async reach (state: string): Promise<void> {
    const end = Date.now() + PATIENCE_MS
    while (this.session.status.state !== state) {
      if (Date.now() > end) assert.fail(`the session is ${this.session.status.state}, not ${state}: ${this.session.status.error?.message ?? ''}`)
      await this.clock.advance(0)
    }
  }

  /** Sends frames and waits until they are taken in. @returns what was told of them */
  async feed (...frames: unknown[]): Promise<Told[]> {
    const from = this.events.length
    for (const frame of frames) this.pbx.push(frame)
    const mark = `mark${++this.marks}`
    this.pbx.push({ event: mark, data: {} })
    await until(() => this.events.some(({ event }) => event === `vendor.${mark}`), mark)
    const at = this.events.findIndex(({ event }) => event === `vendor.${mark}`)
    this.events.splice(at, 1)
    return this.events.slice(from)
  }

  /** Neutral events only, as `name leg state`. */
  static short (events: readonly Told[]): string[] {
    return events.filter(({ event }) => !event.startsWith('vendor.add') && event !== 'stats.updated' && event !== 'queue.updated')
      .map(({ event, call, agent, user }) => [event, call === undefined ? undefined : `${call.owner.id}/${call.vendorId ?? '-'}`, call?.state, agent === undefined ? undefined : agent.state, call === undefined && agent === undefined ? user?.id : undefined].filter(Boolean).join(' '))
  }

  perform (action: string, fields: Record<string, unknown> = {}): Promise<ActionResult> {
    return this.session.perform({ action, ...fields } as Parameters<Session['perform']>[0])
  }

  async close (): Promise<void> {
    this.leave()
    await this.session.close('removed')
  }
}

/** An ACD record as the switch sends it, with its blanks. */
export function acd (code: number, fields: { ref?: number; from?: string; to?: string; data1?: string; data2?: string; time?: string } = {}): object {
  const end = (text: string | undefined): [string, string] => {
    const [kind, number] = (text ?? '').split('/')
    return kind === '' || kind === undefined ? ['', '     '] : [kind, number ?? '     ']
  }
  const [sourceType, sourceNumber] = end(fields.from)
  const [destType, destNumber] = end(fields.to)
  return {
    event: 'acd',
    data: {
      time: fields.time ?? '2024/05/02 10:15:04', ...(fields.ref === undefined ? {} : { callRefID: fields.ref }), eventCode: code, eventString: `CODE ${code}`, sourceType, sourceNumber, destType, destNumber,
      data1: fields.data1 ?? '    ', data2: fields.data2 ?? '    '
    }
  }
}

let serial = 300
/** A CTI event; numbered one by one. */
export function cti (type: string, device: string, fields: Record<string, unknown> = {}): object {
  return { event: 'call', data: { type, deviceNumber: device, serviceDN: device, evtSerialNum: ++serial, ...fields } }
}
