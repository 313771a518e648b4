/** Moving calls: blind, attended, to a mailbox, out of a queue (xsi.md 3.2, 9.5, 9.6; model.md 3.4, 5.3). */
import { CtiError, type To } from '../../model'
import { consultLeg, type VendorLeg } from '../../session/secondLeg'
import type { ActionContext, ActionTable } from '../../session/types'
import { addressOf, callPath, command, legOf, numberOf, onLeg, onNewLeg, startedLeg, userPath, type Access, type Run } from './tools'

const blind = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const to = request.to as To
  const mailbox = typeof to === 'object' ? to.voicemail : undefined
  if (mailbox !== undefined) {
    if (leg.owner.kind === 'queue') throw CtiError.unsupported(request.action, 'xsi', 'a waiting call cannot be sent to a mailbox', [])
    await command(access, context, 'PUT', callPath(access, leg, 'VmTransfer'), { address: mailbox === '' ? undefined : numberOf(access, mailbox) })
    return {}
  }
  const address = addressOf(access, to)
  // The call centre's own command has another name for the same parameter (xsi.md 10, trap 10).
  const query = leg.owner.kind === 'queue' ? { phoneno: address } : { address, toFront: request.toFront === true ? 'true' : undefined }
  await command(access, context, 'PUT', callPath(access, leg, 'BlindTransfer'), query)
  return {}
}

/** Two steps: hold, then a second call. If the second fails the first is undone. */
export const consult = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const address = addressOf(access, request.to as To)
  const holds = leg.state !== 'held' || leg.heldBy === 'remote'
  if (holds) await command(access, context, 'PUT', callPath(access, leg, 'Hold'))
  let reply
  try {
    reply = await command(access, context, 'POST', userPath(access, leg.owner.id, 'calls', 'New'), { address })
  } catch (error) {
    throw holds ? await undone(access, context, leg, CtiError.from(error, 'xsi')) : error
  }
  const result = startedLeg(context, leg.owner.id, reply)
  if (result.newCallId !== undefined) context.relate(result.newCallId, [{ kind: 'consultOf', id: leg.id }])
  return result
}

/** The error of the second step, with what became of the first. Whether the call was made is not known after a lost reply: then nothing is undone. */
async function undone (access: Access, context: ActionContext, leg: VendorLeg, error: CtiError): Promise<CtiError> {
  if (error.code === 'CTI_TIMEOUT' || error.code === 'CTI_UNKNOWN_OUTCOME' || context.signal.aborted) return error
  try {
    await command(access, context, 'PUT', callPath(access, leg, 'Talk'))
  } catch (second) {
    const why = CtiError.from(second, 'xsi').message
    return new CtiError(error.code, `${error.message} The call was put on hold before and could not be resumed: ${why}`, { ...error.cause, undone: false })
  }
  return new CtiError(error.code, `${error.message} The call that was put on hold for it has been resumed.`, { ...error.cause, undone: true })
}

const complete = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const consulted = consultLeg(request, context, leg)
  // The first id is the party that is moved, the second the one who was consulted (xsi.md 3.2).
  const turned = leg.related?.some(({ kind, id }) => kind === 'consultOf' && id === consulted.id) === true
  const [held, other] = turned ? [consulted, leg] : [leg, consulted]
  await command(access, context, 'PUT', callPath(access, held, 'ConsultTransfer', other.vendorId))
  return { callId: held.id }
}

const cancel = (access: Access): Run => async (request, context) => {
  const leg = legOf(context)
  const consulted = consultLeg(request, context, leg)
  await command(access, context, 'DELETE', callPath(access, consulted))
  try {
    await command(access, context, 'PUT', callPath(access, leg, 'Talk'))
  } catch (error) {
    const problem = CtiError.from(error, 'xsi')
    throw new CtiError(problem.code, `The consultation was ended, but the held call could not be resumed: ${problem.message}`, { ...problem.cause })
  }
  return {}
}

export function transferActions (access: Access): ActionTable {
  return {
    transfer: { supports: ['toFront'], confirm: onLeg('call.ended', 'call.dequeued'), run: blind(access) },
    redirect: { confirm: onLeg('call.redirected', 'call.dequeued', 'call.ended'), run: blind(access) },
    consult: { supports: ['purpose'], confirm: onNewLeg('call.originated'), run: consult(access) },
    completeTransfer: { confirm: (event, _request, partial, leg) => event.event === 'call.transferred' && event.call !== undefined && event.call.id === (partial.callId ?? leg?.id), run: complete(access) },
    cancelTransfer: { confirm: onLeg('call.resumed'), run: cancel(access) }
  }
}
