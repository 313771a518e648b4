/** What the actions share: whom they are about, how they send, how they page. */
import { CtiError, diallable, type ActionRequest, type ActionResult, type Call, type To } from '../../model'
import type { ActionContext, ActionEntry, EventDraft } from '../../session/types'
import type { Desk } from '../desk'
import type { Feature } from '../dialect'
import type { Family } from '../failures'
import { QUIET_MS, REFUSED_REPLIES, WARNINGS, type Outgoing, type XivoMessage } from '../protocol'
import { text } from '../read'
import { repliesTo } from '../requests'

export function invalid (message: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'xivo', retryable: false })
}
export function notFound (message: string): CtiError {
  return new CtiError('CTI_NOT_FOUND', message, { vendor: 'xivo', retryable: false })
}
export function forbidden (message: string): CtiError {
  return new CtiError('CTI_FORBIDDEN', message, { vendor: 'xivo', retryable: false })
}
export function unsupported (action: string, why: string): CtiError {
  return CtiError.unsupported(action, 'xivo', why)
}

/** @throws CtiError CTI_UNSUPPORTED naming the version when the server cannot have it */
export function needFeature (desk: Desk, action: string, feature: Feature): void {
  const available = desk.dialect.available(feature)
  if (available !== true) throw unsupported(action, available)
}

/** What an event and a draft have in common. */
export type Seen = Omit<EventDraft, 'call'> & { call?: Pick<Call, 'id' | 'owner' | 'state' | 'direction' | 'muted'> }
/** Whether an event shows that a request was carried out. */
export type Proof = (seen: Seen, request: ActionRequest, leg: Call | undefined) => boolean

export interface Command {
  readonly message: Outgoing
  readonly family?: Family
  /** Number in the command, for errors that name one. */
  readonly number?: string
  /** Runs when the server refused it. */
  readonly undo?: () => void
  readonly result?: Partial<ActionResult>
  /** It is so already: no event will come, the state itself is the proof. */
  readonly already?: boolean
}

/** A command that gets no answer but an error: its effect proves it (xivo-cti.md 3.0). */
export function byEffect (desk: Desk, proof: Proof, build: (request: ActionRequest, context: ActionContext) => Command | Promise<Command>, more: Partial<ActionEntry> = {}): ActionEntry {
  return {
    confirmDefault: 'completed',
    confirm: (event, request, _partial, leg) => proof(event, request, leg),
    run: async (request, context) => {
      const { message, family, number, undo, result = {}, already } = await build(request, context)
      if (already === true) {
        desk.tell(message)
        return { ...result, outcome: 'completed' }
      }
      try {
        await desk.ask({
          message, quietMs: QUIET_MS, signal: context.signal, effect: (draft) => proof(draft, request, context.leg),
          ...(family === undefined ? {} : { family }), ...(number === undefined ? {} : { number })
        })
      } catch (error) {
        undo?.()
        throw error
      }
      return result
    },
    ...more
  }
}

/** A command that nothing ever answers or shows: that it was sent is all there is to say. */
export function unanswered (build: (request: ActionRequest, context: ActionContext) => Partial<ActionResult>, more: Partial<ActionEntry> = {}): ActionEntry {
  return { confirmDefault: 'accepted', confirm: () => false, run: async (request, context) => build(request, context), ...more }
}

/** The two lines of an old command: written to Asterisk, then its answer (xivo-cti.md 3.5). Not every server sends the second. @throws CtiError */
export async function oldCommand (desk: Desk, action: string, message: Outgoing, signal: AbortSignal, firstLineIsLast = false): Promise<XivoMessage> {
  const reply = (line: XivoMessage, commandId: number): boolean | 'more' => {
    if (line.class !== 'ipbxcommand' || !repliesTo(line, commandId)) return false
    return line.response !== undefined || line.warning_string !== undefined || REFUSED_REPLIES.has(line.ipbxreply) || firstLineIsLast ? true : 'more'
  }
  const answer = (await desk.ask({ message, reply, restMs: QUIET_MS, signal })).reply ?? {}
  if (answer.warning_string === WARNINGS.none || answer.warning_string === WARNINGS.unimplemented) {
    throw unsupported(action, `the server does not know the command "${String(message.command)}"; it speaks ${desk.dialect.label}`)
  }
  if (answer.response === 'ko' || REFUSED_REPLIES.has(answer.ipbxreply)) {
    const word = text(answer.ipbxreply) ?? 'ko'
    throw new CtiError('CTI_CONFLICT', `The telephone system did not carry out "${action}" (${word}).`, { vendor: 'xivo', code: word, retryable: false })
  }
  return answer
}

/** The user meant: by id, extension or name; default the account's own. @throws CtiError CTI_NOT_FOUND */
export function userOf (desk: Desk, wanted: string | undefined): string {
  const { tables } = desk
  if (wanted === undefined) return tables.userId
  if (tables.lists.users.has(wanted)) return wanted
  const phone = tables.phoneOfNumber(wanted)
  const owner = phone === undefined ? undefined : tables.userOfPhone(phone)
  if (owner !== undefined) return owner
  for (const id of tables.lists.users.keys()) if (tables.userName(id) === wanted) return id
  throw notFound(`There is no user ${wanted}.`)
}

