/** Making calls, and what is done with one (five9.md 3.1, 3.2, 7.2). */
import { CtiError, type ActionRequest, type ActionResult, type Call, type To } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { isAlreadyOver } from '../errors'
import { sameNumber, type Dial } from '../memory'
import { OVER } from '../protocol'
import { textOf, fields } from '../read'
import type { RouteName } from '../routes'
import { command, conflict, invalid, isOther, legOf, named, notFound, onCall, onLeg, targetOf, userOf, valuesOf, type Access, type Confirm, type Run, type Target } from './tools'

/** ms before the limit of an action at which it stops waiting by itself, so that the answer is still in time. */
const MARGIN_MS = 250
const DIAL_MS = 15_000

const ROUTE: Readonly<Record<Target['kind'], RouteName | undefined>> = {
  number: 'make_external_call', agent: 'make_agent_call', skill: 'make_skill_call', speedDial: 'make_speed_dial_call', campaign: undefined
}

/** What becomes of a dial: its call, or the refusal that comes as an event after the reply (five9.md 7.2: event 3, 65, 75). */
interface Outcome { readonly dial: Dial; readonly seen: Promise<string>; readonly end: () => void }

export function dialling (access: Access, context: ActionContext, number: string | undefined, more: Pick<Dial, 'consultOf'> = {}): Outcome {
  let end = (): void => undefined
  let dial: Dial | undefined
  const seen = new Promise<string>((resolve, reject) => {
    dial = {
      ...(number === undefined ? {} : { number }),
      ...more,
      until: context.link.clock.now() + context.link.clockOffsetMs + DIAL_MS + MARGIN_MS,
      made: (legId) => {
        if (more.consultOf !== undefined) context.relate(legId, [{ kind: 'consultOf', id: more.consultOf }])
        context.adopt(legId)
        resolve(legId)
      },
      failed: (text) => reject(new CtiError('CTI_CONFLICT', `Five9 could not make the call: ${text}`, { vendor: 'five9', text, retryable: false }))
    }
    end = access.memory.dial(dial)
  })
  // Nobody may be waiting when it fails.
  seen.catch(() => undefined)
  return { dial: dial as unknown as Dial, seen, end }
}

/** Waits for the call where the caller wants it proved; whoever does not gets the reply at once. */
export async function whenSeen (request: ActionRequest, context: ActionContext, { seen }: Outcome): Promise<Partial<ActionResult>> {
  if (request.confirm !== 'completed') return {}
  const { clock } = context.link
  let timer: unknown
  const late = new Promise<undefined>((resolve) => { timer = clock.setTimeout(() => resolve(undefined), Math.max(0, (request.timeoutMs ?? DIAL_MS) - MARGIN_MS)) })
  try {
    const newCallId = await Promise.race([seen, late])
    return newCallId === undefined ? {} : { newCallId }
  } finally {
    clock.clearTimeout(timer)
  }
}

/** Sends what dials, with the dial known before its event can come; a refused one is forgotten. */
export async function dialled (work: () => Promise<unknown>, outcome: Outcome): Promise<void> {
  try {
    await work()
  } catch (error) {
    outcome.end()
    throw error
  }
}

const originate = (access: Access): Run => async (request, context) => {
  const connection = access.connection()
  if (request.user !== undefined && userOf(access, request.user) !== access.memory.uid) throw invalid('A call can be made for the account\'s own agent only.')
  if (access.memory.stopped) throw conflict('The agent is logged out: log him in first.')
  if (connection.isMoving) throw new CtiError('CTI_UNAVAILABLE', 'Five9 is about to move to another host: no new call is begun now.', { vendor: 'five9', retryable: true })
  const target = targetOf(access, request.to as To)
  const route = ROUTE[target.kind]
  if (route === undefined) throw CtiError.unsupported('originate', 'five9', `a ${target.kind} cannot be called there`, [])
  const campaign = request.campaign as string | undefined
  const skill = request.skill as string | undefined
  if (skill !== undefined && target.kind === 'number') context.warn('A number is dialled with a campaign, not with a skill; "skill" was not used.')
  const outcome = dialling(access, context, target.kind === 'number' ? target.id : undefined)
  const campaignId = campaign === undefined ? undefined : named(access, 'campaigns', campaign, 'campaign')
  await dialled(() => command(access, context, route, { ...valuesOf(target), campaignId, skipDnc: request.skipDnc === true }), outcome)
  return whenSeen(request, context, outcome)
}

/** The new leg, by what was dialled: the reply does not name it. */
const dialMade = (access: Access): Confirm => (event, request, partial) => {
  if (event.event !== 'call.originated' || event.call === undefined || event.call.owner.id !== access.memory.uid) return false
  if (partial.newCallId !== undefined) return event.call.id === partial.newCallId
  const to = typeof request.to === 'string' ? request.to : (request.to as { number?: string } | undefined)?.number
  const dialledNumber = event.call.to?.number
  return to === undefined || dialledNumber === undefined || sameNumber(to, dialledNumber)
}

