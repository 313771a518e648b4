/** Conference events: a user has at most one conference, its members are legs of his (xsi.md 3.2, 4.9; model.md 3.4). */
import { legId, samePlain, type Call, type Conference } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { XsiNode } from './protocol'
import { child, children, defined, has, text } from './read'
import { draft, legDraft, type Reducer, type ReducerTable, type Scope } from './scope'

/** Words of the conference type, first match counts: `Silently Monitored` and its like (xsi.md 3.2). */
const KINDS: readonly (readonly [RegExp, Conference['kind']])[] = [[/silent/i, 'listen'], [/coach|whisper/i, 'whisper'], [/barge/i, 'bargeIn']]
const STATES: Readonly<Record<string, Conference['state']>> = { Active: 'active', Held: 'held', Released: 'ended' }

/** Id of the conference of an owner: the vendor has none (model.md 3.4, 5). */
export function conferenceId (owner: string): string {
  return `conf:${owner}`
}

/**
 * A vendor conference in the model's words.
 * @param known what the legs in view say of it: a release carries no members
 */
export function mapConference (node: XsiNode, ownerId: string, leg: (id: string) => Call | undefined, known: Conference | undefined): Conference {
  const members = children(child(node, 'conferenceParticipantList'), 'conferenceParticipant').flatMap((participant) => {
    const callId = text(participant, 'callId')
    if (callId === undefined) return []
    const id = legId(ownerId, callId)
    return [defined({
      callId: id,
      party: leg(id)?.remote,
      muted: has(participant, 'muted') ? true : undefined,
      deaf: has(participant, 'deaf') ? true : undefined
    }) as Conference['members'][number]]
  })
  const type = text(node, 'type') ?? text(node, 'conferenceType')
  return {
    id: conferenceId(ownerId),
    role: 'controller',
    kind: (type === undefined ? undefined : KINDS.find(([pattern]) => pattern.test(type))?.[1]) ?? known?.kind ?? 'normal',
    state: STATES[text(node, 'state') ?? ''] ?? known?.state ?? 'active',
    members: members.length === 0 && known !== undefined ? known.members : members
  }
}

/** The leg itself changes where the vendor tells it by the conference: `muted` of the controller. */
type Overlay = (leg: Call) => Partial<CallDraft>

function onConference (overlay: Overlay = () => ({})): Reducer {
  return (scope, data) => {
    const node = child(data, 'conference') ?? data
    const mine = scope.picture.callsOf(scope.target.id)
    const members = mine.filter((leg) => leg.conference !== undefined && leg.conference.state !== 'ended')
    const conference = mapConference(node, scope.target.id, (id) => scope.picture.call(id), members[0]?.conference)
    const inside = new Set(conference.members.map(({ callId }) => callId))
    const drafts = mine.flatMap((leg) => {
      const wasMember = members.includes(leg)
      if (inside.has(leg.id)) return changed(scope, leg, conference, wasMember && leg.conference?.id === conference.id, overlay)
      return wasMember ? changed(scope, leg, { ...conference, state: 'ended' }, true, () => ({})) : []
    })
    return drafts.length === 0 && mine.length === 0 ? [draft(scope, `vendor.${scope.message.type}`)] : drafts
  }
}

function changed (scope: Scope, leg: Call, conference: Conference, wasMember: boolean, overlay: Overlay): EventDraft[] {
  const extra = overlay(leg)
  const made: CallDraft = { ...leg, conference, ...extra }
  if (!wasMember && conference.state !== 'ended') return [legDraft(scope, 'call.conferenced', made)]
  const changes = [
    ...(samePlain(leg.conference, conference) ? [] : ['conference']),
    ...(extra.muted !== undefined && (leg.muted ?? false) !== extra.muted ? ['muted'] : [])
  ]
  return changes.length === 0 ? [] : [legDraft(scope, 'call.updated', made, undefined, { changes })]
}

const members = onConference()

export const CONFERENCE_REDUCERS: ReducerTable = {
  ConferenceStartedEvent: members,
  ConferenceHeldEvent: members,
  ConferenceRetrievedEvent: members,
  ConferenceUpdatedEvent: members,
  ConferenceReleasedEvent: members,
  ConferenceMutedEvent: onConference(() => ({ muted: true })),
  ConferenceUnmutedEvent: onConference(() => ({ muted: false })),
  ConferenceCallMutedEvent: members,
  ConferenceCallUnMutedEvent: members,
  ConferenceCallMadeDeafEvent: members,
  ConferenceCallMadeUnDeafEvent: members
}
