/** Reads lists, configurations and states after the log-in, then subscribes (xivo-cti.md 6, resync). Replies are folded by the reducer like pushes. */
import { CtiError } from '../model'
import type { Dialect } from './dialect'
import type { Watch, Watched } from './options'
import { IPBX, type ListName, type XivoMessage } from './protocol'
import { number, text, texts } from './read'
import { repliesTo, type Requests } from './requests'
import type { Tables } from './tables'

/** Questions without an answer at any time: the server is one thread (xivo-cti.md 5). */
const WINDOW = 50

export interface Sync {
  readonly requests: Requests
  readonly tables: Tables
  readonly dialect: Dialect
  readonly watch: Watched
  readonly signal: AbortSignal
  /** ms to wait for one answer. */
  readonly statusMs: number
  readonly warn: (code: string, text: string) => void
}

/** Runs the jobs, at most `WINDOW` at once; stops at the first failure. */
async function inWindow<T> (items: readonly T[], job: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = items.values()
  const worker = async (): Promise<void> => {
    for (const item of waiting) await job(item)
  }
  await Promise.all(Array.from({ length: Math.min(WINDOW, items.length) }, worker))
}

function ask ({ requests, signal, statusMs }: Sync, name: string, listname: ListName, tid?: string): Promise<XivoMessage | undefined> {
  const fits = (message: XivoMessage): boolean => message.class === 'getlist' && message.function === name && message.listname === listname && (tid === undefined || text(message.tid) === tid)
  return requests.ask({
    message: { class: 'getlist', function: name, listname, tipbxid: IPBX, ...(tid === undefined ? {} : { tid }) }, reply: fits, limitMs: statusMs, signal
  }).then(({ reply }) => reply)
}

async function idsOf (sync: Sync, list: ListName): Promise<string[]> {
  return texts((await ask(sync, 'listid', list))?.list)
}

/**
 * State of each item. A server that does not answer for one (2.x asks another service for the presence of users) is not waited for again:
 * the state comes by itself when it changes.
 */
async function statuses (sync: Sync, list: ListName, ids: readonly string[]): Promise<void> {
  let silent = false
  await inWindow(ids, async (id) => {
    if (silent) return
    try {
      await ask(sync, 'updatestatus', list, id)
    } catch (error) {
      if (sync.signal.aborted || !(error instanceof CtiError) || error.code !== 'CTI_TIMEOUT') throw error
      silent = true
      sync.warn('noStatus', `The server did not tell the state of some ${list}; it is known from the first change on.`)
    }
  })
}

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

/** A list is read whole when others are wanted or needed for names; else only what is the user's own. */
async function readList (sync: Sync, list: Exclude<ListName, 'channels'>, own?: readonly (string | undefined)[]): Promise<void> {
  const ids = own === undefined ? await idsOf(sync, list) : own.filter((id) => id !== undefined)
  await inWindow(ids, (id) => ask(sync, 'updateconfig', list, id))
}

/** Configuration of all lists, and which items are watched. */
async function configurations (sync: Sync): Promise<void> {
  const { tables, watch, requests, signal } = sync
  const only = (which: Watch, own: () => readonly (string | undefined)[]): readonly (string | undefined)[] | undefined => which === 'own' ? own() : undefined
  // The user's own row first: it names phones, agent and mailbox (xivo-cti.md 6).
  await readList(sync, 'users', [tables.userId])
  if (watch.users !== 'own') await readList(sync, 'users')
  await readList(sync, 'phones', only(watch.phones, () => tables.phonesOf(tables.userId)))
  await readList(sync, 'agents', only(watch.agents, () => [tables.ownAgent]))
  await readList(sync, 'queues')
  await readList(sync, 'queuemembers')
  const mailbox = text(tables.row('users', tables.userId).config.voicemailid)
  await readList(sync, 'voicemails', only(watch.users, () => [mailbox]))
  await requests.ask({ message: { class: 'getipbxlist' }, reply: repliesTo, signal })
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

/** Waits until the server has answered all that was sent before: it works one line after the other (xivo-cti.md 3.0). */
async function barrier ({ requests, signal }: Sync): Promise<void> {
  await requests.ask({ message: { class: 'keepalive' }, reply: repliesTo, signal })
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

/** Reads everything that is watched. @throws CtiError CTI_TIMEOUT when the server stops answering */
export async function synchronise (sync: Sync): Promise<void> {
  const { requests, tables, dialect } = sync
  // A class that the server does not know is ignored in silence, so asking costs nothing (xivo-cti.md 2.9).
  if (dialect.has('relations') !== false) requests.tell({ class: 'get_relations' })
  await configurations(sync)
  tables.xivoUuid ??= text(tables.row('users', tables.userId).config.xivo_uuid)
  await states(sync)
  subscribeQueues(sync)
  register(sync)
  await barrier(sync)
}