/** A GET that dials: never repeated (five9.md 10, trap 9). */
const clickToDial = (access: Access): Run => async (request, context) => {
  const target = targetOf(access, request.to as To)
  if (target.kind !== 'number') throw invalid('"five9.clickToDial" takes a number.')
  const outcome = dialling(access, context, target.id)
  const campaign = request.campaign as string | undefined
  await dialled(() => command(access, context, 'click_to_dial', {}, {
    number: target.id, dialImmediately: request.immediately !== false, skipDNCCheck: request.skipDnc === true, campaignId: campaign === undefined ? undefined : named(access, 'campaigns', campaign, 'campaign')
  }), outcome)
  return whenSeen(request, context, outcome)
}

const reject = (access: Access): Run => async (_request, context) => {
  const { vendorId } = legOf(access, context)
  await marked(access, context, vendorId, 'reject', () => command(access, context, 'reject', { callId: vendorId }))
  return {}
}

/** What we are about to do explains the end that the event tells without a reason; it may be faster than the reply. */
export async function marked (access: Access, context: ActionContext, callId: string, kind: 'reject' | 'hangup' | 'dispose', work: () => Promise<unknown>, disposition?: string): Promise<void> {
  const { memory } = access
  const before = memory.marks.get(callId)
  // What ended the call stays known when its disposition follows.
  memory.mark(callId, { ...before, kind: before?.kind ?? kind, at: context.link.clock.now(), ...(disposition === undefined ? {} : { disposition }) })
  try {
    await work()
  } catch (error) {
    if (before === undefined) memory.marks.delete(callId)
    else memory.mark(callId, before)
    throw error
  }
}

const hangup = (access: Access): Run => async (request, context) => {
  const leg = legOf(access, context)
  const callId = leg.vendorId
  if (request.conference === 'leave' && leg.conference?.state === 'active') {
    await command(access, context, 'leave_conference', { callId })
    return {}
  }
  // An offered call has not been taken: it is refused, not hung up.
  if (leg.state === 'ringing') return reject(access)(request, context)
  return disconnect(access, context, callId)
}

/** A call that is over already is as good as hung up (five9.md 8.1). */
async function disconnect (access: Access, context: ActionContext, callId: string): Promise<Partial<ActionResult>> {
  try {
    await marked(access, context, callId, 'hangup', () => command(access, context, 'disconnect', { callId }))
    return {}
  } catch (error) {
    const failure = CtiError.from(error, 'five9')
    if (!isAlreadyOver(failure) || !await isGone(access, context, callId)) throw failure
    context.warn('The call was over already.')
    return { outcome: 'completed' }
  }
}

async function isGone (access: Access, context: ActionContext, callId: string): Promise<boolean> {
  try {
    const { body } = await command(access, context, 'call', { callId })
    return OVER.has(textOf(fields(body), 'state') ?? '')
  } catch (error) {
    if (CtiError.from(error, 'five9').code === 'CTI_NOT_FOUND') return true
    throw error
  }
}

/** The call that a disposition is for: the one named, the only one in wrap-up, or the only one there is. */
function disposable (access: Access, request: ActionRequest, context: ActionContext): { callId: string; leg?: Call } {
  const { memory } = access
  const { leg } = context
  if (leg !== undefined) return { callId: legOf(access, context).vendorId, leg }
  const [first, ...others] = request.callId === undefined ? memory.wrapUps.keys() : [memory.wrapUpOf(request.callId)].filter((id) => id !== undefined)
  if (first === undefined) throw notFound('There is no call that waits for a disposition.')
  if (others.length > 0) throw conflict(`Several calls wait for a disposition: ${[first, ...others].slice(0, 5).join(', ')}. Say which one with "callId".`)
  const id = memory.wrapUps.get(first)
  const grave = id === undefined ? undefined : context.picture.tombstone(id)
  return { callId: first, ...(grave === undefined ? {} : { leg: grave }) }
}

/**
 * Disposes a call. One that still runs is hung up first when that is wanted; its end is waited for by its event, never by time (five9.md 5).
 */
const setDisposition = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const { callId, leg } = disposable(access, request, context)
  const dispositionId = named(access, 'dispositions', request.code as string, 'disposition')
  const disposition = memory.reference.ref('dispositions', dispositionId)
  if (leg !== undefined && leg.state !== 'ended') {
    if (request.hangup !== true) throw conflict('The call is not over: hang up first, or set "hangup" to do both.')
    const over = memory.until(callId, (state) => OVER.has(state), context.signal)
    // Nobody may be waiting when hanging up fails.
    over.catch(() => undefined)
    const { outcome } = await disconnect(access, context, callId)
    if (outcome !== 'completed') await over
  }
  let vendorReply: unknown
  await marked(access, context, callId, 'dispose', async () => { vendorReply = (await command(access, context, 'dispose', { callId, dispositionId })).body }, dispositionId)
  // Nothing is told of a call that was over before this session began: the reply is the proof.
  return { ...(leg === undefined ? { outcome: 'completed' as const } : { callId: leg.id }), disposition, vendorReply }
}

