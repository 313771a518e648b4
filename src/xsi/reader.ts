/** The present state read by GET: for collections, which have no initial event, and where an initial event stayed away (xsi.md 6). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import { path, type ApiReply, type XsiApi } from './api'
import { eachLimited } from '../session/eachLimited'
import type { People } from './people'
import { pause } from './pause'
import { personOf } from './people'
import type { XsiNode } from './protocol'
import { child, children, number, text } from './read'
import type { Person, ReduceContext } from './scope'
import { agentSnapshot, callsSnapshot, membershipsOfService, queueSnapshot } from './snapshot'

const WIDTH = 5
const PAGE = 500
const MAX_PAGES = 40
/** ms between two users of a sweep: servers limit requests, and nothing waits for it. */
const SWEEP_MS = 100

export interface ReaderOptions {
  readonly link: Link
  readonly api: XsiApi
  readonly people: People
  readonly context: () => ReduceContext
}

export class Reader {
  constructor (private readonly options: ReaderOptions) {}

  /** Calls of one user, compared with what is known. A user who is not there any more, or not ours, is left out with a warning. */
  async calls (ownerId: string): Promise<void> {
    const { link, people, context } = this.options
    await this.tolerant('callsNotRead', async () => {
      const takenAt = link.clock.now()
      const user = people.pathId(ownerId)
      const list = await this.get(path('user', user, 'calls'))
      const details: XsiNode[] = []
      await eachLimited(children(list.node, 'call'), WIDTH, async (entry) => {
        const callId = text(entry, 'callId')
        const one = callId === undefined ? undefined : await this.get(path('user', user, 'calls', callId)).catch(ignoreGone)
        if (one !== undefined) details.push(one.node)
      })
      link.reconcile({ ...callsSnapshot({ picture: link.picture, context: context() }, ownerId, details), takenAt })
    })
  }

  /** State and queues of one agent. @returns the ids of the queues; undefined for a user who is no agent */
  async agent (agentId: string): Promise<string[] | undefined> {
    const { link, people, context } = this.options
    let queues: string[] | undefined = []
    await this.tolerant('agentNotRead', async () => {
      const takenAt = link.clock.now()
      const service = await this.get(path('user', people.pathId(agentId), 'services', 'CallCenter')).catch(ignoreGone)
      if (service === undefined) {
        queues = undefined
        return
      }
      const memberships = membershipsOfService(service.node)
      queues = memberships.map(({ id }) => id)
      link.reconcile({ ...agentSnapshot({ picture: link.picture, context: context() }, agentId, service.node, memberships), takenAt })
    })
    return queues
  }

  /** Whether a user works in call centres. */
  async isAgent (pathId: string): Promise<boolean> {
    return await this.get(path('user', pathId, 'services', 'CallCenter')).catch(ignoreGone) !== undefined
  }

  /** Agents of the queues that the user supervises, noted with their names. */
  async agentsOf (ownPathId: string): Promise<string[]> {
    const reply = await this.get(path('user', ownPathId, 'directories', 'Agents')).catch(ignoreGone)
    return children(reply?.node, 'callCenter').flatMap((queue) => children(child(queue, 'agentList'), 'userDetails')).flatMap((entry) => this.addPerson(entry)?.id ?? [])
  }

  /** Calls waiting in one queue. */
  async queue (queueId: string): Promise<void> {
    const { link, context } = this.options
    await this.tolerant('queueNotRead', async () => {
      const takenAt = link.clock.now()
      const list = await this.get(path('callcenter', queueId, 'calls'))
      link.reconcile({ ...queueSnapshot({ picture: link.picture, context: context() }, queueId, children(child(list.node, 'queueEntries'), 'queueEntry')), takenAt })
    })
  }

  /** All calls of these users, a few at a time. */
  async callsOf (ownerIds: readonly string[]): Promise<void> {
    await eachLimited(ownerIds, WIDTH, (id) => this.calls(id))
  }

