/** From a frame of the switch to neutral events (ipecs.md 4, 7; model.md 3, 4, 7, 8). No I/O. */
import type { EventDraft } from '../session/types'
import { acdAgentDrafts, ctiAgentDrafts } from './agentMapping'
import { acdCallDrafts } from './acdCallMapping'
import { callDrafts } from './callMapping'
import { acdDeviceDrafts, ctiDeviceDrafts } from './deviceMapping'
import type { AcdRecord, CtiEvent, Frame } from './frames'
import { ACD, AGENT_TYPES } from './protocol'
import { queueDrafts, queueing } from './queueMapping'
import { number } from './read'
import { draft, type Scope } from './scope'

/** Records that are understood, and have said all when they change nothing: they are the other stream's words, or the clock. */
const SILENT: ReadonlySet<number> = new Set([
  ACD.coBusy, ACD.coIdle, ACD.coRing, ACD.login, ACD.logout, ACD.unavailable, ACD.available, ACD.wrapStart, ACD.wrapEnd, ACD.stationBusy, ACD.stationIdle, ACD.dndOn, ACD.dndOff, ACD.forwardOn, ACD.forwardOff,
  ACD.secondaryIn, ACD.secondaryOut, ACD.seize, ACD.connect, ACD.abandon, ACD.disconnect, ACD.conference, ACD.forward, ACD.hold, ACD.recall, ACD.park, ACD.pickup, ACD.transferHold, ACD.group, ACD.overflow,
  ACD.queued, ACD.ring, ACD.dialled, ACD.time, ACD.transferred, ACD.did, ACD.caller, ACD.inService, ACD.outOfService
])

function stationsOf (scope: Scope, { source, dest }: AcdRecord): void {
  for (const end of [source, dest]) if (end?.kind === 'station') scope.memory.addExtension(end.number)
}

function reduceAcd (scope: Scope, record: AcdRecord): EventDraft[] {
  scope.memory.hasAcd = true
  stationsOf(scope, record)
  if (record.code === ACD.record) return [draft('vendor.smdr')]
  // The call before the agent: a wrap-up asks which call it follows.
  const drafts = [...acdCallDrafts(scope, record) ?? [], ...acdDeviceDrafts(scope, record) ?? [], ...acdAgentDrafts(scope, record)]
  if (drafts.length === 0 && !SILENT.has(record.code)) return [draft(`vendor.${record.code}`)]
  return [...drafts, ...(record.code === ACD.time ? [] : queueDrafts(scope))]
}

function reduceCti (scope: Scope, event: CtiEvent): EventDraft[] {
  const { memory } = scope
  if (event.device !== undefined && event.type !== 'queueing' && !memory.groups.isGroup(event.device)) memory.addExtension(event.device)
  if (event.type === 'queueing' && event.device !== undefined) {
    const count = number(event.data.qCount)
    const drafts = queueing(scope, event)
    return [...drafts, ...queueDrafts(scope, count === undefined ? undefined : new Map([[memory.groups.canonical(event.device), count]]))]
  }
  if (AGENT_TYPES.has(event.type)) return [...ctiAgentDrafts(scope, event), ...queueDrafts(scope)]
  const drafts = callDrafts(scope, event)
  if (drafts !== undefined) return [...drafts, ...queueDrafts(scope)]
  return ctiDeviceDrafts(scope, event) ?? [draft(`vendor.${event.type.slice(0, 60)}`)]
}

/**
 * What one frame means. Changes the memory, which belongs to the caller, and reads the picture; nothing else.
 * @returns 0..n drafts in the order in which they must be sent
 */
export function reduce (scope: Scope, frame: Frame): EventDraft[] {
  switch (frame.kind) {
    case 'acd': return reduceAcd(scope, frame.record)
    case 'cti': return reduceCti(scope, frame.event)
    case 'smdr': return [draft('vendor.smdr')]
    case 'unknown': return [draft(`vendor.${frame.name}`)]
  }
}
