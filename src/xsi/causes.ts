/** Tables from the vendor's reasons to those of the model (xsi.md 4.9; model.md 2.3, 3.2). */
import type { Call, Cause, Reason } from '../model'
import type { XsiNode } from './protocol'
import { child, defined, number, text } from './read'

/** `redirect/reason`: why the owner's side sent a call on. */
const REDIRECT: Readonly<Record<string, Reason>> = {
  'user-busy': 'busy',
  'no-answer': 'noAnswer',
  unavailable: 'notReachable',
  unconditional: 'forwarded',
  'time-of-day': 'forwarded',
  'do-not-disturb': 'dnd',
  deflection: 'deflected',
  'follow-me': 'forwarded',
  'out-of-service': 'notReachable',
  away: 'forwarded',
  transfer: 'transferred',
  voicemail: 'forwarded',
  'hunt-group': 'forwarded',
  'call-center': 'forwarded',
  'route-point': 'forwarded',
  'agent-wrap-up': 'forwarded',
  'voicexml-script-termination': 'forwarded'
}

const INTERNAL: Readonly<Record<string, Reason>> = {
  Busy: 'busy',
  Forbidden: 'forbidden',
  'Routing Failure': 'congestion',
  'Global Failure': 'error',
  'Request Failure': 'error',
  'Server Failure': 'error',
  'Translation Failure': 'invalidNumber',
  'Temporarily Unavailable': 'notReachable',
  'User Not Found': 'invalidNumber',
  'Request Timeout': 'timeout',
  'Dial Tone Timeout': 'timeout',
  'Insufficient Credits': 'forbidden'
}
const Q850: Readonly<Record<number, Reason>> = {
  1: 'invalidNumber', 16: 'normal', 17: 'busy', 18: 'noAnswer', 19: 'noAnswer', 20: 'notReachable', 21: 'rejected', 27: 'notReachable', 28: 'invalidNumber',
  34: 'congestion', 38: 'congestion', 41: 'congestion', 42: 'congestion', 44: 'congestion', 47: 'congestion'
}
const SIP: Readonly<Record<number, Reason>> = {
  403: 'forbidden', 404: 'invalidNumber', 408: 'timeout', 480: 'notReachable', 484: 'invalidNumber', 486: 'busy', 487: 'cancelled', 600: 'busy', 603: 'rejected', 604: 'invalidNumber'
}
/** Words of the server that say little: the signalling codes beside them say more. */
const VAGUE: ReadonlySet<Reason> = new Set<Reason>(['error', 'notReachable'])

const RECALL: Readonly<Record<string, NonNullable<Call['recall']>>> = {
  'Busy Camp On Callback': 'campOn',
  'Call Transfer Recall': 'transfer',
  'Call Park Recall': 'park',
  'Automatic Hold/Retrieve Recall': 'hold',
  'Executive-Assistant Call Push Recall': 'push'
}

export function redirectReason (reason: string | undefined): Reason {
  return (reason === undefined ? undefined : REDIRECT[reason]) ?? 'unknown'
}

export function recallOf (type: string | undefined): Call['recall'] {
  return type === undefined ? undefined : RECALL[type]
}

/** `localRelease`, `remoteRelease` of `releasingParty`. */
export function endedByOf (releasingParty: string | undefined): Call['endedBy'] {
  return releasingParty === 'localRelease' ? 'local' : releasingParty === 'remoteRelease' ? 'remote' : undefined
}

/** The vendor's own words of a `releaseCause`, and the reason they stand for. Undefined when the call carries none: it is sent for failures only. */
export function releaseCauseOf (call: XsiNode): { cause: Cause; reason: Reason } | undefined {
  const node = child(call, 'releaseCause')
  if (node === undefined) return undefined
  const internal = text(node, 'internalReleaseCause')
  const code = text(node, 'cdrTerminationCause')
  const q850 = number(node, 'q850Cause')
  const sip = number(node, 'sipStatus')
  const named = internal === undefined ? undefined : INTERNAL[internal]
  const signalled = (q850 === undefined ? undefined : Q850[q850]) ?? (sip === undefined ? undefined : SIP[sip])
  const reason = (named === undefined || VAGUE.has(named) ? signalled ?? named : named) ?? 'unknown'
  return { cause: defined({ code, text: internal, q850, sip }) as Cause, reason }
}

/**
 * Why a leg is over when it carries no cause (model.md 3.2). An unanswered inbound call whose caller went away is `cancelled`: that is the missed call of xsi.md 7.1.
 */
export function plainEndReason (leg: Pick<Call, 'direction' | 'answeredAt'>, endedBy: Call['endedBy']): Reason {
  if (leg.answeredAt !== undefined) return 'normal'
  if (leg.direction === 'outbound') return endedBy === 'local' ? 'cancelled' : 'unknown'
  return endedBy === 'local' ? 'rejected' : endedBy === 'remote' ? 'cancelled' : 'unknown'
}
