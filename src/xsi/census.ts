/** Whom an account watches: people, agents and call centres, found over Actions where no event tells of them (xsi.md 3.4, 6; model.md 6). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import type { Awaited } from './inbox'
import { eachLimited } from '../session/eachLimited'
import type { DriverMemory } from './memory'
import type { XsiOptions } from './options'
import { CALL_PACKAGES, PACKAGES, QUEUE_PACKAGES } from './protocol'
import type { Reader } from './reader'
import type { Subscriptions } from './subscriptions'
import { isCollection, packagesOf, peopleOf, wantedOfQueues, type Identity } from './wanted'

const WIDTH = 5
/** People of a collection who are asked for their agent state before the account is online; the others follow slowly. */
const ASKED_AT_ONCE = 25

export interface CensusOptions {
  readonly link: Link
  readonly options: XsiOptions
  readonly memory: DriverMemory
  readonly reader: Reader
  readonly subscriptions: () => Subscriptions
}

export class Census {
  private readonly packages: ReadonlySet<string>
  private readonly collection: boolean
  private filter: ReadonlySet<string> | undefined

  constructor (private readonly needs: CensusOptions) {
    this.packages = new Set(packagesOf(needs.options))
    this.collection = isCollection(needs.options)
  }

  /**
   * Names and numbers of the users asked for, or of all in the group or enterprise, and which of them are agents. Once a session: they change rarely.
   * @throws CtiError
   */
  async people (identity: Identity): Promise<void> {
    const { options, reader, memory } = this.needs
    if (memory.people.list('user').length <= 1) {
      if (options.scope === 'users') await eachLimited(options.userList ?? [], WIDTH, (id) => reader.profile(id))
      if (this.collection) await reader.directory(identity.pathId, options.scope === 'group' ? 'Group' : 'Enterprise')
    }
    const list = this.collection ? options.userList ?? [] : []
    this.filter = list.length === 0 ? undefined : new Set(list.map((word) => memory.people.find(word) ?? word))
    if (options.packages !== undefined || this.collection) return
    const unknown = peopleOf(options, identity).filter((id) => !memory.agents.has(id))
    await eachLimited(unknown, WIDTH, async (id) => { memory.agents.set(id, await reader.isAgent(id)) })
  }

  /** Call centres: those of the settings, else those that the user supervises or works in and those that were found. @throws CtiError */
  async queues ({ pathId }: Identity): Promise<string[]> {
    const { options, reader, memory } = this.needs
    if (!this.wantsQueues && !this.collection) return []
    const named = options.queues ?? []
    const ids = named.length > 0 ? [...named] : [...new Set([...await reader.queuesOf(pathId), ...memory.queues])]
    await eachLimited(ids, WIDTH, (id) => reader.queueProfile(id))
    for (const id of ids) memory.queues.add(id)
    return ids
  }

  isAgent (id: string): boolean {
    return this.needs.memory.agents.get(id) === true
  }

  /** Whether the account is told of a user: with a list of people in a group or enterprise only of these, and of queues always. */
  concerns (targetId: string): boolean {
    if (this.filter === undefined || this.filter.has(targetId)) return true
    const person = this.needs.memory.people.get(targetId)
    return person?.kind === 'queue' || (person !== undefined && this.filter.has(person.id))
  }

  /** The state of a target whose initial event stayed away. */
  async readTarget ({ wanted, package: name }: Awaited): Promise<void> {
    const { memory, reader } = this.needs
    const pathId = wanted.ownerId as string
    const id = memory.people.get(pathId)?.id ?? pathId
    if (CALL_PACKAGES.has(name)) return reader.calls(id)
    if (name === PACKAGES.queue) return reader.queue(id)
    if (await reader.agent(id) === undefined) memory.withoutInitial.add(pathId)
  }

  /** Collections have no initial event: those with open calls are asked first, then agents. */
  async readCollections (): Promise<void> {
    const { link, reader, memory } = this.needs
    const owners = new Set<string>()
    for (const leg of link.picture.calls()) if (leg.owner.kind === 'user') owners.add(leg.owner.id)
    await reader.callsOf([...owners])
    if (!this.wantsAgents) return
    const agents = new Set([...link.picture.agents()].map(({ id }) => id))
    for (const [id, is] of memory.agents) if (is) agents.add(id)
    await this.lookAtAgents([...agents])
  }

  /** The first look at a collection: agents now, as far as they can be found quickly; everybody else in the background. @throws CtiError */
  async firstLook ({ pathId }: Identity): Promise<void> {
    const { memory, reader } = this.needs
    if (memory.swept) return
    if (this.wantsAgents) {
      const told = (await reader.agentsOf(pathId)).filter((id) => this.concerns(id))
      const people = this.watched().filter((id) => !told.includes(id) && !memory.agents.has(id))
      await this.lookAtAgents([...told.filter((id) => !memory.agents.has(id)), ...people.slice(0, ASKED_AT_ONCE)])
    }
    this.sweep()
  }

  private get wantsAgents (): boolean {
    return this.packages.has(PACKAGES.agent)
  }

  private get wantsQueues (): boolean {
    return [...this.packages].some((name) => QUEUE_PACKAGES.has(name))
  }

  private watched (): string[] {
    return this.needs.memory.people.list('user').map(({ id }) => id).filter((id) => this.concerns(id))
  }

  /** Reads agents, and watches the queues in which they work. */
  private async lookAtAgents (ids: readonly string[]): Promise<void> {
    const { memory, reader } = this.needs
    const found = new Set<string>()
    await eachLimited(ids, WIDTH, async (id) => {
      const queues = await reader.agent(id)
      memory.agents.set(id, queues !== undefined)
      for (const queue of queues ?? []) if (!memory.queues.has(queue)) found.add(queue)
    })
    if (found.size > 0) await this.watchQueues([...found])
  }

  private async watchQueues (ids: readonly string[]): Promise<void> {
    const { options, memory, reader, subscriptions } = this.needs
    if (!this.wantsQueues || (options.queues ?? []).length > 0) return
    for (const id of ids) memory.queues.add(id)
    await eachLimited(ids, WIDTH, (id) => reader.queueProfile(id))
    await subscriptions().establish(wantedOfQueues(options, ids))
  }

  /** Everybody else, in the background: whoever talks already when the session begins, and agents who are many. */
  private sweep (): void {
    const { memory, reader, link } = this.needs
    const one = async (id: string): Promise<void> => {
      await reader.calls(id)
      if (this.wantsAgents && !memory.agents.has(id)) await this.lookAtAgents([id])
    }
    reader.sweep(this.watched(), one).then(() => { memory.swept = !link.signal.aborted }, (error: unknown) => {
      if (link.signal.aborted) return
      const problem = CtiError.from(error, 'xsi')
      if (problem.code === 'CTI_UNAUTHORIZED') link.lost(problem)
      else link.warn('sweepFailed', problem.message)
    })
  }
}
