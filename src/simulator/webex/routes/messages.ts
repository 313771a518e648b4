/** Rooms, messages, cards: as much as a bot needs (webex-calling.md 9.1). */
import { MESSAGES_READ, MESSAGES_WRITE, ROOMS_READ, ROOMS_WRITE } from '../auth/scopes'
import { badRequest, forbidden, notFound } from '../errors'
import { type Call, type Json, neededText, part, type Reply, text } from '../http'
import { contentOf, wordsOf } from '../messaging/content'
import { type Member } from '../messaging/members'
import { type Message, type Room } from '../messaging/rooms'
import { pageOf } from '../paging'
import { route, type Route } from '../router'

const MEMBERS_READ = [...ROOMS_READ, 'spark:memberships_read']
const MEMBERS_WRITE = [...ROOMS_WRITE, 'spark:memberships_write']
const PAGE = 50
const ROOM_PAGE = 100
const MOST = 1000

export const MESSAGE_ROUTES: Route[] = [
  route('GET /v1/rooms', ROOMS_READ, (call) => {
    const type = call.query.get('type')
    return pageOf(call, call.site.rooms.of(me(call)).filter((room) => type === null || room.type === type), (room) => call.site.rooms.renderRoom(room), { max: ROOM_PAGE, most: MOST })
  }),
  route('POST /v1/rooms', ROOMS_WRITE, (call) => ({ body: call.site.rooms.renderRoom(call.site.rooms.open(me(call), neededText(call, 'title'))) })),
  route('GET /v1/rooms/:roomId', ROOMS_READ, (call) => ({ body: call.site.rooms.renderRoom(room(call, call.params.roomId)) })),
  route('GET /v1/memberships', MEMBERS_READ, memberships),
  route('GET /v1/memberships/:membershipId', MEMBERS_READ, (call) => {
    const [found, member] = membershipOf(call)
    return { body: call.site.rooms.membership(found, member) }
  }),
  route('POST /v1/memberships', MEMBERS_WRITE, join),
  route('DELETE /v1/memberships/:membershipId', MEMBERS_WRITE, leave),
  route('GET /v1/messages', MESSAGES_READ, messages),
  route('GET /v1/messages/direct', MESSAGES_READ, (call) => {
    const other = named(call, call.query.get('personId') ?? undefined, call.query.get('personEmail') ?? undefined)
    return pageOf(call, call.site.rooms.messagesIn(call.site.rooms.direct(me(call), other)), (message) => call.site.rooms.renderMessage(message), { max: PAGE, most: MOST })
  }),
  route('POST /v1/messages', MESSAGES_WRITE, post),
  route('GET /v1/messages/:messageId', MESSAGES_READ, (call) => ({ body: call.site.rooms.renderMessage(message(call)) })),
  route('PUT /v1/messages/:messageId', MESSAGES_WRITE, edit),
  route('DELETE /v1/messages/:messageId', MESSAGES_WRITE, (call) => {
    call.site.rooms.remove(ownMessage(call))
    return {}
  }),
  route('GET /v1/attachment/actions/:id', MESSAGES_READ, (call) => {
    const submission = call.site.rooms.submission(call.params.id ?? '')
    if (submission === undefined || !submission.message.room.members.has(me(call))) throw notFound('The attachment action is not known')
    return { body: call.site.rooms.renderSubmission(submission) }
  }),
  route('POST /v1/attachment/actions', MESSAGES_WRITE, submit)
]

function me ({ site, principal }: Call): Member {
  return site.members.of(principal)
}

function room (call: Call, id: string | undefined): Room {
  const found = call.site.rooms.find(id ?? '')
  if (found === undefined || !found.members.has(me(call))) throw notFound('The room is not known')
  return found
}

function named ({ site }: Call, id: string | undefined, email: string | undefined): Member {
  const found = id === undefined ? site.members.byEmail(email ?? '') : site.members.byId(id)
  if (found === undefined) throw notFound('The person is not known')
  return found
}

/** A bot in a group sees only what mentions it, and what it wrote itself (U22). */
function sees (member: Member, { room: { type, members }, author, mentioned }: Message): boolean {
  return members.has(member) && (member.kind !== 'bot' || type === 'direct' || author === member || mentioned.includes(member))
}

