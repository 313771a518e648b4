/** Calls: make, take, end, listen, record (xivo-cti.md 3.5, 7.2). */
import type { ActionRequest, Call, To } from '../../model'
import type { ActionContext, ActionEntry, ActionTable } from '../../session/types'
import type { Desk } from '../desk'
import { QUIET_MS, xid, type Outgoing, type XivoMessage } from '../protocol'
import { legOf } from '../queueMapping'
import { fields, text } from '../read'
import { draft } from '../scope'
import { queueId } from '../tables'
import {
  agentIdOf, byEffect, currentOnly, invalid, needFeature, notFound, numberOf, oldCommand, queueRowOf, unanswered, unsupported, userOf, type Proof
} from './common'

const MAX_DIALS = 20

const legEnded: Proof = (seen, _request, leg) => seen.event === 'call.ended' && seen.call?.id === leg?.id

/** Whether the leg was made by a call of ours that is still remembered. */
function isOfDial (desk: Desk, id: string | undefined, number: string): boolean {
  return id !== undefined && desk.tables.dials.some((dial) => dial.leg === id && dial.to === number)
}

/** Remembers a call of ours, so that the ringing of the own phone is not taken for an incoming call. */
function remember (desk: Desk, to: string): () => void {
  const { tables } = desk
  const phone = tables.ownPhone
  if (phone === undefined) throw notFound('The user of this account has no phone.')
  const dial = { to, phone, at: desk.now }
  tables.dials = [...tables.dials.slice(1 - MAX_DIALS), dial]
  return () => { tables.dials = tables.dials.filter((one) => one !== dial) }
}

function destinationOf (desk: Desk, to: To): { destination: string; number: string } {
  if (typeof to === 'object' && to.voicemail !== undefined) {
    const { tables } = desk
    const box = [...tables.lists.voicemails].find(([id, { config }]) => id === to.voicemail || text(config.mailbox) === to.voicemail)?.[0]
      ?? text(tables.row('users', userOf(desk, to.voicemail)).config.voicemailid)
    if (box === undefined) throw notFound(`There is no mailbox ${to.voicemail}.`)
    return { destination: xid('voicemail', box), number: to.voicemail }
  }
  const number = numberOf(desk, to)
  return { destination: xid('exten', number), number }
}

const targetNumber = (desk: Desk, request: ActionRequest): string => destinationOf(desk, request.to as To).number

/** From the own phone; other people's phones only where the server has the old command. */
function originate (desk: Desk): ActionEntry {
  const made: Proof = (seen, request) => seen.event === 'call.originated' && (
    isOfDial(desk, seen.call?.id, targetNumber(desk, request)) || (request.user !== undefined && userOf(desk, request.user) !== desk.tables.userId && seen.call?.owner.id === userOf(desk, request.user)))
  return {
    confirmDefault: 'completed',
    lacks: ['onBehalfOf'],
    confirm: (event, request) => made(event, request, undefined),
    run: async (request, context) => {
      const { destination, number } = destinationOf(desk, request.to as To)
      const user = userOf(desk, request.user)
      if (user !== desk.tables.userId) {
        needFeature(desk, 'originate for another user', 'oldCommands')
        const reply = await oldCommand(desk, 'originate', { class: 'ipbxcommand', command: 'originate', source: xid('user', user), destination }, context.signal, true)
        return { vendorReply: reply }
      }
      return dial(desk, { class: 'ipbxcommand', command: 'dial', destination }, number, request, context)
    }
  }
}

/** Waits for the leg, for an error, or for the time after which errors do not come any more. */
async function dial (desk: Desk, message: Outgoing, number: string, request: ActionRequest, context: ActionContext): Promise<{ newCallId?: string }> {
  const forget = remember(desk, number)
  const taken = (line: XivoMessage): boolean | 'more' => line.class === 'dial_success' && (text(line.exten) ?? number) === number ? request.confirm === 'accepted' || 'more' : false
  try {
    const { draft: seen } = await desk.ask({
      message, family: 'dial', number, quietMs: QUIET_MS, signal: context.signal, reply: taken,
      effect: ({ event, call }) => {
        if (event !== 'call.originated' || call === undefined || !isOfDial(desk, call.id, number)) return false
        context.adopt(call.id)
        return true
      }
    })
    return seen?.call === undefined ? {} : { newCallId: seen.call.id }
  } catch (error) {
    forget()
    throw error
  }
}

