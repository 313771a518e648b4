/** Calls that wait in a queue, as the list of the queue tells them (webex-calling.md 3.2 QueueCall, U1; model.md 3.3). Pure. */
import { legId, type Call, type Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { keyOf } from './ids'
import { mapParty, scopeOf } from './parties'
import { boolean, defined, number, record, text, time, type Json } from './read'
import type { Source } from './scope'

export interface QueueName { readonly id: string; readonly name?: string; readonly number?: string }

/** One entry as a leg of the queue; undefined without an id. */
export function mapQueueCall (node: Json, queue: QueueName, known: Call | undefined, position: number, { context }: Source): CallDraft | undefined {
  const callId = text(node, 'callId')
  if (callId === undefined) return undefined
  const session = text(node, 'callSessionId')
  const from = mapParty(record(node, 'remoteParty'), (id) => context.person(id))
  const queuedAt = known?.queuedAt ?? time(node, 'addTime')
  const name = queue.name ?? text(node, 'queueName')
  const line = queue.number ?? text(node, 'queueNumber')
  return defined({
    id: known?.id ?? legId(queue.id, keyOf(callId)),
    vendorId: callId,
    correlationId: session === undefined ? known?.correlationId : keyOf(session),
    owner: defined({ kind: 'queue' as const, id: queue.id, name, number: line }),
    state: 'queued' as const,
    direction: 'inbound' as const,
    scope: scopeOf(record(node, 'remoteParty')) ?? known?.scope,
    from: known?.from ?? from,
    remote: from ?? known?.remote,
    to: defined({ name, number: line, kind: 'queue' as const }),
    startedAt: known?.startedAt ?? queuedAt ?? new Date(context.now).toISOString(),
    queuedAt,
    queue: defined({
      id: queue.id, name, number: line, position, priority: text(node, 'priority'), waitMs: number(node, 'preservedWaitTime'), bounced: boolean(node, 'bounced') === true ? true as const : undefined
    })
  }) as CallDraft
}

/** Who took a call that has left the queue: an agent's own leg of the same session that is talked on. */
function answeredBy (leg: Call, { picture }: Source): Call | undefined {
  for (const other of picture.calls()) {
    if (other.owner.kind === 'user' && other.correlationId !== undefined && other.correlationId === leg.correlationId && (other.state === 'active' || other.state === 'held')) return other
  }
  return undefined
}

function leave (leg: Call, told: Json | undefined, source: Source): EventDraft {
  const agentLeg = answeredBy(leg, source)
  const agentId = text(told, 'answeringAgentId') ?? agentLeg?.owner.id
  const reason: Reason = agentId === undefined ? 'unknown' : 'normal'
  const person = agentId === undefined ? undefined : source.context.person(agentId)
  const endedAt = time(told, 'removeTime')
  const call: CallDraft = {
    ...leg,
    state: 'ended',
    endReason: reason,
    ...(endedAt === undefined ? { uncertain: ['endedAt'] } : { endedAt }),
    ...(agentId === undefined ? {} : { agent: defined({ id: person?.id ?? agentId, name: person?.name }) }),
    ...(agentLeg === undefined ? {} : { related: [{ kind: 'agentLeg', id: agentLeg.id }] })
  }
  return { event: 'call.dequeued', reason, call, derived: true, ...(endedAt === undefined ? {} : { time: endedAt, timeSource: 'vendor' as const }) }
}

/** What a look at the queue finds new. */
export function queueDrafts (entries: readonly Json[], queue: QueueName, source: Source): EventDraft[] {
  const { picture } = source
  const waiting = new Set<string>()
  const drafts: EventDraft[] = []
  entries.forEach((node, index) => {
    const id = legId(queue.id, keyOf(text(node, 'callId') ?? ''))
    const known = picture.call(id)
    const leg = mapQueueCall(node, queue, known, index + 1, source)
    if (leg === undefined) return
    waiting.add(id)
    if (text(node, 'removeTime') !== undefined || text(node, 'answeringAgentId') !== undefined) {
      if (known !== undefined) drafts.push(leave(known, node, source))
    } else if (known !== undefined) drafts.push({ event: 'call.updated', call: { ...known, ...leg } })
    else if (picture.tombstone(id) === undefined) drafts.push({ event: 'call.queued', call: leg, ...(leg.queuedAt === undefined ? {} : { time: leg.queuedAt, timeSource: 'vendor' as const }) })
  })
  for (const leg of picture.callsOf(queue.id)) if (leg.owner.kind === 'queue' && !waiting.has(leg.id)) drafts.push(leave(leg, undefined, source))
  return drafts
}