  /** Does something for each user, slowly and in the background; ends with the connection. */
  async sweep (ownerIds: readonly string[], each: (id: string) => Promise<void>): Promise<void> {
    const { link } = this.options
    for (const id of ownerIds) {
      if (link.signal.aborted) return
      await each(id)
      await pause(link, SWEEP_MS)
    }
  }

  /** The users of a group or enterprise, page by page. */
  async directory (ownPathId: string, kind: 'Enterprise' | 'Group'): Promise<void> {
    await this.tolerant('directoryNotRead', async () => {
      let start = 1
      for (let page = 0; page < MAX_PAGES; page++) {
        const { node } = await this.get(path('user', ownPathId, 'directories', kind), { start, results: PAGE })
        const entries = children(child(node, kind === 'Group' ? 'groupDirectory' : 'enterpriseDirectory'), 'directoryDetails')
        for (const entry of entries) this.addPerson(entry)
        const count = number(node, 'numberOfRecords') ?? entries.length
        start = (number(node, 'startIndex') ?? start) + count
        if (count === 0 || start > (number(node, 'totalAvailableRecords') ?? Infinity)) return
      }
    })
  }

  /** Call centres that the user supervises or works in. Many users have neither: that is no warning. */
  async queuesOf (ownPathId: string): Promise<string[]> {
    const found = new Set<string>()
    for (const role of ['Supervisor', 'Agent']) {
      const reply = await this.get(path('user', ownPathId, 'directories', 'CallCenters'), { user: role }).catch(ignoreGone)
      for (const node of children(reply?.node, 'callCenter')) {
        const id = text(node, 'serviceUserID') ?? text(node, 'serviceUserId')
        if (id !== undefined) found.add(id)
      }
    }
    return [...found]
  }

  /** Name and numbers of one user; the id of events may differ from the one asked for. */
  async profile (pathId: string): Promise<void> {
    await this.tolerant('profileNotRead', async () => {
      const { node } = await this.get(path('user', pathId, 'profile'))
      const person = personOf(child(node, 'details'), child(node, 'additionalDetails'))
      if (person !== undefined) this.options.people.add(person, pathId)
    })
  }

  /** Name and number of a call centre. */
  async queueProfile (queueId: string): Promise<void> {
    const { people } = this.options
    const reply = await this.get(path('callcenter', queueId, 'profile')).catch(ignoreGone)
    const info = child(reply?.node, 'serviceInstanceProfile') ?? reply?.node
    const name = text(info, 'name')
    const phone = text(info, 'phoneNumber')
    const extension = text(info, 'extension')
    people.addQueue(queueId, { ...(name === undefined ? {} : { name }), ...(phone === undefined ? {} : { number: phone }), ...(extension === undefined ? {} : { extension }) })
  }

  private addPerson (entry: XsiNode): Person | undefined {
    const person = personOf(entry, child(entry, 'additionalDetails'))
    if (person !== undefined) this.options.people.add(person)
    return person
  }

  private get (at: string, query?: Record<string, string | number>): Promise<ApiReply> {
    const { api, link } = this.options
    return api.actions({ path: at, signal: link.signal, ...(query === undefined ? {} : { query }) })
  }

  /** Refusals of one user or queue must not end the session; a broken line or login must. */
  private async tolerant (code: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const problem = CtiError.from(error, 'xsi')
      if (this.options.link.signal.aborted) return
      if (problem.code === 'CTI_UNAUTHORIZED') throw problem
      this.options.link.warn(code, problem.message)
    }
  }
}

/** Not there (any more) or not assigned. */
function ignoreGone (error: unknown): undefined {
  const { code } = CtiError.from(error, 'xsi')
  if (code !== 'CTI_NOT_FOUND' && code !== 'CTI_FORBIDDEN' && code !== 'CTI_INVALID_REQUEST') throw error
}
