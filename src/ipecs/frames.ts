/** Frames of the web socket as the two kinds of records, lenient (ipecs.md 4.1, 4.2, 4.5). */
import { ACD, CAUSE_WORDS } from './protocol'
import { defined, fields, isFields, lookup, number, reference, text, type Fields } from './read'

interface End { readonly kind: 'station' | 'line'; readonly number: string }

/** One record of the ACD stream. */
export interface AcdRecord {
  readonly code: number
  /** Switch local time without zone, as it came. */
  readonly time?: string
  readonly ref?: string
  readonly source?: End
  readonly dest?: End
  readonly data1?: string
  readonly data2?: string
}

/** One event of call control. */
export interface CtiEvent {
  readonly type: string
  readonly device?: string
  readonly serviceNumber?: string
  readonly ref?: string
  readonly serial?: number
  readonly calling?: string
  readonly called?: string
  readonly diversion?: string
  /** Number of the cause. */
  readonly cause?: string
  readonly causeText?: string
  readonly data: Fields
}

export type Frame =
  | { readonly kind: 'acd'; readonly record: AcdRecord }
  | { readonly kind: 'cti'; readonly event: CtiEvent }
  | { readonly kind: 'smdr'; readonly data: Fields }
  | { readonly kind: 'unknown'; readonly name: string }

/** Codes whose source, or destination, is of one kind (ipecs.md 4.3): there the number says enough. Known records leave the type blank now and then. */
const LINE_SOURCES: ReadonlySet<number> = new Set([ACD.coBusy, ACD.coIdle, ACD.coRing, ACD.did, ACD.caller])
const STATION_SOURCES: ReadonlySet<number> = new Set([
  ACD.login, ACD.logout, ACD.unavailable, ACD.available, ACD.wrapStart, ACD.wrapEnd, ACD.stationBusy, ACD.stationIdle, ACD.dndOn, ACD.dndOff, ACD.forwardOn, ACD.forwardOff, ACD.supervisorIn, ACD.supervisorOut,
  ACD.secondaryIn, ACD.secondaryOut, ACD.recall, ACD.pickup, ACD.transferHold, ACD.ring, ACD.dialled, ACD.record, ACD.inService, ACD.outOfService
])
const STATION_DESTS: ReadonlySet<number> = new Set([ACD.coRing, ACD.did, ACD.caller])

/** Outside lines are padded to four digits, `0006` (ipecs.md 4.2); stations are taken as they are. */
function endOf (type: unknown, value: unknown, otherwise: string | undefined): End | undefined {
  const told = text(value)
  const kind = text(type)?.toLowerCase() ?? otherwise
  if (told === undefined || kind === undefined) return undefined
  return kind === 'co' ? { kind: 'line', number: told.replace(/^0+(?=\d)/, '') } : kind === 'station' ? { kind: 'station', number: told } : undefined
}

function acdOf (data: Fields): AcdRecord | undefined {
  const code = number(data.eventCode)
  if (code === undefined) return undefined
  const sourceKind = LINE_SOURCES.has(code) ? 'co' : STATION_SOURCES.has(code) ? 'station' : undefined
  const destKind = STATION_DESTS.has(code) ? 'station' : undefined
  return defined({
    code, time: text(data.time), ref: reference(data.callRefID), source: endOf(data.sourceType, data.sourceNumber, sourceKind), dest: endOf(data.destType, data.destNumber, destKind), data1: text(data.data1), data2: text(data.data2)
  }) as AcdRecord
}

function ctiOf (data: Fields): CtiEvent | undefined {
  const type = text(data.type)
  if (type === undefined) return undefined
  const causeText = text(data.causeMsg)
  return defined({
    type, device: text(data.deviceNumber), serviceNumber: text(data.serviceDN), ref: reference(data.callRefID), serial: number(data.evtSerialNum), calling: text(data.callingDN), called: text(data.calledDN),
    diversion: text(data.diversionNum), cause: text(data.causeCode) ?? lookup(CAUSE_WORDS, causeText), causeText, data
  }) as CtiEvent
}

/** @param whole a parsed frame: `{event, data}`, or the data alone (the document prints some so) */
export function readFrame (whole: Fields): Frame {
  const name = text(whole.event)?.toLowerCase()
  const data = isFields(whole.data) ? whole.data : whole
  if (name === 'smdr') return { kind: 'smdr', data: fields(data) }
  const record = name === 'call' ? undefined : acdOf(data)
  if (record !== undefined) return { kind: 'acd', record }
  const event = name === 'acd' ? undefined : ctiOf(data)
  if (event !== undefined) return { kind: 'cti', event }
  return { kind: 'unknown', name: (name ?? text(data.type) ?? 'unnamed').slice(0, 60) }
}
