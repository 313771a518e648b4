import type { Call, Queue } from '../model'

/** Which legs stand in which queue: fills number waiting and longest wait where the vendor does not tell (model.md 8). */
export class QueueLegs {
  private readonly byQueue = new Map<string, Set<string>>()

  enter (call: Call): void {
    const legs = this.byQueue.get(call.owner.id)
    if (legs === undefined) this.byQueue.set(call.owner.id, new Set([call.id]))
    else legs.add(call.id)
  }

  leave (call: Call): void {
    const legs = this.byQueue.get(call.owner.id)
    legs?.delete(call.id)
    // A queue that the vendor never described stays known by its id, with nobody waiting.
  }

  ids (): IterableIterator<string> {
    return this.byQueue.keys()
  }

  clear (): void {
    this.byQueue.clear()
  }

  /**
   * @param told what the vendor says of the queue
   * @param now ms of the vendor's clock
   * @returns a fresh object, or undefined when the queue was never heard of
   */
  complete (id: string, told: Queue | undefined, leg: (id: string) => Call | undefined, now: number): Queue | undefined {
    const legs = this.byQueue.get(id)
    if (told === undefined && legs === undefined) return undefined
    const queue: Queue = { ...told, id }
    const waiting: Call[] = []
    for (const legId of legs ?? []) {
      const call = leg(legId)
      if (call === undefined) continue
      if (queue.name === undefined && call.owner.name !== undefined) queue.name = call.owner.name
      if (queue.number === undefined && call.owner.number !== undefined) queue.number = call.owner.number
      if (call.state === 'queued') waiting.push(call)
    }
    if (legs !== undefined) queue.waiting ??= waiting.length
    const oldest = queue.oldestJoinedAt ?? earliest(waiting)
    if (oldest !== undefined && queue.waiting !== 0) {
      queue.oldestJoinedAt = oldest
      // The vendor's figure does not tick between two messages.
      queue.longestWaitSeconds = Math.max(0, Math.round((now - Date.parse(oldest)) / 1000))
    }
    return queue
  }
}

function earliest (calls: readonly Call[]): string | undefined {
  let first: string | undefined
  for (const call of calls) {
    const joined = call.queuedAt ?? call.startedAt
    if (first === undefined || joined < first) first = joined
  }
  return first
}
