/** Conference rooms: each user with a phone has one, and in it is who takes part in his conference (xivo-cti.md 4.7). */
import { type Connection, type User } from '../../pbx/types'
import { type Message } from '../codec'
import { type Site } from '../site'

export interface RoomMember { connection: Connection; order: number; at: number }

/** Users that have a room: those with a phone. */
export function owners (site: Site): User[] {
  return [...site.pbx.users.values()].filter(({ devices }) => devices.length > 0)
}

function ownerOf (site: Site, number: string): User | undefined {
  for (const user of site.pbx.users.values()) if (site.ids.room(user) === number) return user
  return undefined
}

/** Who is in a room, in the order in which they came: the owner, then the others. */
export function roomMembers (site: Site, number: string): RoomMember[] {
  const owner = ownerOf(site, number)
  const conference = owner === undefined ? undefined : site.pbx.conferenceOf(owner.key)
  if (owner === undefined || conference === undefined) return []
  const room = site.memory.rooms.get(owner.key) ?? { since: site.pbx.now(), last: 0, joined: new Map<string, { at: number; order: number }>() }
  site.memory.rooms.set(owner.key, room)
  const legs = conference.connections.flatMap((key) => site.pbx.connections.get(key) ?? []).filter(({ state }) => state !== 'null')
  const people = [...legs.slice(0, 1), ...legs.flatMap((leg) => site.pbx.otherEnd(leg) ?? [])]
  return people.map((connection) => {
    const known = room.joined.get(connection.key) ?? { at: site.pbx.now(), order: ++room.last }
    room.joined.set(connection.key, known)
    return { connection, ...known }
  })
}

/** `meetme_update`: all rooms; one that nobody is in began at 0 (xivo-cti.md 4.7). */
export function roomsMessage (site: Site): Message {
  const config: Message = {}
  for (const user of owners(site)) {
    const number = site.ids.room(user)
    const members = roomMembers(site, number)
    if (members.length === 0) site.memory.rooms.delete(user.key)
    config[number] = {
      number, name: user.key, pin_required: false, start_time: (site.memory.rooms.get(user.key)?.since ?? 0) / 1000, member_count: members.length,
      members: Object.fromEntries(members.map(({ connection, order, at }) => [String(order), { join_order: order, join_time: at / 1000, number: connection.party.number ?? '', name: connection.party.name ?? '', muted: connection.muted }]))
    }
  }
  return { class: 'meetme_update', config }
}

/** `meetme_user`: the rooms in which a user's line takes part. */
export function ownRooms (site: Site, userKey: string): Message {
  const list = [...site.pbx.users.values()].flatMap((user) => {
    const number = site.ids.room(user)
    return roomMembers(site, number).filter(({ connection }) => connection.party.userKey === userKey).map(({ order }) => ({ room_number: number, user_number: order }))
  })
  return { class: 'meetme_user', list }
}
