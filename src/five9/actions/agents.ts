/** Log-in, presence, skills: of the own agent, or of another by the supervisor (five9.md 3.3, 3.5, 7.2). */
import type { ActionResult, Agent } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { ownAgent } from '../agentMapping'
import { STATION_TYPES } from '../options'
import { channelName, presenceBody, presenceState } from '../presence'
import { CHANNELS, WORKING } from '../protocol'
import { defined, fields, flag, idsIn, isFields, objects, text, texts, textOf, type Fields } from '../read'
import { agentOfRow } from '../supervisorMapping'
import { agentOf, command, forbidden, invalid, isOther, named, notFound, optional, type Access, type Confirm, type Run } from './tools'

/** Channels that are made ready when nobody says which, as far as the agent has them. */
const USUAL: readonly string[] = [CHANNELS.voice, CHANNELS.voicemail]

const now = (context: ActionContext): number => context.link.clock.now() + context.link.clockOffsetMs
const mine = (access: Access, context: ActionContext): Agent => ownAgent(access.memory, context.picture, now(context))
const other = (access: Access, context: ActionContext, id: string): Agent | undefined => {
  const row = access.memory.statistics.row('AGENT_STATE', id)
  return row === undefined ? context.picture.agent(id) : agentOfRow(access.memory, id, row, now(context), context.picture.agent(id))
}
const shown = (agent: Agent | undefined): Partial<ActionResult> => agent === undefined ? {} : { agent }

/** Channels as the vendor calls them. @throws CtiError CTI_INVALID_REQUEST */
function channelsOf (words: readonly string[]): string[] {
  return words.map((word) => {
    const name = channelName(word)
    if (name === undefined) throw invalid(`"${word.slice(0, 30)}" is no channel: ${Object.keys(CHANNELS).join(', ')} are.`)
    return name
  })
}

/** Presence of another agent as the statistics show it; there is no request for it. */
function presenceOf (access: Access, id: string): Fields | undefined {
  const row = access.memory.statistics.row('AGENT_STATE', id)
  return isFields(row?.presence) ? row.presence : undefined
}

interface Wanted { readonly ready: boolean; readonly channels: readonly string[] | undefined; readonly reasonId: string; readonly graceful: boolean }

/** The channels that shall be ready: all usual ones, those named, or all that are ready now but those named. */
function readyChannels (wanted: Wanted, before: Fields | undefined): string[] {
  if (wanted.ready) {
    if (wanted.channels !== undefined) return [...wanted.channels]
    const available = texts(before?.availableChannels)
    const usual = USUAL.filter((name) => available.length === 0 || available.includes(name))
    return usual.length === 0 ? available : usual
  }
  if (wanted.channels === undefined) return []
  const current = presenceState(before, 'current')?.channels ?? []
  return current.filter((name) => wanted.channels?.includes(name) !== true)
}

async function setPresence (access: Access, context: ActionContext, agentId: string, wanted: Wanted): Promise<Partial<ActionResult>> {
  const { memory } = access
  if (isOther(access, agentId)) {
    await command(access, context, 'agent_presence', { agentId, body: presenceBody(undefined, readyChannels(wanted, presenceOf(access, agentId)), wanted.reasonId, wanted.graceful) })
    return shown(other(access, context, agentId))
  }
  // The shape is not public: what is read is sent back with another state in it (five9.md 11).
  const read = (await optional(command(access, context, 'presence')))?.body
  const before = isFields(read) ? read : undefined
  const reply = await command(access, context, 'set_presence', { body: presenceBody(before, readyChannels(wanted, { ...memory.presence, ...before }), wanted.reasonId, wanted.graceful) })
  if (isFields(reply.body) && isFields(reply.body.currentState)) {
    memory.presence = { availableChannels: memory.presence?.availableChannels, ...reply.body }
    access.connection().ownAgentChanged()
  }
  return { agent: mine(access, context) }
}

/** Id of a reason by id or name; one that people may not choose is refused here, where the message can say so. */
function reasonIdOf (access: Access, word: string | undefined): string {
  if (word === undefined) return '0'
  const id = named(access, 'notReadyCodes', word, 'not-ready reason')
  if (access.memory.reference.item('notReadyCodes', id)?.selectable === false) throw invalid(`The reason "${word.slice(0, 60)}" is set by the system only.`)
  return id
}

