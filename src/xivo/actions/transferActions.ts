/** Transfers of the current call of the own line (xivo-cti.md 3.5, 7.2, 9.4; model.md 3.4). */
import type { CtiError, To } from '../../model'
import type { ActionEntry, ActionTable } from '../../session/types'
import { beginConsult, cancelledDrafts } from '../consult'
import type { Desk } from '../desk'
import { QUIET_MS, type Outgoing } from '../protocol'
import { text } from '../read'
import { draft } from '../scope'
import { byEffect, currentOnly, needFeature, notFound, numberOf, type Proof } from './common'

const legEnded: Proof = (seen, _request, leg) => seen.event === 'call.ended' && seen.call?.id === leg?.id

/** The mailbox number of a user or of a mailbox's id. */
function mailboxOf (desk: Desk, wanted: string): string {
  const { lists } = desk.tables
  const box = [...lists.voicemails].find(([id, { config }]) => id === wanted || text(config.mailbox) === wanted) ?? [...lists.users]
    .filter(([id]) => id === wanted).map(([, { config }]) => [...lists.voicemails].find(([voicemail]) => voicemail === text(config.voicemailid)))[0]
  const mailbox = text(box?.[1].config.mailbox)
  if (mailbox === undefined) throw notFound(`There is no mailbox ${wanted}.`)
  return mailbox
}

function target (desk: Desk, to: To, action: 'transfer' | 'consult'): { message: Outgoing; number: string } {
  if (typeof to === 'object' && to.voicemail !== undefined) {
    needFeature(desk, `${action} to a mailbox`, 'voicemailTransfer')
    const number = mailboxOf(desk, to.voicemail)
    return { number, message: { class: action === 'transfer' ? 'blind_transfer_voicemail' : 'attended_transfer_voicemail', voicemail: number } }
  }
  const number = numberOf(desk, to)
  return { number, message: { class: action === 'transfer' ? 'direct_transfer' : 'attended_transfer', number } }
}

function transfer (desk: Desk): ActionEntry {
  return byEffect(desk, legEnded, (request, context) => {
    const leg = currentOnly(desk, 'transfer', context)
    const { message, number } = target(desk, request.to as To, 'transfer')
    desk.tables.mark(leg.id, { kind: 'transfer', to: number, at: desk.now })
    return { message, number, family: 'transfer', undo: () => { desk.tables.marks.delete(leg.id) } }
  })
}

/**
 * The server says nothing of a consultation that it began, only of its answer: the leg is ours from the moment that we asked,
 * and fails when the server refuses.
 */
function consult (desk: Desk): ActionEntry {
  const isLeg: Proof = (seen, _request, leg) => seen.event === 'call.originated' && seen.call?.id === desk.tables.consult?.leg && desk.tables.consult?.held === leg?.id
  const goesOn: Proof = (seen) => (seen.event === 'call.remoteRinging' || seen.event === 'call.answered' || seen.event === 'call.ended') && seen.call?.id === desk.tables.consult?.leg
  return {
    confirmDefault: 'completed',
    confirm: (event, request, partial, leg) => isLeg(event, request, leg) || (event.event === 'call.originated' && event.call?.id === partial.newCallId),
    run: async (request, context) => {
      const leg = currentOnly(desk, 'consult', context)
      const { message, number } = target(desk, request.to as To, 'consult')
      desk.check(message)
      const scope = desk.scope()
      const answer = desk.ask({ message, family: 'transfer', number, quietMs: QUIET_MS, signal: context.signal, effect: (one) => goesOn(one, request, leg) })
      const drafts = beginConsult(scope, context.picture.call(leg.id) ?? leg, number)
      const newCallId = desk.tables.consult?.leg ?? ''
      context.adopt(newCallId)
      desk.emit(drafts)
      try {
        await answer
      } catch (error) {
        fail(desk, newCallId, error as CtiError)
        throw error
      }
      return { newCallId }
    }
  }
}

/** The server refused: our leg fails and the held one is talked on again. */
function fail (desk: Desk, id: string, error: CtiError): void {
  if (desk.tables.consult?.leg !== id || error.code === 'CTI_NOT_CONNECTED' || error.code === 'CTI_TIMEOUT') return
  const scope = desk.scope()
  const leg = scope.picture.call(id)
  if (leg !== undefined) desk.emit([draft(scope, 'call.failed', { derived: true, call: { ...leg, state: 'failed' }, reason: 'notReachable' })])
  desk.emit(cancelledDrafts(scope))
}

function completeTransfer (desk: Desk): ActionEntry {
  return byEffect(desk, legEnded, (_request, context) => {
    const leg = currentOnly(desk, 'completeTransfer', context)
    const { consult: open } = desk.tables
    if (open === undefined) desk.tables.mark(leg.id, { kind: 'transfer', at: desk.now })
    else open.completing = true
    const undo = (): void => {
      desk.tables.marks.delete(leg.id)
      if (open !== undefined) delete open.completing
    }
    return { message: { class: 'complete_transfer' }, family: 'transfer', undo }
  })
}

function cancelTransfer (desk: Desk): ActionEntry {
  const resumed: Proof = (seen, _request, leg) => seen.event === 'call.resumed' && seen.call?.id === leg?.id
  return byEffect(desk, resumed, (_request, context) => {
    currentOnly(desk, 'cancelTransfer', context)
    const { consult: open } = desk.tables
    if (open !== undefined) open.cancelling = true
    return { message: { class: 'cancel_transfer' }, family: 'transfer', undo: () => { if (open !== undefined) delete open.cancelling } }
  })
}

export function transferActions (desk: Desk): ActionTable {
  return { transfer: transfer(desk), consult: consult(desk), completeTransfer: completeTransfer(desk), cancelTransfer: cancelTransfer(desk) }
}
