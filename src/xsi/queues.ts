/** Queues as far as the vendor tells them; depth comes from the table of waiting calls (model.md 8). */
import type { Call, Queue } from '../model'
import type { PictureView } from '../state/picture'
import { defined } from './read'
import type { ReduceContext } from './scope'

interface Looking { readonly picture: PictureView; readonly context: Pick<ReduceContext, 'person'> }

/** The queue without what is counted from its legs: an event that carries a queue replaces what was told of it, and a count must not outlive its legs. */
export function toldQueue ({ picture, context }: Looking, id: string): Queue {
  const known = picture.queue(id)
  const person = context.person(id)
  const queue: Queue = { ...known, ...defined({ id, name: known?.name ?? person?.name, number: known?.number ?? person?.number }) } as Queue
  delete queue.waiting
  delete queue.oldestJoinedAt
  delete queue.longestWaitSeconds
  return queue
}

/** The queue with depth and oldest wait after `joined` came and `leftId` went. */
export function countedQueue (looking: Looking, id: string, joined?: Pick<Call, 'id' | 'queuedAt' | 'startedAt'>, leftId?: string): Queue {
  const queue = toldQueue(looking, id)
  let waiting = 0
  let oldest: string | undefined
  const count = (leg: Pick<Call, 'queuedAt' | 'startedAt'>): void => {
    waiting++
    const since = leg.queuedAt ?? leg.startedAt
    if (oldest === undefined || since < oldest) oldest = since
  }
  for (const leg of looking.picture.callsOf(id)) if (leg.state === 'queued' && leg.id !== joined?.id && leg.id !== leftId) count(leg)
  if (joined !== undefined) count(joined)
  queue.waiting = waiting
  if (oldest !== undefined) queue.oldestJoinedAt = oldest
  return queue
}