/** The waiting caller that a request is about: a queue leg, the queue leg behind a ringing one, or the first in the line of `queue`. */
function waitingLeg ({ tables }: Desk, request: ActionRequest, leg: Call | undefined, picture: ActionContext['picture'], rowOf: (queue: string) => string): Call | undefined {
  if (leg?.owner.kind === 'queue') return leg
  const related = leg?.related?.find(({ kind }) => kind === 'queueLeg')?.id
  if (related !== undefined) return picture.call(related)
  const queue = text(request.queue)
  if (leg !== undefined || queue === undefined) return undefined
  const row = rowOf(queue)
  const first = tables.entries.get(row)?.[0]
  return first === undefined ? undefined : picture.call(legOf(picture, row, first))
}

/** Pulls a caller out of a queue to the own phone; there is no command for an ordinary call (xivo-cti.md 3.5: `answer` and `resume_switchboard` are the same). */
function takeWaiting (desk: Desk, name: 'answer' | 'resume', more: Partial<ActionEntry>): ActionEntry {
  const taken: Proof = (seen, request, leg) => seen.event === 'call.answered' ? seen.call?.id === leg?.id
    : seen.event === 'call.dequeued' && (seen.call?.id === leg?.id || leg?.related?.some(({ kind, id }) => kind === 'queueLeg' && id === seen.call?.id) === true
      || (leg === undefined && text(request.queue) !== undefined && seen.call?.owner.id === queueId(queueRowOf(desk, String(request.queue)))))
  return byEffect(desk, taken, (request, { leg, picture }) => {
    const waiting = waitingLeg(desk, request, leg, picture, (queue) => queueRowOf(desk, queue))
    if (waiting?.vendorId === undefined) {
      if (leg === undefined) throw text(request.queue) === undefined ? invalid(`"${name}": say which caller with "callId" or "queue".`) : notFound(`Nobody waits in the queue ${String(request.queue)}.`)
      throw unsupported(name, 'XiVO can only take a caller out of a queue, and this call is not one')
    }
    const { id, vendorId } = waiting
    if (name === 'resume') needFeature(desk, 'resume', 'resumeSwitchboard')
    desk.tables.mark(id, { kind: 'take', at: desk.now })
    return { message: { class: name === 'answer' ? 'answer' : 'resume_switchboard', unique_id: vendorId }, undo: () => { desk.tables.marks.delete(id) } }
  }, { alsoStates: ['queued'], ...more })
}

function hangup (desk: Desk): ActionEntry {
  return {
    confirmDefault: 'completed',
    confirm: (event, request, _partial, leg) => legEnded(event, request, leg),
    run: async (_request, context) => {
      const { leg } = context
      if (leg?.owner.kind === 'queue') throw unsupported('hangup', 'XiVO cannot end a call that waits in a queue')
      const byChannel = leg?.vendorId !== undefined && desk.tables.hasChannels && desk.dialect.has('oldCommands') !== false
      const own = byChannel ? leg : currentOnly(desk, 'hangup', context)
      desk.tables.mark(own.id, { kind: 'hangup', at: desk.now })
      try {
        if (byChannel) await oldCommand(desk, 'hangup', { class: 'ipbxcommand', command: 'hangup', channelids: xid('chan', own.vendorId ?? '') }, context.signal)
        else await desk.ask({ message: { class: 'hangup' }, family: 'hangup', quietMs: QUIET_MS, signal: context.signal, effect: (one) => legEnded(one, _request, own) })
      } catch (error) {
        desk.tables.marks.delete(own.id)
        throw error
      }
      return {}
    }
  }
}

/** The switchboard parks callers in a queue; ordinary hold does not exist (xivo-cti.md 3.5). */
function hold (desk: Desk): ActionEntry {
  return byEffect(desk, legEnded, (request, context) => {
    const leg = currentOnly(desk, 'hold', context)
    const queue = text(request.queue)
    if (queue === undefined) throw unsupported('hold', 'XiVO can only hold callers in a switchboard\'s queue; name it with "queue"')
    const name = desk.tables.queueOfName(queue) === undefined ? text(queueConfig(desk, queue).name) ?? queue : queue
    desk.tables.mark(leg.id, { kind: 'transfer', to: name, at: desk.now })
    return { message: { class: 'hold_switchboard', queue_name: name }, undo: () => { desk.tables.marks.delete(leg.id) } }
  }, { supports: ['queue'] })
}

function queueConfig (desk: Desk, wanted: string): Readonly<Record<string, unknown>> {
  for (const [id, { config }] of desk.tables.lists.queues) if ([xid('queue', id), id, config.displayname, config.number].map(text).includes(wanted)) return config
  return fields(undefined)
}