function message (call: Call): Message {
  const found = call.site.rooms.message(call.params.messageId ?? '')
  if (found === undefined || !sees(me(call), found)) throw notFound('The message is not known')
  return found
}

function ownMessage (call: Call): Message {
  const found = message(call)
  if (found.author !== me(call)) throw forbidden('The message was written by somebody else')
  return found
}

function messages (call: Call): Reply {
  const found = room(call, call.query.get('roomId') ?? undefined)
  const mention = call.query.get('mentionedPeople')
  if (me(call).kind === 'bot' && found.type === 'group' && mention !== 'me') throw forbidden('A bot asks a group for mentionedPeople=me')
  const before = call.query.get('before')
  const all = call.site.rooms.messagesIn(found).filter((each) => sees(me(call), each) && (mention !== 'me' || each.mentioned.includes(me(call))) && (before === null || each.created < Date.parse(before)))
  return pageOf(call, all, (each) => call.site.rooms.renderMessage(each), { max: PAGE, most: MOST })
}

/** To exactly one of a room, a person, an address. */
function post (call: Call): Reply {
  const { rooms, members } = call.site
  const [roomId, personId, email] = [text(call, 'roomId'), text(call, 'toPersonId'), text(call, 'toPersonEmail')]
  if ([roomId, personId, email].filter((each) => each !== undefined).length !== 1) throw badRequest('One of roomId, toPersonId and toPersonEmail is needed')
  const content = contentOf(call, members)
  const target = roomId === undefined ? rooms.direct(me(call), other(call, named(call, personId, email))) : room(call, roomId)
  return { body: rooms.renderMessage(rooms.post(target, me(call), content)) }
}

function other (call: Call, member: Member): Member {
  if (member === me(call)) throw badRequest('Nobody writes to himself')
  return member
}

function edit (call: Call): Reply {
  const found = ownMessage(call)
  if (call.site.rooms.find(neededText(call, 'roomId')) !== found.room) throw badRequest('The message is in another room')
  const words = wordsOf(text(call, 'text'), text(call, 'markdown'), call.site.members)
  if (words.text === undefined) throw badRequest('text or markdown is needed')
  call.site.rooms.edit(found, words)
  return { body: call.site.rooms.renderMessage(found) }
}

function submit (call: Call): Reply {
  const { rooms } = call.site
  const found = rooms.message(neededText(call, 'messageId'))
  if (found === undefined || !found.room.members.has(me(call)) || found.attachments.length === 0) throw notFound('There is no such card')
  if (neededText(call, 'type') !== 'submit') throw badRequest('type must be submit')
  return { body: rooms.renderSubmission(rooms.submit(found, me(call), part(call.body, 'inputs'))) }
}

/** Of a room, or of oneself. */
function memberships (call: Call): Reply {
  const { rooms } = call.site
  const [id, personId, email] = ['roomId', 'personId', 'personEmail'].map((name) => call.query.get(name) ?? undefined)
  const whole: Json[] = id === undefined
    ? rooms.of(me(call)).map((each) => rooms.membership(each, me(call)))
    : [...room(call, id).members].map((member) => rooms.membership(room(call, id), member))
  const all = whole.filter((one) => (personId === undefined || call.site.ids.same(String(one.personId), personId)) && (email === undefined || one.personEmail === email))
  return pageOf(call, all, (each) => each, { max: ROOM_PAGE, most: MOST })
}

function join (call: Call): Reply {
  const found = room(call, neededText(call, 'roomId'))
  if (found.type === 'direct') throw forbidden('Nobody joins a room of two')
  const member = named(call, text(call, 'personId'), text(call, 'personEmail'))
  call.site.rooms.join(found, member)
  return { body: call.site.rooms.membership(found, member) }
}

/** Of a room that the asking person is in too. */
function membershipOf (call: Call): [Room, Member] {
  const { rooms } = call.site
  for (const each of rooms.of(me(call))) {
    for (const member of each.members) if (rooms.membership(each, member).id === call.params.membershipId) return [each, member]
  }
  throw notFound('The membership is not known')
}

function leave (call: Call): Reply {
  call.site.rooms.leave(...membershipOf(call))
  return {}
}
