/** Making calls and what is done with one call (xsi.md 3.2, 7.2). */
import { CtiError, parseAddress, type Call, type Party, type To } from '../../model'
import type { ActionTable } from '../../session/types'
import { actorOf, addressOf, callPath, command, conflict, invalid, legOf, notFound, numberOf, onLeg, onNewLeg, ownPhone, startedLeg, subjectOf, userPath, type Access, type Run } from './tools'

const DECLINE: Readonly<Record<string, string>> = { busy: 'Busy', unavailable: 'TemporarilyUnavailable' }

/** One command on the leg and nothing more. */
function onCall (access: Access, method: string, ...more: readonly string[]): Run {
  return async (_request, context) => {
    await command(access, context, method, callPath(access, legOf(context), ...more))
    return {}
  }
}

const originate = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const address = addressOf(access, request.to as To)
  const executive = request.onBehalfOf as string | undefined
  const reply = executive === undefined
    ? await command(access, context, 'POST', userPath(access, owner, 'calls', 'New'), {
        address, clid: request.callerId as string | undefined, ...ownPhone(request, context), info: request.data as string | undefined
      })
    : await command(access, context, 'POST', userPath(access, owner, 'calls', 'ExecutiveAssistantInitiateCall'), { executiveAddress: numberOf(access, executive), address })
  return startedLeg(context, owner, reply)
}

/** `DELETE` of an alerting call only silences it: without "ignore" the call is declined (xsi.md 10, trap 8). */
const reject = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const reason = (request.reason as string | undefined) ?? 'busy'
  if (reason === 'ignore') {
    await command(access, context, 'DELETE', callPath(access, leg))
    return {}
  }
  access.memory.mark(leg.id, { kind: 'reject' }, context.link.clock.now())
  try {
    await command(access, context, 'DELETE', callPath(access, leg), { decline: 'true', declineReason: DECLINE[reason] })
  } catch (error) {
    access.memory.unmark(leg.id)
    throw error
  }
  return {}
}

const hangup = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const conference = leg.conference !== undefined && leg.conference.state !== 'ended'
  if (request.conference === 'all' && conference) {
    await command(access, context, 'DELETE', userPath(access, leg.owner.id, 'calls', 'Conference'))
    return {}
  }
  if (request.conference === 'leave' && conference) return leaveConference(access)(request, context)
  const ringing = leg.state === 'ringing' && leg.owner.kind !== 'queue'
  await command(access, context, 'DELETE', callPath(access, leg), ringing ? { decline: 'true' } : undefined)
  return {}
}

/** The others stay connected: two of the members are transferred to each other (xsi.md 3.2). */
const leaveConference = (access: Access): Run => async (_request, context) => {
  const leg = legOf(context)
  const other = context.picture.callsOf(leg.owner.id).find((one) => one.id !== leg.id && one.conference?.id === leg.conference?.id && one.vendorId !== undefined)
  if (other?.vendorId === undefined) throw conflict('The conference has no second member to be left with the first.')
  await command(access, context, 'PUT', callPath(access, leg, 'ConsultTransfer', other.vendorId))
  return {}
}

const resume = (access: Access): Run => async (_request, context) => {
  const leg = legOf(context)
  if (leg.heldBy === 'remote') throw conflict('The other side holds this call: only it can resume.')
  await command(access, context, 'PUT', callPath(access, leg, 'Talk'))
  return {}
}

/** There is no mute of a plain call, only of conferences: of one member, or of the controller (xsi.md 3.2). */
function mute (access: Access, verb: 'Mute' | 'Unmute', memberVerb: 'Mute' | 'UnMute'): Run {
  return async (request, context) => {
    const leg = legOf(context)
    if (leg.conference === undefined || leg.conference.state === 'ended') throw CtiError.unsupported(request.action, 'xsi', 'only members of a conference can be muted there, and this call is in none', [])
    const member = request.member as string | undefined
    const vendorId = member === undefined ? undefined : context.picture.call(member)?.vendorId ?? member
    const at = vendorId === undefined ? ['Conference', verb] : ['Conference', vendorId, memberVerb]
    await command(access, context, 'PUT', userPath(access, leg.owner.id, 'calls', ...at))
    return {}
  }
}

