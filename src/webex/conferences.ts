/** The conference of a person: one at most, without an id (webex-calling.md 3.4; model.md 3.4). Pure. */
import { samePlain, type Call, type Conference } from '../model'
import type { EventDraft } from '../session/types'
import { CONFERENCE_KINDS, CONFERENCE_STATES } from './protocol'
import { boolean, defined, records, text, type Json } from './read'
import type { Source, Target } from './scope'

export function conferenceId (owner: string): string {
  return `conf:${owner}`
}

/** The conference as read; undefined when there is none (`{}`). */
export function mapConference (node: Json, target: Target, { picture, context }: Source): Conference | undefined {
  const participants = records(node, 'participants')
  const state = CONFERENCE_STATES[text(node, 'state') ?? '']
  if (state === undefined && participants.length === 0) return undefined
  const members = participants.flatMap((one) => {
    const callId = text(one, 'callId')
    if (callId === undefined) return []
    const id = context.legIdOf(target.id, callId, undefined)
    return [defined({
      callId: id, party: picture.call(id)?.remote, muted: boolean(one, 'muted') === true ? true : undefined, deaf: boolean(one, 'deafened') === true ? true : undefined
    }) as Conference['members'][number]]
  })
  return { id: conferenceId(target.id), role: 'controller', kind: CONFERENCE_KINDS[text(node, 'type') ?? ''] ?? 'normal', state: state ?? 'active', members }
}

/** What is new for the legs of its person. @param found undefined: there is none any more */
export function conferenceDrafts (found: Conference | undefined, target: Target, { picture }: Source): EventDraft[] {
  const inside = new Set(found === undefined || found.state === 'ended' ? [] : found.members.map(({ callId }) => callId))
  return picture.callsOf(target.id).flatMap((leg) => {
    const was = leg.conference !== undefined && leg.conference.state !== 'ended'
    const isIn = found !== undefined && inside.has(leg.id)
    if (!isIn && !was) return []
    const conference: Conference = isIn ? found : { ...leg.conference as Conference, state: 'ended' }
    if (samePlain(conference, leg.conference)) return []
    const call: Call = { ...leg, conference }
    return [{ user: target.user, call, ...(isIn && !was ? { event: 'call.conferenced' as const } : { event: 'call.updated' as const, changes: ['conference'] }) }]
  })
}
