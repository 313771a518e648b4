/** Lists and look-ups (five9.md 3.1 to 3.6, 7.2). */
import { CtiError, type ActionRequest, type ActionResult, type Call, type Mailbox, type Queue } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { ownAgent, deviceOf } from '../agentMapping'
import { queueOfRow, statsOfRow } from '../figureMapping'
import { mailboxOf } from '../reader'
import { defined, fields, isFields, list, number, objects, text, textOf, time, type Fields } from '../read'
import type { Item } from '../reference'
import { ownCalls } from '../snapshot'
import { agentOfRow } from '../supervisorMapping'
import { agentOf, command, invalid, isOther, named, optional, paged, userOf, type Access, type Run } from './tools'

const at = (context: ActionContext): number => context.link.clock.now() + context.link.clockOffsetMs

const listCalls = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const { picture } = context
  const states = request.states as readonly string[] | undefined
  if (request.queue !== undefined) throw CtiError.unsupported('listCalls', 'five9', 'the calls that wait in a queue are counted there, not listed', [])
  const owner = request.user === undefined ? undefined : userOf(access, request.user)
  const ofOthers = [...picture.calls()].filter((call) => (!memory.isAgent || call.owner.id !== memory.uid) && (owner === undefined || call.owner.id === owner))
  const own = memory.isAgent && (owner === undefined || owner === memory.uid)
    ? ownCalls(memory, picture, (await command(access, context, 'calls')).body, at(context)).map((leg) => ({ ...leg, conversationId: picture.call(leg.id)?.conversationId }) as Call)
    : []
  const items = [...own, ...ofOthers]
  return { items: states === undefined ? items.filter(({ state }) => state !== 'ended') : items.filter(({ state }) => states.includes(state)) }
}

/** Items whose texts hold the word. */
function matching<T extends object> (items: readonly T[], query: unknown, ...names: readonly (keyof T)[]): T[] {
  const word = typeof query === 'string' ? query.trim().toLowerCase() : ''
  return word === '' ? [...items] : items.filter((item) => names.some((name) => String(item[name] ?? '').toLowerCase().includes(word)))
}

const listUsers = (access: Access): Run => async (request) => {
  const users = access.memory.reference.users().map(({ userName: _login, ...user }) => user)
  return paged(matching(users, request.query, 'id', 'name', 'email', 'extension'), request)
}

const listPhones = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const told = memory.isAgent ? (await optional(command(access, context, 'station')))?.body : undefined
  if (isFields(told)) memory.station = told
  const own = memory.isAgent ? deviceOf(memory) : undefined
  // The fields of a station are not public; what is there goes along.
  const stations = [...memory.statistics.rows('STATIONS').entries()].map(([id, row]) => ({ ...row, ...defined({ id, name: textOf(row, 'name', 'station'), kind: 'phone' as const }) }))
  return paged([...own === undefined ? [] : [{ ...own, user: memory.userRef(memory.uid) }], ...matching(stations, request.query, 'id', 'name')], request)
}

/** All agents that are known: the own one, and those of the statistics. */
function agentsOf (access: Access, context: ActionContext): Map<string, unknown> {
  const { memory } = access
  const agents = new Map<string, unknown>()
  for (const [id, row] of memory.statistics.rows('AGENT_STATE')) agents.set(id, agentOfRow(memory, id, row, at(context), context.picture.agent(id)))
  if (memory.isAgent) agents.set(memory.uid, ownAgent(memory, context.picture, at(context)))
  return agents
}

const listAgents = (access: Access): Run => async (request, context) => {
  const agents = [...agentsOf(access, context).values()] as { id: string; name?: string; number?: string }[]
  return paged(matching(agents, request.query, 'id', 'name', 'number'), request)
}

const agentStates = (access: Access): Run => async (request, context) => {
  const agents = agentsOf(access, context)
  const ids = (request.ids as readonly string[] | undefined)?.map((word) => userOf(access, word)) ?? [...agents.keys()]
  return { items: ids.flatMap((id) => agents.get(id) ?? []) }
}

const userStates = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const agents = agentsOf(access, context)
  const ids = (request.ids as readonly string[] | undefined)?.map((word) => userOf(access, word)) ?? memory.reference.users().map(({ id }) => id)
  return { items: ids.map((id) => defined({ user: memory.userRef(id), agent: agents.get(id), presence: context.picture.presence(id), device: id === memory.uid ? deviceOf(memory) : undefined })) }
}

