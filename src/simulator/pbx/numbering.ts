import { type Core } from './core'
import { type Party, type Queue, type User } from './types'

/** What a dialled text leads to. */
export interface Resolved { kind: 'user' | 'queue' | 'park' | 'voicemail' | 'external' | 'invalid'; key?: string; number: string }

const DRESS = /^(?:tel|sips?):/i
const DECORATION = /[\s().\-/]/g
const EXTERNAL = /^\+[1-9]\d{6,14}$/
const VOICEMAIL = /^\*98(\d*)$/

/** The dial plan: extensions, public numbers, e-mail addresses, direct numbers, park slots, `*98<extension>` for mailboxes, and the world outside. */
export class Numbering {
  private readonly users = new Map<string, User>()
  private readonly queues = new Map<string, Queue>()

  constructor (private readonly core: Core) {
    for (const user of core.users.values()) {
      for (const name of [user.extension, user.email.toLowerCase(), ...user.numbers]) this.users.set(name, user)
    }
    for (const queue of core.queues.values()) {
      for (const name of [queue.number, queue.extension]) if (name !== undefined) this.queues.set(name, queue)
    }
  }

  /** Takes an extension, a number in E.164 or as dialled in the house's country, an address, with or without `tel:`; never throws. */
  resolve (dialled: string): Resolved {
    const [text = ''] = dialled.trim().replace(DRESS, '').split(';')
    const person = text.includes('@') ? this.userByEmail(text) : undefined
    if (person !== undefined) return { kind: 'user', key: person.key, number: person.extension }
    const number = text.includes('@') ? text.slice(0, text.indexOf('@')) : text.replace(DECORATION, '')
    return this.inside(number) ?? this.inside(this.e164(number)) ?? this.outside(number)
  }

  userByExtension (extension: string): User | undefined {
    const user = this.users.get(extension)
    return user?.extension === extension ? user : undefined
  }

  userByNumber (number: string): User | undefined {
    const e164 = this.e164(number)
    const user = this.users.get(e164)
    return user?.numbers.includes(e164) === true ? user : undefined
  }

  userByEmail (email: string): User | undefined {
    const user = this.users.get(email.toLowerCase())
    return user?.email.toLowerCase() === email.toLowerCase() ? user : undefined
  }

  queueByNumber (number: string): Queue | undefined {
    return this.queues.get(number)
  }

  /** Public form of a number of this country; what it does not understand comes back as it was. */
  e164 (dialled: string): string {
    const number = dialled.includes('@') ? dialled : dialled.replace(DECORATION, '')
    if (number.startsWith('+')) return number
    const abroad = /^(?:00|011)([1-9]\d{6,14})$/.exec(number)
    if (abroad !== null) return `+${abroad[1] ?? ''}`
    if (this.core.country !== 'US') return number
    if (/^[2-9]\d{9}$/.test(number)) return `+1${number}`
    return /^1[2-9]\d{9}$/.test(number) ? `+${number}` : number
  }

  partyOfUser (user: User): Party {
    return { kind: 'user', userKey: user.key, number: user.extension, name: `${user.first} ${user.last}` }
  }

  partyOfQueue (queue: Queue): Party {
    return { kind: 'queue', queueKey: queue.key, number: queue.extension ?? queue.number, name: queue.name }
  }

  /** The party that a resolved number stands for, as shown before it answers. */
  party (resolved: Resolved): Party {
    const user = this.core.users.get(resolved.key ?? '')
    const queue = this.core.queues.get(resolved.key ?? '')
    if (resolved.kind === 'user' && user !== undefined) return this.partyOfUser(user)
    if (resolved.kind === 'queue' && queue !== undefined) return this.partyOfQueue(queue)
    if (resolved.kind === 'voicemail' && user !== undefined) return { kind: 'voicemail', userKey: user.key, number: user.extension, name: 'Voice mail' }
    if (resolved.kind === 'park') return { kind: 'park', number: resolved.number }
    const name = this.core.externals.get(resolved.number)?.name
    return { kind: 'external', number: resolved.number, ...(name === undefined ? {} : { name }) }
  }

  private inside (number: string): Resolved | undefined {
    const user = this.users.get(number)
    if (user !== undefined) return { kind: 'user', key: user.key, number }
    const queue = this.queueByNumber(number)
    if (queue !== undefined) return { kind: 'queue', key: queue.key, number }
    if (this.core.parkNumbers.includes(number)) return { kind: 'park', number }
    const mailbox = VOICEMAIL.exec(number)
    const owner = mailbox === null ? undefined : this.userByExtension(mailbox[1] ?? '')
    if (owner !== undefined) return { kind: 'voicemail', key: owner.key, number }
    const did = this.core.dids.get(number)
    return did === undefined || did === number ? undefined : this.inside(did)
  }

  private outside (dialled: string): Resolved {
    const number = this.e164(dialled)
    const known = EXTERNAL.test(number) || /^[2-9]11$/.test(number) || this.core.externals.has(number)
    return { kind: known ? 'external' : 'invalid', number }
  }
}
