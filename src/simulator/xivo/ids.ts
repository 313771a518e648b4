/** The names and numbers that only this face knows: integer ids, uuids, lines, agents (xivo-cti.md 3.3). */
import { type Pbx } from '../pbx/pbx'
import { type IdBook } from '../pbx/ids'
import { type Agent, type Queue, type User } from '../pbx/types'
import { type Rng } from '../pbx/rng'
import { uuid } from '../random'
import { type IdKind, type XivoOptions } from './options'

/** Ids of different kinds begin at different numbers, so that a client that mixes them up is found out. */
const FIRST: Record<IdKind, number> = { user: 2, phone: 6, agent: 3, queue: 1, voicemail: 20, room: 30 }
const ROOM_PREFIX = '4'

export class XivoIds {
  private readonly book: IdBook
  private readonly fixed: Record<IdKind, Record<string, number>>
  private readonly uuids = new Map<string, string>()
  /** Of the server. */
  readonly uuid: string

  constructor (private readonly pbx: Pbx, private readonly options: XivoOptions, rng: Rng) {
    this.uuid = options.uuid ?? uuid(rng)
    for (const user of pbx.users.values()) this.uuids.set(user.key, uuid(rng))
    this.fixed = {
      user: { ...own(pbx.users.values()), ...options.ids.user }, agent: { ...own(pbx.agents.values()), ...options.ids.agent }, queue: { ...own(pbx.queues.values()), ...options.ids.queue },
      phone: { ...options.ids.phone }, voicemail: { ...options.ids.voicemail }, room: { ...options.ids.room }
    }
    this.book = pbx.idBook('xivo', (kind, n, key) => this.make(kind as IdKind, n, key))
    this.register()
  }

  /** Gives everything its id, in the order of the directory, so that it is the same in each run and after a restart of the PBX. */
  register (): void {
    const { users, devices, agents, queues } = this.pbx
    for (const [kind, keys] of [['user', users.keys()], ['phone', devices.keys()], ['agent', agents.keys()], ['queue', queues.keys()], ['voicemail', users.keys()], ['room', users.keys()]] as const) {
      for (const key of keys) this.book.id(kind, key)
    }
  }

  /** Id as text, the form of list keys. */
  id (kind: IdKind, key: string): string {
    return this.book.id(kind, key)
  }

  number (kind: IdKind, key: string): number {
    return Number(this.book.id(kind, key))
  }

  /** Key of the thing that has an id; only text finds something, as in the real server. */
  key (kind: IdKind, id: unknown): string | undefined {
    return typeof id === 'string' ? this.book.keyOf(kind, id) : undefined
  }

  userUuid (userKey: string): string {
    return this.uuids.get(userKey) ?? ''
  }

  userOfUuid (id: string): string | undefined {
    for (const [key, each] of this.uuids) if (each === id.toLowerCase()) return key
    return undefined
  }

  /** Line of a phone, `SIP/<name>`. */
  line (deviceKey: string): string {
    return this.options.lines[deviceKey] ?? `SIP/${deviceKey.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()}`
  }

  deviceOfLine (line: string): string | undefined {
    const wanted = line.replace(/^PJSIP\//i, 'SIP/').toLowerCase()
    for (const key of this.pbx.devices.keys()) if (this.line(key).toLowerCase() === wanted) return key
    return undefined
  }

  agentNumber (agent: Agent): string {
    return this.options.agentNumbers[agent.key] ?? agent.number
  }

  /** Key in the list `queuemembers`. */
  member (agent: Agent, queue: Queue): string {
    return `Agent/${this.agentNumber(agent)},${queue.key}`
  }

  login (user: User): string {
    return this.options.logins[user.key] ?? user.key
  }

  /** Number of the conference room of a user. */
  room (user: User): string {
    return `${ROOM_PREFIX}${user.extension}`
  }

  private make (kind: IdKind, n: number, key: string): string {
    const given = this.fixed[kind][key]
    if (given !== undefined) return String(given)
    const taken = Object.values(this.fixed[kind])
    return String(taken.length > 0 ? Math.max(...taken) + n : FIRST[kind] + n)
  }
}

function own (things: Iterable<{ key: string; ids: { xivo?: string } }>): Record<string, number> {
  const ids: Record<string, number> = {}
  for (const { key, ids: { xivo } } of things) if (xivo !== undefined) ids[key] = Number(xivo)
  return ids
}
