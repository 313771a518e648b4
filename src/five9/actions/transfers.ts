/** Transfer, consultation, conference (five9.md 3.1, 3.7, 9.3). */
import { CtiError, type Call, type Party, type To } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import type { Mark } from '../memory'
import { defined } from '../read'
import type { RouteName } from '../routes'
import { dialled, dialling, whenSeen } from './calls'
import { command, conflict, forbidden, invalid, legOf, notFound, onLeg, targetOf, valuesOf, type Access, type Confirm, type Run, type Target } from './tools'

const TRANSFER: Readonly<Record<Target['kind'], RouteName>> = {
  number: 'transfer_to_external_number', agent: 'transfer_to_agent', skill: 'transfer_to_skill', campaign: 'transfer_to_campaign', speedDial: 'transfer_to_speed_dial'
}
const CONFERENCE: Readonly<Record<Target['kind'], RouteName>> = {
  number: 'add_external_to_conference', agent: 'add_agent_to_conference', skill: 'add_skill_to_conference', campaign: 'add_campaign_to_conference', speedDial: 'add_speed_dial_to_conference'
}

function partyOf (access: Access, { kind, id }: Target): Party {
  const { reference } = access.memory
  if (kind === 'number') return { number: id }
  if (kind === 'agent') return { ...defined({ name: reference.user(id)?.name, number: reference.user(id)?.number }), userId: id, kind: 'user' }
  return defined({ name: kind === 'skill' ? reference.name('skills', id) : kind === 'campaign' ? reference.name('campaigns', id) : id, kind: kind === 'skill' ? 'queue' as const : undefined })
}

/** The end of the call comes without a reason, and may come before the reply: what we do is noted first. */
async function transferring (access: Access, context: ActionContext, callId: string, mark: Pick<Mark, 'how' | 'to'>, work: () => Promise<unknown>): Promise<void> {
  const { memory } = access
  memory.mark(callId, { kind: 'transfer', at: context.link.clock.now() + context.link.clockOffsetMs, ...mark })
  try {
    await work()
  } catch (error) {
    memory.marks.delete(callId)
    throw error
  }
}

const transfer = (access: Access): Run => async (request, context) => {
  const leg = legOf(access, context)
  if (leg.state === 'ringing') throw conflict('An offered call cannot be passed on: answer it first, or reject it.')
  const target = targetOf(access, request.to as To)
  await transferring(access, context, leg.vendorId, { how: 'blind', to: partyOf(access, target) }, () => (
    command(access, context, TRANSFER[target.kind], { callId: leg.vendorId, ...valuesOf(target), warm: false, skipDnc: request.skipDnc === true })
  ))
  return {}
}

const consult = (access: Access): Run => async (request, context) => {
  const leg = legOf(access, context)
  const target = targetOf(access, request.to as To)
  const route = (request.purpose === 'conference' ? CONFERENCE : TRANSFER)[target.kind]
  const outcome = dialling(access, context, target.kind === 'number' ? target.id : undefined, { consultOf: leg.id })
  await dialled(() => command(access, context, route, { callId: leg.vendorId, ...valuesOf(target), warm: true, skipDnc: request.skipDnc === true }), outcome)
  return whenSeen(request, context, outcome)
}

const consultMade: Confirm = (event, _request, _partial, leg) => event.event === 'call.originated' && event.call?.related?.some(({ kind, id }) => kind === 'consultOf' && id === leg?.id) === true

/** The customer's call of a pair: the one that the other was made for. */
function customerLeg (access: Access, context: ActionContext): Call & { vendorId: string } {
  const leg = legOf(access, context)
  const first = leg.related?.find(({ kind }) => kind === 'consultOf')
  const other = first === undefined ? undefined : context.picture.call(first.id)
  return other?.vendorId === undefined ? leg : other as Call & { vendorId: string }
}

function consultationOf (context: ActionContext, leg: Call): Call | undefined {
  return context.picture.callsOf(leg.owner.id).find((call) => call.id !== leg.id && (call.related?.some(({ kind, id }) => kind === 'consultOf' && id === leg.id) === true || leg.related?.some(({ kind, id }) => kind === 'consultedBy' && id === call.id) === true))
}

const completeTransfer = (access: Access): Run => async (_request, context) => {
  const leg = customerLeg(access, context)
  const consultation = consultationOf(context, leg)
  const to = consultation?.remote ?? consultation?.to
  await transferring(access, context, leg.vendorId, { how: 'attended', ...(to === undefined ? {} : { to }) }, async () => {
    if (consultation?.vendorId !== undefined) access.memory.mark(consultation.vendorId, { kind: 'consultation', at: context.link.clock.now() + context.link.clockOffsetMs })
    await command(access, context, 'complete_transfer', { callId: leg.vendorId })
  })
  return { callId: leg.id }
}

const cancelTransfer = (access: Access): Run => async (_request, context) => {
  const leg = customerLeg(access, context)
  const consultation = consultationOf(context, leg)
  if (consultation?.vendorId !== undefined) access.memory.mark(consultation.vendorId, { kind: 'hangup', at: context.link.clock.now() })
  await command(access, context, 'cancel_transfer', { callId: leg.vendorId })
  return { callId: leg.id }
}

