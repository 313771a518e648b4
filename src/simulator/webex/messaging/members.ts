/** Who can be in a room: the persons and the bot. */
import { type Pbx } from '../../pbx/pbx'
import { type User } from '../../pbx/types'
import { uuidOf } from '../../random'
import { type Principal } from '../auth/tokens'
import { type WebexIds } from '../ids'
import { type WebexOptions } from '../options'

export interface Member { id: string; email: string; name: string; kind: 'person' | 'bot' | 'service' | 'queue'; user?: User }

export class Members {
  readonly bot: Member
  /** A service app is nobody, but its webhooks need a creator. */
  readonly service: Member
  private readonly people: Map<string, Member>
  private readonly queues: Map<string, Member>

  constructor (pbx: Pbx, private readonly ids: WebexIds, { bot }: WebexOptions) {
    const idOf = (kind: string): string => ids.of('PEOPLE', uuidOf('person', kind))
    this.bot = { id: idOf('bot'), email: bot.email, name: bot.name, kind: 'bot' }
    this.service = { id: idOf('service'), email: `service@${pbx.domain}`, name: 'Service app', kind: 'service' }
    this.people = new Map([...pbx.users.values()].map((user) => [user.key, { id: ids.person(user), email: user.email, name: `${user.first} ${user.last}`, kind: 'person', user }]))
    this.queues = new Map([...pbx.queues.values()].map((queue) => [queue.key, { id: ids.queue(queue), email: '', name: queue.name, kind: 'queue' }]))
  }

  of ({ kind, user }: Principal): Member {
    return (user === undefined ? undefined : this.people.get(user.key)) ?? (kind === 'bot' ? this.bot : this.service)
  }

  ofUser (userKey: string): Member | undefined {
    return this.people.get(userKey)
  }

  /** Whose event it is, where a queue is concerned. */
  ofQueue (queueKey: string): Member | undefined {
    return this.queues.get(queueKey)
  }

  /** By public id or bare uuid. */
  byId (id: string): Member | undefined {
    return [this.bot, ...this.people.values()].find((member) => this.ids.same(member.id, id))
  }

  byEmail (email: string): Member | undefined {
    return [this.bot, ...this.people.values()].find((member) => member.email.toLowerCase() === email.toLowerCase())
  }
}
