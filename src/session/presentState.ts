import type { SessionState, TelephonyEvent } from '../model'
import { EVENT_OF_STATE } from '../state/difference'
import { EVENT_OF_AGENT_STATE } from '../state/settingsDifference'
import type { Picture } from '../state/picture'
import type { Arrival, Stamper } from './stamper'
import type { EventDraft } from './types'

/** One event for everything that is known now (model.md 6, "node added to an online session"), and at the end, while online, one for the connection. */
export function presentState (picture: Picture, stamper: Stamper, arrival: Arrival, state: SessionState): TelephonyEvent[] {
  const drafts: EventDraft[] = []
  for (const call of picture.calls()) drafts.push({ event: EVENT_OF_STATE[call.state], call })
  for (const agent of picture.agents()) drafts.push({ event: EVENT_OF_AGENT_STATE[agent.state], agent, ...(agent.state === 'unknown' ? { changes: ['state'] } : {}) })
  const { queues, forwardings, dnds, mailboxes } = picture.settings()
  for (const queue of queues.values()) drafts.push({ event: 'queue.updated', queue })
  for (const [id, forwarding] of forwardings) drafts.push({ event: 'forwarding.changed', user: { ...forwarding.user, id }, forwarding })
  for (const [id, dnd] of dnds) drafts.push({ event: 'dnd.changed', user: { id }, dnd })
  for (const [id, voicemail] of mailboxes) drafts.push({ event: 'voicemail.updated', user: { id }, voicemail })
  if (state === 'online') drafts.push({ event: 'connection.online', connection: { state } })
  return drafts.map((draft) => stamper.present(draft, arrival))
}
