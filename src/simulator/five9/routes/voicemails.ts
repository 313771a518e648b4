/** Voice messages of an agent (five9.md 3.4). */
import { needed } from '../bodies'
import { dial, shown } from '../dialing'
import { notFound, refused } from '../errors'
import { type Call, type Route } from '../http'
import { type VoiceMessage } from '../../pbx/types'
import { userById } from '../targets'
import { voicemailObject } from '../voicemails'
import { SILENCE } from './calls'
import { own } from './own'

/** @throws Five9Error 404 */
function messageOf ({ site, user, params }: Call): VoiceMessage {
  const key = site.ids.voicemailKey(params.voicemail ?? '')
  const message = user.mailbox.messages.find(({ id }) => id === key)
  if (message === undefined) throw notFound(`No voicemail ${params.voicemail ?? ''}`)
  return message
}

export const VOICEMAIL_ROUTES: Route[] = [
  own('GET interactions/voicemails', ({ site, user }) => ({ body: user.mailbox.messages.map((message) => voicemailObject(site, message)) })),
  own('GET interactions/voicemails/count_info', ({ user: { mailbox: { messages } } }) => ({ body: { total: messages.length, unread: messages.filter(({ read }) => !read).length } })),
  own('GET interactions/voicemails/:voicemail', (call) => ({ body: voicemailObject(call.site, messageOf(call)) })),
  ...['accept', 'mark_as_read'].map((operation) => own(`PUT interactions/voicemails/:voicemail/${operation}`, (call) => {
    const message = messageOf(call)
    call.site.pbx.markVoicemail(call.user.key, message.id, true)
    return { body: voicemailObject(call.site, message) }
  })),
  own('PUT interactions/voicemails/:voicemail/reject', (call) => ({ body: voicemailObject(call.site, messageOf(call)) })),
  own('PUT interactions/voicemails/:voicemail/transfer', (call) => {
    const { from, durationMs, urgent, id } = messageOf(call)
    call.site.pbx.leaveVoicemail(userById(call.site, needed(call.body, 'agentId')).key, from, durationMs, urgent)
    call.site.pbx.deleteVoicemail(call.user.key, id)
    return {}
  }),
  own('POST interactions/voicemails/:voicemail/return_call', (call) => {
    const { number } = messageOf(call).from
    if (number === undefined) throw refused('The caller is private')
    return { body: shown(call.site, dial(call.site, call.session, number)) }
  }),
  own('DELETE interactions/voicemails/:voicemail', (call) => {
    call.site.pbx.deleteVoicemail(call.user.key, messageOf(call).id)
    return {}
  }),
  own('GET interactions/voicemails/:voicemail/recordings/:recording', (call) => messageOf(call) && { raw: { contentType: 'audio/wav', bytes: SILENCE } })
]
