/** Making calls and what is done with one call (webex-calling.md 3.1, 7.2, 8). */
import { CtiError, type ActionRequest, type Call, type Party, type To } from '../../model'
import type { VendorLeg } from '../../session/secondLeg'
import type { ActionContext, ActionTable } from '../../session/types'
import { conferenceActionPath, conferencePath, lineQuery } from '../line'
import { mapParty } from '../parties'
import { record } from '../read'
import {
  addressOf, asOf, callIdOf, command, conflict, invalid, legOf, lineOf, marked, notFound, numberOf, onCall, onLeg, onNewLeg, ownPhone, post, startedLeg, type Access, type Confirm, type Run
} from './tools'

const REJECTIONS: Readonly<Record<string, string>> = { busy: 'busy', unavailable: 'temporarilyUnavailable', ignore: 'ignore' }

const originate = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const reply = await command(access, context, line, 'dial', { destination: addressOf(access, request.to as To), ...ownPhone(request) })
  return startedLeg(access, context, line, reply)
}

/**
 * The leg that the reply names; while there is no reply, or it was lost, an outgoing leg of the same person to the same number is taken for it
 * (model.md 5.1).
 */
const onDialled = (access: Access): Confirm => (event, request, partial) => {
  const { call } = event
  if (event.event !== 'call.originated' || call === undefined) return false
  if (partial.newCallId !== undefined) return call.id === partial.newCallId
  const named = asOf(request) ?? request.user
  const owner = named === undefined ? access.connection().own?.id : access.memory.people.find(named)?.id ?? named
  const [dialled, shown] = [digitsOf(addressOf(access, request.to as To)), digitsOf(call.to?.number ?? '')]
  return call.owner.id === owner && shown !== '' && (dialled.endsWith(shown) || shown.endsWith(dialled))
}
const digitsOf = (address: string): string => address.replace(/^\+/, '')

const reject = (access: Access): Run => (request, context) => {
  const reason = (request.reason as string | undefined) ?? 'busy'
  const run = onCall(access, 'reject', () => ({ action: REJECTIONS[reason] }))
  // "ignore" only silences the own phone; what ends the call later is another thing.
  return reason === 'ignore' ? run(request, context) : marked(access, context, [[legOf(context).id, { kind: 'reject' }]], () => run(request, context))
}

/** The far end may have been faster: a call that is gone is what was wanted (webex-calling.md 3.9). */
const hangup = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const isIn = leg.conference !== undefined && leg.conference.state !== 'ended'
  if (request.conference === 'leave' && isIn) return leave(access, request, context, leg)
  const line = await lineOf(access, request, context)
  if (request.conference === 'all' && isIn) {
    const query = lineQuery(line)
    const members = context.picture.callsOf(leg.owner.id).filter((one) => one.conference?.id === leg.conference?.id)
    await marked(access, context, members.map(({ id }) => [id, { kind: 'hangup' }] as const), () => line.api.send({
      method: 'DELETE', path: conferencePath(line), signal: context.signal, ...(query === undefined ? {} : { query })
    }))
    return {}
  }
  return marked(access, context, [[leg.id, { kind: leg.state === 'ringing' ? 'reject' : 'hangup' }]], async () => {
    try {
      await onCall(access, 'hangup')(request, context)
      return {}
    } catch (error) {
      if (CtiError.from(error).code !== 'CTI_NOT_FOUND') throw error
      access.connection().watchOf(line.id)?.lookSoon(0)
      return { outcome: 'completed' as const, warnings: ['The call had ended already.'] }
    }
  })
}

/** The others stay connected: two of the members are transferred to each other (webex-calling.md 3.4). */
async function leave (access: Access, request: ActionRequest, context: ActionContext, leg: VendorLeg): ReturnType<Run> {
  const other = context.picture.callsOf(leg.owner.id).find((one) => one.id !== leg.id && one.conference?.id === leg.conference?.id && one.vendorId !== undefined)
  if (other === undefined) throw conflict('The conference has no second member to be left with the first.')
  const line = await lineOf(access, request, context)
  const [callId1, callId2] = [await callIdOf(access, context, line, leg), await callIdOf(access, context, line, other as VendorLeg)]
  await marked(access, context, [[leg.id, { kind: 'attended', role: 'first', other: other.id }], [other.id, { kind: 'attended', role: 'second', other: leg.id }]],
    () => command(access, context, line, 'transfer', { callId1, callId2 }))
  return {}
}

