/** What a test or the control API can make people do who have no client here: talk to the bot, fill in its cards, take an agreement back. */
import { type FaceCommand } from '../face'
import { Refusal } from '../pbx/types'
import { WebexError } from './errors'
import { part, type Json } from './http'
import { wordsOf } from './messaging/content'
import { type Member } from './messaging/members'
import { type Room } from './messaging/rooms'
import { type Site } from './site'

export function commandsOf (site: Site): Record<string, FaceCommand> {
  const { rooms } = site
  return {
    room: {
      help: 'a person opens a room with the bot and others: {user, title, members: [users]}',
      run: (given) => {
        const creator = member(site, given.user)
        const others = Array.isArray(given.members) ? given.members.map((each) => member(site, each)) : []
        return rooms.renderRoom(rooms.open(creator, String(given.title ?? 'Room'), [site.members.bot, ...others]))
      }
    },
    say: {
      help: 'a person says something, to the bot alone or in a room: {user, text or markdown, room, mention: true}',
      run: (given) => {
        const author = member(site, given.user)
        const room = given.room === undefined ? rooms.direct(author, site.members.bot) : roomOf(site, author, given.room)
        return rooms.renderMessage(rooms.post(room, author, { ...words(site, given), files: [], attachments: [] }))
      }
    },
    submit: {
      help: 'a person fills in a card: {user, message, inputs: {}}',
      run: (given) => {
        const author = member(site, given.user)
        const message = rooms.message(String(given.message))
        if (message === undefined || !message.room.members.has(author) || message.attachments.length === 0) throw new Refusal('invalidValue', 'there is no such card')
        return rooms.renderSubmission(rooms.submit(message, author, part(given, 'inputs')))
      }
    },
    messages: {
      help: 'what was said, newest first, where a person is: {user, room}',
      run: (given) => {
        const reader = member(site, given.user)
        const where = given.room === undefined ? rooms.of(reader) : [roomOf(site, reader, given.room)]
        return where.flatMap((room) => rooms.messagesIn(room)).map((message) => rooms.renderMessage(message))
      }
    },
    presence: {
      help: 'the app of a person shows another presence: {user, presence: available, away, busy, donotdisturb, outtolunch}',
      run: (given) => {
        const { user } = member(site, given.user)
        if (user === undefined) throw new Refusal('unknownUser', 'only a person has a presence')
        site.pbx.setPresence(user.key, String(given.presence))
        return { presence: user.presence }
      }
    },
    revoke: {
      help: 'a person takes back what was agreed to, with all tokens: {user}',
      run: (given) => {
        const known = site.tokens.authorizations(member(site, given.user).user?.key ?? '')
        for (const { id } of known) site.tokens.revoke(id)
        return { revoked: known.length }
      }
    }
  }
}

function member (site: Site, key: unknown): Member {
  const found = typeof key === 'string' ? site.members.ofUser(key) : undefined
  if (found === undefined) throw new Refusal('unknownUser', `no user ${String(key)}`)
  return found
}

function roomOf (site: Site, reader: Member, id: unknown): Room {
  const room = site.rooms.find(String(id))
  if (room === undefined || !room.members.has(reader)) throw new Refusal('invalidValue', 'there is no such room')
  return room
}

/** With `mention` the bot's name stands in front, as a client writes it. */
function words (site: Site, given: Json): ReturnType<typeof wordsOf> {
  const text = typeof given.text === 'string' ? given.text : undefined
  const markdown = typeof given.markdown === 'string' ? given.markdown : undefined
  const { bot } = site.members
  try {
    return given.mention === true ? wordsOf(undefined, `<@personEmail:${bot.email}|${bot.name}> ${markdown ?? text ?? ''}`, site.members) : wordsOf(text, markdown, site.members)
  } catch (error) {
    if (error instanceof WebexError) throw new Refusal('invalidValue', error.message)
    throw error
  }
}
