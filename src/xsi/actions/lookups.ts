/** Lists and look-ups: calls, people, agents, queues, directories, history, mailbox (xsi.md 3.2 to 3.4). */
import { CtiError, samePlain, type ActionResult, type Agent, type Call, type Queue, type UserRef } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { path } from '../api'
import { eachLimited } from '../../session/eachLimited'
import { personOf } from '../people'
import type { XsiNode } from '../protocol'
import { boolean, child, children, defined, has, millis, iso, number, text } from '../read'
import { targetFor } from '../scope'
import { mapMailbox } from '../serviceMapping'
import { legsOf, plainNumber, queueSnapshot } from '../snapshot'
import { partyOfAddress } from '../parties'
import { readAgent } from './agents'
import { command, invalid, notFound, optional, pageOf, subjectOf, userPath, type Access, type Page, type Run } from './tools'

const WIDTH = 5

/** One page of a list. Some lists tell no total: then a full page means that there may be more (xsi.md 3.1). */
function paged (items: unknown[], node: XsiNode, { start, results }: Page): Partial<ActionResult> {
  const total = number(node, 'totalAvailableRecords')
  const count = number(node, 'numberOfRecords') ?? items.length
  const next = (number(node, 'startIndex') ?? start) + count
  const more = count > 0 && (total === undefined ? count >= results : next <= total)
  return { items, ...(total === undefined ? {} : { total }), ...(more ? { nextCursor: String(next) } : {}) }
}

const listCalls = (access: Access): Run => async (request, context) => {
  const states = request.states as readonly string[] | undefined
  const source = { picture: context.picture, context: access.connection().reduceContext() }
  const queue = request.queue as string | undefined
  const legs = queue === undefined ? await userCalls(access, request, context) : await queueCalls(access, access.memory.people.find(queue) ?? queue, context, source)
  const items = legs.map((leg) => ({ ...leg, conversationId: context.picture.call(leg.id)?.conversationId }) as Call)
  return { items: states === undefined ? items : items.filter(({ state }) => states.includes(state)) }
}

async function userCalls (access: Access, request: Parameters<Run>[0], context: ActionContext): Promise<ReturnType<typeof legsOf>> {
  const owner = subjectOf(access, request, context)
  const list = await command(access, context, 'GET', userPath(access, owner, 'calls'))
  const calls: XsiNode[] = []
  await eachLimited(children(list.node, 'call'), WIDTH, async (entry) => {
    const callId = text(entry, 'callId')
    const reply = callId === undefined ? undefined : await optional(command(access, context, 'GET', userPath(access, owner, 'calls', callId)))
    if (reply !== undefined) calls.push(reply.node)
  })
  const reduceContext = access.connection().reduceContext()
  return legsOf({ picture: context.picture, context: reduceContext }, targetFor(owner, reduceContext), calls)
}

async function queueCalls (access: Access, queueId: string, context: ActionContext, source: Parameters<typeof queueSnapshot>[0]): Promise<ReturnType<typeof legsOf>> {
  const { node } = await command(access, context, 'GET', path('callcenter', queueId, 'calls'))
  return queueSnapshot(source, queueId, children(child(node, 'queueEntries'), 'queueEntry')).calls ?? []
}

interface Entry { readonly person: UserRef; readonly node: XsiNode }

/** A directory in one of its forms, one page of it. */
async function directory (access: Access, request: Parameters<Run>[0], context: ActionContext, owner: string, kind: 'Enterprise' | 'Group', query: Record<string, string | undefined>): Promise<{ entries: Entry[]; node: XsiNode; page: Page }> {
  const page = pageOf(request)
  const { node } = await command(access, context, 'GET', userPath(access, owner, 'directories', kind), { ...page, ...query })
  const list = children(child(node, kind === 'Group' ? 'groupDirectory' : 'enterpriseDirectory'), 'directoryDetails')
  const entries = list.flatMap((entry) => {
    const person = personOf(entry, child(entry, 'additionalDetails'))
    if (person !== undefined) access.memory.people.add(person)
    return person === undefined ? [] : [{ person: defined({ id: person.id, name: person.name, number: person.number, extension: person.extension, email: person.email }) as UserRef, node: entry }]
  })
  return { entries, node, page }
}

/** `*text*` finds it anywhere, `/i` in any case; a slash in it must be escaped (xsi.md 3.1). */
const containing = (word: string): string => `*${word.replace(/[*]/g, '').replace(/\//g, '\\/')}*/i`

const ownDirectory = (access: Access): 'Enterprise' | 'Group' => access.options.scope === 'enterprise' ? 'Enterprise' : 'Group'