const park = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const asked = request.slot as string | undefined
  const slot: Party | undefined = asked === undefined ? undefined : { number: numberOf(access, asked), kind: 'park' }
  const now = context.link.clock.now()
  // The event may be faster than the reply, and does not say why the call went.
  access.memory.mark(leg.id, { kind: 'park', ...(slot === undefined ? {} : { slot }) }, now)
  try {
    const reply = await command(access, context, 'PUT', callPath(access, leg, request.group === true ? 'GroupCallPark' : 'Park'), { address: slot?.number })
    const told = slotOf(reply.headers['content-location']) ?? slot
    if (told !== undefined) access.memory.mark(leg.id, { kind: 'park', slot: told }, now)
    return told === undefined ? {} : { slot: told }
  } catch (error) {
    access.memory.unmark(leg.id)
    throw error
  }
}

/** `Content-Location: …/calls/ParkRetrieve?address=tel:2222` (xsi.md 9.7). */
function slotOf (header: string | string[] | undefined): Party | undefined {
  const address = typeof header === 'string' ? /[?&]address=([^&]+)/.exec(header)?.[1] : undefined
  const { number } = parseAddress(decodeURIComponent(address ?? ''))
  return number === undefined ? undefined : { number, kind: 'park' }
}

const retrieve = (access: Access): Run => async (request, context) => {
  const owner = actorOf(access, request.user)
  const slot = request.slot as string | undefined
  const address = slot === undefined ? context.leg?.to?.number : numberOf(access, slot)
  return startedLeg(context, owner, await command(access, context, 'POST', userPath(access, owner, 'calls', 'ParkRetrieve'), { address, ...ownPhone(request, context) }))
}

/** Who is meant by `target`, or by the owner of the leg that is named. */
function targetNumber (access: Access, request: Parameters<Run>[0], leg: Call | undefined): string | undefined {
  if (request.target !== undefined) return numberOf(access, request.target as string)
  return request.callId === undefined || leg === undefined ? undefined : leg.owner.number ?? numberOf(access, leg.owner.id)
}

const pickup = (access: Access): Run => async (request, context) => {
  const owner = actorOf(access, request.user)
  const address = targetNumber(access, request, context.leg)
  return startedLeg(context, owner, await command(access, context, 'POST', userPath(access, owner, 'calls', address === undefined ? 'CallPickup' : 'DirectedCallPickup'), { address, ...ownPhone(request, context) }))
}

/** Listening, whispering and joining are calls of the supervisor to the agent's number. */
function monitor (access: Access, verb: string): Run {
  return async (request, context) => {
    const owner = actorOf(access, request.user)
    const address = targetNumber(access, request, context.leg)
    if (address === undefined) throw invalid('Say whose call with "target" or "callId".')
    const started = startedLeg(context, owner, await command(access, context, 'POST', userPath(access, owner, 'calls', verb), { address, ...ownPhone(request, context) }))
    if (started.newCallId !== undefined) access.memory.monitors.set(owner, started.newCallId)
    return started
  }
}

const stopListen = (access: Access): Run => async (request, context) => {
  const owner = actorOf(access, request.user)
  const named = request.callId === undefined ? undefined : context.leg
  const leg = named
    ?? context.picture.call(access.memory.monitors.get(owner) ?? '')
    ?? context.picture.callsOf(owner).find((one) => one.conference !== undefined && one.conference.kind !== 'normal' && one.conference.state !== 'ended')
  if (leg?.vendorId === undefined) throw notFound('There is no call that is being listened to.')
  await command(access, context, 'DELETE', userPath(access, leg.owner.id, 'calls', leg.vendorId))
  access.memory.monitors.delete(owner)
  return { callId: leg.id }
}

const sendDtmf = (access: Access): Run => async (request, context) => {
  const digits = request.digits as string
  await command(access, context, 'PUT', callPath(access, legOf(context), 'TransmitDTMF'), { playdtmf: digits })
  return { sent: digits.replace(/,/g, '').length }
}

