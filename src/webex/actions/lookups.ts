/** Lists and look-ups: calls, history, people, agents, queues, phones, mailbox (webex-calling.md 3.2, 3.5, 3.7, 3.8, 3.10). */
import { CtiError, type ActionResult, type ActionSpec, type Agent, type Call, type Queue, type UserRef } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { path, type ApiReply, type Query, type WebexApi } from '../api'
import { keyOf } from '../ids'
import { callIdOf as idOfCall, mapLeg } from '../legs'
import { callsPath, historyPath, lineQuery, type Line } from '../line'
import { mapParty } from '../parties'
import { personOf as readPerson } from '../people'
import { mapQueueCall } from '../queueCalls'
import { boolean, defined, number, record, records, text, time, type Json } from '../read'
import { targetOf } from '../scope'
import { mapDnd, mapMailbox, mapPresence } from '../settings'
import { settingPaths } from '../line'
import { apiOf, callIdOf, invalid, legOf, lineOf, notFound, personOf, type Access, type Run } from './tools'

const PAGE = 100
const MOST = 1000

/** The cursor is the path of the next page, as the vendor gave it. @throws CtiError CTI_INVALID_REQUEST for one that leads elsewhere */
async function page (api: WebexApi, request: Parameters<Run>[0], context: ActionContext, at: string, query: Query): Promise<ApiReply> {
  const cursor = request.cursor as string | undefined
  const limit = request.limit === undefined ? PAGE : Number(request.limit)
  if (!Number.isInteger(limit) || limit < 1) throw invalid('"limit" must be a whole number of at least 1.')
  if (cursor === undefined) return api.get(at, context.signal, { ...query, max: Math.min(MOST, limit) })
  const plain = cursor.split('?')[0]
  if (plain !== at) throw invalid('"cursor" is not one that an earlier result gave.')
  return api.get(cursor, context.signal)
}

/** An empty page is the last one, whatever the header says. */
function paged (api: WebexApi, reply: ApiReply, items: unknown[], count: number): Partial<ActionResult> {
  const next = count === 0 ? undefined : api.nextOf(reply)
  return { items, ...(next === undefined ? {} : { nextCursor: next }) }
}

const listCalls = (access: Access): Run => async (request, context) => {
  const states = request.states as readonly string[] | undefined
  const queue = request.queue as string | undefined
  const legs = queue === undefined ? await ownCalls(access, await lineOf(access, request, context), context) : await queueCalls(access, queue, await apiOf(access, request, context), context)
  return { items: states === undefined ? legs : legs.filter(({ state }) => states.includes(state)) }
}

async function ownCalls (access: Access, line: Line, context: ActionContext): Promise<Call[]> {
  const reply = await line.api.get(callsPath(line), context.signal, lineQuery(line))
  return records(reply.node, 'items').flatMap((call) => legFrom(access, line, call, context) ?? [])
}

function legFrom (access: Access, line: Line, call: Json, context: ActionContext): Call | undefined {
  const callId = idOfCall(call)
  if (callId === undefined) return undefined
  access.memory.noteRestId(callId)
  const source = access.connection().source()
  const target = targetOf(line.id, source.context)
  const { id } = mapLeg(call, callId, target, undefined, source)
  const known = context.picture.call(id)
  return { ...mapLeg(call, callId, target, known, source), conversationId: known?.conversationId } as Call
}

async function queueCalls (access: Access, id: string, api: WebexApi, context: ActionContext): Promise<Call[]> {
  const reply = await api.get(path('telephony', 'queues', id, 'calls'), context.signal)
  const source = access.connection().source()
  return records(reply.node, 'items').flatMap((node, index) => {
    const leg = mapQueueCall(node, { id }, undefined, index + 1, source)
    return leg === undefined ? [] : [{ ...leg, conversationId: context.picture.call(leg.id)?.conversationId } as Call]
  })
}

const callDetails = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const line = await lineOf(access, request, context)
  const reply = await line.api.get(callsPath(line, await callIdOf(access, context, line, leg)), context.signal, lineQuery(line))
  return { data: reply.node }
}

const TYPES = ['placed', 'received', 'missed'] as const

