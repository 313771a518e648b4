/** What is known, and what the server is asked for: people, agents, queues, calls, history, directory (xivo-cti.md 3.6, 3.8, 7.2). */
import { copyPlain, type ActionRequest, type ActionResult, type Call } from '../../model'
import type { ActionContext, ActionEntry, ActionTable } from '../../session/types'
import { agentOf } from '../agentMapping'
import type { Desk } from '../desk'
import { statsOf } from '../figureMapping'
import { deviceStateOf } from '../phoneMapping'
import { IPBX, type XivoMessage } from '../protocol'
import { queueOf } from '../queueMapping'
import { defined, fields, lookup, number, text, texts, type Fields } from '../read'
import { repliesTo } from '../requests'
import { queueId } from '../tables'
import { dndOf, mailboxOf, presenceOf } from '../userMapping'
import { agentIdOf, matching, notFound, page, queueRowOf, unsupported, userOf } from './common'
import { pauseReasons } from './agentActions'

const list = (items: (request: ActionRequest) => readonly { id?: string; name?: string; number?: string }[]): ActionEntry => ({
  run: async (request) => page(matching(items(request), request.query), request)
})

const ids = (rows: ReadonlyMap<string, unknown>): string[] => [...rows.keys()]

function userState (desk: Desk, id: string): object {
  const { tables } = desk
  const presence = text(tables.row('users', id).status.availstate)
  const phone = tables.phonesOf(id)[0]
  return defined({
    user: tables.userRef(id), device: phone === undefined ? undefined : deviceStateOf(tables, phone), dnd: dndOf(tables, id),
    presence: presence === undefined ? undefined : presenceOf(tables, presence)
  })
}

function listCalls (desk: Desk): ActionEntry {
  return {
    run: async (request, { picture }) => {
      const states = texts(request.states)
      const queue = text(request.queue)
      const owner = queue !== undefined ? queueId(queueRowOf(desk, queue)) : request.user === undefined ? undefined : userOf(desk, request.user)
      const calls: Call[] = [...picture.calls()].filter((call) => (owner === undefined || call.owner.id === owner) && (states.length === 0 || states.includes(call.state)))
      return { items: calls.map(copyPlain), total: calls.length }
    }
  }
}

const DEFAULT_WINDOW_S = 3600
const SERVICE_LEVEL_S = 60

/** Sums of a time for queues; `window.serviceLevelSeconds` is what counts as answered in time. */
function queueStats (desk: Desk): ActionEntry {
  return {
    supports: ['window'],
    run: async (request, { signal }) => {
      const { tables } = desk
      const rows = request.ids === undefined ? ids(tables.lists.queues).filter((id) => tables.watches('queues', id)) : texts(request.ids).map((id) => queueRowOf(desk, id))
      const wanted = fields(request.window)
      const seconds = Math.max(1, Math.round(number(wanted.seconds) ?? DEFAULT_WINDOW_S))
      const within = Math.max(1, Math.round(number(wanted.serviceLevelSeconds) ?? SERVICE_LEVEL_S))
      if (rows.length === 0) return { items: [], total: 0 }
      const on = Object.fromEntries(rows.map((id) => [id, { window: String(seconds), xqos: String(within) }]))
      const { reply } = await desk.ask({ message: { class: 'getqueuesstats', on }, reply: repliesTo, signal })
      const stats = fields(reply?.stats)
      const items = rows.map((id) => statsOf(tables, id, fields(stats[id]), { kind: 'rolling', seconds }, within))
      return { items, total: items.length, ...(reply === undefined ? {} : { vendorReply: reply }) }
    }
  }
}

const HISTORY_TYPES: Readonly<Record<string, 'placed' | 'received' | 'missed'>> = { 0: 'placed', 1: 'received', 2: 'missed' }
const HISTORY_SIZE = 50

/** Calls of the own user. `calldate` is the server's local time without a zone, so it is passed on as it came. */
function callHistory (desk: Desk): ActionEntry {
  return {
    lacks: ['since', 'until', 'cursor'],
    run: async (request, { signal }) => {
      if (userOf(desk, request.user) !== desk.tables.userId) throw unsupported('callHistory', 'XiVO tells the history of the account\'s own user only')
      const size = String(typeof request.limit === 'number' && request.limit > 0 ? Math.floor(request.limit) : HISTORY_SIZE)
      const type = text(request.type) ?? 'all'
      const items = await desk.lane('history', () => history(desk, size, type, signal))
      const fitting = items.filter((item) => type === 'all' || item.type === type).slice(0, Number(size))
      return { items: fitting, total: fitting.length }
    }
  }
}

type HistoryItem = { type?: string; time?: string }