function routing (access: Access, ready: boolean): Run {
  return async (request, context) => {
    const channels = request.channels as readonly string[] | undefined
    return setPresence(access, context, agentOf(access, request), {
      ready, channels: channels === undefined ? undefined : channelsOf(channels), reasonId: ready ? '0' : reasonIdOf(access, request.reason as string | undefined), graceful: request.when === 'afterCall'
    })
  }
}

/** The own agent's half once more, with a station that may be another one: the whole log-in. */
const login = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const agentId = agentOf(access, request)
  if (!memory.isAgent || agentId !== memory.uid) throw forbidden('Only the account\'s own agent can be logged in: nobody else\'s password is known.')
  const connection = access.connection()
  const asked = (request.vendor as { stationType?: unknown } | undefined)?.stationType ?? request.stationType
  const type = (text(asked) ?? (request.device === undefined ? connection.entry.station.type : connection.entry.station.type === 'EMPTY' ? 'PSTN' : connection.entry.station.type)).toUpperCase()
  if (!(STATION_TYPES as readonly string[]).includes(type)) context.warn(`"${type.slice(0, 30)}" is no known type of station; it is sent as it is.`)
  const began = await connection.entry.work('agent', { type, id: request.device ?? connection.entry.station.id }, (request.queues as readonly string[] | undefined) ?? memory.settings.skills, context.signal)
  memory.loginState = WORKING
  if (!began && request.device !== undefined) context.warn('The agent was logged in already; his station stays as it is.')
  if (!began && request.queues !== undefined) await putSkills(access, context, memory.uid, (request.queues as readonly string[]).map((word) => named(access, 'skills', word, 'skill')))
  await connection.reader.resync(true)
  return { agent: mine(access, context), ...(began ? {} : { outcome: 'completed' as const }) }
}

const logout = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const agentId = agentOf(access, request)
  const reason = request.reason as string | undefined
  const reasonId = reason === undefined ? undefined : named(access, 'logoutCodes', reason, 'logout reason')
  if (isOther(access, agentId)) {
    if (reasonId !== undefined) context.warn('The supervisor ends a session without a reason; "reason" was not used.')
    await command(access, context, 'user_logout', { sessionId: await sessionOf(access, context, agentId) })
    return shown(other(access, context, agentId))
  }
  const carried = memory.settings.advanced.logoutReason === true
  if (reasonId !== undefined && !carried) context.warn('How Five9 takes the reason of a logout is not public; it was not sent. The advanced setting "logoutReason" sends it.')
  await access.connection().stopAgent(carried ? reasonId : undefined, context.signal)
  return { agent: mine(access, context) }
}

/** Session id of a user: of the statistics, else of the list. Its key differs between the two (five9.md 3.5). */
async function sessionOf (access: Access, context: ActionContext, agentId: string): Promise<string> {
  const { memory } = access
  const userName = memory.reference.user(agentId)?.userName
  const isHis = (row: Fields): boolean => textOf(row, 'userId') === agentId || (userName !== undefined && textOf(row, 'userName') === userName)
  const rows = [...memory.statistics.rows('USER_SESSION').values()].filter(isHis)
  const told = rows.length > 0 ? rows : objects((await command(access, context, 'user_sessions')).body).filter(isHis)
  const row = told.find((one) => /agent/i.test(textOf(one, 'role') ?? '')) ?? told[0]
  const id = row === undefined ? undefined : textOf(row, 'sessionId', 'id')
  if (id === undefined) throw notFound(`No session of ${memory.reference.user(agentId)?.name ?? agentId} is open.`)
  return id
}

/** Active skills of another agent: rows with a flag, or plain ids. */
async function skillsOf (access: Access, context: ActionContext, agentId: string): Promise<string[]> {
  if (!isOther(access, agentId)) return idsIn((await command(access, context, 'active_skills')).body, 'skillId')
  const { skills } = fields((await command(access, context, 'agent', { agentId })).body)
  const rows = objects(skills)
  return rows.length === 0 ? idsIn(skills) : idsIn(rows.filter((row) => flag(row.isActive ?? row.active) !== false), 'skillId')
}

/** The list replaces all that was; an empty one is legal (five9.md 10, trap 15). */
async function putSkills (access: Access, context: ActionContext, agentId: string, ids: readonly string[]): Promise<void> {
  if (isOther(access, agentId)) await command(access, context, 'agent_active_skills', { agentId, body: ids })
  else await command(access, context, 'set_active_skills', { body: ids })
}

