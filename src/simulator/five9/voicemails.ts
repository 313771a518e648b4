/** Voice messages (five9.md 3.4); field names are the simulator's own, as none are public. */
import { type VoiceMessage } from '../pbx/types'
import { national } from './people'
import { type Site } from './site'

/** A message as lists and events 24 to 26 show it. */
export function voicemailObject (site: Site, message: VoiceMessage): Record<string, unknown> {
  return {
    id: site.ids.voicemail(message.id), number: national(message.from.number), name: message.from.name ?? '', created: message.at, length: message.durationMs,
    read: message.read, urgent: message.urgent, campaignId: null, skillId: null, recordingId: site.ids.voicemail(message.id)
  }
}