const listQueues = (access: Access): Run => async (request) => {
  const { reference, statistics } = access.memory
  const items = reference.items('skills').map(({ id, name }) => {
    const row = statistics.row('ACD_STATUS', id)
    return row === undefined ? defined({ id, name }) as Queue : queueOfRow(access.memory, id, row)
  })
  return paged(matching(items, request.query, 'id', 'name'), request)
}

const queueStats = (access: Access): Run => async (request) => {
  const { memory } = access
  const ids = (request.ids as readonly string[] | undefined)?.map((word) => named(access, 'skills', word, 'skill'))
  const rows = [...memory.statistics.rows('ACD_STATUS')].filter(([id]) => ids === undefined ? id !== '0' : ids.includes(id))
  const items = rows.map(([id, row]) => {
    const { name, longestWaitSeconds, waiting } = queueOfRow(memory, id, row)
    const longest = number(row.longestQueueTime)
    return { subject: defined({ kind: 'queue' as const, id, name }), window: { kind: 'now' as const }, metrics: defined({ maxWait: longest === undefined ? undefined : longest / 1000 }), source: 'vendor' as const, vendorMetrics: { ...row, ...defined({ waiting, longestWaitSeconds }) } }
  })
  const total = ids === undefined ? memory.statistics.row('ACD_STATUS', '0') : undefined
  return { items: [...items, ...(total === undefined ? [] : [statsOfRow(memory, 'ACD_STATUS', '0', total)])] }
}

const plain = ({ id, name, selectable }: Item): object => defined({ id, name, selectable })

const reasonCodes = (access: Access): Run => async (request) => {
  const { reference } = access.memory
  return { items: reference.items(request.kind === 'logout' ? 'logoutCodes' : 'notReadyCodes').map(plain) }
}

/** Those of a campaign are a list of their own; it has no catalogue, so it is asked for. */
const dispositions = (access: Access): Run => async (request, context) => {
  const { reference } = access.memory
  const campaign = request.campaign as string | undefined
  if (campaign === undefined) return { items: reference.items('dispositions').map(plain) }
  const { body } = await access.connection().send({
    method: 'GET', path: access.connection().orgPath(`/campaigns/${encodeURIComponent(named(access, 'campaigns', campaign, 'campaign'))}/dispositions`), idempotent: true, signal: context.signal
  }, access.memory.halves[0] ?? 'agent')
  return { items: objects(body).map((row) => defined({ id: textOf(row, 'id'), name: textOf(row, 'name') ?? reference.name('dispositions', textOf(row, 'id')) })) }
}

const searchDirectory = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const query = request.query as string
  const people = request.directory === 'personal' ? [] : matching(memory.reference.users(), query, 'name', 'email', 'extension', 'id').map((user) => defined({
    id: user.id, name: user.name, numbers: user.extension === undefined ? [] : [{ type: 'extension', number: user.extension }], email: user.email, userId: user.id, source: 'company'
  }))
  // Contacts of the domain are customers; not every role may see them.
  const reply = memory.isAgent && request.directory !== 'company' ? await optional(command(access, context, 'contacts', {}, { query })) : undefined
  const rows = objects(isFields(reply?.body) ? reply.body.contacts : reply?.body)
  const contacts = rows.map(contactOf).filter((contact) => JSON.stringify(contact).toLowerCase().includes(query.trim().toLowerCase()))
  return paged([...people, ...contacts], request)
}

function contactOf (row: Fields): object {
  const numbers = Object.entries(fields(row.fields)).flatMap(([field, value]) => typeof value === 'string' && /^\+?[\d\s().-]{6,}$/.test(value) ? [{ type: field, number: value }] : [])
  return { ...defined({ id: textOf(row, 'id'), name: textOf(row, 'name') ?? Object.values(fields(row.fields)).map(text).find((value) => value !== undefined && /[A-Za-z]/.test(value)), numbers }), source: 'contacts', data: row.fields }
}

const HISTORY_TYPES: Readonly<Record<string, RegExp>> = { placed: /OUT|MANUAL|PREVIEW/i, received: /INBOUND|CALLBACK/i, missed: /MISSED|NO.?ANSWER|ABANDON/i }

/** Records of a view: a cursor on the server, paged by its id (five9.md 3.4). */
function historyItem (row: Fields): Record<string, unknown> {
  const length = number(row.length ?? row.duration)
  return defined({
    id: textOf(row, 'id', 'callSessionId', 'interactionId'), type: textOf(row, 'type', 'callType') ?? 'recording', number: textOf(row, 'number', 'remoteNumber', 'ani'), name: textOf(row, 'name', 'customer'),
    time: time(row.created ?? row.startTime ?? row.timestamp), durationSeconds: length === undefined ? undefined : length / 1000, vendor: row
  })
}