/** With `to` somebody is added; without, the consultation under way becomes a conference, or a parked call joins. */
const conference = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const ids = request.callIds as readonly string[] | undefined
  const legs = ids?.map((id) => {
    const call = context.picture.call(id)
    if (call?.vendorId === undefined) throw notFound(`There is no call ${id}.`)
    if (call.owner.id !== memory.uid) throw forbidden('The calls of a conference must be those of the account\'s agent.')
    return call as Call & { vendorId: string }
  }) ?? []
  const open = context.picture.callsOf(memory.uid).filter(({ state }) => state === 'active' || state === 'held')
  const leg = legs[0] ?? context.leg ?? (open.length === 1 ? open[0] : open.find((call) => consultationOf(context, call) !== undefined))
  if (leg?.vendorId === undefined) throw notFound('There is no call to make a conference of.')
  const callId = leg.vendorId
  if (request.to !== undefined) {
    const target = targetOf(access, request.to as To)
    await joining(access, callId, partyOf(access, target), () => command(access, context, CONFERENCE[target.kind], { callId, ...valuesOf(target), warm: false, skipDnc: false }))
    return { callId: leg.id }
  }
  const parked = legs.find(({ state }) => state === 'parked')
  if (parked !== undefined) {
    const talking = legs.find(({ state }) => state !== 'parked') ?? open[0]
    if (talking?.vendorId === undefined) throw conflict('A parked call can only join a call that is there.')
    await joining(access, talking.vendorId, parked.remote, () => command(access, context, 'add_to_conference', { callId: parked.vendorId }))
    return { callId: talking.id }
  }
  const customer = customerLeg(access, { ...context, leg })
  const consultation = consultationOf(context, customer) ?? legs.find(({ id }) => id !== customer.id)
  if (consultation === undefined) throw invalid('A conference needs somebody to be added with "to", or a consultation that is under way.')
  await joining(access, customer.vendorId, consultation.remote, () => command(access, context, 'complete_warm_conference', { callId: customer.vendorId }))
  return { callId: customer.id }
}

/** The next event of the call then tells of a conference (model.md 11). */
async function joining (access: Access, callId: string, party: Party | undefined, work: () => Promise<unknown>): Promise<void> {
  const takeBack = access.memory.conferring(callId, party)
  try {
    await work()
  } catch (error) {
    takeBack()
    throw error
  }
}

const dropParticipant = (access: Access): Run => async (request, context) => {
  await command(access, context, 'disconnectConferenceParticipant', { callId: legOf(access, context).vendorId, participantId: request.participant })
  return {}
}

/** The call goes to one that is parked: the two are connected with each other (five9.md 3.1). */
const joinCalls = (access: Access): Run => async (request, context) => {
  const leg = legOf(access, context)
  const other = context.picture.call(request.otherCallId as string) ?? [...context.picture.calls()].find(({ vendorId }) => vendorId === request.otherCallId)
  if (other?.vendorId === undefined) throw new CtiError('CTI_NOT_FOUND', `There is no call ${String(request.otherCallId).slice(0, 60)}.`, { vendor: 'five9', retryable: false })
  await transferring(access, context, leg.vendorId, { how: 'attended', ...(other.remote === undefined ? {} : { to: other.remote }) }, () => command(access, context, 'transfer_to_call', { callId: leg.vendorId, otherCallId: other.vendorId }))
  return {}
}

const EXTRA_MS = 5000

export function transferActions (access: Access): ActionTable {
  return {
    transfer: { params: { skipDnc: { kind: 'boolean' } }, confirm: (event, _request, _partial, leg) => event.event === 'call.ended' && event.call?.id === leg?.id && event.reason === 'transferred', run: transfer(access) },
    consult: { supports: ['purpose'], params: { skipDnc: { kind: 'boolean' } }, confirm: consultMade, run: consult(access) },
    completeTransfer: { confirm: (event, _request, partial) => event.event === 'call.transferred' && event.call?.id === partial.callId, run: completeTransfer(access) },
    cancelTransfer: { confirm: (event, _request, partial) => event.event === 'call.resumed' && event.call?.id === partial.callId, run: cancelTransfer(access) },
    conference: { confirm: (event, _request, partial) => event.event === 'call.conferenced' && event.call?.id === partial.callId, run: conference(access) },
    'five9.dropParticipant': {
      spec: { group: 'transfer', subject: 'user', legStates: ['active', 'held'], repeatable: true, timeoutMs: EXTRA_MS, params: { participant: { kind: 'string', required: true } } }, run: dropParticipant(access)
    },
    'five9.transferToCall': {
      spec: { group: 'transfer', subject: 'user', legStates: ['active', 'held'], repeatable: false, timeoutMs: EXTRA_MS, params: { otherCallId: { kind: 'string', required: true } } }, confirm: onLeg('call.transferred', 'call.ended'), run: joinCalls(access)
    }
  }
}