const resume = (access: Access): Run => async (request, context) => {
  if (legOf(context).heldBy === 'remote') throw conflict('The other side holds this call: only it can resume.')
  return onCall(access, 'resume')(request, context)
}

/** One's own microphone where the app or device lets it; in a conference that of a member (webex-calling.md 3.4, 10.13). */
function mute (access: Access, action: 'mute' | 'unmute'): Run {
  return async (request, context) => {
    const leg = legOf(context)
    const member = request.member as string | undefined
    if (member === undefined) {
      if (leg.can?.some((one) => one === 'mute' || one === 'unmute') !== true) throw conflict('The app or device of this call cannot be muted by others, or the call has not been answered.')
      return onCall(access, action)(request, context)
    }
    if (leg.conference === undefined || leg.conference.state === 'ended') throw conflict('"member" is for conferences, and this call is in none.')
    const line = await lineOf(access, request, context)
    const other = context.picture.call(member)
    const callId = other?.vendorId === undefined ? member : await callIdOf(access, context, line, other as VendorLeg)
    await post(access, context, line, conferenceActionPath(line, action), { callId })
    await access.connection().watchOf(line.id)?.readConference()
    return {}
  }
}

const park = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const line = await lineOf(access, request, context)
  const asked = request.slot as string | undefined
  const destination = asked === undefined ? undefined : numberOf(access, asked)
  const slot: Party | undefined = destination === undefined ? undefined : { number: destination, kind: 'park' }
  return marked(access, context, [[leg.id, { kind: 'park', ...(slot === undefined ? {} : { slot }) }]], async () => {
    const reply = await command(access, context, line, 'park', { callId: await callIdOf(access, context, line, leg), destination, isGroupPark: request.group === true ? true : undefined })
    const told = mapParty(record(reply.node, 'parkedAgainst'), (id) => access.memory.people.get(id))
    const against: Party | undefined = told === undefined ? slot : { ...told, kind: 'park' }
    if (against === undefined) return {}
    access.memory.mark(leg.id, { kind: 'park', slot: against }, context.link.clock.now())
    return { slot: against }
  })
}

const retrieve = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const slot = request.slot as string | undefined
  const destination = slot === undefined ? context.leg?.to?.number : numberOf(access, slot)
  return startedLeg(access, context, line, await command(access, context, line, 'retrieve', { destination, ...ownPhone(request) }))
}

/** Who is meant by `target`, or by the owner of the leg that is named. */
function targetNumber (access: Access, request: ActionRequest, leg: Call | undefined): string | undefined {
  if (request.target !== undefined) return numberOf(access, request.target as string)
  return request.callId === undefined || leg === undefined ? undefined : leg.owner.number ?? numberOf(access, leg.owner.id)
}

/** On whose phone: here the leg that is named is somebody else's. */
const withoutLeg = ({ leg: _leg, ...context }: ActionContext): ActionContext => context

const pickup = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, withoutLeg(context))
  const target = targetNumber(access, request, context.leg)
  return startedLeg(access, context, line, await command(access, context, line, 'pickup', { target, ...ownPhone(request) }))
}

const bargeIn = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, withoutLeg(context))
  const target = targetNumber(access, request, context.leg)
  if (target === undefined) throw invalid('Say whose call with "target" or "callId".')
  const reply = await command(access, context, line, 'bargeIn', { target, ...ownPhone(request) })
  return startedLeg(access, context, line, reply, (newCallId) => { access.memory.monitors.set(line.id, newCallId) })
}

/** Whispering is a barge-in whose kind is changed: the call must have been joined before (webex-calling.md 3.4, U1). */
const whisper = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, withoutLeg(context))
  if (joinedLeg(access, context, line.id) === undefined) throw conflict('The call has to be joined with "bargeIn" first; then "whisper" makes only the agent hear you.')
  await monitorAs(access, context, line, 'whisper')
  return {}
}

/** Words of the kinds of supervising, as paths. */
export const MONITOR_MODES: Readonly<Record<string, string>> = { listen: 'silentMonitor', whisper: 'supervisorCoach', bargeIn: 'bargeIn' }

/** Only the members families have it. */
export async function monitorAs (access: Access, context: ActionContext, line: Awaited<ReturnType<typeof lineOf>>, mode: string): Promise<void> {
  const family = line.family === 'calls' ? { ...line, family: 'membersMe' as const } : line
  await post(access, context, family, conferenceActionPath(family, MONITOR_MODES[mode] as string))
  await access.connection().watchOf(line.id)?.readConference()
}

