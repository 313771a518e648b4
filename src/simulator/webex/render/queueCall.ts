/** `QueueCall`: a call that waits in a queue (webex-calling.md 3.2; the request for it is new, U1). */
import { type Connection } from '../../pbx/types'
import { type Json } from '../http'
import { type Site } from '../site'
import { iso } from './call'
import { partyOf } from './party'

export function queueCallOf (site: Site, entry: Connection): Json {
  const { ids, pbx } = site
  const queue = pbx.queues.get(entry.queueKey ?? '')
  const caller = pbx.otherEnd(entry)
  const answering = [...pbx.callOf(entry).connections].flatMap((key) => pbx.connections.get(key) ?? []).find(({ queueConnection, answeredAt }) => queueConnection === entry.key && answeredAt !== undefined)
  const agent = pbx.users.get(answering?.party.userKey ?? '')
  const waitedMs = (entry.endedAt ?? pbx.now()) - (entry.queuedAt ?? entry.startedAt)
  return {
    callId: ids.call(entry.key), callSessionId: ids.session(entry.callKey), remoteParty: partyOf(site, entry.remote), ...(caller === undefined ? {} : { origCallId: ids.call(caller.key) }),
    addTime: iso(entry.queuedAt ?? entry.startedAt), ...(entry.endedAt === undefined ? {} : { removeTime: iso(entry.endedAt) }), mandatoryEntrance: false, bounced: false, reordered: false, preservedWaitTime: waitedMs,
    ...(queue === undefined ? {} : { queueNumber: queue.number, queueName: queue.name }), priority: 'high',
    ...(answering === undefined || agent === undefined ? {} : { answeringAgentId: ids.person(agent), answeringAgentType: 'PEOPLE', answeringCallId: ids.call(answering.key) })
  }
}
