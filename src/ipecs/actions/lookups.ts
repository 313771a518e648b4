/** Lists: what the account knows, the states of devices, call records (ipecs.md 3.4, 7.2). */
import { type ActionRequest, type Agent, type Call, type DeviceState, type Queue, type Stats, type UserRef } from '../../model'
import { isoTime } from '../../session/clock'
import type { ActionTable } from '../../session/types'
import { presenceOf, userOf } from '../deviceMapping'
import { eachLimited } from '../../session/eachLimited'
import { RECORDS_PAGE, REASON_CODES } from '../protocol'
import { defined, number, objects, text } from '../read'
import { conditionOf, recordItem } from '../records'
import { actorOf, command, deviceOf, invalid, withCti, type Access, type Run } from './tools'

const WIDTH = 4
const PAGE = 100
const MOST = 1000

/** One page of a list that we hold. The cursor is the place of the next entry. */
function paged<T> (all: readonly T[], { limit, cursor }: ActionRequest): { items: T[]; total: number; nextCursor?: string } {
  const from = cursor === undefined ? 0 : Number(cursor)
  const many = limit === undefined ? PAGE : Number(limit)
  if (!Number.isInteger(from) || from < 0) throw invalid('"cursor" is not one that an earlier result gave.')
  if (!Number.isInteger(many) || many < 1) throw invalid('"limit" must be a whole number of at least 1.')
  const items = all.slice(from, from + Math.min(many, MOST))
  const next = from + items.length
  return { items, total: all.length, ...(next < all.length ? { nextCursor: String(next) } : {}) }
}

/** Extensions that are known: from the account, the list of terminals, and the events. */
function extensionsOf ({ memory }: Access, query: unknown): string[] {
  const word = (query as string | undefined)?.trim() ?? ''
  return [...memory.extensions].filter((one) => one.includes(word)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
}

const listCalls = (access: Access): Run => async (request, context) => {
  const owner = request.queue !== undefined ? access.memory.groups.find(request.queue as string) ?? request.queue : request.user === undefined ? undefined : deviceOf(access, request.user)
  const states = request.states as readonly string[] | undefined
  const items: Call[] = []
  for (const call of context.picture.calls()) if ((owner === undefined || call.owner.id === owner) && (states === undefined || states.includes(call.state))) items.push({ ...call })
  return { items }
}

const listUsers = (access: Access): Run => async (request) => paged<UserRef>(extensionsOf(access, request.query).map((device) => userOf(device)), request)

const listPhones = (access: Access): Run => async (request, context) => {
  const phones = extensionsOf(access, request.query).map((device): DeviceState => ({ ...context.picture.device(device), id: device, kind: 'phone' }))
  return paged(phones, request)
}

const listAgents = (_access: Access): Run => async (request, context) => {
  const word = (request.query as string | undefined) ?? ''
  return paged<Agent>([...context.picture.agents()].filter(({ id, name, user }) => id.includes(word) || (name?.includes(word) ?? false) || user?.extension === word), request)
}

function queuesOf (access: Access, context: Parameters<Run>[1]): Queue[] {
  const known = new Map<string, Queue>()
  for (const group of access.memory.groups.list()) known.set(group, access.memory.groups.ref(group))
  for (const queue of context.picture.queues()) if (access.memory.groups.canonical(queue.id) === queue.id) known.set(queue.id, { ...known.get(queue.id), ...queue })
  return [...known.values()].sort((a, b) => a.id < b.id ? -1 : 1)
}

const listQueues = (access: Access): Run => async (request, context) => {
  const word = (request.query as string | undefined) ?? ''
  return paged(queuesOf(access, context).filter(({ id, name }) => id.includes(word) || name?.includes(word) === true), request)
}

const userStates = (access: Access): Run => async (request, context) => {
  const devices = ((request.ids as readonly string[] | undefined) ?? extensionsOf(access, '')).map((word) => deviceOf(access, word))
  const items: object[] = []
  await eachLimited(devices, WIDTH, async (device) => {
    const status = text((await command(access, context, 'status', { device })).values.state)
    items.push(defined({ user: userOf(device), device: context.picture.device(device), presence: status === undefined ? undefined : presenceOf(status), dnd: context.picture.dnd(device) }))
  })
  return { items }
}

const agentStates = (access: Access): Run => async (request, context) => {
  const ids = request.ids as readonly string[] | undefined
  const agents = [...context.picture.agents()]
  return { items: ids === undefined ? agents : ids.flatMap((word) => agents.find(({ id, user }) => id === word || user?.extension === word || id === access.memory.agents.find(word)?.agentId) ?? []) }
}

/** Figures of a group as far as its events tell, and those of the account that the summary counts. */
const queueStats = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const ids = (request.ids as readonly string[] | undefined)?.map((word) => memory.groups.find(word) ?? word)
  const now = context.link.clock.now()
  const items: Stats[] = queuesOf(access, context).filter(({ id }) => ids === undefined || ids.includes(id)).map((queue) => ({
    subject: defined({ kind: 'queue' as const, id: queue.id, name: queue.name }) as Stats['subject'], window: { kind: 'now' }, metrics: {}, source: 'computed', vendorMetrics: defined({ waiting: queue.waiting ?? 0, agents: queue.agents })
  }))
  if (ids === undefined) items.push(memory.summary.stats(memory.settings.username, now, (ms) => isoTime(ms + memory.clock.offsetMs)))
  return { items }
}

const reasonCodes: Run = async (request) => {
  if (request.kind === 'logout') return { items: [] }
  return { items: REASON_CODES.map((id) => ({ id, name: id, selectable: true })) }
}

/** Rows of the switch's store. It is emptied only by `ipecs.deleteRecords`. */
const callHistory = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const { since, until } = request as { since?: string; until?: string }
  for (const [name, value] of Object.entries({ since, until })) if (value !== undefined && Number.isNaN(Date.parse(value))) throw invalid(`"${name}" is not a time.`)
  const limit = request.limit === undefined ? RECORDS_PAGE : Number(request.limit)
  if (!Number.isInteger(limit) || limit < 1) throw invalid('"limit" must be a whole number of at least 1.')
  const station = request.user === undefined && memory.settings.accountType !== 'client' ? undefined : actorOf(access, request)
  const { body } = await command(access, context, 'records', { limit: Math.min(limit, MOST), condition: conditionOf(station, since, until, memory.clock) })
  const items = objects(body?.items).map((record) => recordItem(record, memory.clock))
  const wanted = request.type
  const total = number(body?.count)
  return { items: wanted === undefined || wanted === 'all' ? items : items.filter(({ type }) => type === wanted), ...(total === undefined ? {} : { total }) }
}

export function lookupActions (access: Access): ActionTable {
  const available = withCti(access)
  return {
    listCalls: { run: listCalls(access) },
    listUsers: { run: listUsers(access) },
    listPhones: { run: listPhones(access) },
    listAgents: { run: listAgents(access) },
    listQueues: { run: listQueues(access) },
    userStates: { available, run: userStates(access) },
    agentStates: { run: agentStates(access) },
    queueStats: { run: queueStats(access) },
    reasonCodes: { lacks: ['campaign'], run: reasonCodes },
    callHistory: { lacks: ['cursor'], run: callHistory(access) }
  }
}
