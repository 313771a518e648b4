/** Reads lists, configurations and states after the log-in, then subscribes (xivo-cti.md 6, resync). Replies are folded by the reducer like pushes. */
import { setMaxListeners } from 'node:events'
import { CtiError } from '../model'
import type { Dialect } from './dialect'
import type { Watch, Watched } from './options'
import { IPBX, type ListName, type XivoMessage } from './protocol'
import { number, text, texts } from './read'
import { repliesTo, type Requests } from './requests'
import type { Tables } from './tables'

/** Questions without an answer at any time: the server is one thread (xivo-cti.md 5). */
const WINDOW = 50

/** ms to wait once the server has left a question open without going on to the next one. */
const LATER_MS = 1000

/** Lists with a configuration, in the order in which they are read. */
const LISTS = ['users', 'phones', 'agents', 'queues', 'queuemembers', 'voicemails'] as const

export interface Sync {
  readonly requests: Requests
  readonly tables: Tables
  readonly dialect: Dialect
  readonly watch: Watched
  readonly signal: AbortSignal
  /** ms to wait for one answer; less once the server was found not to answer everything. */
  statusMs: number
  readonly warn: (code: string, text: string) => void
}

type Reply = XivoMessage | undefined
type Question = (signal: AbortSignal) => Promise<Reply>
/** A list that is read by `tid`; channels have no configuration. */
type Listed = Exclude<ListName, 'channels'>

function getlist ({ requests, statusMs }: Sync, name: 'listid' | 'updateconfig' | 'updatestatus', listname: ListName, tid?: string): Question {
  const fits = (message: XivoMessage): boolean => message.class === 'getlist' && message.function === name && message.listname === listname && (tid === undefined || text(message.tid) === tid)
  const message = { class: 'getlist', function: name, listname, tipbxid: IPBX, ...(tid === undefined ? {} : { tid }) } as const
  return async (signal) => (await requests.ask({ message, reply: fits, limitMs: statusMs, signal })).reply
}

const acknowledged = ({ requests, statusMs }: Sync, name: 'getipbxlist' | 'keepalive'): Question =>
  async (signal) => (await requests.ask({ message: { class: name }, reply: repliesTo, limitMs: statusMs, signal })).reply

/**
 * Asks all at once. Not every question is answered: a list that the server has not got is not even refused (xivo-cti.md 3.2).
 * It works one line after the other (3.0), so nothing more comes once the ids of the users, asked for last, are there: every server has them, and none tells
 * them without being asked.
 * @returns the answers, undefined for those that stayed away
 */
async function inOrder (sync: Sync, questions: readonly Question[], isInOrder = true): Promise<Reply[]> {
  const over = new AbortController()
  // One listener a question.
  setMaxListeners(0, over.signal)
  const stop = (): void => over.abort(sync.signal.reason)
  sync.signal.addEventListener('abort', stop, { once: true })
  const missing = (error: unknown): undefined => {
    if (sync.signal.aborted || !(over.signal.aborted || (error instanceof CtiError && error.code === 'CTI_TIMEOUT'))) throw error
  }
  try {
    if (sync.signal.aborted) throw sync.signal.reason
    const answers = questions.map((question) => question(over.signal).catch(missing))
    if (isInOrder) getlist(sync, 'listid', 'users')(over.signal).then(() => over.abort(), () => {})
    const replies = await Promise.all(answers)
    if (isInOrder && !over.signal.aborted && replies.includes(undefined)) sync.statusMs = Math.min(sync.statusMs, LATER_MS)
    return replies
  } finally {
    sync.signal.removeEventListener('abort', stop)
  }
}

/** Asks for each item, in portions. What is not told comes by itself when it changes; a list of which nothing is told is not asked for any more. */
async function each (sync: Sync, name: 'updateconfig' | 'updatestatus', list: ListName, ids: readonly string[]): Promise<void> {
  // Servers of 2.x ask another service for the presence of users, and answer when that has (xivo-cti.md 3.2).
  const isInOrder = !(sync.dialect.isTwo && name === 'updatestatus' && list === 'users')
  let missing = 0
  for (let from = 0; from < ids.length; from += WINDOW) {
    const replies = await inOrder(sync, ids.slice(from, from + WINDOW).map((id) => getlist(sync, name, list, id)), isInOrder)
    const without = replies.filter((reply) => reply === undefined).length
    missing += without
    if (without === replies.length || (without > 0 && !isInOrder)) break
  }
  if (missing === 0) return
  if (name === 'updatestatus') sync.warn('noStatus', `The server did not tell the state of some ${list}; it is known from the first change on.`)
  else sync.warn(`noList.${list}`, `The server did not tell everything of the ${list}; the rest is known from its first change on.`)
}

