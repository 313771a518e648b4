/** Rooms and what is said in them (webex-calling.md 9.1). */
import { type Ms } from '../../pbx/types'
import { type Rng } from '../../pbx/rng'
import { uuid } from '../../random'
import { type Json } from '../http'
import { type WebexIds } from '../ids'
import { iso } from '../render/call'
import { type News } from '../webhooks/publisher'
import { type Member } from './members'

export interface Room { id: string; type: 'direct' | 'group'; title: string; members: Set<Member>; creator: Member; created: Ms; lastActivity: Ms }
export interface Message {
  id: string
  room: Room
  author: Member
  text?: string
  markdown?: string
  html?: string
  parentId?: string
  files: string[]
  attachments: unknown[]
  mentioned: Member[]
  created: Ms
  updated?: Ms
}
export type Content = Pick<Message, 'text' | 'markdown' | 'html' | 'parentId' | 'files' | 'attachments' | 'mentioned'>
interface Submission { id: string; message: Message; author: Member; inputs: Json; created: Ms }

const MOST_MESSAGES = 5000

export class Rooms {
  private readonly rooms = new Map<string, Room>()
  private readonly messages = new Map<string, Message>()
  private readonly submissions = new Map<string, Submission>()

  constructor (private readonly needs: { ids: WebexIds; rng: Rng; now: () => Ms; publish: (news: News) => void }) {}

  /** Rooms of a member, the latest activity first. */
  of (member: Member): Room[] {
    return [...this.rooms.values()].filter((room) => room.members.has(member)).sort((a, b) => b.lastActivity - a.lastActivity)
  }

  find (id: string): Room | undefined {
    return this.rooms.get(id) ?? [...this.rooms.values()].find((room) => this.needs.ids.same(room.id, id))
  }

  open (creator: Member, title: string, members: Member[] = []): Room {
    return this.make('group', title, creator, [creator, ...members])
  }

  /** The room of two people; made at need. */
  direct (one: Member, other: Member): Room {
    const known = [...this.rooms.values()].find(({ type, members }) => type === 'direct' && members.has(one) && members.has(other))
    return known ?? this.make('direct', other.name, one, [one, other])
  }

  join (room: Room, member: Member): void {
    if (room.members.has(member)) return
    room.members.add(member)
    this.tell('memberships', 'created', member, room, this.membership(room, member))
  }

  leave (room: Room, member: Member): void {
    const gone = this.membership(room, member)
    if (!room.members.has(member)) return
    this.tell('memberships', 'deleted', member, room, gone)
    room.members.delete(member)
  }

  post (room: Room, author: Member, content: Content): Message {
    const now = this.needs.now()
    const message: Message = { id: this.id('MESSAGE'), room, author, created: now, ...content }
    room.lastActivity = now
    this.messages.set(message.id, message)
    if (this.messages.size > MOST_MESSAGES) this.messages.delete(this.messages.keys().next().value ?? '')
    this.told(message, 'created')
    return message
  }

  edit (message: Message, content: Pick<Content, 'text' | 'markdown' | 'html' | 'mentioned'>): void {
    Object.assign(message, content, { updated: this.needs.now() })
    this.told(message, 'updated')
  }

  remove (message: Message): void {
    this.messages.delete(message.id)
    this.told(message, 'deleted')
  }

  message (id: string): Message | undefined {
    return this.messages.get(id)
  }

  /** Newest first. */
  messagesIn (room: Room): Message[] {
    return [...this.messages.values()].filter((message) => message.room === room).reverse()
  }

  /** Somebody filled in a card. */
  submit (message: Message, author: Member, inputs: Json): Submission {
    const submission: Submission = { id: this.id('ATTACHMENT_ACTION'), message, author, inputs, created: this.needs.now() }
    this.submissions.set(submission.id, submission)
    if (this.submissions.size > MOST_MESSAGES) this.submissions.delete(this.submissions.keys().next().value ?? '')
    this.needs.publish({ resource: 'attachmentActions', event: 'created', actor: author, data: this.submissionHead(submission), audience: (creator) => creator === message.author })
    return submission
  }

  submission (id: string): Submission | undefined {
    return this.submissions.get(id)
  }

  renderRoom ({ id, title, type, creator, created, lastActivity }: Room): Json {
    return { id, title, type, isLocked: false, lastActivity: iso(lastActivity), creatorId: creator.id, created: iso(created), ownerId: this.needs.ids.org, isPublic: false, isReadOnly: false }
  }

  renderMessage (message: Message): Json {
    const { text, markdown, html, parentId, attachments, updated } = message
    return {
      ...this.head(message), ...(text === undefined ? {} : { text }), ...(markdown === undefined ? {} : { markdown }), ...(html === undefined ? {} : { html }), ...(parentId === undefined ? {} : { parentId }),
      ...(attachments.length === 0 ? {} : { attachments }), ...(updated === undefined ? {} : { updated: iso(updated) })
    }
  }

  renderSubmission (submission: Submission): Json {
    return { ...this.submissionHead(submission), inputs: submission.inputs }
  }

  membership (room: Room, member: Member): Json {
    return {
      id: this.needs.ids.of('MEMBERSHIP', `${lastPart(member.id)}:${lastPart(room.id)}`), roomId: room.id, roomType: room.type, personId: member.id, personEmail: member.email, personDisplayName: member.name,
      personOrgId: this.needs.ids.org, isModerator: false, isMonitor: false, created: iso(room.created)
    }
  }

  /** What an event tells of a filled card: not what was filled in. */
  private submissionHead ({ id, message, author, created }: Submission): Json {
    return { id, type: 'submit', messageId: message.id, personId: author.id, roomId: message.room.id, created: iso(created) }
  }

  /** What an event tells of a message: no text. */
  private head ({ id, room, author, mentioned, files, created }: Message): Json {
    return {
      id, roomId: room.id, roomType: room.type, personId: author.id, personEmail: author.email, ...(mentioned.length === 0 ? {} : { mentionedPeople: mentioned.map((member) => member.id) }),
      ...(files.length === 0 ? {} : { files }), created: iso(created)
    }
  }

  /** A bot in a group hears only what mentions it (U22). */
  private told (message: Message, event: News['event']): void {
    const { room, author, mentioned } = message
    const audience = (creator: Member): boolean => room.members.has(creator) && (creator.kind !== 'bot' || room.type === 'direct' || creator === author || mentioned.includes(creator))
    this.needs.publish({ resource: 'messages', event, actor: author, data: this.head(message), audience })
  }

  private tell (resource: string, event: News['event'], actor: Member, room: Room, data: Json): void {
    this.needs.publish({ resource, event, actor, data, audience: (creator) => room.members.has(creator) })
  }

  private make (type: Room['type'], title: string, creator: Member, members: Member[]): Room {
    const now = this.needs.now()
    const room: Room = { id: this.id('ROOM'), type, title, creator, members: new Set(members), created: now, lastActivity: now }
    this.rooms.set(room.id, room)
    this.tell('rooms', 'created', creator, room, this.renderRoom(room))
    for (const member of room.members) this.tell('memberships', 'created', member, room, this.membership(room, member))
    return room
  }

  private id (type: string): string {
    return this.needs.ids.of(type, uuid(this.needs.rng))
  }
}

function lastPart (id: string): string {
  const text = Buffer.from(id, 'base64url').toString('utf8')
  return text.slice(text.lastIndexOf('/') + 1)
}
