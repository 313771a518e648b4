/** Muting somebody in a conference room (xivo-cti.md 3.1). */
import { Refusal } from '../../pbx/types'
import { Drop, need, needText, textOf } from '../codec'
import { roomMembers } from '../render/rooms'
import { type Call, type Handlers } from './types'

const FUNCTIONS: Record<string, boolean> = { MeetmeMute: true, MeetmeUnmute: false }

function mute ({ site, message }: Call): void {
  const muted = FUNCTIONS[needText(message, 'function')]
  const args = need(message, 'functionargs')
  if (!Array.isArray(args)) throw new Drop('functionargs is no list')
  const [room, position] = args.map(textOf)
  if (site.release.second && ![room, position].every((part) => /^\w+$/.test(part ?? ''))) throw new Drop('functionargs is not alphanumeric')
  const member = roomMembers(site, room ?? '').find(({ order }) => String(order) === position)
  if (muted === undefined || member === undefined) throw new Refusal('noCall', 'nobody at this place')
  site.pbx.setMuted(member.connection.key, muted)
}

export const roomCommands: Handlers = {
  meetme: (call) => {
    if (call.site.release.second) return mute(call)
    try {
      mute(call)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return call.ack({ ipbxreply: 'noaction' })
    }
    call.ack({ ipbxreply: true })
    call.ack({ response: 'ok' })
  }
}
