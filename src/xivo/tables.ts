/** People, phones, agents, queues … as the server told them: every push is merged into what is known (xivo-cti.md 4.3). */
import { legId, type Call, type Owner, type Party, type Ref, type UserRef } from '../model'
import type { Capabilities } from './login'
import { LISTS, xid, type ListName } from './protocol'
import { defined, fields, flag, number, text, texts, type Fields } from './read'
import type { SheetFacts } from './sheet'

/** Configuration and status of one item; replaced, never changed, so that an old row is the state before. */
export interface Row { readonly config: Fields; readonly status: Fields }
const NO_ROW: Row = Object.freeze({ config: {}, status: {} })

/** A channel of Asterisk (up to 15.18). */
export interface Channel {
  readonly status: Fields
  /** ms, vendor's clock: first told of. */
  readonly born: number
  /** Leg of the phone that the channel belongs to, once it has one. */
  leg?: string
  /** Gone from its phone; only the list of channels still holds it. */
  over?: true
  /** Its phone began to ring while it was there. */
  rang?: true
  /** Its direction was waited for in vain. */
  waited?: true
  /** The last leg that had this channel at its other end. */
  partner?: string
  /** Conversation of the leg at the other end, kept for the next one that this channel talks to. */
  conversation?: string
}
export interface QueueEntry { readonly position?: number; readonly name?: string; readonly number?: string; readonly joinedAt: number; readonly uniqueid: string }
/** One entry of `current_calls`. */
export interface CurrentCall { readonly name?: string; readonly number?: string; readonly held: boolean; readonly since?: number }
export interface StoredSheet { readonly facts: SheetFacts; readonly data: Record<string, string>; readonly at: number; readonly where?: string }
/** ms within which the ringing of the own phone belongs to a call of ours (xivo-cti.md 10, trap 13). */
export const DIAL_MS = 10_000
/** A call that we asked for: it explains why the own phone rings (xivo-cti.md 10, trap 13). */
export interface PendingDial { readonly to: string; readonly phone: string; readonly at: number; leg?: string }
/** What we did to a leg: the server gives no reason for the end that follows. */
export interface OwnMark { readonly kind: 'hangup' | 'transfer' | 'take'; readonly to?: string; readonly at: number }
export interface Consult { readonly phone: string; readonly held: string; readonly leg: string; completing?: true; cancelling?: true }
/** A queue leg that is gone and whose reason may still show (model.md 3.3). */
export interface Dequeuing { readonly leg: string; readonly queue: string; readonly at: number }