const listUsers = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const query = request.query as string | undefined
  const { entries, node, page } = await directory(access, request, context, owner, ownDirectory(access), { name: query === undefined || query === '' ? undefined : containing(query) })
  return paged(entries.map(({ person }) => person), node, page)
}

const FIELDS: ReadonlySet<string> = new Set(['firstName', 'lastName', 'name', 'userId', 'number', 'extension', 'mobileNo', 'department', 'emailAddress'])

const searchDirectory = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const word = containing(request.query as string)
  const fields = (request.fields as readonly string[] | undefined) ?? [/\d/.test(request.query as string) ? 'number' : 'name']
  const unknown = fields.find((field) => !FIELDS.has(field))
  if (unknown !== undefined) throw invalid(`"${unknown.slice(0, 40)}" cannot be searched: ${[...FIELDS].join(', ')} can.`)
  if (request.directory === 'personal') return personal(access, request, context, owner, word, fields)
  const query = { ...Object.fromEntries(fields.map((field) => [field, word])), searchCriteriaModeOr: fields.length > 1 ? 'true' : undefined }
  const kind = request.directory === 'group' ? 'Group' : 'Enterprise'
  const { entries, node, page } = await directory(access, request, context, owner, kind, query)
  const source = kind === 'Group' ? 'group' : 'company'
  return paged(entries.map(({ person, node: entry }) => defined({
    id: person.id,
    name: person.name,
    numbers: numbersOf(entry),
    email: person.email,
    department: text(child(entry, 'additionalDetails'), 'department'),
    userId: person.id,
    source
  })), node, page)
}

function numbersOf (entry: XsiNode): { type: string; number: string }[] {
  const told: [string, string | undefined][] = [['work', text(entry, 'number')], ['extension', text(entry, 'extension')], ['mobile', text(child(entry, 'additionalDetails'), 'mobile')]]
  return told.flatMap(([type, value]) => value === undefined ? [] : [{ type, number: value }])
}

async function personal (access: Access, request: Parameters<Run>[0], context: ActionContext, owner: string, word: string, fields: readonly string[]): Promise<Partial<ActionResult>> {
  const page = pageOf(request)
  const field = fields.includes('number') ? 'number' : 'name'
  const { node } = await command(access, context, 'GET', userPath(access, owner, 'directories', 'Personal'), { ...page, [field]: word })
  const items = children(node, 'entry').map((entry) => defined({ name: text(entry, 'name'), numbers: text(entry, 'number') === undefined ? [] : [{ type: 'work', number: text(entry, 'number') }], source: 'personal' }))
  return paged(items, node, page)
}

async function queueIds (access: Access, owner: string): Promise<string[]> {
  const connection = access.connection()
  const found = await connection.reader.queuesOf(access.memory.people.pathId(owner))
  return [...new Set([...found, ...access.memory.people.list('queue').map(({ id }) => id)])]
}

const listQueues = (access: Access): Run => async (request, context) => {
  const ids = await queueIds(access, subjectOf(access, request, context))
  const items: Queue[] = []
  await eachLimited(ids, WIDTH, async (id) => {
    if (access.memory.people.get(id)?.name === undefined) await access.connection().reader.queueProfile(id)
    const person = access.memory.people.get(id)
    items.push({ ...context.picture.queue(id), ...defined({ id, name: person?.name, number: person?.number }) } as Queue)
  })
  return { items: items.sort((a, b) => a.id < b.id ? -1 : 1) }
}

/** Agents of the queues that the user supervises, and those whose state is known. */
async function agentIds (access: Access, owner: string, context: ActionContext): Promise<string[]> {
  const reply = await optional(command(access, context, 'GET', userPath(access, owner, 'directories', 'Agents')))
  const told = children(reply?.node, 'callCenter').flatMap((queue) => children(child(queue, 'agentList'), 'userDetails')).flatMap((details) => {
    const person = personOf(details, child(details, 'additionalDetails'))
    if (person !== undefined) access.memory.people.add(person)
    return person === undefined ? [] : [person.id]
  })
  return [...new Set([...told, ...[...context.picture.agents()].map(({ id }) => id)])]
}

const agentStates = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const named = request.ids as readonly string[] | undefined
  const ids = named?.map((word) => access.memory.people.find(word) ?? word) ?? await agentIds(access, owner, context)
  const items: Agent[] = []
  await eachLimited(ids, WIDTH, async (id) => {
    const known = context.picture.agent(id)
    items.push(known === undefined || known.state === 'unknown' ? await readAgent(access, id, context) : known)
  })
  return { items: items.sort((a, b) => a.id < b.id ? -1 : 1) }
}

