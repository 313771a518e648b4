/** Conference events of the user who owns the conference (xsi.md 4.9). */
import { type Conference } from '../../pbx/types'
import { type FactContext, type FactEvent, type FactTable } from '../events'
import { conferenceEl, monitoringEl } from '../render/conference'
import { el, text } from '../tree'

const CHANGES: Record<string, string> = { added: 'ConferenceUpdated', removed: 'ConferenceUpdated', held: 'ConferenceHeld', retrieved: 'ConferenceRetrieved', muted: 'ConferenceMuted', unmuted: 'ConferenceUnmuted', ended: 'ConferenceReleased' }

const FLAGS: Record<string, [on: string, off: string]> = { muted: ['ConferenceCallMuted', 'ConferenceCallUnMuted'], deaf: ['ConferenceCallMadeDeaf', 'ConferenceCallMadeUnDeaf'] }

function typeOf ({ fact }: FactContext): string | undefined {
  const { detail } = fact
  if (Array.isArray(detail?.changed)) {
    const name = String(detail.changed[0])
    const names = FLAGS[name]
    return names && (detail[name] === true ? names[0] : names[1])
  }
  return CHANGES[String(detail?.change ?? '')]
}

/** The fact carries the conference as it was then; a released one is not in the PBX any more. */
function event (context: FactContext, type: string | undefined): FactEvent[] {
  const { site, fact } = context
  const conference = (fact.detail?.conference as Conference | undefined) ?? site.pbx.conferences.get(fact.conferenceKey ?? '')
  if (!conference || type === undefined) return []
  return [{ userKey: conference.ownerUser, type: `${type}Event`, data: [conferenceEl(site, conference)] }]
}

/** What the supervisor's own leg is told of listening, whispering or joining: a conference of its own kind (xsi.md 3.2). */
export function monitoringEvents ({ site, fact }: FactContext, type: 'ConferenceStarted' | 'ConferenceUpdated' | 'ConferenceReleased'): FactEvent[] {
  const { connection } = fact
  const shown = connection && monitoringEl(site, connection)
  return shown ? [{ userKey: connection.party.userKey, type: `${type}Event`, data: [type === 'ConferenceReleased' ? el('conference', text('state', 'Released')) : shown] }] : []
}

export const conferenceEvents: FactTable = {
  conferenced: (context) => event(context, 'ConferenceStarted'),
  conferenceChanged: (context) => event(context, typeOf(context))
}