const callHistory = (access: Access): Run => async (request, context) => {
  const agentId = agentOf(access, request)
  const ofOther = isOther(access, agentId)
  const limit = Number(request.limit ?? 100)
  if (!Number.isInteger(limit) || limit < 1) throw invalid('"limit" must be a whole number of at least 1.')
  const cursor = request.cursor as string | undefined
  const { body } = cursor === undefined
    ? await command(access, context, ofOther ? 'recording_views' : 'history', { agentId, limit })
    : await command(access, context, ofOther ? 'recording_views_next' : 'history_next', { agentId, viewId: cursor })
  const view = fields(body)
  const rows = objects(Array.isArray(body) ? body : view.records)
  return { items: within(rows.map(historyItem), request), ...(rows.length < limit ? {} : defined({ nextCursor: textOf(view, 'id') ?? cursor })) }
}

function within (items: Record<string, unknown>[], { type, since, until }: ActionRequest): Record<string, unknown>[] {
  const kind = typeof type === 'string' ? HISTORY_TYPES[type] : undefined
  return items.filter((item) => {
    const when = Date.parse(String(item.time))
    return (kind === undefined || kind.test(String(item.type))) && (since === undefined || !(when < Date.parse(String(since)))) && (until === undefined || !(when > Date.parse(String(until))))
  })
}

const profile = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const id = agentOf(access, request)
  const own = memory.isAgent && id === memory.uid
  const reply = own ? await optional(command(access, context, 'me')) : memory.isSupervisor ? await optional(command(access, context, 'agent', { agentId: id })) : undefined
  if (isFields(reply?.body) && own) memory.reference.know({ id, ...reply.body })
  return { items: [{ ...memory.reference.item('users', id)?.row, ...fields(reply?.body), ...memory.userRef(id) }] }
}

/** Messages of another agent: a view that only counts and lists them (five9.md 7.2). */
async function voicemailOfOther (access: Access, context: ActionContext, agentId: string, op: string): Promise<Partial<ActionResult>> {
  if (op !== 'summary' && op !== 'list') throw CtiError.unsupported('voicemail', 'five9', 'a supervisor can list the messages of an agent, and do nothing with them', [])
  const { body } = await command(access, context, 'voicemail_views', { agentId, limit: VIEW_LIMIT })
  const records = Array.isArray(body) ? body : list(fields(body).records)
  return { voicemail: mailboxOf(records) ?? EMPTY, ...(op === 'list' ? { items: [...records] } : {}) }
}

const VIEW_LIMIT = 100
const EMPTY: Mailbox = { newMessages: 0, waiting: false }

const voicemail = (access: Access): Run => async (request, context) => {
  const op = (request.op as string | undefined) ?? 'summary'
  const agentId = agentOf(access, request)
  if (isOther(access, agentId)) return voicemailOfOther(access, context, agentId, op)
  const voicemailId = request.messageId as string | undefined
  if (op === 'summary' || op === 'list') {
    const { body } = await command(access, context, 'voicemails')
    return { voicemail: mailboxOf(body) ?? EMPTY, ...(op === 'list' ? { items: [...list(body)] } : {}) }
  }
  if (op === 'markUnread') throw CtiError.unsupported('voicemail', 'five9', 'a message cannot be marked as unread there', [])
  if (voicemailId === undefined) throw invalid('Say which message with "messageId".')
  const route = op === 'get' ? 'voicemail' as const : op === 'delete' ? 'voicemail_delete' as const : 'voicemail_mark_as_read' as const
  const { body } = await command(access, context, route, { voicemailId })
  return op === 'get' ? { items: [body], data: body } : {}
}

export function lookupActions (access: Access): ActionTable {
  return {
    listCalls: { run: listCalls(access) },
    listUsers: { run: listUsers(access) },
    listPhones: { run: listPhones(access) },
    listAgents: { run: listAgents(access) },
    listQueues: { run: listQueues(access) },
    userStates: { run: userStates(access) },
    agentStates: { run: agentStates(access) },
    queueStats: { run: queueStats(access) },
    reasonCodes: { run: reasonCodes(access) },
    dispositions: { run: dispositions(access) },
    searchDirectory: { run: searchDirectory(access) },
    callHistory: { run: callHistory(access) },
    profile: { run: profile(access) },
    voicemail: { run: voicemail(access) }
  }
}
