/** The Call object, in replies and in events 3, 4, 5 (five9.md 3.2). */
import { type Call, type Connection } from '../../pbx/types'
import { type CallRecord } from '../ledger'
import { national } from '../people'
import { type Site } from '../site'

/**
 * A call as its agent sees it.
 * `id`, `state`, `variables`, `campaignId` and `remoteNumber` are attested; all other fields are the simulator's own names.
 */
export function callObject (site: Site, record: CallRecord, connection: Connection, call: Call): Record<string, unknown> {
  const { pbx, ids, campaigns } = site
  const queue = pbx.queues.get(record.queueKey ?? '')
  const campaign = record.campaignKey === undefined ? undefined : campaigns.of(record.campaignKey)
  const skillId = queue === undefined ? null : ids.skills.id(queue.key)
  const remoteNumber = national(connection.remote?.number)
  const outward = connection.direction === 'outbound'
  const own = national(outward ? call.ani : call.did ?? call.dialed)
  const [ani, dnis] = outward ? [own, national(call.dialed)] : [remoteNumber, own]
  const disposition = pbx.dispositions.find(({ code }) => ids.dispositions.id(code) === record.dispositionId)
  const { recording } = connection
  return {
    id: record.id, interactionId: record.id, channelType: 'CALL', state: record.state, callType: record.callType, type: record.callType,
    campaignId: campaign?.id ?? null, skillId, remoteNumber, number: remoteNumber, ani, dnis, startTime: record.startedAt,
    onHold: record.state === 'ON_HOLD', recording: recording?.state === 'on', recordingPaused: recording?.state === 'paused',
    consultCallId: record.consult?.recordId ?? null, participants: participants(site, record, connection), dispositionId: record.dispositionId ?? null,
    variables: site.variables.values({
      ANI: ani, DNIS: dnis, session_id: record.conversation, skill_name: queue?.name ?? '', number: remoteNumber, call_id: record.id,
      campaign_id: campaign?.id ?? '', campaign_name: campaign?.name ?? '', skill_id: skillId ?? '', type_name: record.callType,
      disposition_id: record.dispositionId ?? '', disposition_name: disposition?.name ?? '', start_timestamp: String(record.startedAt),
      queue_time: String(connection.queuedAt === undefined ? 0 : (connection.answeredAt ?? connection.alertedAt ?? connection.queuedAt) - connection.queuedAt)
    }, call.data)
  }
}

/** Who hears each other in the conference of a call, each by the id of the call that leads to him. */
function participants ({ pbx, ledger }: Site, record: CallRecord, connection: Connection): { id: string; number: string; name: string }[] {
  const conference = connection.conferenceKey === undefined ? undefined : pbx.conferenceOf(record.userKey)
  return (conference?.connections ?? []).flatMap((key) => {
    const leg = pbx.connections.get(key)
    return leg === undefined ? [] : [{ id: ledger.byKey(key)?.id ?? key, number: national(leg.remote?.number), name: leg.remote?.name ?? '' }]
  })
}