const statuses = (sync: Sync, list: ListName, ids: readonly string[]): Promise<void> => each(sync, 'updatestatus', list, ids)

/** What of a list is wanted: the rows, and what belongs to the account's user and to the users that are watched. */
interface Choice { readonly rows: Tables['lists']['users']; readonly own: readonly (string | undefined)[]; readonly ofUsers: () => Ids; readonly numbersOf?: (id: string) => unknown[] }
/** Undefined means all. */
type Ids = ReadonlySet<string> | undefined

const known = (ids: readonly (string | undefined)[]): Set<string> => new Set(ids.filter((id) => id !== undefined))

/** Ids of a list that are wanted, by name, number or id. What is the account's own always is. */
function chosen (watch: Watch, { rows, own, ofUsers, numbersOf }: Choice): Ids {
  if (watch === 'all') return undefined
  const ids = known(own)
  if (watch === 'own') return ids
  if (watch === 'users') {
    const theirs = ofUsers()
    return theirs && new Set([...ids, ...theirs])
  }
  for (const [id, { config }] of rows) {
    const names = [id, config.number, config.fullname, config.name, config.displayname, config.identity, ...numbersOf?.(id) ?? []].map(text)
    if (watch.some((wanted) => names.includes(wanted))) ids.add(id)
  }
  return ids
}

/** Configuration of all lists. One is read whole when others are wanted or needed for names; else only what is the user's own. */
async function configurations (sync: Sync): Promise<void> {
  const { tables, watch } = sync
  const own: { readonly [list in Listed]?: () => readonly (string | undefined)[] } = {
    ...(watch.users === 'own' ? { users: () => [], voicemails: () => [text(tables.row('users', tables.userId).config.voicemailid)] } : {}),
    ...(watch.phones === 'own' ? { phones: () => tables.phonesOf(tables.userId) } : {}),
    ...(watch.agents === 'own' ? { agents: () => [tables.ownAgent] } : {})
  }
  const whole = LISTS.filter((list) => own[list] === undefined)
  // The user's own row first: it names phones, agent and mailbox (xivo-cti.md 6).
  const [row, ...replies] = await inOrder(sync, [getlist(sync, 'updateconfig', 'users', tables.userId), ...whole.map((list) => getlist(sync, 'listid', list)), acknowledged(sync, 'getipbxlist')])
  if (row === undefined && replies.every((reply) => reply === undefined)) throw new CtiError('CTI_TIMEOUT', 'The server did not tell anything after the log-in.', { vendor: 'xivo', retryable: true })
  for (const list of LISTS) {
    const reply = replies[whole.indexOf(list)]
    const ids = own[list]?.().filter((id) => id !== undefined)
    if (ids === undefined && reply === undefined) sync.warn(`noList.${list}`, `The server did not tell which ${list} there are; they are known from their first change on.`)
    await each(sync, 'updateconfig', list, ids ?? texts(reply?.list))
  }
}

function choose ({ tables, watch }: Sync): void {
  const { lists } = tables
  const queuesOf = (agents: Iterable<string>): string[] => [...agents].flatMap((id) => texts(tables.row('agents', id).status.queues))
  const agentOf = (user: string): string | undefined => {
    const agent = text(tables.row('users', user).config.agentid)
    return agent === '0' ? undefined : agent
  }
  const users = chosen(watch.users, {
    rows: lists.users, own: [tables.userId], ofUsers: () => undefined, numbersOf: (user) => tables.phonesOf(user).map((phone) => tables.row('phones', phone).config.number)
  })
  const phones = chosen(watch.phones, { rows: lists.phones, own: tables.phonesOf(tables.userId), ofUsers: () => users && known([...users].flatMap((user) => tables.phonesOf(user))) })
  const agents = chosen(watch.agents, { rows: lists.agents, own: [tables.ownAgent], ofUsers: () => users && known([...users].map(agentOf)) })
  const queues = chosen(watch.queues, {
    rows: lists.queues, own: watch.queues === 'own' ? queuesOf(known([tables.ownAgent])) : [], ofUsers: () => users && known(queuesOf(known([...users].map(agentOf))))
  })
  const sets = { users, phones, agents, queues }
  for (const list of ['users', 'phones', 'agents', 'queues'] as const) {
    const set = sets[list]
    if (set === undefined) delete tables.watched[list]
    else tables.watched[list] = set
  }
}

