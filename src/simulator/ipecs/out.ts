/** What goes to the event channels: in order, at the end of the turn, so that the answer of a request leaves before its events (ipecs.md 3.3). */
import { type Faults } from '../faults/faults'
import { type Ms } from '../pbx/types'
import { codeString } from './codes'
import { localTime } from './time'
import { type IpecsOptions } from './options'
import { type Session, type Sessions } from './sessions'

/** A station or an outside line in an ACD record; a station without a number is one that is not known yet, a number without a type that of a group. */
export interface End { type: 'Station' | 'CO' | ''; number: string }
interface AcdFields { ref?: number; source?: End; dest?: End; data1?: string; data2?: string }
export type Fields = Record<string, unknown>

interface Frame { text: (session: Session) => string | undefined }

/** Filler of strings that say nothing, as the switch sends it. */
const BLANK_NUMBER = '     '
const BLANK_DATA = '    '
const WAITING_LIMIT = 100_000

export class Out {
  /** Called before the turn ends; may add to it. */
  beforeFlush: () => void = () => {}
  /** Events sent since the start. */
  sent = 0
  private waiting: Frame[] = []
  private scheduled = false
  private systemSerial = 0

  constructor (private readonly needs: { sessions: Sessions; faults: Faults; options: IpecsOptions }) {}

  /** A record of the ACD stream, to all accounts that are ticked for it. */
  acd (at: Ms, code: number, { ref, source, dest, data1, data2 }: AcdFields): void {
    const { options } = this.needs
    const data = {
      time: localTime(at, options.utcOffsetMinutes), ...(ref === undefined || !options.callTracking ? {} : { callRefID: ref }), eventCode: code, eventString: codeString(code),
      sourceType: source?.type ?? '', sourceNumber: filled(source?.number, source === undefined ? '' : BLANK_NUMBER), destType: dest?.type ?? '', destNumber: filled(dest?.number, BLANK_NUMBER),
      data1: filled(data1, BLANK_DATA), data2: filled(data2, BLANK_DATA)
    }
    const json = JSON.stringify({ event: 'acd', data })
    const text = options.rawControls ? json.replace(/\\u00[01][0-9a-f]/g, (escaped) => String.fromCharCode(parseInt(escaped.slice(2), 16))) : json
    this.push({ text: (session) => session.rights.has('acd') ? text : undefined })
  }

  /** An event of a device, to those who monitor it. `callRefID` and `evtSerialNum` come last, as in the samples. */
  call (device: string, type: string, fields: Fields, ref?: number): void {
    this.cti((session) => session.monitors.has(device), type, { deviceNumber: device, serviceDN: device, ...fields }, ref)
  }

  /** Devices that come and go have no `serviceDN`. */
  device (device: string, type: string): void {
    this.cti((session) => session.monitors.has(device), type, { deviceNumber: device })
  }

  presence (device: string, deviceType: 'ext' | 'trk', status: string): void {
    this.cti((session) => session.presences.has(device), 'presence', { deviceNumber: device, deviceType, status })
  }

  /** To every account with CTI. */
  toAll (type: string, fields: Fields): void {
    this.cti(() => true, type, fields)
  }

  /** Of one session only: what follows its own request. */
  toSession (to: Session, device: string, type: string): void {
    this.cti((session) => session === to, type, { deviceNumber: device })
  }

  /** A call record as it is made. */
  record (record: Fields): void {
    if (!this.needs.options.liveRecords) return
    const text = JSON.stringify({ event: 'smdr', data: record })
    this.push({ text: (session) => session.rights.has('smdr') && session.type === 'server' ? text : undefined })
  }

  /** Something may have changed: the end of the turn comes even when nothing waits yet. */
  schedule (): void {
    if (this.scheduled) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      this.flush()
    })
  }

  /** Sends what waits. */
  flush (): void {
    this.beforeFlush()
    const { waiting } = this
    if (waiting.length === 0) return
    this.waiting = []
    const { sessions, faults } = this.needs
    const listening = sessions.listening()
    for (const { text } of waiting) {
      for (const session of listening) {
        if (session.socket === undefined) continue
        if (!faults.idle && faults.take('noEvents', { face: 'ipecs', connection: session.socket.id }) !== undefined) continue
        const line = text(session)
        if (line === undefined) continue
        this.sent++
        session.socket.send(line)
      }
    }
  }

  /** The switch counts from the beginning. */
  restart (): void {
    this.systemSerial = 0
  }

  private cti (wanted: (session: Session) => boolean, type: string, fields: Fields, ref?: number): void {
    const { options } = this.needs
    const system = ++this.systemSerial
    const bare = options.bareEvents && (type === 'queued' || type === 'numbering')
    const tail = ref === undefined || !options.callTracking ? {} : { callRefID: ref }
    this.push({
      text: (session) => {
        if (!session.rights.has('cti') || !wanted(session)) return undefined
        const evtSerialNum = options.serials === 'system' ? system : ++session.serial
        const data = { type: options.blankTypes ? ` ${type}` : type, ...fields, ...tail, evtSerialNum }
        return JSON.stringify(bare ? data : { event: 'call', data })
      }
    })
  }

  private push (frame: Frame): void {
    this.schedule()
    if (this.waiting.length < WAITING_LIMIT) this.waiting.push(frame)
  }
}

function filled (text: string | undefined, filler: string): string {
  return text === undefined || text === '' ? filler : text
}
