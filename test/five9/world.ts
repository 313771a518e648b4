/** Memory and picture without a line: frames in, drafts out, folded as the session would. */
import { reduce } from '../../src/five9/events'
import { ownAgentDrafts } from '../../src/five9/agentMapping'
import { readFrame } from '../../src/five9/codec'
import { Memory } from '../../src/five9/memory'
import { settingsOf, type Five9Options } from '../../src/five9/options'
import type { Half } from '../../src/five9/protocol'
import type { Call, TelephonyEvent } from '../../src/model'
import type { EventDraft } from '../../src/session/types'
import { Picture } from '../../src/state/picture'
import { frame, OID, SKILLS, UID, USERS, VARIABLES } from './server'

export class World {
  readonly memory: Memory
  readonly picture = new Picture(() => Date.now())
  readonly drafts: EventDraft[] = []

  constructor (options: Partial<Five9Options> = {}) {
    this.memory = new Memory(settingsOf({ username: 'rosa', password: 'x', ...options }))
    this.memory.credentials.learn({ tokenId: 't', userId: UID, orgId: OID, context: { farmId: '149' } })
    const { reference } = this.memory
    reference.set('callVariables', VARIABLES)
    reference.set('skills', SKILLS)
    reference.set('users', USERS)
    reference.set('campaigns', [{ id: '300000000000100', name: 'Inbound' }])
    reference.set('dispositions', [{ id: '300000000000143', name: 'Sale' }, { id: '-7', name: 'Transferred' }])
    reference.set('notReadyCodes', [{ id: '401101', name: 'Lunch', selectable: true }])
    this.memory.loginState = 'WORKING'
  }

  /** What one frame means; `[name, state, …]` is easier to compare than drafts. */
  feed (id: string, payload: unknown, half: Half = 'agent', more: object = {}): EventDraft[] {
    const read = readFrame(frame(id, payload, more), Date.now())
    if (read === undefined) throw new Error('no frame')
    const scope = { frame: read, half, memory: this.memory, picture: this.picture }
    const drafts = this.fold(reduce(scope))
    return half === 'agent' ? [...drafts, ...this.fold(ownAgentDrafts(scope))] : drafts
  }

  names (id: string, payload: unknown, half: Half = 'agent', more: object = {}): string[] {
    return this.feed(id, payload, half, more).map(({ event }) => event)
  }

  /** Of calls only, `call.updated` left out unless it is all there is. */
  calls (id: string, payload: unknown): string[] {
    return this.feed(id, payload).filter(({ call, event }) => call !== undefined && event !== 'call.updated').map(({ event, call }) => `${event} ${call?.state}`)
  }

  private fold (drafts: EventDraft[]): EventDraft[] {
    for (const draft of drafts) {
      const time = draft.time ?? new Date().toISOString()
      const call = draft.call === undefined ? undefined : { conversationId: 'c', ...draft.call, ...(draft.event === 'call.answered' ? { answeredAt: draft.call.answeredAt ?? time } : {}) } as Call
      const grave = call !== undefined && this.picture.tombstone(call.id) !== undefined
      if (!grave || draft.event === 'call.disposition') this.picture.fold({ ...draft, time, ...(call === undefined ? {} : { call }) } as TelephonyEvent)
    }
    this.drafts.push(...drafts)
    return drafts
  }
}
