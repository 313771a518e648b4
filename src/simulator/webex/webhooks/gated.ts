/** Events that come only after somebody registered an interest (webex-calling.md 4.6). Their payloads are not published (U19): that of a queue follows `QueueCall`, the others name what changed. */
import { type Connection, type Fact } from '../../pbx/types'
import { type Json } from '../http'
import { acdStateOf } from '../render/agent'
import { iso } from '../render/call'
import { queueCallOf } from '../render/queueCall'
import { type Site } from '../site'
import { type EventName } from './events'
import { type News } from './publisher'

type Translate = (site: Site, fact: Fact) => { event: EventName; data: Json } | undefined

const GATED: { interest: string; resource: string; facts: Partial<Record<Fact['type'], Translate>> }[] = [
  { interest: 'Hook Status', resource: 'telephony_hookstatus', facts: { hook: (_site, { detail }) => detail?.userChanged === true ? { event: 'updated', data: { hookStatus: detail.userHook === 'off' ? 'offHook' : 'onHook' } } : undefined } },
  { interest: 'Agent', resource: 'telephony_agent', facts: { agent: (site, { agent }) => agent === undefined ? undefined : { event: 'updated', data: { agentACDState: acdStateOf(site, agent.key) } } } },
  {
    interest: 'Services', resource: 'telephony_services', facts: {
      dnd: (_site, { detail }) => ({ event: 'updated', data: { service: 'doNotDisturb', enabled: detail?.enabled } }),
      forwarding: (_site, { detail }) => ({ event: 'updated', data: { service: 'callForwarding', condition: detail?.condition } })
    }
  },
  { interest: 'Queue', resource: 'telephony_queue', facts: { queued: (site, fact) => queued(site, fact.connection, 'created'), dequeued: (site, fact) => queued(site, fact.connection, 'deleted'), offered: (site, fact) => queued(site, fact.connection, 'updated') } }
]

export function gatedEvents (site: Site, fact: Fact): News[] {
  return GATED.flatMap(({ interest, resource, facts }) => {
    const translate = facts[fact.type]
    if (translate === undefined || !site.interests.has(interest)) return []
    const told = translate(site, fact)
    const actor = site.members.ofUser(fact.userKey ?? '') ?? site.members.ofQueue(fact.queueKey ?? '')
    if (told === undefined || actor === undefined) return []
    return [{ resource, event: told.event, actor, audience: (creator) => creator === actor || creator.user?.admin === true, data: { eventType: told.event, eventTimestamp: iso(fact.at), ...told.data } }]
  })
}

/** Of the waiting call itself, not of the caller's own side. */
function queued (site: Site, connection: Connection | undefined, event: EventName): { event: EventName; data: Json } | undefined {
  return connection?.party.kind === 'queue' ? { event, data: queueCallOf(site, connection) } : undefined
}