/** At most 20 of each type exist, without ids (webex-calling.md 3.2); times are compared as instants. */
const callHistory = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const wanted = request.type === undefined || request.type === 'all' ? TYPES : TYPES.filter((one) => one === request.type)
  const [since, until] = [instant(request.since, 'since'), instant(request.until, 'until')]
  const replies = await Promise.all(wanted.map(async (type) => ({ type, node: (await line.api.get(historyPath(line), context.signal, { type, ...lineQuery(line) })).node })))
  const items = replies.flatMap(({ type, node }) => records(node, 'items').map((one) => {
    const party = mapParty(one, () => undefined)
    return defined({ type: text(one, 'type') ?? type, number: party?.number, name: party?.name, time: time(one, 'time') })
  }))
  const inside = items.filter(({ time: at }) => at === undefined || ((since === undefined || Date.parse(at) >= since) && (until === undefined || Date.parse(at) <= until)))
  inside.sort((a, b) => (b.time ?? '') < (a.time ?? '') ? -1 : 1)
  const from = request.cursor === undefined ? 0 : Number(request.cursor)
  if (!Number.isInteger(from) || from < 0) throw invalid('"cursor" is not one that an earlier result gave.')
  const limit = request.limit === undefined ? PAGE : Number(request.limit)
  return { items: inside.slice(from, from + limit), total: inside.length, ...(from + limit < inside.length ? { nextCursor: String(from + limit) } : {}) }
}

function instant (raw: unknown, name: string): number | undefined {
  if (raw === undefined) return undefined
  const ms = Date.parse(String(raw))
  if (Number.isNaN(ms)) throw invalid(`"${name}" is not a time.`)
  return ms
}

async function people (access: Access, request: Parameters<Run>[0], context: ActionContext, query: Query): Promise<{ api: WebexApi; reply: ApiReply; nodes: Json[] }> {
  const api = await apiOf(access, request, context)
  const { orgId } = access.settings
  const reply = await page(api, request, context, '/people', { ...query, orgId })
  const nodes = records(reply.node, 'items')
  access.connection().learn(nodes)
  return { api, reply, nodes }
}

/** How a search word is sent; the vendor finds the beginnings of names only. */
function searched (word: string | undefined): Query {
  return word === undefined || word === '' ? {} : word.includes('@') ? { email: word } : { displayName: word }
}

const userRef = (node: Json): UserRef[] => {
  const person = readPerson(node)
  return person === undefined ? [] : [defined({ id: person.id, name: person.name, number: person.number, extension: person.extension, email: person.email }) as UserRef]
}

const listUsers = (access: Access): Run => async (request, context) => {
  const query = request.query as string | undefined
  const found = await people(access, request, context, searched(query)).catch((error: unknown) => {
    // Only administrators get a list of everybody (webex-calling.md 3.10).
    throw query === undefined && error instanceof CtiError && error.code === 'CTI_INVALID_REQUEST' ? new CtiError(error.code, `Webex wants to know whom: give a name or e-mail address as "query". (${error.message})`, error.cause) : error
  })
  const { api, reply, nodes } = found
  return paged(api, reply, nodes.flatMap(userRef), nodes.length)
}

const NUMBER_TYPES: Readonly<Record<string, string>> = { work_extension: 'extension', mobile: 'mobile', fax: 'fax', work: 'work' }

const searchDirectory = (access: Access): Run => async (request, context) => {
  if (request.directory === 'personal') throw CtiError.unsupported('searchDirectory', 'webex', 'there is no personal directory there', [])
  const { api, reply, nodes } = await people(access, request, context, searched(request.query as string))
  const items = nodes.flatMap((node) => {
    const person = readPerson(node)
    if (person === undefined) return []
    const numbers = records(node, 'phoneNumbers').flatMap((one) => {
      const value = text(one, 'value')
      return value === undefined ? [] : [{ type: NUMBER_TYPES[text(one, 'type') ?? ''] ?? text(one, 'type') ?? 'work', number: value }]
    })
    return [defined({ id: person.id, name: person.name, numbers, email: person.email, department: text(node, 'department'), userId: person.id, source: 'company' })]
  })
  return paged(api, reply, items, nodes.length)
}

const profile = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const { node } = await line.api.get(path('people', line.family === 'member' ? line.id : 'me'), context.signal, lineQuery(line))
  const [person] = userRef(node)
  return { items: [{ ...node, ...person }] }
}

const userStates = (access: Access): Run => async (request, context) => {
  const api = await apiOf(access, request, context)
  const named = request.ids as readonly string[] | undefined
  const ids = named === undefined ? [(await lineOf(access, request, context)).id] : await Promise.all(named.map(async (word) => (await personOf(access, word, context, api)).id))
  const items: unknown[] = []
  for (const id of ids) {
    const { node } = await api.get(path('people', id), context.signal)
    const line = access.connection().watchOf(id)?.line
    const dnd = line === undefined ? undefined : await optional(() => line.api.get(settingPaths(line, 'doNotDisturb')[0]!, context.signal, lineQuery(line)))
    items.push(defined({ user: userRef(node)[0], presence: mapPresence(node), dnd: dnd === undefined ? undefined : mapDnd(dnd.node) }))
  }
  return { items }
}

