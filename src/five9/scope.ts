/** What the mapping of one frame may look at, and how it makes drafts. */
import type { EventName, VendorEventName } from '../model'
import type { EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import type { Memory } from './memory'
import { EVENT_NAMES, type Frame, type Half } from './protocol'
import { iso, lookup } from './read'

export interface Scope {
  readonly frame: Frame
  readonly half: Half
  readonly memory: Memory
  readonly picture: PictureView
}

/** Folds one frame into the memory and says what it means; no I/O. */
export type Reducer = (scope: Scope) => EventDraft[]

/** A draft of this frame. Its key makes a frame that is delivered twice the same event. */
export function draft ({ frame }: Pick<Scope, 'frame'>, event: EventName | VendorEventName, more: Omit<EventDraft, 'event' | 'key'> = {}): EventDraft {
  return {
    event, ...(frame.messageId === undefined ? {} : { key: `${frame.messageId} ${frame.at}` }), ...(frame.timed ? { time: iso(frame.at), timeSource: 'vendor' as const } : {}), ...more
  }
}

/** What has no neutral word is passed on under the vendor's name. */
export const asVendor: Reducer = (scope) => [draft(scope, `vendor.${lookup(EVENT_NAMES, scope.frame.id) ?? scope.frame.id}`)]
