/** From facts of the PBX to the webhooks that want to know (webex-calling.md 4). */
import { type Fact } from '../../pbx/types'
import { type Json } from '../http'
import { type Member } from '../messaging/members'
import { iso } from '../render/call'
import { conferenceOf } from '../render/conference'
import { type Site } from '../site'
import { callData, callEvent, type EventName } from './events'
import { gatedEvents } from './gated'
import { type Webhook } from './store'

/** Something that webhooks may hear. */
export interface News { resource: string; event: EventName; data: Json; /** Whose it is. */ actor: Member; /** Who hears it besides those who hear everybody's; absent: the actor. */ audience?: (creator: Member) => boolean }

export class Publisher {
  private readonly unsubscribe: () => void

  constructor (private readonly site: Site) {
    this.unsubscribe = site.pbx.facts.on((fact) => { this.take(fact) })
  }

  close (): void {
    this.unsubscribe()
  }

  publish (news: News): void {
    const { webhooks, delivery } = this.site
    for (const webhook of webhooks.list()) {
      if (this.wants(webhook, news)) delivery.send(webhook, { ...webhooks.frame(webhook), resource: news.resource, event: news.event, actorId: news.actor.id, data: news.data })
    }
  }

  private wants ({ resource, event, creator, everybody, filter }: Webhook, news: News): boolean {
    if (resource !== 'all' && resource !== news.resource) return false
    if (event !== 'all' && event !== news.event) return false
    if (!everybody && !(news.audience?.(creator) ?? creator === news.actor)) return false
    const filters = filter !== undefined && (this.site.options.telephonyFilters || !news.resource.startsWith('telephony'))
    return !filters || passes(this.site, filter, news)
  }

  private take (fact: Fact): void {
    this.remember(fact)
    if (this.site.webhooks.list().length === 0) return
    const actor = this.site.members.ofUser(fact.userKey ?? '')
    const { connection } = fact
    if (actor !== undefined && connection !== undefined) {
      const event = callEvent(this.site, fact)
      if (event !== undefined) this.publish({ resource: 'telephony_calls', event: event.event, actor, data: callData(this.site, connection, event, fact.at) })
    }
    if (actor !== undefined) for (const { resource, event, data } of OTHERS[fact.type]?.(this.site, fact) ?? []) this.publish({ resource, event, actor, data: { eventType: event, eventTimestamp: iso(fact.at), ...data } })
    if (this.site.options.gatedEvents) for (const news of gatedEvents(this.site, fact)) this.publish(news)
  }

  /** The PBX forgets a recording that was stopped; the API still says so until the call ends. */
  private remember ({ type, connection, detail }: Fact): void {
    const { stoppedRecordings } = this.site
    if (type === 'reset') stoppedRecordings.clear()
    else if (connection === undefined) return
    else if (connection.state === 'null') stoppedRecordings.delete(connection.key)
    else if (type === 'recording') stoppedRecordings[detail?.action === 'stopped' ? 'add' : 'delete'](connection.key)
  }
}

type Other = (site: Site, fact: Fact) => Omit<News, 'actor'>[]

/** Resources besides calls; fields of conference and MWI are those of the REST objects (U18). */
const OTHERS: Partial<Record<Fact['type'], Other>> = {
  mailbox: (_site, { detail }) => [{ resource: 'telephony_mwi', event: 'updated', data: { newMessages: detail?.newMessages, oldMessages: detail?.oldMessages, newUrgentMessages: detail?.newUrgent, oldUrgentMessages: detail?.oldUrgent } }],
  conferenced: (site, fact) => conferenceNews(site, fact, 'created'),
  conferenceChanged: (site, fact) => conferenceNews(site, fact, fact.detail?.change === 'ended' ? 'deleted' : 'updated'),
  cleared: (site, fact) => recorded(site, fact),
  transferred: (site, fact) => recorded(site, fact)
}

function conferenceNews (site: Site, fact: Fact, event: EventName): Omit<News, 'actor'>[] {
  const told = fact.detail?.conference as Parameters<typeof conferenceOf>[1] | undefined
  const conference = told ?? site.pbx.conferences.get(fact.conferenceKey ?? '')
  return conference === undefined ? [] : [{ resource: 'telephony_conference', event, data: conferenceOf(site, conference) }]
}

/** A call that was recorded leaves a recording behind. */
function recorded (site: Site, { connection }: Fact): Omit<News, 'actor'>[] {
  if (connection?.state !== 'null' || connection.recording?.recorded !== true) return []
  return [{ resource: 'convergedRecordings', event: 'created', data: { id: site.ids.of('CONVERGED_RECORDING', connection.key), callSessionId: site.ids.session(connection.callKey) } }]
}

const LOOKED_AT: Record<string, (data: Json) => unknown> = {
  callType: ({ remoteParty }) => (remoteParty as Json | undefined)?.callType,
  address: ({ remoteParty }) => (remoteParty as Json | undefined)?.number
}

/** `key=value` pairs, all of which must fit; `personId` of a call is the actor. */
function passes (site: Site, filter: string, { data, actor, resource }: News): boolean {
  for (const [name, wanted] of new URLSearchParams(filter)) {
    const given = LOOKED_AT[name]?.(data) ?? (name === 'personId' && resource.startsWith('telephony') ? actor.id : data[name])
    const fits = Array.isArray(given) ? given.some((each) => site.ids.same(String(each), wanted)) : given === wanted || (typeof given === 'string' && site.ids.same(given, wanted))
    if (!fits) return false
  }
  return true
}