const setCallData = (access: Access): Run => async (request, context) => {
  const { reference } = access.memory
  const { vendorId } = legOf(access, context)
  const body: Record<string, string> = {}
  for (const [word, value] of Object.entries(request.data as Record<string, string>)) {
    const id = reference.variableId(word) ?? (/^\d+$/.test(word) ? word : undefined)
    if (id === undefined) throw notFound(`No call variable is called "${word.slice(0, 60)}": name it "Group.name", or by its id.`)
    body[id] = value
  }
  const values = { callId: vendorId, body }
  try {
    await command(access, context, 'variables_2', values)
  } catch (error) {
    // Two versions of it stand side by side; which a data centre has is not told (five9.md 3.2).
    if (CtiError.from(error, 'five9').code !== 'CTI_NOT_FOUND') throw error
    await command(access, context, 'call_variables', values)
  }
  return { data: request.data }
}

const RECORDING = {
  startRecording: ['start_recording', 'on'], stopRecording: ['stop_recording', 'off'], pauseRecording: ['pause_recording', 'paused'], resumeRecording: ['resume_recording', 'on']
} as const

/** The reply proves it; the event is ours when the call object does not tell of recording (five9.md 7.1). */
function recordingOf (access: Access, [route, state]: typeof RECORDING[keyof typeof RECORDING]): Run {
  return async (request, context) => {
    const { target } = request as { target?: string }
    if (target !== undefined) {
      if (state === 'paused') throw CtiError.unsupported(request.action, 'five9', 'the recording of another agent can only be switched on and off', [])
      const agentId = userOf(access, target)
      if (isOther(access, agentId)) {
        await command(access, context, 'recording_state', { agentId, recording: state === 'on' })
        return {}
      }
    }
    const leg = legOf(access, context)
    await command(access, context, route, { callId: leg.vendorId })
    const now = context.picture.call(leg.id)
    if (now !== undefined && now.recording?.state !== state) access.connection().tell([{ event: 'call.recording', call: { ...now, recording: { ...now.recording, state } }, derived: true }])
    return { recording: { state } }
  }
}

const retrieve = (access: Access): Run => async (request, context) => {
  if (context.leg === undefined) throw notFound('No call of the agent is parked.')
  return onCall(access, 'retrieve')(request, context)
}

export function callActions (access: Access): ActionTable {
  const recordings = Object.fromEntries(Object.entries(RECORDING).map(([name, how]) => [name, { legOptional: true, run: recordingOf(access, how) }] satisfies [string, ActionTable['startRecording']]))
  return {
    originate: { supports: ['campaign', 'skipDnc'], lacks: ['onBehalfOf'], confirm: dialMade(access), run: originate(access) },
    'five9.clickToDial': {
      spec: { group: 'originate', subject: 'user', repeatable: false, timeoutMs: DIAL_MS, params: { to: { kind: 'to', required: true }, campaign: { kind: 'string' }, skipDnc: { kind: 'boolean' }, immediately: { kind: 'boolean' } } },
      confirm: dialMade(access), run: clickToDial(access)
    },
    answer: { confirm: onLeg('call.answered'), run: onCall(access, 'answer') },
    reject: { confirm: onLeg('call.ended'), run: reject(access) },
    hangup: { supports: ['conference'], confirm: onLeg('call.ended'), run: hangup(access) },
    hold: { confirm: onLeg('call.held'), run: onCall(access, 'hold') },
    resume: { confirm: onLeg('call.resumed'), run: onCall(access, 'unhold') },
    park: { lacks: ['slot'], confirm: onLeg('call.parked'), run: onCall(access, 'park') },
    retrieve: { lacks: ['slot'], confirm: onLeg('call.unparked', 'call.answered', 'call.resumed'), run: retrieve(access) },
    setDisposition: {
      supports: ['hangup'],
      confirm: (event, _request, partial) => event.event === 'call.disposition' && partial.disposition !== undefined && event.call?.disposition?.id === partial.disposition.id && (partial.callId === undefined || event.call?.id === partial.callId),
      run: setDisposition(access)
    },
    setCallData: { confirm: (event, _request, _partial, leg) => event.event === 'call.updated' && event.call?.id === leg?.id && event.changes?.includes('data') === true, run: setCallData(access) },
    ...recordings
  }
}
