/** Conference rooms: who is in, and whether our own line takes part (xivo-cti.md 4.7). */
import { samePlain, type Call, type Conference } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { defined, fields, flag, objects, text } from './read'
import { draft, legStep, legsOfPhone, type Reducer, type Scope } from './scope'

function membersOf (scope: Scope, room: string): Conference['members'] {
  return Object.values(fields(fields(scope.tables.rooms[room]).members)).map((value) => {
    const member = fields(value)
    return defined({ party: defined({ number: text(member.number), name: text(member.name) }), muted: flag(member.muted) })
  })
}

/** The leg that is in the room: the one that talks. */
function legInRoom (scope: Scope, room: string): Call | undefined {
  const phone = scope.tables.ownPhone
  const legs = phone === undefined ? [] : legsOfPhone(scope, phone)
  return legs.find(({ conference }) => conference?.id === room && conference.state !== 'ended')
    ?? legs.find(({ state, conference }) => conference === undefined && (state === 'active' || state === 'dialing'))
}

function inRoom (scope: Scope, room: string, user: string): EventDraft[] {
  const leg = legInRoom(scope, room)
  if (leg === undefined) return []
  const conference: Conference = { id: room, role: 'member', kind: 'normal', state: 'active', members: membersOf(scope, room) }
  const muted = flag(fields(fields(fields(scope.tables.rooms[room]).members)[user]).muted)
  const next: CallDraft = { ...leg, conference, ...(muted === undefined ? {} : { muted }) }
  if (leg.conference === undefined) return [draft(scope, 'call.conferenced', { call: { ...next, state: 'active', answeredAt: leg.answeredAt ?? new Date(scope.now).toISOString() }, reason: 'conferenced' })]
  return samePlain(leg.conference, conference) && leg.muted === next.muted ? [] : legStep(scope, leg, next)
}

function leftRoom (scope: Scope, room: string): EventDraft[] {
  const leg = scope.tables.ownPhone === undefined ? undefined : legsOfPhone(scope, scope.tables.ownPhone).find(({ conference }) => conference?.id === room)
  return leg?.conference === undefined ? [] : legStep(scope, leg, { ...leg, conference: { ...leg.conference, state: 'ended' } })
}

const rooms: Reducer = (scope) => {
  scope.tables.rooms = fields(scope.message.config)
  if (!scope.tables.synced) return []
  return [...scope.tables.ownRooms.flatMap(({ room, user }) => inRoom(scope, room, user)), draft(scope, 'vendor.meetme_update')]
}

const ownRooms: Reducer = (scope) => {
  const { tables } = scope
  const before = tables.ownRooms
  tables.ownRooms = objects(scope.message.list).map((entry) => ({ room: text(entry.room_number) ?? '', user: text(entry.user_number) ?? '' })).filter(({ room }) => room !== '')
  if (!tables.synced) return []
  const gone = before.filter(({ room }) => !tables.ownRooms.some((one) => one.room === room))
  return [...gone.flatMap(({ room }) => leftRoom(scope, room)), ...tables.ownRooms.flatMap(({ room, user }) => inRoom(scope, room, user))]
}

export const CONFERENCE_REDUCERS: Readonly<Record<string, Reducer>> = { meetme_update: rooms, meetme_user: ownRooms }
