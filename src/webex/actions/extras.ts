/** What only Webex has: chat messages, authorisations of people, supervising, moving one's own call (webex-calling.md 3.1, 3.4, 9.1). */
import { CtiError, type ActionRequest, type ActionResult, type ActionSpec } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { path, type WebexApi } from '../api'
import { pieces } from '../chat'
import { MONITOR_NOTE } from '../connection'
import { conferenceActionPath } from '../line'
import type { Person } from '../people'
import { isRecord, type Json } from '../read'
import { MONITOR_MODES, monitorAs } from './calls'
import { apiOf, asOf, command, invalid, lineOf, notFound, onCall, ownPhone, personOf, post, startedLeg, type Access, type Run } from './tools'

const str = { kind: 'string' as const }
const REQUEST_MS = 10_000
const ORIGINATE_MS = 15_000
const message = (params: ActionSpec['params'], repeatable = false): ActionSpec => ({ group: 'request', subject: 'account', params, repeatable, timeoutMs: REQUEST_MS })

const CARD_TYPE = 'application/vnd.microsoft.card.adaptive'
const TARGETS = ['roomId', 'toPersonId', 'toPersonEmail'] as const

/** The bot writes where there is one, unless somebody's own authorisation is asked for. */
async function writer (access: Access, request: ActionRequest, context: ActionContext): Promise<WebexApi> {
  const { bot } = access.connection()
  return asOf(request) === undefined && bot !== undefined ? bot : apiOf(access, request, context)
}

/** A card may come whole, as an attachment, or as its content alone. */
function attachmentOf (card: unknown): Json {
  if (!isRecord(card)) throw invalid('"card" must be an adaptive card.')
  return typeof card.contentType === 'string' ? card : { contentType: CARD_TYPE, content: card }
}

/** Where a message goes: exactly one place; `to` is an e-mail address, else a room. */
function placeOf (request: ActionRequest): Json {
  const given = TARGETS.filter((name) => request[name] !== undefined)
  const to = request.to as string | undefined
  if (given.length + (to === undefined ? 0 : 1) !== 1) throw invalid('Say where the message goes, with one of "roomId", "toPersonId", "toPersonEmail" or "to".')
  return to === undefined ? { [given[0]!]: request[given[0]!] } : { [to.includes('@') ? 'toPersonEmail' : 'roomId']: to }
}

/** Text that one message cannot hold becomes several; card and files go with the last. */
const sendMessage = (access: Access): Run => async (request, context) => {
  const kind = request.markdown === undefined ? 'text' : 'markdown'
  const words = (request.markdown ?? request.text) as string | undefined
  const files = request.files as readonly string[] | undefined
  if ((words === undefined || words === '') && request.card === undefined && files === undefined) throw invalid('The message is empty: give "text", "markdown", "card" or "files".')
  const place = placeOf(request)
  const api = await writer(access, request, context)
  const parts = words === undefined || words === '' ? [undefined] : pieces(words)
  const sent: Json[] = []
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1
    const body = {
      ...place,
      ...(request.parentId === undefined ? {} : { parentId: request.parentId }),
      ...(part === undefined ? {} : { [kind]: part }),
      // A card needs a text for clients that cannot show it.
      ...(part === undefined && request.card !== undefined ? { text: 'Card' } : {}),
      ...(isLast && request.card !== undefined ? { attachments: [attachmentOf(request.card)] } : {}),
      ...(isLast && files !== undefined ? { files } : {})
    }
    sent.push((await api.send({ method: 'POST', path: '/messages', body, signal: context.signal })).node)
  }
  return { data: sent.length === 1 ? sent[0] : sent }
}

const updateMessage = (access: Access): Run => async (request, context) => {
  const { messageId, roomId, text: plain, markdown } = request
  if (plain === undefined && markdown === undefined) throw invalid('Give the new "text" or "markdown".')
  const api = await writer(access, request, context)
  const body = { roomId, ...(markdown === undefined ? { text: plain } : { markdown }) }
  return { data: (await api.send({ method: 'PUT', path: path('messages', messageId as string), body, signal: context.signal })).node }
}

const deleteMessage = (access: Access): Run => async (request, context) => {
  await (await writer(access, request, context)).send({ method: 'DELETE', path: path('messages', request.messageId as string), signal: context.signal })
  return {}
}

/** The person that `as` names, who need not have authorised yet. */
async function asPerson (access: Access, request: ActionRequest, context: ActionContext): Promise<Person> {
  const as = asOf(request)
  if (as === undefined) throw invalid('Say who with "as", the id of a person.')
  const { bot, main } = access.connection()
  return personOf(access, as, context, bot ?? main)
}

/** The address where this person authorises; whoever else comes back by it is refused. */
const authorize = (access: Access): Run => async (request, context) => {
  const person = await asPerson(access, request, context)
  const { url, expiresAt } = access.authorizer.begin(person.id)
  return { data: { url, expiresAt: new Date(expiresAt).toISOString() } }
}

const authorization = (access: Access): Run => async (request, context) => {
  const as = asOf(request)
  const record = await access.tokens.record(as === undefined ? undefined : (await asPerson(access, request, context)).id)
  return { data: { authorized: record !== undefined, ...(record?.holder === undefined ? {} : { holder: record.holder }), ...(record?.scope === undefined ? {} : { scope: record.scope }), monitored: record?.notes?.[MONITOR_NOTE] === 'on' } }
}