const reasonCodes = (access: Access): Run => async (request, context) => {
  if (request.kind === 'logout') throw CtiError.unsupported('reasonCodes', 'xsi', 'there are reasons for being not ready only', [])
  const { groupId } = access.connection().who
  if (groupId === undefined) throw notFound('The group of the user is not known, and reason codes belong to a group.')
  const { node } = await command(access, context, 'GET', path('group', groupId, 'services', 'CallCenter', 'UnavailableCodes'))
  const items = children(child(node, 'unavailableCodes'), 'unavailableCodeDetail').map((detail) => defined({
    id: text(detail, 'code'), name: text(detail, 'description') ?? text(detail, 'code'), selectable: boolean(detail, 'active')
  }))
  return { items }
}

const dispositions = (access: Access): Run => async (request, context) => {
  const named = request.queue as string | undefined
  const ids = named === undefined ? await queueIds(access, subjectOf(access, request, context)) : [access.memory.people.find(named) ?? named]
  if (ids.length === 0) throw notFound('Disposition codes belong to a queue: say which one with "queue".')
  const items: { id?: string; name?: string }[] = []
  for (const id of ids) {
    const reply = await optional(command(access, context, 'GET', path('callcenter', id, 'profile', 'DispositionCodes')))
    for (const node of codesIn(reply?.node)) {
      const item = defined({ id: text(node, 'code'), name: text(node, 'description') ?? text(node, 'code') })
      if (!items.some((known) => samePlain(known, item))) items.push(item)
    }
  }
  return { items }
}

/** Code details at whatever depth this release puts them: the lists of organisation and queue have different names. */
function codesIn (node: XsiNode | undefined, depth = 0): XsiNode[] {
  if (node === undefined || depth > 4) return []
  if (text(node, 'code') !== undefined) return [node]
  return Object.keys(node).filter((key) => !key.startsWith('@')).flatMap((key) => children(node, key).flatMap((inner) => codesIn(inner, depth + 1)))
}

const HISTORY = { placed: 'placed', received: 'received', missed: 'missed' } as const
type HistoryType = keyof typeof HISTORY

const callHistory = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const wanted = request.type === undefined || request.type === 'all' ? undefined : request.type as HistoryType
  const since = request.since as string | undefined
  const until = request.until as string | undefined
  const page = pageOf(request)
  const enhanced = await optional(command(access, context, 'GET', userPath(access, owner, 'directories', 'EnhancedCallLogs'), { ...page, startTime: since, endTime: until }))
  const basic = enhanced ?? await command(access, context, 'GET', userPath(access, owner, 'directories', 'CallLogs'))
  const items = Object.keys(HISTORY).flatMap((type) => entriesOf(basic.node, type as HistoryType))
    .filter((item) => (wanted === undefined || item.type === wanted) && (since === undefined || item.time >= iso(Date.parse(since))) && (until === undefined || item.time <= iso(Date.parse(until))))
    .sort((a, b) => a.time < b.time ? 1 : -1)
  if (enhanced !== undefined) return paged(items, enhanced.node, page)
  const shown = items.slice(page.start - 1, page.start - 1 + page.results)
  const next = page.start + shown.length
  return { items: shown, total: items.length, ...(next <= items.length ? { nextCursor: String(next) } : {}) }
}

interface HistoryItem { id?: string; type: HistoryType; number?: string; name?: string; time: string; answeredAt?: string; durationSeconds?: number }

function entriesOf (node: XsiNode, type: HistoryType): HistoryItem[] {
  const list = child(node, type)
  const entries = [...children(list, 'callLogsEntry'), ...children(list, 'enhancedCallLogsEntry'), ...children(list, 'enhancedCallLogsExtendedEntry')]
  return entries.flatMap((entry) => {
    const start = momentOf(entry, 'startTime') ?? momentOf(entry, 'time')
    if (start === undefined) return []
    const answered = momentOf(entry, 'answerTime')
    const ended = momentOf(entry, 'releaseTime') ?? momentOf(entry, 'detachedTime')
    return [defined({
      id: text(entry, 'callLogId') ?? text(entry, 'callId'),
      type,
      ...otherParty(entry, type),
      time: iso(start),
      answeredAt: answered === undefined ? undefined : iso(answered),
      durationSeconds: answered === undefined || ended === undefined ? undefined : Math.round((ended - answered) / 100) / 10
    }) as HistoryItem]
  })
}

/** Text of basic logs where the number is withheld. */
const WITHHELD = 'Unavailable'

