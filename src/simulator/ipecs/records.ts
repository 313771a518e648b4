/** Call records (SMDR): made at the end of a leg, kept until they are deleted, found by conditions (ipecs.md 3.4). */
import { type CauseName, type Connection, type Fact, type Party } from '../pbx/types'
import { networkCause } from './codes'
import { badParameter } from './errors'
import { type Site } from './site'
import { clockText, minuteOf } from './time'

type CallRecord = Record<string, string | number>
/** A record with what code 69 says of it; `line` only of a call that went out. */
interface Made { record: CallRecord; line?: string; duration: string }

/** The store of the switch; what does not fit is lost, oldest first. */
const STORE_LIMIT = 10_000

export class Records {
  private all: CallRecord[] = []
  private last = 0

  get size (): number {
    return this.all.length
  }

  add (fields: CallRecord): CallRecord {
    const record = { Index: String(++this.last), ...fields }
    this.all.push(record)
    if (this.all.length > STORE_LIMIT) this.all.shift()
    return record
  }

  /** Records that fit a condition, oldest first. @throws ApiError 400 for a condition that cannot be read */
  find (condition: unknown, stationNumber?: string): CallRecord[] {
    return this.all.filter((record) => (stationNumber === undefined || record.StationNumber === stationNumber) && fits(record, condition))
  }

  /** Takes out what fits. */
  remove (condition: unknown): void {
    const gone = new Set(this.find(condition))
    this.all = this.all.filter((record) => !gone.has(record))
  }
}

/** Ends after which the call is nobody's lost call: it went on. */
const GOES_ON = new Set<CauseName>(['answeredElsewhere', 'pickedUp', 'bounced', 'deflected', 'forwardAlways', 'forwardBusy', 'forwardNoAnswer', 'forwardNotReachable', 'earlyTransfer', 'transfer', 'recall', 'voicemail'])

/** Letter of a record; the meanings are inferred, as the document leaves them blank. */
function letter (site: Site, connection: Connection, fact: Fact, remote: Party): string | undefined {
  const answered = connection.answeredAt !== undefined
  const outward = connection.direction === 'outbound'
  const gone = fact.type === 'transferred'
  if (connection.party.kind === 'external') return outward && !answered && connection.remote?.kind === 'queue' ? 'G' : undefined
  if (connection.party.kind !== 'user' || connection.monitor !== undefined) return undefined
  if (!answered && (fact.type !== 'cleared' || GOES_ON.has(fact.cause ?? 'normal'))) return undefined
  if (remote.kind === 'external') return outward ? (answered ? (gone ? 'T' : 'O') : 'o') : answered ? (gone ? 't' : 'I') : 'R'
  if (!outward || !site.options.internalRecords) return undefined
  return remote.kind === 'voicemail' ? 'V' : 'E'
}

/** The record of a leg that is over; undefined for one that makes none. */
export function makeRecord (site: Site, fact: Fact): Made | undefined {
  const { connection, before } = fact
  const remote = before?.remote ?? connection?.remote
  if (connection === undefined || remote === undefined) return undefined
  const direction = letter(site, connection, fact, remote)
  if (direction === undefined) return undefined
  const { numbers, memory, options, pbx } = site
  const far = connection.party.kind === 'external' ? connection.key : pbx.calls.get(connection.callKey)?.connections.find((key) => numbers.hasLine(key))
  const line = far === undefined || remote.kind === 'user' ? undefined : numbers.line(far)
  const talked = connection.answeredAt === undefined ? 0 : fact.at - connection.answeredAt
  const { code, text } = networkCause(connection.cause)
  const outward = connection.direction === 'outbound' && connection.party.kind === 'user'
  const record = site.records.add({
    ...(options.callTracking ? { callRefID: numbers.ref(connection.callKey) } : {}), StationNumber: numbers.dn(connection.party.kind === 'external' ? remote : connection.party),
    CoNumber: line === undefined ? '' : String(Number(line)).padStart(2, '0'), Duration: clockText(talked), StartTime: minuteOf(connection.startedAt, options.utcOffsetMinutes),
    Direction: direction, DialedNumber1: outward ? memory.dialled.get(connection.key) ?? numbers.dn(remote) : numbers.dn(connection.party.kind === 'external' ? connection.party : remote),
    Cost: '', AccountCode: '', DialedNumber2: '', DisconnectCause: `${code}-${text}`
  })
  return { record, duration: clockText(talked).replaceAll(':', ''), ...(outward && line !== undefined ? { line } : {}) }
}

type Compare = (order: number) => boolean
const COMPARES: Record<string, Compare> = { '$>': (order) => order > 0, '$>=': (order) => order >= 0, '$<': (order) => order < 0, '$<=': (order) => order <= 0 }

function isObject (value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function order (left: string | number, right: unknown): number {
  const [a, b] = [Number(left), Number(right)]
  if (left !== '' && right !== '' && !Number.isNaN(a) && !Number.isNaN(b)) return a - b
  return String(left) < String(right) ? -1 : Number(String(left) > String(right))
}

/** `*` and `?` stand for signs, a backslash takes their meaning away. */
function pattern (text: string): RegExp {
  let source = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign === '*' && source.endsWith('.*')) continue
    if (sign === '\\') source += escape(text[++at] ?? '')
    else source += sign === '*' ? '.*' : sign === '?' ? '.' : escape(sign)
  }
  return new RegExp(`^${source}$`, 's')
}

function escape (sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function list (value: unknown): unknown[] {
  if (!Array.isArray(value)) throw badParameter()
  return value
}

/** Whether a record fits a condition: `{"f":v}`, `$not`, `$or`, `$and`, `$regex` and comparisons; several members mean "and". */
export function fits (record: CallRecord, condition: unknown): boolean {
  if (condition === undefined) return true
  if (!isObject(condition)) throw badParameter()
  return Object.entries(condition).every(([name, value]) => {
    const compare = Object.hasOwn(COMPARES, name) ? COMPARES[name] : undefined
    if (name === '$or') return list(value).some((part) => fits(record, part))
    if (name === '$and') return list(value).every((part) => fits(record, part))
    if (name === '$not') return !fits(record, value)
    if (compare === undefined && name !== '$regex') return Object.hasOwn(record, name) && order(record[name] ?? '', value) === 0
    if (!isObject(value)) throw badParameter()
    return Object.entries(value).every(([field, wanted]) => {
      const own = Object.hasOwn(record, field) ? record[field] : undefined
      if (own === undefined) return false
      return compare === undefined ? pattern(String(wanted)).test(String(own)) : compare(order(own, wanted))
    })
  })
}
