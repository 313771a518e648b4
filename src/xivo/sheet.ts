/** Call forms: base64, length prefix, zlib, XML (xivo-cti.md 4.8). The only carrier of an external caller's number for an incoming call. */
import { inflateSync } from 'node:zlib'
import { CtiError } from '../model'
import type { XivoMessage } from './protocol'
import { defined, text } from './read'

/** Bytes of a sheet after unpacking; real ones are a few kB. */
export const MAX_SHEET_BYTES = 1024 * 1024
const MAX_FIELDS = 1000
const PREFIX_BYTES = 4

/** `internal`: about the sheet itself; `sheet`: shown in the form; `systray`: in a bubble; `action`: an address to open, which is never done here. */
export type SheetSection = 'internal' | 'qtui' | 'sheet' | 'systray' | 'action'
export interface SheetField { section: SheetSection; order?: string; name?: string; type?: string; value: string }
export interface Sheet {
  channel?: string
  /** Trigger: `dial`, `link`, `unlink`, `incomingdid`, `hangup`. */
  where?: string
  uid?: string
  fields: SheetField[]
}

const SECTIONS: Readonly<Record<string, SheetSection>> = {
  internal: 'internal', sheet_qtui: 'qtui', sheet_info: 'sheet', systray_info: 'systray', action_info: 'action'
}
const TAG = /<(internal|sheet_qtui|sheet_info|systray_info|action_info)(?=[\s>/])/g
const CDATA = '<![CDATA['
const CDATA_END = ']]>'

function bad (why: string): CtiError {
  return new CtiError('CTI_PROTOCOL', `A sheet cannot be read: ${why}.`, { vendor: 'xivo', retryable: false })
}

/** The XML in the payload. @throws CtiError CTI_PROTOCOL for anything that is no sheet or unpacks to more than `limit` bytes */
export function unpackSheet (message: XivoMessage, limit = MAX_SHEET_BYTES): string {
  const payload = text(message.payload)
  if (payload === undefined) throw bad('it has no payload')
  const packed = Buffer.from(payload, 'base64')
  if (message.compressed !== true) {
    if (packed.length > limit) throw bad('it is too large')
    return packed.toString('utf8')
  }
  if (packed.length <= PREFIX_BYTES) throw bad('it is too short')
  if (packed.readUInt32BE(0) > limit) throw bad('it is too large')
  try {
    return inflateSync(packed.subarray(PREFIX_BYTES), { maxOutputLength: limit }).toString('utf8')
  } catch {
    throw bad('it is not compressed as announced, or too large')
  }
}

/** Where an element's own start ends, what it holds, and where reading goes on. */
function contentAfter (xml: string, from: number): { head: string; value: string; next: number } | undefined {
  const cdata = xml.indexOf(CDATA, from)
  const close = xml.indexOf('</', from)
  // The attribute `name` is not escaped and may hold a `>`: where the CDATA begins tells better where the tag ends.
  if (cdata < 0 || (close >= 0 && close < cdata)) {
    const end = xml.indexOf('>', from)
    if (end < 0) return undefined
    const empty = xml[end - 1] === '/'
    return { head: xml.slice(from, empty ? end - 1 : end), value: empty || close < end ? '' : xml.slice(end + 1, close), next: end + 1 }
  }
  const head = xml.slice(from, cdata).trimEnd().replace(/>$/, '')
  let value = ''
  let at = cdata
  while (xml.startsWith(CDATA, at)) {
    const end = xml.indexOf(CDATA_END, at)
    if (end < 0) return { head, value: value + xml.slice(at + CDATA.length), next: xml.length }
    value += xml.slice(at + CDATA.length, end)
    at = end + CDATA_END.length
  }
  return { head, value, next: at }
}

const attribute = (head: string, name: string): string | undefined => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(head)?.[1]

/** Up to the quote that ends the tag or stands before another known attribute: a name may hold quotes itself. */
function nameOf (head: string): string | undefined {
  const start = /(?:^|\s)name="/.exec(head)
  if (start === null) return undefined
  const rest = head.slice(start.index + start[0].length)
  const end = /"(?=\s+(?:order|type)="|\s*$)/.exec(rest)
  return end === null ? rest : rest.slice(0, end.index)
}

