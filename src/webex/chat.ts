/** Chat messages to the bot, and out of it (webex-calling.md 9.1). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import { path, type WebexApi } from './api'
import { keyOf } from './ids'
import type { People, Person } from './people'
import type { Envelope } from './protocol'
import { defined, text, type Json } from './read'

/** Where the rest of each is read: the event holds ids only. */
const DETAILS: Readonly<Record<string, readonly string[]>> = { messages: ['messages'], attachmentActions: ['attachment', 'actions'] }
/** bytes of text that one message takes. */
const MOST_BYTES = 7439

/** The text without the bot's name, which leads it in group rooms. */
export function withoutMention (words: string, roomType: string | undefined, names: readonly string[]): string {
  const trimmed = words.trim()
  if (roomType !== 'group') return trimmed
  const name = names.find((one) => one !== '' && trimmed.toLowerCase().startsWith(one.toLowerCase()))
  return name === undefined ? trimmed : trimmed.slice(name.length).trim()
}

/** Text in pieces that a message can hold, cut at line ends where there are any. */
export function pieces (words: string, limit = MOST_BYTES): string[] {
  const parts: string[] = []
  let rest = words
  while (Buffer.byteLength(rest) > limit) {
    let end = limit
    while (Buffer.byteLength(rest.slice(0, end)) > limit) end = Math.floor(end * 0.9)
    // Not between the two halves of one sign.
    if (/[\uD800-\uDBFF]/.test(rest[end - 1] ?? '')) end--
    const line = rest.lastIndexOf('\n', end)
    const cut = line > end / 2 ? line : end
    parts.push(rest.slice(0, cut))
    rest = rest.slice(cut).replace(/^\n/, '')
  }
  return [...parts, rest]
}

export interface ChatOptions { readonly link: Link; readonly api: WebexApi; readonly bot: Person; readonly people: People }

/** Reads what people write to the bot and tells it as `vendor.messages.created`, `vendor.attachmentActions.created`. */
export class Chat {
  private readonly names: readonly string[]

  constructor (private readonly options: ChatOptions) {
    const name = options.bot.name ?? ''
    this.names = [name, name.split(' ')[0] ?? '']
  }

  /** Never rejects. */
  async take (envelope: Envelope): Promise<void> {
    const { link, api, bot } = this.options
    const { resource, event, data, raw } = envelope
    const id = text(data, 'id')
    const sender = text(data, 'personId')
    // What the bot says itself comes back as an event too.
    if (id === undefined || (sender !== undefined && keyOf(sender) === keyOf(bot.id))) return
    try {
      const details = event === 'created' && Object.hasOwn(DETAILS, resource) ? (await api.get(path(...DETAILS[resource]!, id), link.signal)).node : {}
      this.tell(envelope, id, sender, { ...data, ...details })
    } catch (raised) {
      const error = CtiError.from(raised, 'webex')
      if (!link.signal.aborted && error.code !== 'CTI_NOT_FOUND') link.warn('messageNotRead', `A chat message could not be read: ${error.message}`)
      if (!link.signal.aborted) this.tell(envelope, id, sender, raw.data as Json)
    }
  }

  private tell ({ resource, event, raw }: Envelope, id: string, sender: string | undefined, message: Json): void {
    const { link, people } = this.options
    const words = text(message, 'text')
    const data = words === undefined ? message : { ...message, text: withoutMention(words, text(message, 'roomType'), this.names) }
    const person = sender === undefined ? undefined : people.get(sender)
    const user = sender === undefined ? undefined : defined({ id: person?.id ?? sender, name: person?.name, email: person?.email ?? text(message, 'personEmail') })
    link.receive([{ event: `vendor.${resource}.${event}`, key: `${resource}|${event}|${id}`, ...(user === undefined ? {} : { user }) }], { ...raw, data })
  }
}