async function history (desk: Desk, size: string, type: string, signal: AbortSignal): Promise<HistoryItem[]> {
  const modes = Object.keys(HISTORY_TYPES).filter((mode) => type === 'all' || HISTORY_TYPES[mode] === type)
  const found: HistoryItem[] = []
  for (const mode of modes) {
    const byMode = desk.dialect.has('historyByMode') !== false
    // A user without a line is answered with a line that has no class (xivo-cti.md 3.6).
    const fits = (message: XivoMessage): boolean => message.class === 'history' || (message.class === undefined && Object.keys(message).every((key) => key === 'timenow'))
    const { reply = {} } = await desk.ask({ message: { class: 'history', size, xuserid: `${IPBX}/${desk.tables.userId}`, ...(byMode ? { mode } : {}) }, reply: fits, signal })
    const entries = Array.isArray(reply.history) ? reply.history.map(fields) : []
    found.push(...entries.map((entry) => historyItem(entry, text(entry.mode) ?? text(reply.mode) ?? mode)))
    // From 15.09 on one answer has all kinds, each with its own mode.
    if (entries.some((entry) => entry.mode !== undefined) || !byMode) break
  }
  return found.sort((a, b) => (a.time ?? '') < (b.time ?? '') ? 1 : -1)
}

/** `"Pat Placeholder" <5550142>` up to 15.08, name and extension apart later. */
function historyItem (entry: Fields, mode: string): HistoryItem {
  const told = text(entry.fullname) ?? ''
  const both = /^"?([^"<]*?)"?\s*<([^>]+)>$/.exec(told)
  const duration = number(entry.duration)
  return defined({
    type: lookup(HISTORY_TYPES, mode), number: text(entry.extension) ?? both?.[2], name: (both === null ? told : both[1]) || undefined, time: text(entry.calldate),
    durationSeconds: duration === undefined ? undefined : Math.round(duration * 10) / 10
  }) as HistoryItem
}

const NUMBER_TYPES: Readonly<Record<string, string>> = { number: 'number', number_office: 'office', number_mobile: 'mobile', fax: 'fax' }

/** A display may tell the first name in a column of its own, without a type; the column of type `name` then holds the rest. */
const FIRST_NAME = /^(first|given)[ -]?name$|^pr[ée]nom$/i

/** A row of `people_search_result`: columns by their types (xivo-cti.md 3.8). */
function person (row: Fields, types: readonly unknown[], headers: readonly unknown[]): object {
  const values = Array.isArray(row.column_values) ? row.column_values : []
  const of = (type: string): string | undefined => text(values[types.indexOf(type)])
  const first = values[headers.findIndex((header, index) => types[index] === null && FIRST_NAME.test(text(header) ?? ''))]
  const name = [text(first), of('name')].filter((part) => part !== undefined && part !== '').join(' ')
  const relations = fields(row.relations)
  const numbers = types.flatMap((type, index) => {
    const kind = lookup(NUMBER_TYPES, String(type))
    const value = text(values[index])
    return kind === undefined || value === undefined ? [] : [{ type: kind, number: value }]
  })
  return defined({ id: text(relations.source_entry_id), name: name === '' ? undefined : name, numbers, email: of('email'), userId: text(relations.user_id), source: text(row.source) ?? 'people' })
}

async function people (desk: Desk, query: string, signal: AbortSignal): Promise<object[]> {
  const fits = (message: XivoMessage): boolean => message.class === 'people_search_result' && (message.term === undefined || message.term === query)
  const { reply = {} } = await desk.lane('people', () => desk.ask({ message: { class: 'people_search', pattern: query }, reply: fits, signal }))
  const [types, headers] = [reply.column_types, reply.column_headers].map((row): unknown[] => Array.isArray(row) ? row : [])
  return Array.isArray(reply.results) ? reply.results.map((row) => person(fields(row), types ?? [], headers ?? [])) : []
}

const HEADER_TYPES: readonly (readonly [RegExp, string])[] = [[/mobile|portable/i, 'mobile'], [/fax/i, 'fax'], [/number|phone|num[eé]ro|t[eé]l/i, 'office']]

/** Cells are joined by `;` without escaping: a row with more cells than headers cannot be taken apart safely and only its name is told. */
async function directory (desk: Desk, query: string, signal: AbortSignal): Promise<{ items: object[]; torn: boolean }> {
  const fits = (message: XivoMessage, commandId: number): boolean => (message.class === 'directory' && repliesTo(message, commandId)) || (message.class === undefined && message.status === 'ko')
  const { reply = {} } = await desk.lane('directory', () => desk.ask({ message: { class: 'directory', pattern: query }, reply: fits, signal }))
  if (reply.status === 'ko') throw notFound(`The server has no directory for this user (${text(reply.reason) ?? 'no reason given'}).`)
  const headers = texts(reply.headers)
  const nameAt = Math.max(0, headers.findIndex((header) => /name|nom/i.test(header)))
  const mailAt = headers.findIndex((header) => /mail/i.test(header))
  let torn = false
  const items = texts(reply.resultlist).map((row) => {
    const cells = row.split(';')
    const whole = cells.length === headers.length
    torn ||= !whole
    const numbers = headers.flatMap((header, index) => {
      const type = HEADER_TYPES.find(([pattern]) => pattern.test(header))?.[1]
      const cell = cells[index]
      return whole && type !== undefined && cell ? [{ type, number: cell }] : []
    })
    return defined({ name: cells[nameAt] || undefined, numbers, email: whole && mailAt >= 0 ? cells[mailAt] || undefined : undefined, source: 'directory' })
  })
  return { items, torn }
}

