/** Present state read from the vendor, to be compared with the picture (model.md 6; five9.md 6.2). Pure. */
import type { Agent } from '../model'
import type { CallDraft, Snapshot } from '../session/types'
import type { PictureView } from '../state/picture'
import { deviceOf, ownAgent } from './agentMapping'
import { directionOf, mapCall, readCall, stateOf } from './callFields'
import { isQueueRow, queueOfRow } from './figureMapping'
import type { Memory } from './memory'
import { OVER } from './protocol'
import { objects } from './read'
import type { SourceChange } from './statistics'
import { agentOfRow, follow, legOfRow } from './supervisorMapping'

/** Own calls as legs, from the list of call objects. Calls in wrap-up are over for a flow, and wait for their disposition. */
export function ownCalls (memory: Memory, picture: PictureView, body: unknown, at: number): CallDraft[] {
  memory.wrapUps.clear()
  return objects(body).flatMap((row) => {
    const facts = readCall(row, memory)
    if (facts === undefined) return []
    const id = memory.legOf(facts.id)
    const known = picture.call(id)
    const direction = known?.direction ?? directionOf(memory, facts, false)
    const state = stateOf(memory, facts.state, direction) ?? known?.state
    if (facts.state !== undefined) memory.told(facts.id, facts.state)
    if (facts.state === 'WRAP_UP') memory.wrapUps.set(facts.id, id)
    if (state === undefined || (facts.state !== undefined && OVER.has(facts.state) && known === undefined)) return []
    const leg = mapCall(memory, facts, state, direction, at, known)
    if (state !== 'ended') return [leg]
    leg.endReason = 'unknown'
    leg.uncertain = ['endedAt', 'endReason']
    if (facts.state === 'WRAP_UP') leg.dispositionDue = true
    return [leg]
  })
}

/** The agent's half: his calls are all there are of him; agent and station as they were read into the memory. */
export function agentCallsSnapshot (memory: Memory, picture: PictureView, body: unknown, at: number, takenAt: number): Snapshot {
  return { calls: ownCalls(memory, picture, body, at), owners: [memory.uid], takenAt, vendorEvent: body }
}

/** To be taken after the calls, since being busy follows from them. */
export function ownAgentSnapshot (memory: Memory, picture: PictureView, at: number): Snapshot {
  const device = deviceOf(memory)
  return { agents: [ownAgent(memory, picture, at)], ...(device === undefined ? {} : { devices: [{ user: { id: memory.uid }, device }] }) }
}

/** A full frame of statistics: agents with the calls they are seen in, and queues. Other sources hold figures only. */
export function statisticsSnapshot (memory: Memory, picture: PictureView, changes: readonly SourceChange[], at: number): Snapshot {
  const snapshot: Snapshot = {}
  for (const { source, rows } of changes) {
    if (source === 'AGENT_STATE') agentRows(memory, picture, rows, at, snapshot)
    if (source === 'ACD_STATUS') snapshot.queues = rows.flatMap(({ id, after }) => after === undefined || !isQueueRow(source, id) ? [] : [queueOfRow(memory, id, after)])
  }
  return snapshot
}

function agentRows (memory: Memory, picture: PictureView, rows: SourceChange['rows'], at: number, snapshot: Snapshot): void {
  const agents: Agent[] = []
  const calls: CallDraft[] = []
  const owners: string[] = []
  for (const { id, after } of rows) {
    // The own agent's half knows more of him (model.md R5).
    if (memory.isAgent && id === memory.uid) continue
    owners.push(id)
    if (after === undefined) {
      memory.statistics.calls.delete(id)
      continue
    }
    const leg = legOfRow(memory, picture, id, after, at)
    if (leg === undefined) memory.statistics.calls.delete(id)
    else {
      follow(memory, id, leg.id, after)
      calls.push(leg)
    }
    // Which call is parked is not told: those that are known to be are, as long as the row counts any.
    if (Number(after.parkedCallsCount) > 0) calls.push(...picture.callsOf(id).filter(({ state }) => state === 'parked'))
    agents.push(agentOfRow(memory, id, after, at, picture.agent(id)))
  }
  snapshot.agents = agents
  snapshot.allAgents = !memory.isAgent
  snapshot.calls = calls
  snapshot.owners = owners
}
