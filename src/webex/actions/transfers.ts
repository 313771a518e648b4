/** Moving calls and joining them: blind, attended, to a mailbox, conferences (webex-calling.md 3.3, 3.4, 9; model.md 3.4, 5.3). */
import { CtiError, type ActionRequest, type ActionResult, type ActionSpec, type Call, type Party, type To } from '../../model'
import { conferenceLegs, consultLeg, type VendorLeg } from '../../session/secondLeg'
import type { ActionContext, ActionTable } from '../../session/types'
import { conferenceId } from '../conferences'
import { conferenceActionPath, conferencePath, type Line } from '../line'
import { pause } from '../pause'
import type { Json } from '../read'
import { addressOf, callIdOf, command, conflict, extra, legOf, lineOf, marked, notFound, numberOf, onLeg, onNewLeg, ownPhone, partyTo, post, startedLeg, type Access, type Run } from './tools'

/** Where a divert goes: a number, or a mailbox (`own`, or its user). */
function destinationOf (access: Access, to: To, line: Line): { body: Json; party: Party } {
  const mailbox = typeof to === 'object' ? to.voicemail : undefined
  if (mailbox === undefined) {
    const destination = addressOf(access, to)
    return { body: { destination }, party: partyTo(access, destination) }
  }
  const own = mailbox === 'own' || access.memory.people.find(mailbox)?.id === line.id
  const destination = own ? undefined : numberOf(access, mailbox)
  return { body: { destination, toVoicemail: true }, party: { ...(destination === undefined ? {} : { number: destination }), kind: 'voicemail' } }
}

/** A divert is the blind transfer of an answered call and the redirection of a ringing one; `transfer` takes no unanswered call (webex-calling.md 10.12). */
const divert = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const line = await lineOf(access, request, context)
  const { body, party } = destinationOf(access, request.to as To, line)
  const callId = await callIdOf(access, context, line, leg)
  const kind = leg.state === 'ringing' ? 'redirect' as const : 'blind' as const
  await marked(access, context, [[leg.id, { kind, to: party }]], () => command(access, context, line, 'divert', { callId, ...body, lineOwnerId: extra(request, 'lineOwnerId') }))
  return {}
}

/** Two steps: hold, then a second call. If the second fails the first is undone. */
const consult = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const line = await lineOf(access, request, context)
  const destination = addressOf(access, request.to as To)
  const callId = await callIdOf(access, context, line, leg)
  const holds = leg.state !== 'held' || leg.heldBy === 'remote'
  if (holds) await command(access, context, line, 'hold', { callId })
  let reply
  try {
    reply = await command(access, context, line, 'dial', { destination, ...ownPhone(request) })
  } catch (error) {
    throw holds ? await undone(access, context, line, callId, CtiError.from(error, 'webex')) : error
  }
  return startedLeg(access, context, line, reply, (newCallId) => { context.relate(newCallId, [{ kind: 'consultOf', id: leg.id }]) })
}

/** The error of the second step, with what became of the first. Whether the call was made is not known after a lost reply: then nothing is undone. */
async function undone (access: Access, context: ActionContext, line: Line, callId: string, error: CtiError): Promise<CtiError> {
  if (error.code === 'CTI_TIMEOUT' || error.code === 'CTI_UNKNOWN_OUTCOME' || context.signal.aborted) return error
  try {
    await command(access, context, line, 'resume', { callId })
  } catch (second) {
    return new CtiError(error.code, `${error.message} The call was put on hold before and could not be resumed: ${CtiError.from(second, 'webex').message}`, { ...error.cause, undone: false })
  }
  return new CtiError(error.code, `${error.message} The call that was put on hold for it has been resumed.`, { ...error.cause, undone: true })
}

const complete = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const consulted = consultLeg(request, context, leg)
  const turned = leg.related?.some(({ kind, id }) => kind === 'consultOf' && id === consulted.id) === true
  const [held, other] = turned ? [consulted, leg] : [leg, consulted]
  const line = await lineOf(access, request, context)
  const [callId1, callId2] = [await callIdOf(access, context, line, held), await callIdOf(access, context, line, other)]
  await marked(access, context, [[held.id, { kind: 'attended', role: 'first', other: other.id }], [other.id, { kind: 'attended', role: 'second', other: held.id }]],
    () => command(access, context, line, 'transfer', { callId1, callId2 }))
  return { callId: held.id }
}

const cancel = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const consulted = consultLeg(request, context, leg)
  const line = await lineOf(access, request, context)
  await marked(access, context, [[consulted.id, { kind: 'hangup' }]], async () => command(access, context, line, 'hangup', { callId: await callIdOf(access, context, line, consulted) }))
  try {
    await command(access, context, line, 'resume', { callId: await callIdOf(access, context, line, leg) })
  } catch (error) {
    const problem = CtiError.from(error, 'webex')
    throw new CtiError(problem.code, `The consultation was ended, but the held call could not be resumed: ${problem.message}`, { ...problem.cause })
  }
  return {}
}

const TRANSFER_ON_ANSWER: ActionSpec = {
  group: 'transfer', subject: 'user', legStates: ['active', 'held'], params: { to: { kind: 'to', required: true } }, repeatable: false, timeoutMs: 15_000
}