function searchDirectory (desk: Desk): ActionEntry {
  return {
    lacks: ['fields', 'directory'],
    run: async (request, { signal, warn }) => {
      const query = String(request.query)
      if (desk.dialect.has('people') === true) return page(await people(desk, query, signal), request)
      const { items, torn } = await directory(desk, query, signal)
      if (torn) warn('Some rows of the directory hold the sign that separates their cells; only their names are given.')
      return page(items, request)
    }
  }
}

function profile (desk: Desk): ActionEntry {
  return {
    run: async (request) => {
      const { tables } = desk
      const user = userOf(desk, request.user)
      const { config } = tables.row('users', user)
      const own = user === tables.userId ? tables.capabilities : undefined
      const agent = text(config.agentid)
      return {
        items: [defined({
          ...tables.userRef(user), mobile: text(config.mobilephonenumber), phones: tables.phonesOf(user), agentId: agent === '0' ? undefined : agent, voicemailId: text(config.voicemailid),
          ctiProfile: own?.profile, ctiProfileId: own?.profileId, services: own?.services, presences: own?.userStatus, phoneStates: own?.phoneStatus, xlets: own?.xlets,
          preferences: own?.preferences, protocol: own === undefined ? undefined : desk.dialect.protocol
        })],
        total: 1
      }
    }
  }
}

/** Counters only: the protocol has no messages. */
function voicemail (desk: Desk): ActionEntry {
  return {
    lacks: ['messageId'],
    run: async (request: ActionRequest, { signal }: ActionContext): Promise<Partial<ActionResult>> => {
      const op = text(request.op) ?? 'summary'
      if (op !== 'summary') throw unsupported('voicemail', `XiVO only counts messages, it cannot "${op}"`)
      const { tables } = desk
      const user = userOf(desk, request.user)
      const box = text(tables.row('users', user).config.voicemailid)
      if (box === undefined || box === '0') throw notFound('This user has no mailbox.')
      const fits = (message: XivoMessage): boolean => message.class === 'getlist' && message.function === 'updatestatus' && message.listname === 'voicemails' && text(message.tid) === box
      await desk.ask({ message: { class: 'getlist', function: 'updatestatus', listname: 'voicemails', tid: box, tipbxid: IPBX }, reply: fits, signal })
      return defined({ voicemail: mailboxOf(tables.row('voicemails', box).status) })
    }
  }
}

export function lookupActions (desk: Desk): ActionTable {
  const { tables } = desk
  return {
    listCalls: listCalls(desk),
    listUsers: list(() => ids(tables.lists.users).map((id) => tables.userRef(id))),
    listPhones: list(() => ids(tables.lists.phones).map((id) => ({ ...tables.deviceOf(id), ...deviceStateOf(tables, id), ...defined({ number: text(tables.row('phones', id).config.number), userId: tables.userOfPhone(id) }) }))),
    listAgents: list(() => ids(tables.lists.agents).map((id) => agentOf(tables, id, desk.now))),
    listQueues: list(() => ids(tables.lists.queues).map((id) => queueOf(tables, id))),
    userStates: {
      run: async (request) => {
        const items = (request.ids === undefined ? ids(tables.lists.users) : texts(request.ids).map((id) => userOf(desk, id))).map((id) => userState(desk, id))
        return { items, total: items.length }
      }
    },
    agentStates: {
      run: async (request, { picture }) => {
        const wanted = request.ids === undefined ? ids(tables.lists.agents) : texts(request.ids).map((id) => agentIdOf(desk, id))
        const items = wanted.map((id) => agentOf(tables, id, desk.now, picture.agent(id)))
        return { items, total: items.length }
      }
    },
    queueStats: queueStats(desk),
    reasonCodes: {
      lacks: ['queue', 'campaign'],
      run: async (request) => {
        const items = request.kind === 'logout' ? [] : pauseReasons(desk)
        return { items, total: items.length }
      }
    },
    searchDirectory: searchDirectory(desk),
    callHistory: callHistory(desk),
    profile: profile(desk),
    voicemail: voicemail(desk)
  }
}