/** Forgets somebody's authorisation, webhooks included. */
const forget = (access: Access): Run => async (request, context) => {
  const { id } = await asPerson(access, request, context)
  const connection = access.connection()
  // Its webhooks end with the token anyway; a person who cannot be reached is forgotten all the same.
  const problem = await connection.endMonitor(id).then(() => undefined, (error: unknown) => CtiError.from(error, 'webex'))
  await access.tokens.forget(id)
  return problem === undefined ? {} : { warnings: [`The webhooks of this person could not be removed: ${problem.message}`] }
}

/** Events of this person's calls from now on, with the person's own authorisation; kept over restarts. */
const monitor = (access: Access): Run => async (request, context) => {
  const person = await asPerson(access, request, context)
  const record = await access.tokens.record(person.id)
  if (record === undefined) throw new CtiError('CTI_UNAUTHORIZED', 'This person has not authorised yet: "webex.authorize" gives the address to send.', { vendor: 'webex', retryable: false, authorise: true })
  const enabled = request.enabled === true
  const connection = access.connection()
  if (enabled) await connection.monitor(person)
  else await connection.endMonitor(person.id)
  const latest = await access.tokens.record(person.id) ?? record
  await access.tokens.note(person.id, { ...latest.notes, [MONITOR_NOTE]: enabled ? 'on' : 'off' })
  return { data: { monitored: enabled } }
}

/** Brings one's own call to another device. */
const pull = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  return startedLeg(access, context, line, await command(access, context, line, 'pull', ownPhone(request)))
}

const monitorMode = (access: Access): Run => async (request, context) => {
  await monitorAs(access, context, await lineOf(access, request, context), request.mode as string)
  return {}
}

/** Hears nothing, or hears again: a member of the conference. */
const deafen = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const named = request.member as string
  const callId = context.picture.call(named)?.vendorId ?? named
  if (callId === '') throw notFound('Say which member with "member".')
  await post(access, context, line, conferenceActionPath(line, request.enabled === true ? 'deafen' : 'undeafen'), { callId: access.memory.restIdOf(callId) ?? callId })
  await access.connection().watchOf(line.id)?.readConference()
  return {}
}

/** The own part of the conference, on hold or back. */
const holdConference = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  await post(access, context, line, conferenceActionPath(line, request.enabled === true ? 'hold' : 'resume'))
  await access.connection().watchOf(line.id)?.readConference()
  return {}
}

const mailboxLamp = (access: Access): Run => async (request, context): Promise<Partial<ActionResult>> => {
  const api = await apiOf(access, request, context)
  const person = await personOf(access, request.user ?? '', context, api)
  await api.send({
    method: 'POST', path: path('telephony', 'externalVoicemail', 'mwi'), query: { id: person.id, orgId: access.connection().orgId }, body: { action: request.enabled === true ? 'SET' : 'CLEAR' }, repeatable: true, signal: context.signal
  })
  return {}
}

/** Interests of the organisation as they are registered now (webex-calling.md 4.6). */
const interests = (access: Access): Run => async (request, context) => {
  const api = await apiOf(access, request, context)
  try {
    return { data: (await api.get('/telephony/webhookInterestRegistrations', context.signal)).node }
  } catch (error) {
    if (CtiError.from(error).code !== 'CTI_NOT_FOUND') throw error
    return { data: { interests: [] } }
  }
}

const bool = { kind: 'boolean' as const, required: true as const }
const need = { kind: 'string' as const, required: true as const }
const WHERE = { roomId: str, toPersonId: str, toPersonEmail: str, to: str }
const inCall = (params: ActionSpec['params'], part: Partial<ActionSpec> = {}): ActionSpec => ({ group: 'call', subject: 'user', params, repeatable: true, timeoutMs: 5000, ...part })

export function extraActions (access: Access): ActionTable {
  return {
    'webex.sendMessage': { spec: message({ ...WHERE, text: str, markdown: str, card: { kind: 'object' }, files: { kind: 'strings' }, parentId: str }), run: sendMessage(access) },
    'webex.updateMessage': { spec: message({ messageId: need, roomId: need, text: str, markdown: str }, true), run: updateMessage(access) },
    'webex.deleteMessage': { spec: message({ messageId: need }, true), run: deleteMessage(access) },
    'webex.authorize': { spec: message({}, true), run: authorize(access) },
    'webex.authorization': { spec: message({}, true), run: authorization(access) },
    'webex.forget': { spec: message({}, true), run: forget(access) },
    'webex.monitor': { spec: message({ enabled: bool }, true), run: monitor(access) },
    'webex.interests': { spec: message({}, true), run: interests(access) },
    'webex.pull': { spec: inCall({}, { group: 'originate', repeatable: false, timeoutMs: ORIGINATE_MS }), run: pull(access) },
    'webex.monitorMode': { spec: inCall({ mode: { kind: 'string', required: true, values: Object.keys(MONITOR_MODES) } }), run: monitorMode(access) },
    'webex.deafen': { spec: inCall({ member: need, enabled: bool }), run: deafen(access) },
    'webex.holdConference': { spec: inCall({ enabled: bool }), run: holdConference(access) },
    'webex.mailboxLamp': { spec: inCall({ enabled: bool }), run: mailboxLamp(access) },
    'webex.silence': { spec: inCall({}, { legStates: ['ringing'] }), run: onCall(access, 'reject', () => ({ action: 'ignore' })) }
  }
}