/** Calls the destination and transfers only when it answers; otherwise nothing happens to the call (webex-calling.md 3.3). */
const onAnswer = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const line = await lineOf(access, request, context)
  const destination = addressOf(access, request.to as To)
  const reply = await command(access, context, line, 'transfer', { callId1: await callIdOf(access, context, line, leg), destination })
  return startedLeg(access, context, line, reply, (newCallId) => {
    const now = context.link.clock.now()
    access.memory.mark(leg.id, { kind: 'early', role: 'first', other: newCallId }, now)
    access.memory.mark(newCallId, { kind: 'early', role: 'second', other: leg.id }, now)
    context.relate(newCallId, [{ kind: 'consultOf', id: leg.id }])
  })
}

/** ms that the third person may take to answer, and between two looks. */
const ANSWER_MS = 60_000
const LOOK_MS = 200

/** With `to` a second call is made first; without, the calls that are there are joined. */
const conference = (access: Access): Run => async (request, context) => {
  if (request.to !== undefined) return withAnother(access, request, context)
  const ids = request.callIds as readonly string[] | undefined
  const leg = ids?.[0] === undefined ? context.leg : context.picture.call(ids[0])
  const line = await lineOf(access, request, leg === undefined ? context : { ...context, leg })
  return join(access, context, line, conferenceLegs(ids, context.picture, line.id))
}

async function join (access: Access, context: ActionContext, line: Line, legs: readonly VendorLeg[]): Promise<Partial<ActionResult>> {
  const isIn = ({ conference }: Call): boolean => conference !== undefined && conference.state !== 'ended'
  const running = context.picture.callsOf(line.id).some(isIn)
  const fresh = legs.filter((leg) => !isIn(leg))
  if (running && fresh.length === 0) throw conflict('All these calls are in the conference already.')
  if (!running && legs.length < 2) throw conflict('A conference needs two calls: answer or make a second one first.')
  if (running) for (const leg of fresh) await post(access, context, line, conferenceActionPath(line, 'addParticipant'), { callId: await callIdOf(access, context, line, leg) })
  else await post(access, context, line, conferencePath(line), { callIds: await Promise.all(legs.map((leg) => callIdOf(access, context, line, leg))) })
  await access.connection().watchOf(line.id)?.readConference()
  return {
    conference: { id: conferenceId(line.id), role: 'controller', kind: 'normal', state: 'active', members: legs.map((leg) => ({ callId: leg.id, ...(leg.remote === undefined ? {} : { party: leg.remote }) })) }
  }
}

/** Calls the third person; the reply does not wait for the answer. What goes wrong afterwards is a warning of the account: the action is over then. */
async function withAnother (access: Access, request: ActionRequest, context: ActionContext): Promise<Partial<ActionResult>> {
  const [named] = request.callIds as readonly string[] | undefined ?? []
  const leg = named === undefined ? context.leg : context.picture.call(named)
  if (leg?.vendorId === undefined) throw notFound('There is no call to add somebody to.')
  const first = leg as VendorLeg
  const result = await consult(access)(request, { ...context, leg })
  const { newCallId } = result
  if (newCallId === undefined) throw new CtiError('CTI_PROTOCOL', 'Webex did not tell the id of the new call.', { vendor: 'webex', retryable: false })
  const { link } = context
  const later: ActionContext = { ...context, leg: first, signal: link.signal }
  joinWhenAnswered(access, request, later, first, newCallId).catch((error: unknown) => {
    if (!link.signal.aborted) link.warn('conferenceFailed', `The conference was not made: ${CtiError.from(error, 'webex').message}`)
  })
  return { ...result, callId: first.id }
}

async function joinWhenAnswered (access: Access, request: ActionRequest, context: ActionContext, first: VendorLeg, newCallId: string): Promise<void> {
  const { picture, link } = context
  const line = await lineOf(access, request, context)
  const until = link.clock.now() + ANSWER_MS
  while (link.clock.now() < until) {
    const leg = picture.call(newCallId)
    const held = picture.call(first.id)
    if (held === undefined) return
    if (leg?.state === 'active' && leg.vendorId !== undefined) {
      await join(access, context, line, [held as VendorLeg, leg as VendorLeg])
      return
    }
    if (picture.tombstone(newCallId) !== undefined) break
    await pause(link.clock, link.signal, LOOK_MS)
  }
  const held = picture.call(first.id)
  if (picture.tombstone(newCallId) === undefined || held?.state !== 'held' || held.heldBy === 'remote') return
  await command(access, context, line, 'resume', { callId: await callIdOf(access, context, line, first) })
}

export function transferActions (access: Access): ActionTable {
  return {
    transfer: { confirm: onLeg('call.ended'), run: divert(access) },
    redirect: { confirm: onLeg('call.redirected', 'call.ended'), run: divert(access) },
    consult: { supports: ['purpose'], confirm: onNewLeg('call.originated'), run: consult(access) },
    completeTransfer: { confirm: (event, _request, partial, leg) => event.event === 'call.transferred' && event.call !== undefined && event.call.id === (partial.callId ?? leg?.id), run: complete(access) },
    cancelTransfer: { confirm: onLeg('call.resumed'), run: cancel(access) },
    conference: {
      confirm: (event, _request, partial) => event.event === 'call.conferenced' && event.call !== undefined
        && (partial.conference === undefined ? event.call.id === partial.newCallId : event.call.conference?.id === partial.conference.id),
      run: conference(access)
    },
    'webex.transferOnAnswer': { spec: TRANSFER_ON_ANSWER, run: onAnswer(access) }
  }
}
