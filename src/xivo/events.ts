/** From a line of the server to neutral events, one row a class (xivo-cti.md 4, 7.1; model.md 3, 4, 8). No I/O. */
import { CtiError } from '../model'
import type { EventDraft } from '../session/types'
import { agentDrafts, foldAgentRegistration } from './agentMapping'
import { CONFERENCE_REDUCERS } from './conferenceMapping'
import { CONSULT_REDUCERS } from './consult'
import { reduceCurrentCalls } from './currentCalls'
import { failureOf } from './failures'
import { reduceFigures } from './figureMapping'
import { applyPart, reduceList } from './listMapping'
import type { XivoMessage } from './protocol'
import { reduceEntries } from './queueMapping'
import { fields, text } from './read'
import { asVendor, draft, type Reducer, type Scope } from './scope'
import { decodeSheet } from './sheet'
import { reduceSheet } from './sheetMapping'

/** `data` of a registration that is about this server; of another one it is news without a neutral word. */
function registered (idKey: string, apply: (scope: Scope, id: string, status: string) => EventDraft[]): Reducer {
  return (scope) => {
    const data = fields(scope.message.data)
    const id = text(data[idKey])
    const status = text(data.status)
    const uuid = text(data.xivo_uuid)
    const own = scope.tables.xivoUuid
    if (id === undefined || status === undefined || (own !== undefined && uuid !== undefined && uuid !== own)) return asVendor(scope)
    return apply(scope, id, status)
  }
}

/** A refused command of ours may leave a phone that rings for nothing: the leg says why it will end. */
const refused: Reducer = (scope) => {
  const { tables, picture } = scope
  const error = text(scope.message.error_string)
  const news = asVendor(scope)
  if (error === undefined) return news
  const dial = tables.dials.find(({ to, leg }) => leg !== undefined && error.endsWith(`:${to}`))
  const leg = dial?.leg === undefined ? undefined : picture.call(dial.leg)
  if (leg === undefined || leg.answeredAt !== undefined || leg.state === 'failed') return news
  return [draft(scope, 'call.failed', { call: { ...leg, state: 'failed' }, reason: 'invalidNumber', cause: { code: failureOf(error).cause.code ?? error } }), ...news]
}

const uuidOf: Reducer = (scope) => {
  scope.tables.xivoUuid = text(fields(scope.message.data).xivo_uuid) ?? scope.tables.xivoUuid
  // Before the first snapshot it is the session's own question that is answered.
  return scope.tables.synced ? asVendor(scope) : []
}

const REDUCERS: ReadonlyMap<string, Reducer> = new Map(Object.entries({
  getlist: reduceList,
  sheet: reduceSheet,
  current_calls: reduceCurrentCalls,
  queueentryupdate: reduceEntries,
  getqueuesstats: reduceFigures,
  ...CONFERENCE_REDUCERS,
  ...CONSULT_REDUCERS,
  user_status_update: registered('user_id', (scope, id, status) => applyPart(scope, 'users', id, 'status', { availstate: status })),
  endpoint_status_update: registered('endpoint_id', (scope, id, status) => applyPart(scope, 'phones', id, 'status', { hintstatus: status })),
  agent_status_update: registered('agent_id', (scope, id, status) => {
    foldAgentRegistration(scope, id, status)
    return scope.tables.synced ? agentDrafts(scope, id) : []
  }),
  ipbxcommand: refused,
  relations: uuidOf,
  // Answers of the session's own housekeeping; nobody waits for them any more.
  keepalive: () => [],
  login_id: () => [],
  login_pass: () => [],
  login_capas: () => [],
  starttls: () => []
} satisfies Record<string, Reducer>))

/**
 * What one line means. Merges it into the tables, which belong to the caller, and reads the picture; nothing else.
 * @returns 0..n drafts in the order in which they must be sent. Before the first snapshot changes of state are merged in silence.
 */
export function reduce (scope: Scope): EventDraft[] {
  const name = text(scope.message.class)
  if (name === undefined) return [draft(scope, 'vendor.unnamed')]
  return (REDUCERS.get(name) ?? asVendor)(scope)
}

/**
 * Makes a message ready for `reduce`: a sheet gets its decoded form beside what came, as `sheet`.
 * @returns the message, and why a sheet could not be read
 */
export function prepare (message: XivoMessage): { message: XivoMessage; problem?: CtiError } {
  if (message.class !== 'sheet') return { message }
  try {
    return { message: { ...message, sheet: decodeSheet(message) } }
  } catch (error) {
    return { message, problem: CtiError.from(error, 'xivo') }
  }
}