/** Reads the XML forgivingly: any order, unknown elements passed over. Options `internal` are also given apart. */
export function readSheet (xml: string): SheetField[] {
  const found: SheetField[] = []
  TAG.lastIndex = 0
  for (let tag = TAG.exec(xml); tag !== null && found.length < MAX_FIELDS; tag = TAG.exec(xml)) {
    const section = SECTIONS[tag[1] ?? '']
    const content = contentAfter(xml, TAG.lastIndex)
    if (section === undefined || content === undefined) break
    const { head, value, next } = content
    const type = attribute(head, 'type')
    found.push(defined({ section, order: attribute(head, 'order'), name: nameOf(head), type: type === 'None' ? undefined : type, value }) as SheetField)
    TAG.lastIndex = next
  }
  return found
}

/** A whole `sheet` message. @throws CtiError CTI_PROTOCOL */
export function decodeSheet (message: XivoMessage, limit = MAX_SHEET_BYTES): Sheet {
  const fields = readSheet(unpackSheet(message, limit))
  const internal = (name: string): string | undefined => fields.find((field) => field.section === 'internal' && field.name === name)?.value || undefined
  return defined({ channel: text(message.channel) ?? internal('channel'), where: internal('where'), uid: internal('uid'), fields }) as Sheet
}

/** What the variables of XiVO mean, when the administrator named fields like them (xivo-cti.md 4.8). */
const VARIABLES = {
  number: 'xivo-calleridnum', name: 'xivo-calleridname', rdnis: 'xivo-calleridrdnis', did: 'xivo-did', calledNumber: 'xivo-calledidnum',
  calledName: 'xivo-calledidname', uniqueid: 'xivo-uniqueid', queue: 'xivo-queuename', agent: 'xivo-agentnumber', direction: 'xivo-direction'
} as const
export type SheetFacts = Partial<Record<keyof typeof VARIABLES, string>>

/** A field that could not be filled keeps its braces, for instance `{xivo-did}`. */
function isFilled (value: string): boolean {
  return value !== '' && !/^\{[^}]*\}$/.test(value)
}

/** Names in the form that XiVO comes with; only all of them together are that form. */
const SHIPPED = [{ name: 'nom', number: 'numéro', origin: 'origine' }, { name: 'name', number: 'number', origin: 'origin' }] as const
const DIALLED = /^\+?[\d*#]+$/

/** Who calls, in a form that nobody has changed: its name stands where no name is known, too. */
function shippedFacts (sheet: Sheet): SheetFacts {
  const values = new Map(sheet.fields.flatMap(({ section, name, value }) => section === 'sheet' && name !== undefined ? [[name.trim().normalize('NFC').toLowerCase(), value]] : []))
  const names = SHIPPED.find((words) => Object.values(words).every((word) => values.has(word)))
  const number = values.get(names?.number ?? '')
  if (names === undefined || number === undefined || !DIALLED.test(number)) return {}
  const name = values.get(names.name) ?? ''
  return { number, ...(isFilled(name) && name !== number ? { name } : {}) }
}

/** The facts that a sheet tells about its call. */
export function sheetFacts (sheet: Sheet): SheetFacts {
  const byName = new Map<string, string>()
  for (const { name, value } of sheet.fields) if (name !== undefined && isFilled(value)) byName.set(name.trim().toLowerCase().replace(/^\{|\}$/g, ''), value)
  const facts: SheetFacts = shippedFacts(sheet)
  for (const [fact, variable] of Object.entries(VARIABLES) as [keyof typeof VARIABLES, string][]) {
    const value = byName.get(variable)
    if (value !== undefined) facts[fact] = value
  }
  if (facts.uniqueid === undefined && sheet.uid !== undefined && isFilled(sheet.uid)) facts.uniqueid = sheet.uid
  return facts
}

/** Characters of a sheet that go along with every event of its call; the whole sheet is in its own event. */
const MAX_DATA = 20_000

/** Fields by name, for `call.data`; of two with the same name the first that is filled. Fields that would make it too long are left out. */
export function sheetData (sheet: Sheet): Record<string, string> {
  const data = new Map<string, string>()
  let length = 0
  for (const { section, name, value } of sheet.fields) {
    if (section !== 'sheet' || name === undefined || !isFilled(value) || data.has(name) || length + name.length + value.length > MAX_DATA) continue
    data.set(name, value)
    length += name.length + value.length
  }
  return Object.fromEntries(data)
}
