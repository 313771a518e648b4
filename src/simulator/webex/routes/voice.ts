/** Voice messages of a person, and the lamp of a mailbox elsewhere (webex-calling.md 3.7). */
import { type User, type VoiceMessage } from '../../pbx/types'
import { ADMIN_CALLS_WRITE, CALLS_READ, CALLS_WRITE } from '../auth/scopes'
import { badRequest, notFound } from '../errors'
import { type Call, type Json, neededText, type Reply, text } from '../http'
import { iso } from '../render/call'
import { partyOf } from '../render/party'
import { route, type Route } from '../router'
import { type Site } from '../site'
import { self } from './whose'

export const VOICE_ROUTES: Route[] = [
  route('GET /v1/telephony/voiceMessages/summary', CALLS_READ, (call) => ({ body: summary(self(call)) })),
  route('GET /v1/telephony/voiceMessages', CALLS_READ, (call) => ({ body: { items: [...self(call).mailbox.messages].reverse().map((message) => render(call.site, message)) } })),
  route('DELETE /v1/telephony/voiceMessages/:messageId', CALLS_WRITE, (call) => {
    const user = self(call)
    call.site.pbx.deleteVoicemail(user.key, find(call, user, call.params.messageId ?? '').id)
    return {}
  }),
  route('POST /v1/telephony/voiceMessages/markAsRead', CALLS_WRITE, (call) => mark(call, true)),
  route('POST /v1/telephony/voiceMessages/markAsUnread', CALLS_WRITE, (call) => mark(call, false)),
  route('POST /v1/telephony/externalVoicemail/mwi', ADMIN_CALLS_WRITE, lamp)
]

function summary ({ mailbox }: User): Json {
  const count = (read: boolean, urgent: boolean): number => mailbox.messages.filter((message) => message.read === read && message.urgent === urgent).length
  return { newMessages: count(false, false), oldMessages: count(true, false), newUrgentMessages: count(false, true), oldUrgentMessages: count(true, true) }
}

function render (site: Site, { id, durationMs, from, urgent, read, at }: VoiceMessage): Json {
  return { id: site.ids.voiceMessage(id), duration: Math.round(durationMs / 1000), callingParty: partyOf(site, from), urgent, confidential: false, read, created: iso(at) }
}

function find ({ site }: Call, user: User, id: string): VoiceMessage {
  const key = site.ids.voiceMessageKey(id)
  const message = user.mailbox.messages.find((each) => each.id === key)
  if (message === undefined) throw notFound('The voice message is not known')
  return message
}

/** Without a message all of them. */
function mark (call: Call, read: boolean): Reply {
  const user = self(call)
  const id = text(call, 'messageId')
  for (const message of id === undefined ? [...user.mailbox.messages] : [find(call, user, id)]) call.site.pbx.markVoicemail(user.key, message.id, read)
  return {}
}

/** The mailbox is not here: its lamp is told on or off as one new message or none. */
function lamp (call: Call): Reply {
  const { site, query } = call
  const user = site.ids.findUser(query.get('id') ?? '')
  const action = neededText(call, 'action')
  if (user === undefined) throw notFound('The member is not known')
  if (action !== 'SET' && action !== 'CLEAR') throw badRequest('action must be SET or CLEAR')
  const actor = site.members.ofUser(user.key)
  const now = iso(site.clock.now())
  if (actor !== undefined) {
    site.publisher.publish({ resource: 'telephony_mwi', event: 'updated', actor, data: { eventType: 'updated', eventTimestamp: now, newMessages: action === 'SET' ? 1 : 0, oldMessages: 0, newUrgentMessages: 0, oldUrgentMessages: 0 } })
  }
  return {}
}