async function optional (work: () => Promise<ApiReply>): Promise<ApiReply | undefined> {
  try {
    return await work()
  } catch (error) {
    const { code } = CtiError.from(error, 'webex')
    if (code !== 'CTI_FORBIDDEN' && code !== 'CTI_NOT_FOUND') throw error
    return undefined
  }
}

const listQueues = (access: Access): Run => async (request, context) => {
  const api = await apiOf(access, request, context)
  const query = request.query as string | undefined
  const reply = await page(api, request, context, '/telephony/config/queues', { name: query === '' ? undefined : query, orgId: access.settings.orgId })
  const nodes = records(reply.node, 'queues')
  const items = nodes.flatMap((node) => {
    const id = text(node, 'id')
    return id === undefined ? [] : [{ ...context.picture.queue(id), ...defined({ id, name: text(node, 'name'), number: text(node, 'phoneNumber') ?? text(node, 'extension') }) } as Queue]
  })
  return paged(api, reply, items, nodes.length)
}

/** Agents of the organisation: who they are; their state is known of those that are watched. */
const listAgents = (access: Access): Run => async (request, context) => {
  const api = await apiOf(access, request, context)
  const reply = await page(api, request, context, '/telephony/config/queues/agents', { name: request.query as string | undefined, orgId: access.settings.orgId })
  const nodes = records(reply.node, 'agents')
  const now = new Date(context.link.clock.now()).toISOString()
  const items = nodes.flatMap((node) => {
    const id = text(node, 'id')
    if (id === undefined) return []
    const person = access.memory.people.get(id)
    const known = context.picture.agent(person?.id ?? id)
    const name = [text(node, 'firstName'), text(node, 'lastName')].filter((part) => part !== undefined).join(' ')
    return [known ?? defined({ id: person?.id ?? id, name: name === '' ? undefined : name, number: text(node, 'extension') ?? text(node, 'phoneNumber'), state: 'unknown' as const, since: now }) as Agent]
  })
  return paged(api, reply, items, nodes.length)
}

const agentStates = (access: Access): Run => async (request, context) => {
  const named = request.ids as readonly string[] | undefined
  const { picture } = context
  if (named === undefined) {
    const watch = access.connection().watchOf((await lineOf(access, request, context)).id)
    const own = await watch?.readAgent()
    const others = [...picture.agents()].filter(({ id }) => id !== own?.id)
    return { items: own === undefined ? others : [own, ...others] }
  }
  const items: Agent[] = []
  for (const word of named) {
    const id = access.memory.people.find(word)?.id ?? word
    const agent = await access.connection().watchOf(id)?.readAgent() ?? picture.agent(id)
    if (agent === undefined) throw notFound(`The state of "${word.slice(0, 60)}" is not known: it can be read with the agent's own authorisation only.`)
    items.push(agent)
  }
  return { items }
}

const queueStats = (access: Access): Run => async (request, context) => {
  const api = await apiOf(access, request, context)
  const ids = (request.ids as readonly string[] | undefined) ?? access.settings.queues
  if (ids.length === 0) throw invalid('Say of which queues with "ids".')
  const items = await Promise.all(ids.map(async (id) => {
    const reply = await api.get(path('telephony', 'queues', id, 'calls'), context.signal)
    const waiting = records(reply.node, 'items').filter((one) => text(one, 'removeTime') === undefined && text(one, 'answeringAgentId') === undefined).length
    const known = context.picture.queue(id)
    return {
      subject: defined({ kind: 'queue' as const, id, name: known?.name }), window: { kind: 'now' as const }, metrics: {}, source: 'computed' as const, vendorMetrics: defined({ waiting, longestWaitSeconds: known?.longestWaitSeconds })
    }
  }))
  return { items }
}

/** Devices and apps that an answer or a new call can be sent to. */
const listPhones = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const own = path('telephony', 'config', 'people', 'me', 'settings', 'availablePreferredAnswerEndpoints')
  const admin = path('telephony', 'config', 'people', line.id, 'preferredAnswerEndpoint')
  const { node } = await line.api.get(line.family === 'member' ? admin : own, context.signal, lineQuery(line))
  const preferred = text(node, 'preferredAnswerEndpointId')
  const word = (request.query as string | undefined)?.toLowerCase() ?? ''
  const items = records(node, 'endpoints').flatMap((one) => {
    const id = text(one, 'id')
    const name = text(one, 'name')
    if (id === undefined || name?.toLowerCase().includes(word) === false) return []
    return [defined({ id, name, kind: text(one, 'type') === 'APPLICATION' ? 'app' : 'phone', preferred: boolean(one, 'isPreferredAnswerEndpoint') ?? (preferred === undefined ? undefined : keyOf(preferred) === keyOf(id)) })]
  })
  return { items }
}

