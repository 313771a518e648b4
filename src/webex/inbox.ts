/** From a delivery to events: which account, which person, which order (webex-calling.md 4.3, 6). The signature was checked before. */
import type { CallState } from '../model'
import type { EventDraft, Link } from '../session/types'
import { eventKey, rankOf, reduceCall } from './events'
import { callIdOf, legIdOf, stateOf } from './legs'
import type { Envelope } from './protocol'
import { isRecord, millis, parseJson, record, text, type Json } from './read'
import { targetOf, type Source } from './scope'
import type { Watch } from './watch'

export interface InboxOptions {
  readonly link: Link
  readonly source: () => Source
  /** Id of the person in the form that is used here; undefined for somebody of whom this account has nothing to know. */
  readonly ownerOf: (actorId: string, createdBy: string | undefined) => string | undefined
  readonly watchOf: (ownerId: string) => Watch | undefined
  /** A message or card of a chat room. */
  readonly chat: (envelope: Envelope) => void
  /** Something has changed that only a look can tell. */
  readonly look: (what: 'conference' | 'mailbox' | 'others' | 'queues', ownerId: string | undefined) => void
}

interface Applied { at: number; rank: number; count: number }
const MAX_LEGS = 5000
/** By so much our idea of the vendor's clock may be wrong. */
const CLOCK_NOISE_MS = 2000

/** An envelope with its resource and event; undefined for anything else. */
function envelopeOf (body: Buffer): Envelope | undefined {
  const raw = parseJson(body.toString('utf8'))
  const resource = isRecord(raw) ? text(raw, 'resource') : undefined
  const event = isRecord(raw) ? text(raw, 'event') : undefined
  if (!isRecord(raw) || resource === undefined || event === undefined) return undefined
  const data = record(raw, 'data')
  const webhookId = text(raw, 'id')
  const actorId = text(raw, 'actorId') ?? text(data, 'actorPersonId')
  const createdBy = text(raw, 'createdBy')
  return {
    resource, event, data, raw,
    ...(webhookId === undefined ? {} : { webhookId }), ...(actorId === undefined ? {} : { actorId }), ...(createdBy === undefined ? {} : { createdBy })
  }
}

export class Inbox {
  private readonly applied = new Map<string, Applied>()
  private count = 0

  constructor (private readonly options: InboxOptions) {}

  /** One delivery. Never throws: it is called from where requests come in. */
  take (body: Buffer): void {
    const { link } = this.options
    try {
      const envelope = envelopeOf(body)
      if (envelope === undefined) return link.warn('badDelivery', 'A webhook brought something that is no event.')
      link.heard()
      this.dispatch(envelope)
    } catch (error) {
      link.warn('badDelivery', `A webhook could not be understood: ${error instanceof Error ? error.message : 'unknown'}.`)
    }
  }

  /** True when an event told of the leg after `taken` was that number. */
  hasNews (legId: string, since: number): boolean {
    return (this.applied.get(legId)?.count ?? 0) > since
  }

  /**
   * A list has told of a leg: an event of before is old news by now. Deliveries may come half a minute late.
   * @param asked ms of the vendor's clock when the list was asked for
   */
  listed (legId: string, state: CallState, asked: number): void {
    const before = this.applied.get(legId)
    const at = asked - CLOCK_NOISE_MS
    if (before !== undefined && before.at >= at) return
    this.note(legId, { at, rank: rankOf(state), count: before?.count ?? 0 })
  }

  /** Events taken so far. */
  get taken (): number {
    return this.count
  }

  private dispatch (envelope: Envelope): void {
    const { resource, event, data, raw } = envelope
    if (resource === 'messages' || resource === 'attachmentActions') return this.options.chat(envelope)
    const actor = envelope.actorId ?? envelope.createdBy
    const ownerId = actor === undefined ? undefined : this.options.ownerOf(actor, envelope.createdBy)
    if (ownerId === undefined) return this.options.link.warn('strangeDelivery', 'A webhook told of somebody of whom this account does not want to know.')
    switch (resource) {
      case 'telephony_calls': return this.call(envelope, ownerId)
      case 'telephony_mwi': return this.options.look('mailbox', ownerId)
      case 'telephony_conference': return this.options.look('conference', ownerId)
      case 'telephony_agent':
      case 'telephony_services':
      case 'telephony_agentMonitoring':
        this.options.look('others', ownerId)
        break
      case 'telephony_queue':
      case 'telephony_queueMonitoring':
        this.options.look('queues', undefined)
        break
      default:
    }
    // What such an event says is not published (webex-calling.md U19): it goes to the flow as it is.
    const key = eventKey(resource, event, data)
    this.options.link.receive([{ event: `vendor.${resource}.${event}`, ...(key === undefined ? {} : { key }), user: targetOf(ownerId, this.options.source().context).user }], raw)
  }

  private call ({ resource, event, data, raw }: Envelope, ownerId: string): void {
    const { link, watchOf } = this.options
    const source = this.options.source()
    const target = targetOf(ownerId, source.context)
    const callId = callIdOf(data)
    if (callId === undefined) return link.warn('badDelivery', 'A webhook told of a call without an id.')
    const at = millis(data, 'eventTimestamp')
    const id = legIdOf(data, callId, target, source)
    // Neither order nor being told once is promised (webex-calling.md 4.2): what is old news is no trouble.
    if (!this.isNewer(id, data, event, at)) return link.heard()
    const key = eventKey(resource, event, data)
    const told = { call: data, target, event, ...(key === undefined ? {} : { key }), ...(at === undefined ? {} : { at }) }
    const drafts = reduceCall(told, source)
    this.receive(drafts, raw)
    const watch = watchOf(target.id)
    watch?.callsChanged(drafts)
    // Elsewhere the id of an event is not the one that requests take: a look tells that one (webex-calling.md 2.2).
    if (event !== 'deleted' && source.context.restIdOf(callId) === undefined && !source.context.hasSameRegion(callId, target.id)) watch?.lookSoon(0)
  }

  private receive (drafts: EventDraft[], raw: Json): void {
    if (drafts.length > 0) this.options.link.receive(drafts, raw)
    else this.options.link.heard()
  }

  /** In the order in which things happened, not in that of their arrival; the end is final. */
  private isNewer (id: string, data: Json, event: string, at: number | undefined): boolean {
    const before = this.applied.get(id)
    const state = stateOf(data)
    const rank = event === 'deleted' ? rankOf('ended') : state === undefined ? before?.rank ?? 0 : rankOf(state)
    const when = at ?? before?.at ?? 0
    const isEnd = rank === rankOf('ended')
    if (before !== undefined && !(isEnd && before.rank < rank) && (when < before.at || (when === before.at && rank < before.rank))) return false
    this.note(id, { at: Math.max(when, before?.at ?? 0), rank, count: ++this.count })
    return true
  }

  private note (legId: string, applied: Applied): void {
    this.applied.delete(legId)
    this.applied.set(legId, applied)
    if (this.applied.size <= MAX_LEGS) return
    const oldest = this.applied.keys().next().value
    if (oldest !== undefined) this.applied.delete(oldest)
  }
}