const setDisposition = (access: Access): Run => async (request, context) => {
  const { leg } = context
  const code = request.code as string
  const owner = subjectOf(access, request, context)
  const at = leg?.vendorId === undefined ? ['calls', 'DispositionCode', code] : ['calls', leg.vendorId, 'DispositionCode', code]
  await command(access, context, 'PUT', userPath(access, owner, ...at))
  if (request.hangup === true && leg?.vendorId !== undefined) await command(access, context, 'DELETE', userPath(access, owner, 'calls', leg.vendorId))
  return { disposition: { id: code } }
}

const setCallData = (access: Access): Run => async (request, context) => {
  const data = request.data as Record<string, unknown>
  const keys = Object.keys(data)
  if (keys.length !== 1 || keys[0] !== 'info') throw invalid('XSI keeps one text with a call: send data as { "info": "…" }.')
  await command(access, context, 'PUT', callPath(access, legOf(context), 'ClientSessionInfo'), { info: String(data.info) })
  return {}
}

/** Recording is accepted at once and proved by an event only (xsi.md 10, trap 9). */
const RECORDING = { startRecording: 'Record', stopRecording: 'StopRecording', pauseRecording: 'PauseRecording', resumeRecording: 'ResumeRecording' } as const
const RECORDED: Readonly<Record<string, readonly string[]>> = {
  startRecording: ['on'], stopRecording: ['off'], pauseRecording: ['paused'], resumeRecording: ['on']
}

function recordingActions (access: Access): ActionTable {
  return Object.fromEntries(Object.entries(RECORDING).map(([name, verb]) => [name, {
    lacks: ['target'],
    confirm: (event, request, _partial, leg) => event.event === 'call.recording' && event.call?.id === leg?.id && RECORDED[request.action]?.includes(event.call?.recording?.state ?? '') === true,
    run: onCall(access, 'PUT', verb)
  }] satisfies [string, ActionTable['startRecording']]))
}

export function callActions (access: Access): ActionTable {
  return {
    originate: { supports: ['callerId', 'location', 'data'], confirm: onNewLeg('call.originated'), run: originate(access) },
    answer: { confirm: (event, _request, _partial, leg) => event.call !== undefined && event.call.id === leg?.id && (event.event === 'call.answered' || (leg.state === 'initiated' && event.call.state !== 'initiated')), run: onCall(access, 'PUT', 'Talk') },
    reject: { supports: ['reason'], confirm: onLeg('call.ended', 'call.redirected'), run: reject(access) },
    hangup: { supports: ['conference'], confirm: onLeg('call.ended', 'call.dequeued'), run: hangup(access) },
    hold: { confirm: onLeg('call.held'), run: onCall(access, 'PUT', 'Hold') },
    resume: { confirm: onLeg('call.resumed'), run: resume(access) },
    mute: { supports: ['member'], run: mute(access, 'Mute', 'Mute') },
    unmute: { supports: ['member'], run: mute(access, 'Unmute', 'UnMute') },
    park: { supports: ['group'], confirm: onLeg('call.parked'), run: park(access) },
    retrieve: { confirm: onNewLeg('call.answered'), run: retrieve(access) },
    pickup: { confirm: onNewLeg('call.answered'), run: pickup(access) },
    push: { confirm: onLeg('call.ended', 'call.redirected'), run: onCall(access, 'PUT', 'ExecutiveAssistantCallPush') },
    sendDtmf: { run: sendDtmf(access) },
    listen: { run: monitor(access, 'SilentMonitor') },
    whisper: { run: monitor(access, 'CoachAgent') },
    bargeIn: { run: monitor(access, 'DirectedCallPickupBargeIn') },
    stopListen: { run: stopListen(access) },
    setDisposition: { supports: ['hangup'], confirm: (event, request, _partial, leg) => event.event === 'call.disposition' && event.call?.disposition?.id === request.code && (leg === undefined || event.call?.id === leg.id), run: setDisposition(access) },
    setCallData: { confirm: (event, _request, _partial, leg) => event.event === 'call.updated' && event.call?.id === leg?.id && event.changes?.includes('data') === true, run: setCallData(access) },
    ...recordingActions(access)
  }
}
