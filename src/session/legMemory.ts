import type { Call, Relation, RelationKind } from '../model'

const REMEMBERED = 2000
const INVERSE: Readonly<Partial<Record<RelationKind, RelationKind>>> = {
  consultOf: 'consultedBy',
  consultedBy: 'consultOf',
  queueLeg: 'agentLeg',
  agentLeg: 'queueLeg',
  transferredFrom: 'transferredTo',
  transferredTo: 'transferredFrom',
  otherEnd: 'otherEnd'
}

interface Note { clientRef?: string; related: Relation[] }

/** What our own actions know of legs and no vendor message says: the caller's reference and which leg was made for which. */
export class LegMemory {
  private readonly notes = new Map<string, Note>()

  setClientRef (legId: string, clientRef: string): void {
    this.note(legId).clientRef = clientRef
  }

  /** Ties a leg to others; each of them learns of it too. */
  relate (legId: string, relations: readonly Relation[]): void {
    for (const relation of relations) {
      add(this.note(legId).related, relation)
      const inverse = INVERSE[relation.kind]
      if (inverse !== undefined) add(this.note(relation.id).related, { kind: inverse, id: legId })
    }
  }

  /** Adds what is remembered to a leg, in place. */
  complete (call: Partial<Pick<Call, 'clientRef' | 'related'>> & { id: string }): void {
    const note = this.notes.size === 0 ? undefined : this.notes.get(call.id)
    if (note === undefined) return
    if (note.clientRef !== undefined) call.clientRef = note.clientRef
    if (note.related.length === 0) return
    call.related = call.related === undefined ? [] : [...call.related]
    for (const relation of note.related) add(call.related, relation)
  }

  clear (): void {
    this.notes.clear()
  }

  private note (legId: string): Note {
    const known = this.notes.get(legId)
    if (known !== undefined) return known
    const fresh: Note = { related: [] }
    this.notes.set(legId, fresh)
    if (this.notes.size > REMEMBERED) {
      const oldest = this.notes.keys().next().value
      if (oldest !== undefined) this.notes.delete(oldest)
    }
    return fresh
  }
}

function add (relations: Relation[], relation: Relation): void {
  if (!relations.some(({ kind, id }) => kind === relation.kind && id === relation.id)) relations.push({ kind: relation.kind, id: relation.id })
}
