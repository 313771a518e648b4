/** Making calls and what is done with one call (ipecs.md 3.2, 3.3, 7.2). */
import { type ActionRequest, type Party, type To } from '../../model'
import type { ActionTable } from '../../session/types'
import { pause } from '../pause'
import { text } from '../read'
import { EMPTY_ANSWER, actorOf, command, conflict, deviceOf, invalid, legOf, legValues, notFound, numberOf, onLeg, onNewLeg, refOf, startedLeg, subjectOf, withCti, type Access, type Confirm, type Run } from './tools'

/** ms that a comma in DTMF digits stands for. */
const COMMA_MS = 1000

/** One command on the leg and nothing more. */
function onCall (access: Access, name: string): Run {
  return async (_request, context) => {
    await command(access, context, name, legValues(access, legOf(context)))
    return {}
  }
}

const originate = (access: Access): Run => async (request, context) => {
  const device = actorOf(access, request)
  const reply = await command(access, context, 'originate', { device, to: numberOf(access, request.to as To) })
  return startedLeg(access, context, device, reply)
}

/** A call that the other side holds too stays held, by him alone. */
export const resumed: Confirm = (event, request, partial, leg) => onLeg('call.resumed')(event, request, partial, leg) || (event.call !== undefined && event.call.id === leg?.id && leg.heldBy === 'both' && event.call.heldBy === 'remote')

const resume = (access: Access): Run => async (request, context) => {
  if (legOf(context).heldBy === 'remote') throw conflict('The other side holds this call: only it can resume.')
  return onCall(access, 'retrieve')(request, context)
}

/** Ringing and waiting calls are sent elsewhere; a waiting one is pulled out of its group so (ipecs.md 7.2). */
const redirect = (access: Access): Run => async (request, context) => {
  await command(access, context, 'reroute', { ...legValues(access, legOf(context)), to: numberOf(access, request.to as To) })
  return {}
}

const park = (access: Access): Run => async (_request, context) => {
  const { memory } = access
  const leg = legOf(context)
  const ref = String(refOf(leg))
  // The event may be faster than the reply, and does not say why the call went.
  const mark: { kind: 'park'; slot?: string } = { kind: 'park' }
  memory.marks.set(leg.id, mark)
  try {
    const { values } = await command(access, context, 'park', legValues(access, leg))
    const slot = text(values.slot)
    if (slot === undefined) return {}
    mark.slot = slot
    memory.parkedAt(slot, { ref, leg: leg.id, by: leg.owner.id, ...(leg.remote === undefined ? {} : { remote: leg.remote }) })
    return { slot: { number: slot, kind: 'park' } satisfies Party }
  } catch (error) {
    memory.marks.delete(leg.id)
    throw error
  }
}

const retrieve = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const known = [...memory.parked.keys()]
  const slot = (request.slot as string | undefined) ?? (known.length === 1 ? known[0] : undefined)
  if (slot === undefined) throw known.length === 0 ? notFound('No parked call is known: say where with "slot".') : conflict(`Several calls are parked, at ${known.slice(0, 5).join(', ')}: say which with "slot".`)
  if (!/^\d{1,3}$/.test(slot)) throw invalid('"slot" must be a number from 0 to 999.')
  await command(access, context, 'unpark', { device: actorOf(access, request), slot: Number(slot) })
  return {}
}

const pickup = (access: Access): Run => async (request, context) => {
  const { leg } = context
  const target = request.target === undefined ? request.callId === undefined ? undefined : leg?.owner.id : deviceOf(access, request.target as string)
  await command(access, context, 'pickup', { device: actorOf(access, request), target, kind: target === undefined ? 'group_pickup' : 'direct_pickup' })
  return {}
}

/** Answered at the device that asked, without having been rung there before. */
function takenBy (access: Access): Confirm {
  return ({ event, call }, request) => event === 'call.answered' && call !== undefined && call.owner.id === actorOf(access, request)
}

/** The vendor's words allow one digit a request; more in one may be taken or not (ipecs.md 11). */
const sendDtmf = (access: Access): Run => async (request, context) => {
  const digits = request.digits as string
  if (/[A-D]/.test(digits)) throw invalid('The switch sends the digits 0 to 9, * and #; A to D do not exist there.')
  const values = legValues(access, legOf(context))
  let sent = 0
  for (const digit of digits) {
    if (context.signal.aborted) break
    if (digit === ',') await pause(context.link.clock, COMMA_MS, context.signal)
    else {
      await command(access, context, 'dtmf', { ...values, digit })
      sent++
    }
  }
  return { sent }
}

/** Offered by the switch on the busy tone of an own call only, and never to listen in silence (ipecs.md 7.2). */
export function busyService (access: Access, service: (request: ActionRequest) => string): Run {
  return async (request, context) => {
    const device = subjectOf(access, request, context)
    const target = request.target as string | undefined
    const failed = context.picture.callsOf(device).find(({ state, to }) => state === 'failed' && (target === undefined || to?.number === target || to?.extension === target))
    if (failed === undefined) throw conflict('The switch offers this only while the own call hears the busy tone: originate to the number first.')
    return startedLeg(access, context, device, await command(access, context, 'busyService', { device, ref: refOf(failed), service: service(request) }))
  }
}

export function callActions (access: Access): ActionTable {
  const available = withCti(access)
  return {
    originate: { available, lacks: ['onBehalfOf'], confirm: onNewLeg(access, 'call.originated', 'call.remoteRinging'), run: originate(access) },
    answer: { available, ...EMPTY_ANSWER, confirm: onLeg('call.answered'), run: onCall(access, 'answer') },
    reject: { available, ...EMPTY_ANSWER, confirm: onLeg('call.ended', 'call.redirected'), run: onCall(access, 'clear') },
    hangup: { available, ...EMPTY_ANSWER, confirm: onLeg('call.ended', 'call.dequeued'), run: onCall(access, 'clear') },
    hold: { available, ...EMPTY_ANSWER, confirm: onLeg('call.held'), run: onCall(access, 'hold') },
    resume: { available, ...EMPTY_ANSWER, confirm: resumed, run: resume(access) },
    redirect: { available, ...EMPTY_ANSWER, confirm: onLeg('call.redirected', 'call.dequeued', 'call.ended'), run: redirect(access) },
    park: { available, lacks: ['slot'], confirm: onLeg('call.parked'), run: park(access) },
    retrieve: { available, ...EMPTY_ANSWER, confirm: takenBy(access), run: retrieve(access) },
    pickup: { available, ...EMPTY_ANSWER, confirm: takenBy(access), run: pickup(access) },
    sendDtmf: { available, run: sendDtmf(access) },
    bargeIn: { available, run: busyService(access, () => 'intrude') }
  }
}
