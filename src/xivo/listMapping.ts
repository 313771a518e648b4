/** `getlist`, pushed or asked for: merged into the tables, and what is new told (xivo-cti.md 3.2, 4.2). */
import type { EventDraft } from '../session/types'
import { agentDrafts, foldAgent } from './agentMapping'
import { channelDrafts, endChannel, foldChannel } from './channelLegs'
import { foldHint, phoneStatusDrafts } from './phoneMapping'
import { isListName, type ListName } from './protocol'
import { memberDrafts, queueDrafts } from './queueMapping'
import { fields, isFields, lookup, text, texts, type Fields } from './read'
import { asVendor, draft, type Reducer, type Scope } from './scope'
import type { Row } from './tables'
import { mailboxDrafts, presenceDrafts, userConfigDrafts } from './userMapping'

type Change = (scope: Scope, id: string, before: Row) => EventDraft[]

const agentOfMember = (scope: Scope, member: string): EventDraft[] => {
  const agent = scope.tables.agentOfInterface(member.slice(0, member.indexOf(',')))
  return agent === undefined ? [] : agentDrafts(scope, agent)
}
const agentOfUser = (scope: Scope, user: string): EventDraft[] => {
  const agent = text(scope.tables.row('users', user).config.agentid)
  return agent === undefined || scope.picture.agent(agent) === undefined ? [] : agentDrafts(scope, agent)
}
const reference = (list: string): Change => (scope) => [draft(scope, 'reference.changed', { reference: { list } })]

/** What the change of a row means, by list and part. */
const CHANGES: Readonly<Record<string, Change>> = {
  'config users': (scope, id, before) => userConfigDrafts(scope, id, before.config),
  'status users': (scope, id, before) => [...presenceDrafts(scope, id, before.status), ...agentOfUser(scope, id)],
  'config phones': reference('phones'),
  'status phones': (scope, id, before) => phoneStatusDrafts(scope, id, before.status),
  'config agents': reference('agents'),
  'status agents': (scope, id) => agentDrafts(scope, id),
  'config queues': reference('queues'),
  'status queues': () => [],
  'config voicemails': reference('voicemails'),
  'status voicemails': (scope, id, before) => mailboxDrafts(scope, id, before.status),
  'config queuemembers': (scope, id, before) => [...memberDrafts(scope, id, before.config), ...agentOfMember(scope, id)],
  'config meetmes': reference('meetmes'),
  'status meetmes': () => []
}

/** Folds what has to be noted whether or not events are wanted yet. */
const FOLDS: Readonly<Record<string, (scope: Scope, id: string, before: Row) => void>> = {
  'status phones': (scope, id, before) => foldHint(scope, id, before.status),
  'status agents': (scope, id, before) => foldAgent(scope, id, before.status)
}

const isSame = (before: Fields, part: Fields): boolean => Object.keys(part).every((key) => JSON.stringify(before[key]) === JSON.stringify(part[key]))

/** Merges one part of one row and tells what is new. Also used by the registrations of 15.02 and later. */
export function applyPart (scope: Scope, list: Exclude<ListName, 'channels'>, id: string, which: 'config' | 'status', part: Fields): EventDraft[] {
  const { tables } = scope
  // Queue members have one object that serves as both (xivo-cti.md 3.3).
  const kind = list === 'queuemembers' ? 'config' : which
  const before = tables.merge(list, id, { [kind]: part })
  const key = `${kind} ${list}`
  FOLDS[key]?.(scope, id, before)
  if (!tables.synced || isSame(before[kind], part)) return []
  return CHANGES[key]?.(scope, id, before) ?? []
}

function applyChannel (scope: Scope, name: string, status: unknown): EventDraft[] {
  if (!isFields(status)) return []
  scope.tables.hasChannels = true
  foldChannel(scope, name, status)
  return scope.tables.synced ? channelDrafts(scope, name) : []
}

const update = (which: 'config' | 'status'): Reducer => (scope) => {
  const { message } = scope
  const id = text(message.tid)
  const list = message.listname
  if (id === undefined || !isListName(list)) return asVendor(scope)
  if (list === 'channels') return applyChannel(scope, id, message.status)
  const part = fields(message[which])
  if (list === 'phones' && which === 'status' && 'channels' in part) scope.tables.hasChannels = true
  return applyPart(scope, list, id, which, part)
}

/** Items that came or went. Members of queues carry a meaning of their own; other lists are read again by whoever needs them. */
const added: Reducer = (scope) => {
  const { listname } = scope.message
  if (!isListName(listname)) return asVendor(scope)
  if (listname === 'channels') return []
  const ids = texts(scope.message.list)
  for (const id of ids) if (!scope.tables.lists[listname].has(id)) scope.tables.merge(listname, id, listname === 'queuemembers' ? { config: memberConfig(id) } : {})
  if (!scope.tables.synced) return []
  if (listname !== 'queuemembers') return ids.length === 0 ? [] : [draft(scope, 'reference.changed', { reference: { list: listname } })]
  return ids.flatMap((id) => [...agentOfMember(scope, id), ...queueOfMember(scope, id)])
}

/** What the id of a member tells: `Agent/2004,blue`. */
function memberConfig (id: string): Fields {
  const comma = id.indexOf(',')
  return { interface: id.slice(0, comma), queue_name: id.slice(comma + 1) }
}

function queueOfMember (scope: Scope, member: string): EventDraft[] {
  const queue = scope.tables.queueOfName(member.slice(member.indexOf(',') + 1))
  return queue === undefined ? [] : queueDrafts(scope, queue)
}

const removed: Reducer = (scope) => {
  const { tables } = scope
  const { listname } = scope.message
  if (!isListName(listname)) return asVendor(scope)
  const ids = texts(scope.message.list)
  const ends = listname === 'channels' && tables.synced ? ids.flatMap((name) => endChannel(scope, name)) : []
  if (listname === 'queuemembers') for (const id of ids) leaveQueue(scope, id)
  for (const id of ids) tables.remove(listname, id)
  if (!tables.synced || listname === 'channels') return ends
  if (listname !== 'queuemembers') return ids.length === 0 ? [] : [draft(scope, 'reference.changed', { reference: { list: listname } })]
  return ids.flatMap((id) => [...agentOfMember(scope, id), ...queueOfMember(scope, id)])
}

/** The agent's own list of queues follows in another push; both tell the same fact (model.md R5). */
function leaveQueue (scope: Scope, member: string): void {
  const { tables } = scope
  const agent = tables.agentOfInterface(member.slice(0, member.indexOf(',')))
  const queue = tables.queueOfName(member.slice(member.indexOf(',') + 1))
  if (agent === undefined || queue === undefined) return
  tables.merge('agents', agent, { status: { queues: texts(tables.row('agents', agent).status.queues).filter((id) => id !== queue) } })
}

const FUNCTIONS: Readonly<Record<string, Reducer>> = {
  updateconfig: update('config'),
  updatestatus: update('status'),
  addconfig: added,
  delconfig: removed,
  listid: () => []
}

export const reduceList: Reducer = (scope) => {
  const name = text(scope.message.function)
  return (lookup(FUNCTIONS, name) ?? asVendor)(scope)
}
