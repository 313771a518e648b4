/** Conference groups and rooms (ipecs.md 3.2, 3.3, 4.5). */
import { ctiError } from '../errors'
import { type Call, choice, DONE, needed, optional, type Reply, type Route, stationFor, whole } from '../http'

const CANCEL = 999
const MOST_GROUP = 265
const MOST_MEMBER = 32
/** With the expansion; a smaller system has fewer. */
const MOST_ROOM = 200

export interface Room { password: string; members: string[] }

function groupStart (call: Call): Reply {
  const { site } = call
  const user = stationFor(call)
  const index = Number(needed(call, 'groupIndex'))
  if (index === CANCEL) {
    if (!site.groups.cancel(site, user.key)) throw ctiError('noConnectionToClear')
    return DONE
  }
  const members = site.options.confGroups[index]
  if (!Number.isInteger(index) || index < 1 || index > MOST_GROUP || members === undefined) throw ctiError('value')
  if (site.groups.of(user.key, index) !== undefined) throw ctiError('resourceBusy')
  site.groups.start(site, user, index, members)
  return DONE
}

/** The group that a station began. @throws ApiError 147 when it has none */
function groupIn (call: Call): { user: ReturnType<typeof stationFor>; group: NonNullable<ReturnType<Call['site']['groups']['of']>>; member: number } {
  const user = stationFor(call)
  const group = call.site.groups.of(user.key, whole(call, 'groupIndex', 1, MOST_GROUP))
  if (group === undefined) throw ctiError('state')
  return { user, group, member: whole(call, 'memberIndex', 1, MOST_MEMBER) }
}

function groupAdd (call: Call): Reply {
  const { user, group, member } = groupIn(call)
  choice(call, 'memberType', ['station', 'co', 'net'])
  call.site.groups.add(call.site, user, group, member, needed(call, 'memberDN'))
  return DONE
}

function groupDrop (call: Call): Reply {
  const { group, member } = groupIn(call)
  const leg = call.site.groups.leg(call.site, group, member)
  if (leg === undefined) throw ctiError('noConnectionToClear')
  call.site.pbx.release(leg.key)
  return DONE
}

/** A member is not heard. */
function groupMute (call: Call): Reply {
  const { site } = call
  const { user, group, member } = groupIn(call)
  const on = choice(call, 'svcType', ['on', 'off']) === 'on'
  const leg = site.groups.leg(site, group, member)
  const other = leg === undefined ? undefined : site.pbx.otherEnd(leg)
  if (other === undefined) throw ctiError('connection')
  site.pbx.setMuted(other.key, on)
  site.out.call(user.extension, 'setmuteon', { groupIndex: group.index, memberIndex: member, muteOn: String(on) })
  return DONE
}

function roomState (index: number, room: Room | undefined): Record<string, unknown> {
  return { roomIndex: index, roomUsage: String(room !== undefined), memberCount: room?.members.length ?? 0, member: room?.members ?? [] }
}

function getRoom (call: Call): Reply {
  stationFor(call)
  const index = whole(call, 'roomIndex', 1, MOST_ROOM)
  return { data: roomState(index, call.site.rooms.get(index)) }
}

/** Opens or closes a room. The PBX has none that could be called, so the one who opened it is its only member. */
function setRoom (call: Call): Reply {
  const { site } = call
  const user = stationFor(call)
  const index = whole(call, 'roomIndex', 1, MOST_ROOM)
  const open = choice(call, 'roomUsage', ['true', 'false']) === 'true'
  const password = optional(call, 'roomPwd') ?? ''
  const room = site.rooms.get(index)
  if (open === (room !== undefined)) throw ctiError('state')
  if (room !== undefined && room.password !== password) throw ctiError('password')
  if (open) site.rooms.set(index, { password, members: [user.extension] })
  else site.rooms.delete(index)
  site.out.call(user.extension, 'confroommember', roomState(index, site.rooms.get(index)))
  return DONE
}

export const conferenceRoutes: Record<string, Route> = {
  'POST call/confgroup': groupStart,
  'POST call/confgroup_callee': groupAdd,
  'DELETE call/confgroup_callee': groupDrop,
  'POST call/confgroup_mutecallee': groupMute,
  'GET call/confroom': getRoom,
  'POST call/confroom': setRoom
}
