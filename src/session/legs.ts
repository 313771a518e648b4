import { type Call, type NumberHelper, type TelephonyEvent } from '../model'

/** Facts of a leg that stay true once told: a later message that leaves them out does not take them back. */
const LASTING = [
  'vendorId', 'correlationId', 'clientRef', 'scope', 'from', 'to', 'dialed', 'remote', 'redirections', 'trunk', 'campaign', 'ringingAt', 'answeredAt', 'queuedAt', 'related'
] as const satisfies readonly (keyof Call)[]

/** Which time of the leg an event tells, when the vendor does not give it apart (model.md 3.2). */
const TIME_OF: Readonly<Partial<Record<string, 'ringingAt' | 'answeredAt' | 'heldAt' | 'queuedAt' | 'parkedAt' | 'endedAt'>>> = {
  'call.ringing': 'ringingAt',
  'call.answered': 'answeredAt',
  'call.held': 'heldAt',
  'call.queued': 'queuedAt',
  'call.parked': 'parkedAt',
  'call.ended': 'endedAt',
  'call.dequeued': 'endedAt'
}

/** Carries over from what is known of the leg; owner and direction never change in its life. In place. */
export function keepLasting (call: Call, known: Call): void {
  const target = call as Partial<Record<keyof Call, unknown>>
  for (const field of LASTING) if (target[field] === undefined && known[field] !== undefined) target[field] = known[field]
  call.direction = known.direction
  if (known.startedAt < call.startedAt) call.startedAt = known.startedAt
}

/** Fills the time that an event proves. Not for states found at a connect: when they began is not known. In place. */
export function completeTimes (call: Call, event: TelephonyEvent): void {
  const field = TIME_OF[event.event]
  if (field === undefined || call[field] !== undefined) return
  if (field !== 'endedAt' && (event.initial === true || event.resynced === true)) return
  call[field] = event.time
}

/** Adds E.164 to every party of the leg. In place. */
export function completeNumbers (call: Call, numbers: NumberHelper): void {
  numbers.complete(call.from)
  numbers.complete(call.to)
  numbers.complete(call.dialed)
  numbers.complete(call.remote)
  if (call.redirections !== undefined) for (const { party } of call.redirections) numbers.complete(party)
}