function mute (desk: Desk, muted: boolean): ActionEntry {
  const proof: Proof = (seen, _request, leg) => seen.call?.id === leg?.id && seen.call?.muted === muted
  return byEffect(desk, proof, (request, { leg }) => {
    const room = leg?.conference?.id
    const position = text(request.member) ?? desk.tables.ownRooms.find((one) => one.room === room)?.user
    if (room === undefined || position === undefined) throw unsupported(muted ? 'mute' : 'unmute', 'XiVO can only mute members of a conference room')
    return { message: { class: 'ipbxcommand', command: 'meetme', function: muted ? 'MeetmeMute' : 'MeetmeUnmute', functionargs: [room, position] } }
  }, { supports: ['member'] })
}

/** Takes a call that rings elsewhere; servers up to 15.18. */
function pickup (desk: Desk): ActionEntry {
  return {
    available: () => desk.dialect.available('oldCommands'),
    run: async (request, { leg, picture, signal }) => {
      const target = text(request.target)
      const ringing = leg ?? (target === undefined ? undefined : picture.callsOf(userOf(desk, target)).find(({ state, owner }) => state === 'ringing' && owner.kind !== 'queue'))
      if (ringing?.vendorId === undefined) throw target === undefined ? invalid('"pickup": say whose call with "target" or "callId".') : notFound(`No phone of ${target} rings.`)
      return { vendorReply: await oldCommand(desk, 'pickup', { class: 'ipbxcommand', command: 'intercept', tointercept: xid('chan', ringing.vendorId) }, signal) }
    }
  }
}

/** The supervisor's phone rings and then hears the agent (xivo-cti.md 3.7). */
function listen (desk: Desk): ActionEntry {
  return {
    confirmDefault: 'completed',
    confirm: (event, request, _partial, leg) => event.event === 'call.originated' && isOfDial(desk, event.call?.id, listened(desk, request, leg).number),
    run: async (request, context) => {
      const { agent, number } = listened(desk, request, context.leg)
      return dial(desk, { class: 'ipbxcommand', command: 'listen', destination: `xivo/${agent}`, subcommand: 'start' }, number, request, context)
    }
  }
}

function listened (desk: Desk, request: ActionRequest, leg?: Call): { agent: string; number: string } {
  const agent = agentIdOf(desk, text(request.target) ?? leg?.agent?.id, leg?.owner.id)
  return { agent, number: desk.tables.agentRef(agent).number ?? agent }
}

function stopListen (desk: Desk): ActionEntry {
  return byEffect(desk, (seen) => seen.event === 'call.ended' && seen.call?.owner.id === desk.tables.userId, () => ({ message: { class: 'hangup' }, family: 'hangup' }))
}

/** Servers up to 14.23; later ones have a flag of the user instead, see `setCallRecording`. */
function record (desk: Desk, on: boolean): ActionEntry {
  const action = on ? 'startRecording' : 'stopRecording'
  return {
    available: () => desk.dialect.available('record'),
    lacks: ['target'],
    run: async (_request, { leg, signal, picture }) => {
      if (leg?.vendorId === undefined) throw unsupported(action, 'this call has no channel')
      const reply = await oldCommand(desk, action, { class: 'ipbxcommand', command: 'record', subcommand: on ? 'start' : 'stop', channel: leg.vendorId }, signal)
      // Written to Asterisk, and nothing said that it was done.
      if (reply.response === undefined) return { outcome: 'accepted', vendorReply: reply }
      const recording = { state: on ? 'on' as const : 'off' as const }
      // The answer names no channel: only we know which call it was for.
      desk.emit([draft(desk.scope(), 'call.recording', { call: { ...picture.call(leg.id) ?? leg, recording } })])
      return { recording, vendorReply: reply }
    }
  }
}

/** What was filled into a call form (xivo-cti.md 3.8); goes to the server's bus, never answered. */
function setCallData (desk: Desk): ActionEntry {
  return unanswered((request) => {
    needFeature(desk, 'setCallData', 'callForm')
    const variables = Object.fromEntries(Object.entries(fields(request.data)).map(([name, value]) => [`XIVOFORM_${name}`, value]))
    desk.tell({ class: 'call_form_result', infos: { buttonname: 'saveandclose', variables } })
    return { data: request.data }
  })
}

export function callActions (desk: Desk): ActionTable {
  return {
    originate: originate(desk),
    answer: takeWaiting(desk, 'answer', {}),
    resume: takeWaiting(desk, 'resume', { supports: ['queue'], legOptional: true }),
    hangup: hangup(desk),
    hold: hold(desk),
    mute: mute(desk, true),
    unmute: mute(desk, false),
    pickup: pickup(desk),
    listen: listen(desk),
    stopListen: stopListen(desk),
    startRecording: record(desk, true),
    stopRecording: record(desk, false),
    setCallData: setCallData(desk)
  }
}