async function states (sync: Sync): Promise<void> {
  const { tables, dialect } = sync
  const watched = (list: 'users' | 'phones' | 'agents'): string[] => [...tables.lists[list].keys()].filter((id) => tables.watches(list, id))
  await statuses(sync, 'agents', tables.ownAgent === undefined ? watched('agents') : [...new Set([tables.ownAgent, ...watched('agents')])])
  choose(sync)
  await statuses(sync, 'phones', watched('phones'))
  if (!dialect.isTwo && tables.hasChannels) {
    dialect.seen('channels')
    await channels(sync)
  }
  await statuses(sync, 'users', watched('users'))
  await statuses(sync, 'voicemails', [...tables.lists.voicemails.keys()])
}

/** Channels of the phones, and those at their other ends. */
async function channels (sync: Sync): Promise<void> {
  const { tables } = sync
  const names = [...tables.lists.phones.values()].flatMap(({ status }) => texts(status.channels))
  await statuses(sync, 'channels', names)
  const peers = new Set([...tables.channels.values()].map(({ status }) => text(status.talkingto_id)).filter((name) => name !== undefined && !tables.channels.has(name)))
  await statuses(sync, 'channels', [...peers] as string[])
}

/** What a connection has to ask for once (xivo-cti.md 4.1). */
export function subscribeOwn (requests: Requests): void {
  requests.tell({ class: 'subscribe', message: 'current_calls' })
  requests.tell({ class: 'subscribe', message: 'meetme_update' })
  requests.tell({ class: 'subscribetoqueuesstats' })
}

function subscribeQueues ({ requests, tables }: Sync): void {
  for (const id of tables.lists.queues.keys()) {
    if (tables.watches('queues', id) && /^\d+$/.test(id)) requests.tell({ class: 'subscribe', message: 'queueentryupdate', queueid: id })
  }
}

/** Registrations need the server's own id, which `relations` tells from 15.16 on (xivo-cti.md 4.5). */
function register ({ requests, tables, dialect }: Sync): void {
  const uuid = tables.xivoUuid
  if (uuid === undefined || dialect.has('register') === false) return
  const pairs = (list: 'users' | 'phones' | 'agents'): [string, number][] =>
    [...tables.lists[list].keys()].filter((id) => tables.watches(list, id)).map(number).filter((id) => id !== undefined).map((id) => [uuid, id])
  const all = { user_ids: pairs('users'), endpoint_ids: pairs('phones'), agent_ids: pairs('agents') }
  if (all.user_ids.length > 0) requests.tell({ class: 'register_user_status_update', user_ids: all.user_ids })
  if (all.endpoint_ids.length > 0) requests.tell({ class: 'register_endpoint_status_update', endpoint_ids: all.endpoint_ids })
  if (all.agent_ids.length > 0) requests.tell({ class: 'register_agent_status_update', agent_ids: all.agent_ids })
}

/** Reads everything that is watched. @throws CtiError CTI_TIMEOUT when the server does not answer at all */
export async function synchronise (asked: Readonly<Sync>): Promise<void> {
  const sync = { ...asked }
  const { requests, tables, dialect } = sync
  // A class that the server does not know is ignored in silence, so asking costs nothing (xivo-cti.md 2.9).
  if (dialect.has('relations') !== false) requests.tell({ class: 'get_relations' })
  await configurations(sync)
  tables.xivoUuid ??= text(tables.row('users', tables.userId).config.xivo_uuid)
  await states(sync)
  subscribeQueues(sync)
  register(sync)
  // What the server was told last has been worked on when this is answered.
  await inOrder(sync, [acknowledged(sync, 'keepalive')])
}