const MAX_SHEETS = 500
const MAX_MARKS = 200
/** `SIP/dana77-0000001b` -> `sip/dana77`: PJSIP and SIP mean the same line (xivo-cti.md 10, trap 28). */
export function identityOf (name: string): string {
  const dash = name.lastIndexOf('-')
  return (dash < 0 ? name : name.slice(0, dash)).toLowerCase().replace(/^pjsip\//, 'sip/')
}

/** Owner and event id of a queue in the vendor's own notation: bare numbers are users here. */
export function queueId (id: string): string {
  return xid('queue', id)
}

export class Tables {
  readonly lists = Object.fromEntries(LISTS.map((name) => [name, new Map<string, Row>()])) as Record<typeof LISTS[number], Map<string, Row>>
  readonly channels = new Map<string, Channel>()
  readonly entries = new Map<string, readonly QueueEntry[]>()
  readonly sheets = new Map<string, StoredSheet>()
  readonly marks = new Map<string, OwnMark>()
  readonly dequeuing = new Map<string, Dequeuing>()
  readonly watched: Partial<Record<'users' | 'phones' | 'agents' | 'queues', ReadonlySet<string>>> = {}
  /** Channels whose direction is not known yet, and since when, ms. */
  readonly unplaced = new Map<string, number>()
  /** Call and queue of an agent's present queue call. */
  readonly acd = new Map<string, { callId?: string; queueId?: string; at: number }>()
  readonly lastQueues = new Map<string, unknown>()
  readonly figures = new Map<string, Record<string, unknown>>()
  currentCalls: readonly CurrentCall[] = []
  rooms: Fields = {}
  ownRooms: readonly { room: string; user: string }[] = []
  dials: PendingDial[] = []
  consult: Consult | undefined
  capabilities: Capabilities | undefined
  xivoUuid: string | undefined
  /** The server lists channels: legs come from them and not from hints. */
  hasChannels = false
  /** Everything was read once: changes are news from now on. */
  synced = false
  private legCounter = 0
  private readonly phoneByIdentity = new Map<string, string>()
  private readonly agentByNumber = new Map<string, string>()
  private readonly queueByName = new Map<string, string>()
  private readonly userByAgent = new Map<string, string>()

  /** Forgets what belongs to one connection; marks and dials of ours outlive it. */
  restart (): void {
    for (const list of Object.values(this.lists)) list.clear()
    for (const map of [
      this.channels, this.entries, this.sheets, this.dequeuing, this.unplaced, this.acd, this.lastQueues, this.figures,
      this.phoneByIdentity, this.agentByNumber, this.queueByName, this.userByAgent
    ]) map.clear()
    this.currentCalls = []
    this.rooms = {}
    this.ownRooms = []
    this.consult = undefined
    this.hasChannels = false
    this.synced = false
    this.xivoUuid = undefined
  }

  row (list: typeof LISTS[number], id: string | undefined): Row {
    return id === undefined ? NO_ROW : this.lists[list].get(id) ?? NO_ROW
  }

  /** Merges a part of configuration or status. @returns the row as it was */
  merge (list: typeof LISTS[number], id: string, part: Partial<Row>): Row {
    const before = this.row(list, id)
    const after: Row = { config: part.config === undefined ? before.config : { ...before.config, ...part.config }, status: part.status === undefined ? before.status : { ...before.status, ...part.status } }
    this.lists[list].set(id, after)
    if (part.config !== undefined) this.index(list, id, before.config, after.config)
    return before
  }

  remove (list: ListName, id: string): void {
    if (list === 'channels') {
      this.channels.delete(id)
      return
    }
    this.index(list, id, this.row(list, id).config, {})
    this.lists[list].delete(id)
  }

  /** Whether events about an item are wanted. */
  watches (list: 'users' | 'phones' | 'agents' | 'queues', id: string): boolean {
    return this.watched[list]?.has(id) ?? true
  }

  get userId (): string {
    return this.capabilities?.userId ?? ''
  }

  /** Phones of a user, main line first. */
  phonesOf (user: string): string[] {
    const lines = texts(this.row('users', user).config.linelist)
    return lines.length > 0 ? lines : [...this.lists.phones].filter(([, row]) => text(row.config.iduserfeatures) === user).map(([id]) => id)
  }

  get ownPhone (): string | undefined {
    return this.phonesOf(this.userId)[0]
  }

  get ownAgent (): string | undefined {
    const agent = text(this.row('users', this.userId).config.agentid)
    return agent === '0' ? undefined : agent
  }

  phoneOfChannel (channel: string): string | undefined {
    return this.phoneByIdentity.get(identityOf(channel))
  }

  phoneOfNumber (wanted: string): string | undefined {
    for (const [id, { config }] of this.lists.phones) if (text(config.number) === wanted) return id
    return undefined
  }

  /** Id 0 or missing means nobody. */
  userOfPhone (phone: string): string | undefined {
    const user = text(this.row('phones', phone).config.iduserfeatures)
    return user === '0' ? undefined : user
  }

  agentOfInterface (name: string): string | undefined {
    return name.startsWith('Agent/') ? this.agentByNumber.get(name.slice('Agent/'.length)) : undefined
  }

  queueOfName (name: string | undefined): string | undefined {
    return name === undefined ? undefined : this.queueByName.get(name)
  }

  /** Queues of an agent, and whether he is paused there. */
  pausesOf (agent: string): { queue: string; paused: boolean }[] {
    const dialled = text(this.row('agents', agent).config.number)
    return [...this.lists.queuemembers].flatMap(([id, { config }]) => {
      const queue = id.startsWith(`Agent/${dialled},`) ? this.queueOfName(id.slice(id.indexOf(',') + 1)) : undefined
      return queue === undefined ? [] : [{ queue, paused: flag(config.paused) === true }]
    })
  }

  userOfAgent (agent: string): string | undefined {
    return this.userByAgent.get(agent)
  }

  userName (id: string | undefined): string | undefined {
    const { fullname, firstname, lastname } = this.row('users', id).config
    return text(fullname) ?? ([text(firstname), text(lastname)].filter(Boolean).join(' ') || undefined)
  }

  userRef (id: string): UserRef {
    const phone = this.phonesOf(id)[0]
    const extension = text(this.row('phones', phone).config.number)
    return defined({ id, name: this.userName(id), number: extension, extension }) as UserRef
  }

  queueRef (id: string): Ref {
    const { displayname, name, number: dialled } = this.row('queues', id).config
    return defined({ id: queueId(id), name: text(displayname) ?? text(name), number: text(dialled) }) as Ref
  }

  agentRef (id: string): Ref {
    const { firstname, lastname, number: dialled } = this.row('agents', id).config
    return defined({ id, name: [text(firstname), text(lastname)].filter(Boolean).join(' ') || undefined, number: text(dialled) }) as Ref
  }

  /** Whose view a leg of this phone is: the user's, or the phone's own when it has none. */
  ownerOf (phone: string): Owner {
    const user = this.userOfPhone(phone)
    const dialled = text(this.row('phones', phone).config.number)
    return user === undefined
      ? defined({ kind: 'device' as const, id: xid('phone', phone), number: dialled }) as Owner
      : defined({ kind: 'user' as const, id: user, name: this.userName(user), number: dialled }) as Owner
  }

  deviceOf (phone: string): NonNullable<Call['device']> {
    return defined({ id: phone, name: text(this.row('phones', phone).config.identity), kind: 'phone' as const }) as NonNullable<Call['device']>
  }

  partyOf (phone: string): Party {
    const user = this.userOfPhone(phone)
    const dialled = text(this.row('phones', phone).config.number)
    return defined({ number: dialled, extension: dialled, name: this.userName(user), userId: user, kind: user === undefined ? undefined : 'user' as const }) as Party
  }

  /** An own number for a leg that the server gives none (15.19 and later). */
  nextLeg (phone: string, epoch: string): string {
    return legId(phone, String(++this.legCounter), epoch)
  }

  /** Keeps what a sheet told until its call shows; the oldest go first. */
  keepSheet (channel: string, sheet: StoredSheet): void {
    this.sheets.delete(channel)
    this.sheets.set(channel, sheet)
    if (this.sheets.size > MAX_SHEETS) this.sheets.delete(this.sheets.keys().next().value ?? '')
  }

  mark (leg: string, mark: OwnMark): void {
    this.marks.delete(leg)
    this.marks.set(leg, mark)
    if (this.marks.size > MAX_MARKS) this.marks.delete(this.marks.keys().next().value ?? '')
  }

  private index (list: ListName, id: string, before: Fields, after: Fields): void {
    const move = (map: Map<string, string>, key: (config: Fields) => string | undefined): void => {
      const [old, now] = [key(before), key(after)]
      if (old === now) return
      if (old !== undefined && map.get(old) === id) map.delete(old)
      if (now !== undefined) map.set(now, id)
    }
    if (list === 'phones') move(this.phoneByIdentity, ({ identity }) => text(identity)?.replaceAll('\\/', '/').toLowerCase().replace(/^pjsip\//, 'sip/'))
    if (list === 'agents') move(this.agentByNumber, ({ number: dialled }) => text(dialled))
    if (list === 'queues') move(this.queueByName, ({ name }) => text(name))
    if (list === 'users') move(this.userByAgent, ({ agentid }) => number(agentid) === undefined || number(agentid) === 0 ? undefined : text(agentid))
  }

  /** What a presence is called, and which actions it has (xivo-cti.md 2.5). */
  presence (key: string): { name?: string; actions: Fields } {
    const entry = fields(this.capabilities?.userStatus[key])
    return { actions: fields(entry.actions), ...(text(entry.longname) === undefined ? {} : { name: text(entry.longname) as string }) }
  }
}