const MAILBOX = path('telephony', 'voiceMessages')

const voicemail = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  if (line.family === 'member') throw CtiError.unsupported('voicemail', 'webex', 'a mailbox opens with its user\'s own authorisation only', [])
  const op = (request.op as string | undefined) ?? 'summary'
  const messageId = request.messageId as string | undefined
  if (op === 'list' || op === 'get') return messages(access, line, op === 'get' ? needed(messageId) : undefined, context)
  if (op === 'delete') await line.api.send({ method: 'DELETE', path: path('telephony', 'voiceMessages', needed(messageId)), signal: context.signal })
  if (op === 'markRead' || op === 'markUnread') {
    const verb = op === 'markRead' ? 'markAsRead' : 'markAsUnread'
    // Marking twice changes nothing.
    await line.api.send({ method: 'POST', path: `${MAILBOX}/${verb}`, body: messageId === undefined ? {} : { messageId }, repeatable: true, signal: context.signal })
  }
  const { node } = await line.api.get(`${MAILBOX}/summary`, context.signal)
  if (op !== 'summary') await access.connection().watchOf(line.id)?.readMailbox()
  return { voicemail: mapMailbox(node) }
}

function needed (messageId: string | undefined): string {
  if (messageId === undefined) throw invalid('Say which message with "messageId".')
  return messageId
}

async function messages (access: Access, line: Line, wanted: string | undefined, context: ActionContext): Promise<Partial<ActionResult>> {
  const list = await line.api.all(MAILBOX, 'items', context.signal)
  const items = list.filter((one) => wanted === undefined || text(one, 'id') === wanted).map((one) => defined({
    id: text(one, 'id'),
    from: mapParty(record(one, 'callingParty'), (id) => access.memory.people.get(id)),
    time: time(one, 'created'),
    durationSeconds: number(one, 'duration'),
    read: boolean(one, 'read'),
    urgent: boolean(one, 'urgent'),
    confidential: boolean(one, 'confidential'),
    faxPages: number(one, 'faxPageCount')
  }))
  if (wanted !== undefined && items.length === 0) throw notFound('There is no such message.')
  return { items }
}

const lookup = (params: ActionSpec['params'] = {}): ActionSpec => ({ group: 'lookup', subject: 'user', params, repeatable: true, timeoutMs: 5000 })

const featureCodes = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const { node } = await line.api.get(path('telephony', 'config', 'people', 'me', 'settings', 'featureAccessCode'), context.signal)
  return { items: records(node, 'featureAccessCodeList').map((code) => defined({ name: text(code, 'name'), code: text(code, 'code'), alternate: text(code, 'alternateCode') })) }
}

const setEndpoint = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const id = (request.endpoint as string | undefined) ?? null
  const own = line.family !== 'member'
  const at = own ? path('telephony', 'config', 'people', 'me', 'settings', 'preferredAnswerEndpoint') : path('telephony', 'config', 'people', line.id, 'preferredAnswerEndpoint')
  const query = lineQuery(line)
  await line.api.send({ method: 'PUT', path: at, body: own ? { id } : { preferredAnswerEndpointId: id }, signal: context.signal, ...(query === undefined ? {} : { query }) })
  return {}
}

export function lookupActions (access: Access): ActionTable {
  return {
    listCalls: { run: listCalls(access) },
    callHistory: { run: callHistory(access) },
    listUsers: { run: listUsers(access) },
    searchDirectory: { run: searchDirectory(access) },
    profile: { run: profile(access) },
    userStates: { run: userStates(access) },
    listQueues: { run: listQueues(access) },
    listAgents: { run: listAgents(access) },
    agentStates: { run: agentStates(access) },
    queueStats: { run: queueStats(access) },
    listPhones: { run: listPhones(access) },
    voicemail: { run: voicemail(access) },
    'webex.callDetails': { spec: { ...lookup(), legStates: ['initiated', 'dialing', 'ringing', 'active', 'held'] }, run: callDetails(access) },
    'webex.featureCodes': { spec: lookup(), run: featureCodes(access) },
    'webex.setPreferredEndpoint': { spec: { ...lookup({ endpoint: { kind: 'string' } }), group: 'call' }, run: setEndpoint(access) }
  }
}
