/** Conferences: calls of one user joined, or a third person called and joined (xsi.md 3.2, 9.6). */
import { CtiError, type ActionRequest, type ActionResult } from '../../model'
import { conferenceLegs, type VendorLeg } from '../../session/secondLeg'
import type { ActionContext, ActionTable } from '../../session/types'
import { conferenceId } from '../conferenceMapping'
import { pause } from '../pause'
import { startConference } from './bodies'
import { command, conflict, notFound, subjectOf, userPath, type Access, type Run } from './tools'
import { consult } from './transfers'

/** ms that the third person may take to answer, and between two looks. */
const ANSWER_MS = 60_000
const LOOK_MS = 100

/** With `to` a second call is made first; without, the calls that are there are joined. */
const conference = (access: Access): Run => async (request, context) => {
  if (request.to !== undefined) return withAnother(access, request, context)
  const legs = conferenceLegs(request.callIds as readonly string[] | undefined, context.picture, context.leg?.owner.id ?? subjectOf(access, request, context))
  return join(access, context, legs)
}

async function join (access: Access, context: ActionContext, legs: readonly VendorLeg[]): Promise<Partial<ActionResult>> {
  const owner = legs[0].owner.id
  const running = context.picture.callsOf(owner).some((leg) => leg.conference !== undefined && leg.conference.state !== 'ended')
  if (running) {
    const fresh = legs.filter((leg) => leg.conference === undefined || leg.conference.state === 'ended')
    if (fresh.length === 0) throw conflict('All these calls are in the conference already.')
    for (const leg of fresh) await command(access, context, 'PUT', userPath(access, owner, 'calls', 'Conference', leg.vendorId))
  } else {
    if (legs.length < 2) throw conflict('A conference needs two calls: answer or make a second one first.')
    await command(access, context, 'POST', userPath(access, owner, 'calls', 'Conference'), undefined, startConference(legs.map(({ vendorId }) => vendorId)))
  }
  return {
    conference: { id: conferenceId(owner), role: 'controller', kind: 'normal', state: 'active', members: legs.map((leg) => ({ callId: leg.id, ...(leg.remote === undefined ? {} : { party: leg.remote }) })) }
  }
}

/**
 * Calls the third person; the reply does not wait for the answer. Once he talks the calls are joined, and when he does not the held call is resumed.
 * What goes wrong then is a warning of the account: the action is over.
 */
async function withAnother (access: Access, request: ActionRequest, context: ActionContext): Promise<Partial<ActionResult>> {
  const [named] = request.callIds as readonly string[] | undefined ?? []
  const leg = named === undefined ? context.leg : context.picture.call(named)
  if (leg?.vendorId === undefined) throw notFound('There is no call to add somebody to.')
  const first = leg as VendorLeg
  const result = await consult(access)(request, { ...context, leg })
  const { newCallId } = result
  if (newCallId === undefined) throw new CtiError('CTI_PROTOCOL', 'The server did not tell the id of the new call.', { vendor: 'xsi', retryable: false })
  // The action may be over by then, the connection is not.
  const { link } = context
  const later: ActionContext = { ...context, signal: link.signal }
  joinWhenAnswered(access, later, first, newCallId).catch((error: unknown) => {
    if (!link.signal.aborted) link.warn('conferenceFailed', `The conference was not made: ${CtiError.from(error, 'xsi').message}`)
  })
  return { ...result, callId: first.id }
}

async function joinWhenAnswered (access: Access, context: ActionContext, first: VendorLeg, newCallId: string): Promise<void> {
  const { picture, link } = context
  const until = link.clock.now() + ANSWER_MS
  while (link.clock.now() < until && !link.signal.aborted) {
    const leg = picture.call(newCallId)
    if (leg?.state === 'active' && leg.vendorId !== undefined) {
      await join(access, context, [first, leg as VendorLeg])
      return
    }
    if (picture.tombstone(newCallId) !== undefined) break
    await pause(link, LOOK_MS)
  }
  const held = picture.call(first.id)
  if (picture.tombstone(newCallId) === undefined || held?.state !== 'held' || held.heldBy === 'remote') return
  await command(access, context, 'PUT', userPath(access, first.owner.id, 'calls', first.vendorId, 'Talk'))
}

export function conferenceActions (access: Access): ActionTable {
  return {
    conference: {
      confirm: (event, _request, partial) => event.event === 'call.conferenced' && event.call !== undefined
        && (partial.conference === undefined ? event.call.id === partial.newCallId : event.call.conference?.id === partial.conference.id),
      run: conference(access)
    }
  }
}
