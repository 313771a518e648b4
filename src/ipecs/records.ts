/** Call records (SMDR): their conditions and what a row means (ipecs.md 3.4). */
import type { SwitchClock } from './switchClock'
import { isoTime } from '../session/clock'
import { SMDR_DIRECTIONS } from './protocol'
import { defined, lookup, text, type Fields } from './read'

type RecordType = 'placed' | 'received' | 'missed'

/** Reading of the direction letters, which the document leaves blank: an inference from their order (ipecs.md 3.4). */
const TYPES: Readonly<Record<string, RecordType>> = {
  t: 'received', I: 'received', O: 'placed', T: 'placed', H: 'missed', R: 'missed', G: 'missed', o: 'placed', V: 'received', N: 'placed', n: 'received', X: 'placed'
}

interface CallRecordItem {
  id?: string
  type?: RecordType
  number?: string
  time?: string
  durationSeconds?: number
  /** The vendor's letter, and what we take it for. */
  direction?: string
  directionText?: string
  station?: string
  /** The record as it came. */
  record: Fields
}

const DURATION = /^(\d+):(\d{2}):(\d{2})$/

function secondsOf (duration: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = DURATION.exec(duration ?? '') ?? []
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

/** The column of the other number has the name that the switch is set to (PGM 177). */
function otherNumber (record: Fields): string | undefined {
  const told = text(record.DialedNumber1)
  if (told !== undefined) return told
  for (const [name, value] of Object.entries(record)) if (/^(?:cli|dialed|dialled|caller)/i.test(name) && text(value) !== undefined) return text(value)
  return undefined
}

/** A row as an item of the call history. Its date is read where the year comes first; other orders are a setting of the switch that nothing tells. */
export function recordItem (record: Fields, clock: SwitchClock): CallRecordItem {
  const direction = text(record.Direction)
  const start = clock.millis(text(record.StartTime)?.replace(/-/g, '/'))
  return defined({
    id: text(record.Index), type: lookup(TYPES, direction), number: otherNumber(record), time: start === undefined ? undefined : isoTime(start), durationSeconds: secondsOf(text(record.Duration)),
    direction, directionText: lookup(SMDR_DIRECTIONS, direction), station: text(record.StationNumber), record
  }) as CallRecordItem
}

/** `q` of a query: one member a field, compared as the language of the switch has it. @param times ISO texts */
export function conditionOf (station: string | undefined, since: string | undefined, until: string | undefined, clock: SwitchClock): Fields | undefined {
  const localText = (iso: string): string => isoTime(clock.local(Date.parse(iso))).slice(0, 19).replace('T', ' ')
  const condition = defined({
    StationNumber: station,
    '$>=': since === undefined ? undefined : { StartTime: localText(since) },
    '$<=': until === undefined ? undefined : { StartTime: localText(until) }
  })
  return Object.keys(condition).length === 0 ? undefined : condition
}
