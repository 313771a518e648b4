import type { NodeAPI } from 'node-red'
import { ACTIONS, CtiError, type ActionRequest } from '../../src/model'
import type { Capability } from '../../src/session/types'
import { type AccountNode, isAccountNode } from './account'
import { isPlainObject, toText } from './coerce'
import { testConnection } from './connectionTest'
import { isEventNode } from './eventNode'

/** Entries of a drop-down at most; more are found by typing. */
const LIST_LIMIT = 200
/** Connection tests that may run at once. */
const TEST_LIMIT = 4

/** Queues whose disposition codes are asked for, where the system has no list of all. */
const QUEUE_LIMIT = 20

/** Lists for drop-downs, by the last part of the route. */
const LISTS = {
  users: { action: 'listUsers', limit: LIST_LIMIT },
  queues: { action: 'listQueues', limit: LIST_LIMIT },
  agents: { action: 'listAgents', limit: LIST_LIMIT },
  phones: { action: 'listPhones', limit: LIST_LIMIT },
  reasonCodes: { action: 'reasonCodes' },
  logoutCodes: { action: 'reasonCodes', kind: 'logout' }
} as const satisfies Record<string, ActionRequest>

export const HTTP_STATUS: Readonly<Record<string, number>> = {
  CTI_INVALID_REQUEST: 400, CTI_NOT_FOUND: 404, CTI_RATE_LIMITED: 429, CTI_NOT_CONNECTED: 409, CTI_UNSUPPORTED: 501, CTI_TIMEOUT: 504
}

/** Registry of this process: the admin applications that have our routes. Node-RED makes one; its tests make more. */
const served = new WeakSet<object>()

/** What the handlers use of an Express request and response. */
interface Ask { params: Record<string, string | string[] | undefined>; body?: unknown; query: Record<string, unknown> }
interface Reply { status (code: number): Reply; json (body: unknown): unknown }
type Answer = (ask: Ask) => Promise<unknown>

/** One entry of a drop-down: what an action takes, and what people read. */
interface Choice { id: string; label: string; number?: string }

function choiceOf (item: unknown): Choice | undefined {
  if (!isPlainObject(item)) return undefined
  const number = toText(item.extension) || toText(item.number)
  const id = toText(item.id) || number
  if (id === '') return undefined
  const name = toText(item.name) || id
  return { id, label: number === '' || number === name ? name : `${name} (${number})`, ...(number === '' ? {} : { number }) }
}

const choices = (items: readonly unknown[] | undefined): Choice[] => (items ?? []).map(choiceOf).filter((choice) => choice !== undefined)

function accountOf (RED: NodeAPI, id: unknown): AccountNode {
  const node: unknown = RED.nodes.getNode(toText(id))
  if (isAccountNode(node)) return node
  throw new CtiError('CTI_NOT_FOUND', 'There is no deployed account with this id.', { retryable: false })
}

async function list (RED: NodeAPI, id: unknown, request: ActionRequest, query: unknown): Promise<Choice[]> {
  const text = toText(query).slice(0, 100)
  const result = await accountOf(RED, id).perform({ ...request, ...(text === '' || !('limit' in request) ? {} : { query: text }) })
  return choices(result.items)
}

/** Codes of all queues, or of one. Where codes belong to queues and the account's user works in none, those of the queues that can be listed. */
async function dispositions (RED: NodeAPI, id: unknown, queue: string): Promise<Choice[]> {
  const account = accountOf(RED, id)
  const of = async (request: Partial<ActionRequest>): Promise<Choice[]> => choices((await account.perform({ action: 'dispositions', ...request })).items)
  if (queue !== '') return of({ queue })
  const all = await of({}).catch((error: unknown) => {
    if (CtiError.from(error).code === 'CTI_NOT_FOUND') return []
    throw error
  })
  if (all.length > 0) return all
  const queues = choices((await account.perform({ action: 'listQueues', limit: QUEUE_LIMIT })).items).slice(0, QUEUE_LIMIT)
  const found = new Map<string, Choice>()
  for (const { id: one } of queues) for (const choice of await of({ queue: one })) found.set(choice.id, choice)
  return [...found.values()]
}

async function capabilities (RED: NodeAPI, id: unknown): Promise<Record<string, Capability>> {
  const account = accountOf(RED, id)
  if (!await account.prepare()) return {}
  return Object.fromEntries(Object.keys(ACTIONS).map((action): [string, Capability] => [action, account.capability(action) ?? { can: true }]))
}

function counts (RED: NodeAPI, id: unknown): unknown {
  const node: unknown = RED.nodes.getNode(toText(id))
  if (isEventNode(node)) return node.counts
  throw new CtiError('CTI_NOT_FOUND', 'There is no deployed event node with this id.', { retryable: false })
}

/**
 * Registers the admin endpoints once: lists and capabilities for the edit dialogs (permission `cti.read`) and the connection test (`cti.write`). The routes
 * are static; nodes are looked up at request time. Errors answer with `{ code, message }`.
 */
export function registerAdmin (RED: NodeAPI): void {
  const app = RED.httpAdmin as typeof RED.httpAdmin | undefined
  if (typeof app?.get !== 'function' || served.has(app)) return
  served.add(app)
  let testing = 0

  const handler = (answer: Answer) => (ask: Ask, reply: Reply): void => {
    answer(ask).then((body) => { reply.json(body) }, (error: unknown) => {
      const { code, message } = CtiError.from(error)
      reply.status(HTTP_STATUS[code] ?? 502).json({ code, message })
    })
  }
  const test: Answer = async ({ params, body }) => {
    if (testing >= TEST_LIMIT) throw new CtiError('CTI_RATE_LIMITED', 'Other connection tests are still running.', { retryable: true })
    testing++
    try {
      return await testConnection(RED, toText(params.id), body)
    } finally {
      testing--
    }
  }

  const mayRead = RED.auth.needsPermission('cti.read')
  for (const [name, request] of Object.entries(LISTS)) {
    app.get(`/cti/:id/${name}`, mayRead, handler(({ params, query }) => list(RED, params.id, request, query.query)))
  }
  app.get('/cti/:id/dispositions', mayRead, handler(({ params, query }) => dispositions(RED, params.id, toText(query.queue))))
  app.get('/cti/:id/capabilities', mayRead, handler(({ params }) => capabilities(RED, params.id)))
  app.get('/cti/:id/counts', mayRead, handler(async ({ params }) => counts(RED, params.id)))
  app.post('/cti/:id/test', RED.auth.needsPermission('cti.write'), handler(test))
}
