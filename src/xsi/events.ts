/** From a message of the event stream to neutral events: pure, one table by event type (xsi.md 4.9 to 4.11, 7.1; model.md 3, 4, 8). */
import type { EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import { ACD_REDUCERS } from './acdMapping'
import { AGENT_REDUCERS } from './agentMapping'
import { CALL_REDUCERS } from './callMapping'
import { CONFERENCE_REDUCERS } from './conferenceMapping'
import { FIGURE_REDUCERS } from './figureMapping'
import { SUBSCRIPTION_TERMINATED, type XsiEvent } from './protocol'
import { reduceQueueCall } from './queueCallMapping'
import { REDIRECT_REDUCERS } from './redirectMapping'
import { draft, targetFor, type ReduceContext, type Reducer } from './scope'
import { SERVICE_REDUCERS } from './serviceMapping'

const LEG_REDUCERS: Readonly<Record<string, Reducer>> = { ...CALL_REDUCERS, ...REDIRECT_REDUCERS }

const REDUCERS: ReadonlyMap<string, Reducer> = new Map(Object.entries({
  ...LEG_REDUCERS,
  ...CONFERENCE_REDUCERS,
  ...AGENT_REDUCERS,
  ...ACD_REDUCERS,
  ...SERVICE_REDUCERS,
  ...FIGURE_REDUCERS,
  // The session subscribes again; the end of a subscription is no news of telephony.
  [SUBSCRIPTION_TERMINATED]: () => []
}))

const asVendor: Reducer = (scope) => [draft(scope, `vendor.${scope.message.type}`)]

/**
 * What one event means.
 * @param picture the state before this event; it is read, never changed
 * @param message an event that is no snapshot (`SNAPSHOT_EVENTS`): those go through `snapshot.ts`
 * @returns 0..n drafts in the order in which they must be sent; types without a neutral word give `vendor.<type>`, for instance `vendor.FlexibleSeatingGuestEvent`
 */
export function reduce (picture: PictureView, message: XsiEvent, context: ReduceContext): EventDraft[] {
  const targetId = message.targetId ?? context.targetOf(message.subscriptionId)
  if (targetId === undefined) return [{ event: `vendor.${message.type}`, key: message.eventId }]
  const target = targetFor(targetId, context)
  const scope = { picture, message, context, target }
  if (target.owner.kind === 'queue' && Object.hasOwn(LEG_REDUCERS, message.type)) return reduceQueueCall(scope, message.data)
  return (REDUCERS.get(message.type) ?? asVendor)(scope, message.data)
}