/** The other side: under its own names in the enhanced form, by the direction of the call. */
function otherParty (entry: XsiNode, type: HistoryType): Pick<HistoryItem, 'number' | 'name'> {
  const placed = type === 'placed'
  const told = text(entry, 'phoneNumber') ?? (placed ? text(entry, 'dialedNumber') ?? text(entry, 'calledNumber') : text(entry, 'callingPresentationNumber'))
  const name = text(entry, 'name') ?? text(entry, placed ? 'calledDirectoryName' : 'callingPresentationName')
  return defined({ number: told === WITHHELD ? undefined : plainNumber(told), name }) as Pick<HistoryItem, 'number' | 'name'>
}

/** Logs have a dateTime, or ms since 1970 in the enhanced form. */
function momentOf (node: XsiNode, name: string): number | undefined {
  const ms = millis(node, name) ?? Date.parse(text(node, name) ?? '')
  return Number.isFinite(ms) ? ms : undefined
}

const profile = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const { node } = await command(access, context, 'GET', userPath(access, owner, 'profile'))
  const details = child(node, 'details')
  const person = personOf(details, child(node, 'additionalDetails'))
  if (person === undefined) throw notFound('The server told no profile.')
  const user = defined({ id: person.id, name: person.name, number: person.number, extension: person.extension, email: person.email })
  const more = defined({ groupId: text(details, 'groupId'), enterpriseId: text(details, 'serviceProvider'), department: text(child(node, 'additionalDetails'), 'department'), title: text(child(node, 'additionalDetails'), 'title'), mobile: text(child(node, 'additionalDetails'), 'mobile') })
  return { items: [{ ...user, ...more }], vendorReply: node }
}

const MARK: Readonly<Record<string, { verb: string; all: string }>> = {
  markRead: { verb: 'MarkAsRead', all: 'MarkAllAsRead' }, markUnread: { verb: 'MarkAsUnread', all: 'MarkAllAsUnread' }
}

const voicemail = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const op = (request.op as string | undefined) ?? 'summary'
  const box = (...more: string[]): string => userPath(access, owner, 'VoiceMessagingMessages', ...more)
  const id = messageId(request.messageId as string | undefined)
  if (op === 'summary') return { voicemail: await mailboxOf(access, owner, context) }
  if (op === 'list') {
    const { node } = await command(access, context, 'GET', box())
    return { items: children(child(node, 'messageInfoList'), 'messageInfo').map(messageOf) }
  }
  if ((op === 'get' || op === 'delete') && id === undefined) throw invalid(`"${op}" needs "messageId".`)
  if (op === 'get') return { data: (await command(access, context, 'GET', box(id as string))).node }
  const mark = MARK[op]
  if (op === 'delete') await command(access, context, 'DELETE', box(id as string))
  else if (mark !== undefined) await command(access, context, 'PUT', id === undefined ? box(mark.all) : box(id, mark.verb))
  return { voicemail: await mailboxOf(access, owner, context) }
}

/** A message id of the list is a whole path: its last part is the id (xsi.md 3.4). */
function messageId (raw: string | undefined): string | undefined {
  const last = raw?.split('/').filter((part) => part !== '').at(-1)
  return last === undefined ? undefined : decodeURIComponent(last)
}

async function mailboxOf (access: Access, owner: string, context: ActionContext): Promise<ReturnType<typeof mapMailbox>> {
  const { node } = await command(access, context, 'GET', userPath(access, owner, 'calls', 'MessageSummary'))
  return mapMailbox(child(node, 'summary') ?? node)
}

function messageOf (node: XsiNode): object {
  const caller = child(node, 'callingPartyInfo')
  const at = momentOf(node, 'time')
  const duration = number(node, 'duration')
  return defined({
    id: messageId(text(node, 'messageId')),
    number: partyOfAddress(text(caller, 'address'))?.number,
    name: text(caller, 'name'),
    time: at === undefined ? undefined : iso(at),
    durationSeconds: duration === undefined ? undefined : duration / 1000,
    read: has(node, 'read'),
    urgent: has(node, 'urgent') ? true : undefined
  })
}

export function lookupActions (access: Access): ActionTable {
  return {
    listCalls: { run: listCalls(access) },
    listUsers: { run: listUsers(access) },
    listAgents: { run: agentStates(access) },
    listQueues: { run: listQueues(access) },
    agentStates: { run: agentStates(access) },
    reasonCodes: { lacks: ['queue', 'campaign'], run: reasonCodes(access) },
    dispositions: { lacks: ['campaign'], run: dispositions(access) },
    searchDirectory: { run: searchDirectory(access) },
    callHistory: { run: callHistory(access) },
    profile: { run: profile(access) },
    voicemail: { run: voicemail(access) }
  }
}