function joinedLeg (access: Access, context: ActionContext, owner: string): Call | undefined {
  return context.picture.call(access.memory.monitors.get(owner) ?? '')
    ?? context.picture.callsOf(owner).find(({ conference }) => conference !== undefined && conference.kind !== 'normal' && conference.state !== 'ended')
}

const stopListen = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, request.callId === undefined ? withoutLeg(context) : context)
  const leg = request.callId === undefined ? joinedLeg(access, context, line.id) : context.leg
  if (leg?.vendorId === undefined) throw notFound('There is no call that was joined.')
  await marked(access, context, [[leg.id, { kind: 'hangup' }]], async () => command(access, context, line, 'hangup', { callId: await callIdOf(access, context, line, leg as VendorLeg) }))
  access.memory.monitors.delete(line.id)
  return { callId: leg.id }
}

const sendDtmf = (access: Access): Run => async (request, context) => {
  const digits = request.digits as string
  await onCall(access, 'transmitDtmf', () => ({ dtmf: digits }))(request, context)
  return { sent: digits.replace(/,/g, '').length }
}

const push = (access: Access): Run => (request, context) => marked(access, context, [[legOf(context).id, { kind: 'push' }]], () => onCall(access, 'push')(request, context))

/** Wrap-up reasons go to the last completed call; only the members families have them (webex-calling.md 3.1). */
const setDisposition = (access: Access): Run => async (request, context) => {
  if (context.leg !== undefined && request.hangup !== true) throw conflict('Webex takes a wrap-up reason after the call only: send "hangup": true, or set it later.')
  const line = await lineOf(access, request, context)
  if (context.leg !== undefined) await hangup(access)(request, context)
  const family = line.family === 'calls' ? { ...line, family: 'membersMe' as const } : line
  await command(access, context, family, 'wrapupreasons', { wrapupReasons: [request.code] })
  return { disposition: { name: request.code as string } }
}

const RECORDED: Readonly<Record<string, readonly string[]>> = {
  startRecording: ['pending', 'on'], stopRecording: ['off'], pauseRecording: ['paused'], resumeRecording: ['on']
}
const onRecording: Confirm = (event, request, _partial, leg) =>
  event.event === 'call.recording' && event.call?.id === leg?.id && RECORDED[request.action]?.includes(event.call?.recording?.state ?? '') === true

const onMuted = (muted: boolean): Confirm => (event, request, _partial, leg) =>
  request.member === undefined ? event.call?.id === leg?.id && (event.call?.muted ?? false) === muted && event.changes?.includes('muted') === true
    : event.call?.conference !== undefined && event.changes?.includes('conference') === true

export function callActions (access: Access): ActionTable {
  const recording = (action: string): ActionTable['startRecording'] => ({ lacks: ['target'], confirm: onRecording, run: onCall(access, action) })
  return {
    originate: { lacks: ['onBehalfOf'], confirm: onDialled(access), run: originate(access) },
    answer: {
      confirm: (event, _request, _partial, leg) => event.call !== undefined && event.call.id === leg?.id && (event.event === 'call.answered' || (leg.state === 'initiated' && event.call.state !== 'initiated')),
      run: onCall(access, 'answer', ({ device }) => ({ endpointId: device }))
    },
    reject: { supports: ['reason'], confirm: onLeg('call.ended', 'call.redirected'), run: reject(access) },
    hangup: { supports: ['conference'], confirm: onLeg('call.ended'), run: hangup(access) },
    hold: { confirm: onLeg('call.held'), run: onCall(access, 'hold') },
    resume: { confirm: onLeg('call.resumed'), run: resume(access) },
    mute: { supports: ['member'], confirm: onMuted(true), run: mute(access, 'mute') },
    unmute: { supports: ['member'], confirm: onMuted(false), run: mute(access, 'unmute') },
    park: { supports: ['group'], confirm: onLeg('call.parked', 'call.ended'), run: park(access) },
    retrieve: { confirm: onNewLeg('call.answered'), run: retrieve(access) },
    pickup: { confirm: onNewLeg('call.answered'), run: pickup(access) },
    push: { confirm: onLeg('call.ended', 'call.redirected'), run: push(access) },
    sendDtmf: { run: sendDtmf(access) },
    bargeIn: { run: bargeIn(access) },
    whisper: { run: whisper(access) },
    stopListen: { lacks: ['target'], run: stopListen(access) },
    setDisposition: { supports: ['hangup'], run: setDisposition(access) },
    startRecording: recording('startRecording'),
    stopRecording: recording('stopRecording'),
    pauseRecording: recording('pauseRecording'),
    resumeRecording: recording('resumeRecording')
  }
}
