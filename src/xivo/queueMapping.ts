/** Queues: waiting callers as legs, members, and how a caller left (xivo-cti.md 4.6, 7.1; model.md 3.3, 8). */
import { legId, samePlain, type Call, type Queue, type Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import { MEMBER, MEMBER_BUSY, MEMBER_RINGING } from './protocol'
import { defined, fields, flag, iso, millis, number, objects, text, type Fields } from './read'
import { draft, legStep, legsOfPhone, type Reducer, type Scope } from './scope'
import { queueId, type QueueEntry, type Tables } from './tables'

/** ms in which the reason for leaving a queue must show (model.md 3.3). */
export const LEAVE_MS = 2000

/** Leg of a waiting caller. One who was here before and comes back, as at a switchboard, keeps his channel's id and is another leg. */
export function legOf (picture: PictureView, queue: string, { uniqueid, joinedAt }: QueueEntry): string {
  const id = legId(queueId(queue), uniqueid)
  const again = legId(queueId(queue), uniqueid, String(joinedAt))
  if (picture.call(again) !== undefined) return again
  return picture.call(id) === undefined && picture.tombstone(id) !== undefined ? again : id
}

export function readEntries (value: unknown): QueueEntry[] {
  const entries: QueueEntry[] = []
  for (const entry of objects(value)) {
    const uniqueid = text(entry.uniqueid)
    if (uniqueid === undefined) continue
    entries.push(defined({ uniqueid, position: number(entry.position), name: text(entry.name), number: text(entry.number), joinedAt: millis(entry.join_time) ?? 0 }) as QueueEntry)
  }
  return entries
}

/** A waiting caller as a leg of the queue. */
export function entryLeg ({ tables, picture, now }: Pick<Scope, 'tables' | 'picture' | 'now'>, queue: string, entry: QueueEntry): CallDraft {
  const id = legOf(picture, queue, entry)
  const known = picture.call(id)
  const caller = defined({ number: entry.number, name: entry.name })
  const party = Object.keys(caller).length === 0 ? undefined : caller
  const ref = tables.queueRef(queue)
  const joined = iso(entry.joinedAt > 0 ? entry.joinedAt : now)
  return defined({
    ...known,
    id,
    vendorId: entry.uniqueid,
    correlationId: entry.uniqueid,
    owner: { kind: 'queue' as const, ...ref, id: queueId(queue) },
    state: 'queued' as const,
    direction: 'inbound' as const,
    from: known?.from ?? party,
    remote: known?.remote ?? party,
    to: known?.to ?? defined({ number: ref.number, name: ref.name, kind: 'queue' as const }),
    queue: { ...known?.queue, ...ref, ...(entry.position === undefined ? {} : { position: entry.position }) },
    startedAt: known?.startedAt ?? joined,
    queuedAt: known?.queuedAt ?? joined
  }) as CallDraft
}

/** The whole list of a queue each time. */
export const reduceEntries: Reducer = (scope) => {
  const { tables, picture } = scope
  const state = fields(scope.message.state)
  const queue = text(state.queue_id) ?? tables.queueOfName(text(state.queue_name))
  if (queue === undefined) return [draft(scope, 'vendor.queueentryupdate')]
  const before = tables.entries.get(queue) ?? []
  const entries = readEntries(state.entries)
  tables.entries.set(queue, entries)
  if (!tables.synced || !tables.watches('queues', queue)) return []
  const drafts: EventDraft[] = []
  for (const gone of before.filter(({ uniqueid }) => !entries.some((entry) => entry.uniqueid === uniqueid))) drafts.push(...leave(scope, queue, gone))
  for (const entry of entries) {
    const leg = entryLeg(scope, queue, entry)
    tables.dequeuing.delete(leg.id)
    drafts.push(...legStep(scope, picture.call(leg.id), leg))
  }
  return [...drafts, ...queueDrafts(scope, queue)]
}

/** Gone from the list. When the agent's answer was seen already the reason is known, else it is waited for. */
function leave (scope: Scope, queue: string, entry: QueueEntry): EventDraft[] {
  const leg = scope.picture.call(legOf(scope.picture, queue, entry))
  if (leg === undefined) return []
  // One that is offered to an agent is his, also when he answers by command.
  const isOurs = scope.tables.marks.get(leg.id)?.kind === 'take' && leg.queue?.offeredTo === undefined
  scope.tables.marks.delete(leg.id)
  if (isOurs) return [dequeue(scope, leg, 'normal')]
  for (const [agent, acd] of scope.tables.acd) {
    if (acd.queueId === queueId(queue) && scope.now - acd.at < LEAVE_MS) {
      scope.tables.acd.set(agent, { ...acd, at: 0 })
      return answered(scope, leg, agent)
    }
  }
  scope.tables.dequeuing.set(leg.id, { leg: leg.id, queue, at: scope.now })
  return []
}

function dequeue (scope: Scope, leg: Call, reason: Reason, more: Partial<CallDraft> = {}): EventDraft {
  return draft(scope, 'call.dequeued', { derived: true, reason, call: { ...leg, ...more, state: 'ended', endReason: reason, endedAt: iso(scope.now) } })
}

/** An agent took the caller: the leg of the queue ends and the agent's leg learns of it. */
function answered (scope: Scope, leg: Call, agent: string): EventDraft[] {
  const { tables } = scope
  const talk = agentLeg(scope, agent)
  const end = dequeue(scope, leg, 'normal', {
    agent: tables.agentRef(agent), linkedBy: 'heuristic', ...(talk === undefined ? {} : { related: [...leg.related ?? [], { kind: 'agentLeg', id: talk.id }] })
  })
  return talk === undefined ? [end] : [end, ...linked(scope, talk, leg, agent)]
}

/** The agent's own leg of a queue call, filled with queue and agent. */
function linked (scope: Scope, talk: Call, leg: Call, agent: string): EventDraft[] {
  const caller = leg.from === undefined || talk.from?.number !== undefined ? {} : { from: leg.from, remote: talk.remote ?? leg.from }
  const related = talk.related?.some(({ id }) => id === leg.id) === true ? talk.related : [...talk.related ?? [], { kind: 'queueLeg' as const, id: leg.id }]
  const queue: NonNullable<Call['queue']> = { ...talk.queue, ...leg.queue }
  delete queue.offeredTo
  return legStep(scope, talk, { ...talk, ...caller, related, agent: scope.tables.agentRef(agent), queue, linkedBy: 'heuristic' })
}

function agentLeg (scope: Scope, agent: string): Call | undefined {
  const { tables } = scope
  const dialled = text(tables.row('agents', agent).status.phonenumber)
  const phone = dialled === undefined ? tables.phonesOf(tables.userOfAgent(agent) ?? '')[0] : tables.phoneOfNumber(dialled)
  return phone === undefined ? undefined : legsOfPhone(scope, phone).findLast(({ direction, state }) => direction === 'inbound' && (state === 'ringing' || state === 'active'))
}

/** A member rings: the caller with the same number is offered to him, else the first in line (model.md 3.3, join of the two legs). */
function offered (scope: Scope, queue: string, agent: string): EventDraft[] {
  const { tables, picture } = scope
  const entries = tables.entries.get(queue) ?? []
  const talk = agentLeg(scope, agent)
  const entry = entries.find((one) => one.number !== undefined && one.number === talk?.from?.number) ?? entries[0]
  const leg = entry === undefined ? undefined : picture.call(legOf(picture, queue, entry))
  if (leg === undefined) return []
  const drafts = leg.queue?.offeredTo?.id === agent ? [] : [draft(scope, 'call.offered', {
    derived: true, call: { ...leg, queue: { ...leg.queue, offeredTo: tables.agentRef(agent) }, linkedBy: 'heuristic' }
  })]
  return talk === undefined ? drafts : [...drafts, ...linked(scope, talk, leg, agent)]
}

/** A queue member changed: paused, called, talking. */
export function memberDrafts (scope: Scope, member: string, before: Fields): EventDraft[] {
  const { tables, picture } = scope
  const { config } = tables.row('queuemembers', member)
  const queue = tables.queueOfName(text(config.queue_name) ?? member.slice(member.indexOf(',') + 1))
  const agent = tables.agentOfInterface(member.slice(0, member.indexOf(',')))
  if (queue === undefined || !tables.watches('queues', queue)) return []
  const drafts: EventDraft[] = []
  const [was, now] = [text(before.status) ?? '', text(config.status) ?? '']
  const gone = [...tables.dequeuing.values()].find((one) => one.queue === queue)
  const leg = gone === undefined ? undefined : picture.call(gone.leg)
  if (agent !== undefined && was !== now) {
    if (MEMBER_RINGING.has(now)) drafts.push(...offered(scope, queue, agent))
    else if (MEMBER_BUSY.has(now) && !MEMBER_BUSY.has(was)) {
      tables.acd.set(agent, { ...tables.acd.get(agent), queueId: queueId(queue), at: leg === undefined ? scope.now : 0 })
      if (leg !== undefined && gone !== undefined) {
        tables.dequeuing.delete(gone.leg)
        drafts.push(...answered(scope, leg, agent))
      }
    } else if (MEMBER_RINGING.has(was) && leg !== undefined && gone !== undefined) {
      // He rang, and nobody answered when the caller went: the caller gave up.
      tables.dequeuing.delete(gone.leg)
      drafts.push(dequeue(scope, leg, 'abandoned'))
    } else if (MEMBER_RINGING.has(was)) drafts.push(...bounced(scope, queue, agent))
  }
  return [...drafts, ...queueDrafts(scope, queue)]
}

/** The agent did not answer and the caller waits on. */
function bounced (scope: Scope, queue: string, agent: string): EventDraft[] {
  for (const entry of scope.tables.entries.get(queue) ?? []) {
    const leg = scope.picture.call(legOf(scope.picture, queue, entry))
    if (leg?.queue?.offeredTo?.id !== agent) continue
    const { offeredTo, ...kept } = leg.queue
    return offeredTo === undefined ? [] : [draft(scope, 'call.updated', { call: { ...leg, queue: { ...kept, bounced: true } }, changes: ['queue.bounced', 'queue.offeredTo'] })]
  }
  return []
}

/** Legs of callers who left and whose reason did not show in time. */
export function expireDequeuing (scope: Scope): EventDraft[] {
  const drafts: EventDraft[] = []
  for (const { leg, at } of [...scope.tables.dequeuing.values()]) {
    if (scope.now - at < LEAVE_MS) continue
    scope.tables.dequeuing.delete(leg)
    const known = scope.picture.call(leg)
    if (known !== undefined) drafts.push(dequeue(scope, known, 'unknown'))
  }
  return drafts
}

/** The queue as members, entries and figures show it now. */
export function queueOf (tables: Tables, id: string): Queue {
  const name = text(tables.row('queues', id).config.name)
  const counts = { assigned: 0, loggedIn: 0, ready: 0, notReady: 0, busy: 0 }
  for (const [member, { config }] of tables.lists.queuemembers) {
    if (name === undefined || !member.endsWith(`,${name}`)) continue
    const status = text(config.status) ?? ''
    counts.assigned++
    if (status === MEMBER.loggedOut) continue
    counts.loggedIn++
    if (flag(config.paused) === true) counts.notReady++
    else if (MEMBER_BUSY.has(status)) counts.busy++
    else if (status === MEMBER.unused) counts.ready++
  }
  const figures = tables.figures.get(id)
  const entries = tables.entries.get(id)
  const joined = (entries ?? []).map(({ joinedAt }) => joinedAt).filter((at) => at > 0)
  return defined({
    ...tables.queueRef(id),
    id: queueId(id),
    waiting: entries?.length ?? number(figures?.['Xivo-WaitingCalls']),
    oldestJoinedAt: joined.length === 0 ? undefined : iso(Math.min(...joined)),
    longestWaitSeconds: joined.length > 0 ? undefined : number(figures?.['Xivo-LongestWaitTime']),
    estimatedWaitSeconds: number(figures?.['Xivo-EWT']),
    agents: counts.assigned === 0 ? agentsByFigures(figures) : counts
  }) as Queue
}

function agentsByFigures (figures: Fields | undefined): Queue['agents'] {
  const counts = defined({ loggedIn: number(figures?.['Xivo-LoggedAgents']), ready: number(figures?.['Xivo-AvailableAgents']), busy: number(figures?.['Xivo-TalkingAgents']) })
  return Object.keys(counts).length === 0 ? undefined : counts
}

/** `queue.updated` when the queue differs from what was told last. */
export function queueDrafts (scope: Scope, id: string): EventDraft[] {
  const { tables } = scope
  if (!tables.watches('queues', id)) return []
  const queue = queueOf(tables, id)
  if (samePlain(tables.lastQueues.get(id), queue)) return []
  tables.lastQueues.set(id, queue)
  return [draft(scope, 'queue.updated', { queue })]
}
