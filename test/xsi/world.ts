/** A stream of XSI events against the real picture, without session and sockets: what the reducer says, folded as the session folds it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call, TelephonyEvent } from '../../src/model'
import type { EventDraft } from '../../src/session/types'
import { Picture } from '../../src/state/picture'
import { parseXml } from '../../src/transport/xml/parse'
import { readDocument } from '../../src/xsi/documents'
import { reduce } from '../../src/xsi/events'
import type { XsiEvent } from '../../src/xsi/protocol'
import type { OwnMark, Person, ReduceContext } from '../../src/xsi/scope'

const GOLDEN = join(__dirname, '..', 'golden', 'xsi')

/** `eventData` of a recorded sample. */
export function golden (name: string): string {
  return readFileSync(join(GOLDEN, `${name}.xml`), 'utf8').trim()
}

export interface Envelope { target?: string | null; sequence?: number; eventId?: string; subscriptionId?: string }
let count = 0

/** The event that an `eventData` is, put into its envelope and parsed. */
export function eventOf (eventData: string, { target = 'bob@example.com', sequence, eventId, subscriptionId = 'sub-1' }: Envelope = {}): XsiEvent {
  const id = eventId ?? `event-${++count}`
  const { root, value } = parseXml('<?xml version="1.0" encoding="UTF-8"?><xsi:Event xmlns:xsi="http://schema.broadsoft.com/xsi" '
    + `xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance" xsi1:type="xsi:SubscriptionEvent"><xsi:eventID>${id}</xsi:eventID>`
    + `<xsi:sequenceNumber>${sequence ?? count}</xsi:sequenceNumber><xsi:userId>cti-admin@example.com</xsi:userId>`
    + `<xsi:subscriptionId>${subscriptionId}</xsi:subscriptionId><xsi:channelId>channel-1</xsi:channelId>`
    + `${target === null ? '' : `<xsi:targetId>${target}</xsi:targetId>`}${eventData}</xsi:Event>`)
  const document = readDocument(root, value)
  if (document.kind !== 'event') throw new Error(`not an event: ${document.kind}`)
  return document.event
}

export const PEOPLE: Readonly<Record<string, Person>> = {
  'bob@example.com': { id: 'bob@example.com', kind: 'user', name: 'Bob Keller', number: '2025550102', extension: '1002' },
  'alice@example.com': { id: 'alice@example.com', kind: 'user', name: 'Alice Martin', number: '2025550101', extension: '1001' },
  'support@example.com': { id: 'support@example.com', kind: 'queue', name: 'Support', number: '2025550150', extension: '1050' }
}

/** ms on both clocks unless a test moves it. */
export const NOW = 1767262100000

export class World {
  now = NOW
  readonly picture = new Picture(() => this.now)
  readonly marks = new Map<string, OwnMark>()
  readonly queuesWithEvents = new Set(['support@example.com'])
  advancedCall = true
  private readonly services = new Map<string, string>()

  context (): ReduceContext {
    return {
      now: this.now,
      advancedCall: this.advancedCall,
      person: (id) => PEOPLE[id],
      personAt: (number) => Object.values(PEOPLE).find((person) => person.extension === number || person.number === number),
      targetOf: (subscriptionId) => subscriptionId === 'sub-1' ? 'bob@example.com' : undefined,
      hasQueueEvents: (id) => this.queuesWithEvents.has(id),
      serviceChanged: (target, type, info) => {
        const told = JSON.stringify(info)
        const same = this.services.get(`${target} ${type}`) === told
        this.services.set(`${target} ${type}`, told)
        return !same
      },
      ownMark: (legId) => this.marks.get(legId)
    }
  }

  /** Plays one event: reduces, then folds. */
  play (eventData: string, envelope?: Envelope): EventDraft[] {
    const drafts = reduce(this.picture, eventOf(eventData, envelope), this.context())
    for (const draft of drafts) this.picture.fold(this.stamped(draft))
    return drafts
  }

  /** Plays a recorded sample. */
  sample (name: string, envelope?: Envelope): EventDraft[] {
    return this.play(golden(name), envelope)
  }

  private stamped (draft: EventDraft): TelephonyEvent {
    const at = new Date(this.now).toISOString()
    const call = draft.call === undefined ? undefined : { conversationId: `acc:${draft.call.correlationId ?? draft.call.id}`, ...draft.call } as Call
    const event = { time: at, timeSource: 'local' as const, ...draft, id: 'x', seq: 1, epoch: 'e', platform: 'xsi' as const, account: 'a', accountId: 'acc', receivedAt: at, call }
    if (call === undefined) delete (event as Partial<TelephonyEvent>).call
    return event as TelephonyEvent
  }
}

export const names = (drafts: readonly EventDraft[]): string[] => drafts.map(({ event }) => event)

/** A `call` element by its parts, in schema order as far as tests need it. */
export function callXml (parts: {
  id?: string
  ext?: string
  personality?: string
  state: string
  remote?: string
  more?: string
  start?: number
  answer?: number
  tail?: string
}): string {
  const { id = 'callhalf-1207:0', ext = '311:1', personality = 'Terminator', state, remote = CAROL, more = '', start = 1767261600000, answer, tail = '' } = parts
  return `<xsi:call><xsi:callId>${id}</xsi:callId><xsi:extTrackingId>${ext}</xsi:extTrackingId><xsi:personality>${personality}</xsi:personality>`
    + `<xsi:state>${state}</xsi:state>${remote === '' ? '' : `<xsi:remoteParty>${remote}</xsi:remoteParty>`}${more}<xsi:startTime>${start}</xsi:startTime>`
    + `${answer === undefined ? '' : `<xsi:answerTime>${answer}</xsi:answerTime>`}${tail}</xsi:call>`
}
export const CAROL = '<xsi:name>Carol Diaz</xsi:name><xsi:address countryCode="1">tel:+12025550199</xsi:address><xsi:callType>Network</xsi:callType>'
export const ALICE = '<xsi:name>Alice Martin</xsi:name><xsi:address>tel:1001</xsi:address><xsi:userId>alice@example.com</xsi:userId>'
  + '<xsi:userDN countryCode="1">tel:+12025550101;ext=1001</xsi:userDN><xsi:callType>Group</xsi:callType>'

export const data = (type: string, body = ''): string => `<xsi:eventData xsi1:type="xsi:${type}">${body}</xsi:eventData>`