/** Read, change, write; two at once for one agent would undo each other, so they take turns. */
function membership (access: Access, joins: boolean): Run {
  const turns = new Map<string, Promise<unknown>>()
  return async (request, context) => {
    const agentId = agentOf(access, request)
    const wanted = ([request.queues].flat() as string[]).map((word) => named(access, 'skills', word, 'skill'))
    if (wanted.length === 0) throw invalid('"queues" is empty.')
    const before = turns.get(agentId) ?? Promise.resolve()
    const work = before.catch(() => undefined).then(() => change(access, context, agentId, wanted, joins))
    const settled = work.catch(() => undefined).finally(() => { if (turns.get(agentId) === settled) turns.delete(agentId) })
    turns.set(agentId, settled)
    return work
  }
}

async function change (access: Access, context: ActionContext, agentId: string, wanted: readonly string[], joins: boolean): Promise<Partial<ActionResult>> {
  const { memory } = access
  const active = await skillsOf(access, context, agentId)
  const ids = joins ? [...new Set([...active, ...wanted])] : active.filter((id) => !wanted.includes(id))
  const same = ids.length === active.length
  if (!same) await putSkills(access, context, agentId, ids)
  if (agentId === memory.uid && memory.isAgent) {
    // Event 11 may come before the reply or after it; the memory is the same then.
    memory.activeSkills = ids
    access.connection().ownAgentChanged()
    return { agent: mine(access, context), ...(same ? { outcome: 'completed' as const } : {}) }
  }
  const agent = other(access, context, agentId)
  const queues = ids.map((id) => defined({ id, name: memory.reference.name('skills', id), joined: true }))
  // No event tells a supervisor of it: the reply is the proof.
  return { outcome: 'completed', ...(agent === undefined ? {} : { agent: { ...agent, queues } }) }
}

const onAgent = (access: Access, ...events: string[]): Confirm => (event, request) => {
  if (event.agent === undefined || !events.includes(event.event)) return false
  const word = request.agent ?? request.user
  return event.agent.id === (word === undefined ? access.memory.uid : access.memory.reference.findUser(word) ?? word)
}

/** Changes of routing are proved by the state, or by what is pending until the call is over. */
const routed = (access: Access, ready: boolean): Confirm => {
  const isOf = onAgent(access, ready ? 'agent.ready' : 'agent.notReady', 'agent.updated', 'agent.busy', 'agent.wrapUp')
  const want = ready ? 'ready' : 'notReady'
  return (event, request, partial, leg) => {
    if (!isOf(event, request, partial, leg)) return false
    if (request.channels !== undefined && event.event === 'agent.updated') return true
    return event.agent?.state === want || event.agent?.routing === want || event.agent?.pending?.routing === want
  }
}

/** Presence as it was asked for stands already: no event will come. */
const settled = (run: Run, access: Access, ready: boolean): Run => async (request, context) => {
  const agentId = agentOf(access, request)
  const before = context.picture.agent(agentId)
  const result = await run(request, context)
  const same = request.channels === undefined && before?.state === (ready ? 'ready' : 'notReady') && before.pending === undefined
    && (ready || (before.reason?.id ?? '0') === reasonIdOf(access, request.reason as string | undefined))
  return same ? { ...result, outcome: 'completed' } : result
}

export function agentActions (access: Access): ActionTable {
  return {
    agentLogin: {
      supports: ['device'], lacks: ['agentId'], params: { stationType: { kind: 'string' } }, confirm: onAgent(access, 'agent.loggedIn', 'agent.ready', 'agent.notReady'),
      run: login(access)
    },
    agentLogout: { supports: ['reason', 'force'], confirm: onAgent(access, 'agent.loggedOut'), run: logout(access) },
    agentReady: { supports: ['channels'], confirm: routed(access, true), run: settled(routing(access, true), access, true) },
    agentNotReady: { supports: ['reason', 'channels', 'when'], confirm: routed(access, false), run: settled(routing(access, false), access, false) },
    queueJoin: { confirm: onAgent(access, 'agent.queueJoined'), run: membership(access, true) },
    queueLeave: { confirm: onAgent(access, 'agent.queueLeft'), run: membership(access, false) }
  }
}