/** Services act on the account's own user only (xivo-cti.md 3.4). @throws CtiError CTI_FORBIDDEN */
export function ownUser (desk: Desk, request: ActionRequest): string {
  const user = userOf(desk, request.user)
  if (user !== desk.tables.userId) throw forbidden(`"${request.action}" works for the account's own user only.`)
  return user
}

/** The agent meant: by id, number, or the user whose agent it is; default the user's own. @throws CtiError CTI_NOT_FOUND */
export function agentIdOf (desk: Desk, wanted: string | undefined, user?: string): string {
  const { tables } = desk
  if (wanted !== undefined) {
    if (tables.lists.agents.has(wanted)) return wanted
    for (const [id, { config }] of tables.lists.agents) if (text(config.number) === wanted) return id
  }
  const person = wanted === undefined ? userOf(desk, user) : userOf(desk, wanted)
  const agent = text(tables.row('users', person).config.agentid)
  if (agent === undefined || agent === '0') throw notFound(wanted === undefined ? 'This user is no agent.' : `There is no agent ${wanted}.`)
  return agent
}

/** Wire id of the queue meant: by id (also as in events), name or number. @throws CtiError CTI_NOT_FOUND */
export function queueRowOf (desk: Desk, wanted: string): string {
  const { queues } = desk.tables.lists
  const bare = /^queue:xivo\/(\d+)$/.exec(wanted)?.[1] ?? wanted
  if (queues.has(bare)) return bare
  for (const [id, { config }] of queues) if ([config.name, config.displayname, config.number].map(text).includes(wanted)) return id
  throw notFound(`There is no queue ${wanted}.`)
}

/** What to dial for a target. People, agents and queues become the number in the lists. @throws CtiError */
export function numberOf (desk: Desk, to: To): string {
  const { tables } = desk
  const target = typeof to === 'string' ? { number: to } : to
  if (target.number !== undefined) {
    const number = diallable(target.number)
    if (number === undefined) throw invalid(`"${target.number}" is not a number that can be dialled.`)
    return number
  }
  if (target.user !== undefined) return phoneNumber(desk, userOf(desk, target.user))
  if (target.queue !== undefined) return listed(tables.queueRef(queueRowOf(desk, target.queue)).number, `queue ${target.queue}`)
  if (target.agent !== undefined) {
    const agent = agentIdOf(desk, target.agent)
    return listed(text(tables.row('agents', agent).status.phonenumber) ?? tables.agentRef(agent).number, `agent ${target.agent}`)
  }
  throw unsupported('to', `XiVO cannot dial a ${Object.keys(target)[0] ?? 'target'}`)
}

function phoneNumber (desk: Desk, user: string): string {
  return listed(desk.tables.userRef(user).extension, `user ${user}`)
}

function listed (number: string | undefined, what: string): string {
  if (number === undefined) throw notFound(`The ${what} has no number.`)
  return number
}

/** The one call of the own line that the server's commands act on (xivo-cti.md 3.5, own-call commands). @throws CtiError CTI_UNSUPPORTED */
export function currentOnly (desk: Desk, action: string, context: ActionContext): Call {
  const { leg } = context
  if (leg === undefined) throw notFound('There is no call.')
  const { tables } = desk
  if (leg.owner.kind === 'queue' || leg.device?.id === undefined || !tables.phonesOf(tables.userId).includes(leg.device.id)) {
    throw unsupported(action, 'XiVO does this with the call of the account\'s own user only')
  }
  const others = context.picture.callsOf(leg.owner.id).filter((call) => call.id !== leg.id && call.state === 'active' && call.id !== tables.consult?.leg)
  if (leg.state === 'held' && others.length > 0) throw unsupported(action, 'XiVO acts on the current call only, and this one is on hold')
  return leg
}

/** One page of a list; the cursor is the number of items before it. */
export function page<T> (items: readonly T[], request: ActionRequest): Pick<ActionResult, 'items' | 'total' | 'nextCursor'> {
  const from = Math.max(0, Math.floor(Number(request.cursor ?? 0)) || 0)
  const limit = typeof request.limit === 'number' && request.limit > 0 ? Math.floor(request.limit) : items.length
  const next = from + limit
  return { items: items.slice(from, next), total: items.length, ...(next < items.length ? { nextCursor: String(next) } : {}) }
}

/** Items of which a name, number or id holds the text. */
export function matching<T extends { id?: string; name?: string; number?: string }> (items: readonly T[], query: unknown): readonly T[] {
  const wanted = text(query)?.toLowerCase()
  return wanted === undefined ? items : items.filter(({ id, name, number }) => [id, name, number].some((part) => part?.toLowerCase().includes(wanted) === true))
}
