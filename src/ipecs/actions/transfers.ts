/** Transfers and conferences: two legs of one device (ipecs.md 3.2, 7.2, 9.5). */
import { CtiError, type ActionRequest, type ActionResult, type Call, type To } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { resumed } from './calls'
import { EMPTY_ANSWER, command, conflict, legOf, legValues, notFound, numberOf, onLeg, onNewLeg, startedLeg, UNKNOWN_CALL, withCti, type Access, type Run } from './tools'

/** Ringing and waiting calls cannot be transferred there, but sent on. */
const transfer = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const isWaiting = leg.state === 'ringing' || leg.state === 'queued'
  await command(access, context, isWaiting ? 'reroute' : 'blindTransfer', { ...legValues(access, leg), to: numberOf(access, request.to as To) })
  return {}
}

const consult = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const purpose = (request.purpose as string | undefined) ?? 'transfer'
  const reply = await command(access, context, 'consult', { ...legValues(access, leg), to: numberOf(access, request.to as To), purpose })
  const started = startedLeg(access, context, leg.owner.id, reply)
  if (started.newCallId !== undefined) context.relate(started.newCallId, [{ kind: 'consultOf', id: leg.id }])
  return started
}

interface Pair { readonly held: Call; readonly active: Call }

/** The two legs of a device: the one that is held, and the question. */
function pairOf (request: ActionRequest, context: ActionContext): Pair {
  const { picture } = context
  const ids = (request.callIds as readonly string[] | undefined) ?? [request.callId, request.consultCallId as string | undefined]
  const named = ids.filter((id) => id !== undefined).map((id) => {
    const leg = picture.call(id)
    if (leg === undefined) throw notFound(`There is no call ${id}.`)
    return leg
  })
  const first = named[0] ?? context.leg ?? onlyHeld(context)
  const second = named[1] ?? others(context, first).find(({ related }) => related?.some(({ id }) => id === first.id) === true) ?? others(context, first)[0]
  if (second === undefined || second.id === first.id) throw conflict('This needs two calls of one extension, one of them on hold.')
  if (second.owner.id !== first.owner.id) throw conflict('The two calls belong to different extensions.')
  return first.state === 'held' || second.state !== 'held' ? { held: first, active: second } : { held: second, active: first }
}

const others = ({ picture }: ActionContext, leg: Call): Call[] => picture.callsOf(leg.owner.id).filter(({ id, owner }) => id !== leg.id && owner.kind === 'device')

function onlyHeld ({ picture }: ActionContext): Call {
  const held = [...picture.calls()].filter(({ state, heldBy }) => state === 'held' && heldBy !== 'remote')
  if (held.length !== 1) throw held.length === 0 ? notFound('There is no held call.') : conflict('Several calls are held: say which with "callId".')
  return held[0]!
}

type Which = keyof Pair
/** Which of the two callRefIDs a switch wants, as far as it was found out; the document does not say (ipecs.md 11). */
const firstTry: Readonly<Record<string, Which>> = { transfer: 'held', conference: 'held', reconnect: 'active' }

/** Sends the leg that is likely meant, and the other one when the switch does not know it; what worked is remembered for the account. */
function onPair (access: Access, name: 'transfer' | 'conference' | 'reconnect', found: Map<string, Which>): Run {
  return async (request, context): Promise<Partial<ActionResult>> => {
    const pair = pairOf(request, context)
    const first = found.get(name) ?? firstTry[name]!
    const send = async (which: Which): Promise<void> => {
      await command(access, context, name, legValues(access, pair[which]))
      found.set(name, which)
    }
    try {
      await send(first)
    } catch (error) {
      if (!(error instanceof CtiError) || error.cause.code !== UNKNOWN_CALL) throw error
      await send(first === 'held' ? 'active' : 'held')
    }
    return { callId: pair.held.id }
  }
}

export function transferActions (access: Access): ActionTable {
  const available = withCti(access)
  const found = new Map<string, Which>()
  return {
    transfer: { available, confirm: onLeg('call.transferred', 'call.ended', 'call.redirected', 'call.dequeued'), run: transfer(access) },
    consult: { available, supports: ['purpose'], confirm: onNewLeg(access, 'call.originated', 'call.remoteRinging'), run: consult(access) },
    completeTransfer: { available, confirm: ({ event, call }, _request, partial, leg) => event === 'call.transferred' && call !== undefined && (call.id === leg?.id || call.id === partial.callId), run: onPair(access, 'transfer', found) },
    // The switch decides which held call it goes back to, where there are several.
    cancelTransfer: { available, ...EMPTY_ANSWER, confirm: (event, request, partial, leg) => resumed(event, request, partial, leg) || (event.event === 'call.resumed' && event.call?.owner.id === leg?.owner.id), run: onPair(access, 'reconnect', found) },
    conference: {
      available,
      // A third one is asked first: consult with purpose "conference", then this.
      lacks: ['to'],
      confirm: ({ event, call }, request, partial, leg) => event === 'call.conferenced' && call !== undefined && (call.id === partial.callId || call.id === leg?.id || (request.callIds as readonly string[] | undefined)?.includes(call.id) === true),
      run: onPair(access, 'conference', found)
    }
  }
}
