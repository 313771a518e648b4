/** Numbers and names of the ACD stream and of causes (ipecs.md 4.3, 4.4). */
import { type CauseName } from '../pbx/types'

const STRINGS: Record<number, string> = {
  1: 'CO BUSY', 2: 'CO IDLE', 3: 'CO IN RING', 11: 'AGENT PRIMARY LOGIN', 12: 'AGENT PRIMARY LOGOUT', 13: 'AGENT UCD UNAVAIL', 14: 'AGENT UCD AVAIL',
  15: 'AGENT UCD WRAP UP START', 16: 'AGENT UCD WRAP UP END', 17: 'STATION BUSY', 18: 'STATION IDLE', 19: 'STATION DND ACTIVE', 20: 'STATION DND INACTIVE',
  21: 'STATION FORWARD ACTIVE', 22: 'STATION FORWARD INACTIVE', 23: 'UCD SUPERVISOR LOGIN', 24: 'UCD SUPERVISOR LOGOUT', 25: 'AGENT SECONDARY LOGIN',
  26: 'AGENT SECONDARY LOGOUT', 41: 'SEIZE STATION/CO', 42: 'SEIZE ACK/CONNECT/ANSWER', 43: 'SEIZE NAK/ABANDON', 44: 'DISCONNECT', 45: 'CONFERENCE ADD', 48: 'FORWARD',
  49: 'HOLD', 50: 'HOLD RECALL', 52: 'PAGE ALL', 53: 'PAGE EXT', 54: 'PAGE INT', 55: 'PARK GROUP', 57: 'PICK UP', 58: 'TRANSFER HOLD', 59: 'UCD GROUP',
  61: 'UCD OVERFLOW TO', 62: 'UCD QUE HOLD TO', 63: 'VM GROUP', 66: 'STATION RING', 67: 'NUMBER DIALED', 68: 'TIME & DATE', 69: 'SMDR', 70: 'TRANSFER COMPLETE',
  71: 'INCOMMING DID INFO', 72: 'INCOMMING CALLER INFO', 77: 'ACD INFO CHANGED', 80: 'INCOMMING DIGIT INFO', 82: 'AGENT OUT OF SERVICE', 84: 'AGENT IN SERVICE'
}

export function codeString (code: number): string {
  return STRINGS[code] ?? ''
}

/** `causeMsg` by `causeCode`. */
const CAUSES: Record<number, string> = {
  3: 'user_busy', 4: 'call_back', 6: 'forward_immediate', 7: 'forward_busy', 8: 'forward_no_answer', 9: 'forward', 10: 'no_answer', 11: 'pickup', 13: 'invalid_destination',
  14: 'dnd', 22: 'new_call', 23: 'no_available_agents', 27: 'recall', 28: 'redirected', 31: 'silent_monitoring', 32: 'screened_transfer', 35: 'blocked', 37: 'consultation',
  48: 'normal_clearing', 52: 'blind_transfer', 56: 'timeout', 57: 'conference', 58: 'reroute', 59: 'trunk_call', 60: 'unscreened_transfer', 61: 'bridge_answer',
  62: 'branch_answer', 65: 'group_call', 99: 'callwait', 103: 'reject'
}

export function cause (causeCode: number): { causeCode: number; causeMsg: string } {
  return { causeCode, causeMsg: CAUSES[causeCode] ?? '' }
}

export const CAUSE = {
  busy: 3, callBack: 4, noAnswer: 10, pickup: 11, newCall: 22, noAgents: 23, recall: 27, redirected: 28, monitoring: 31, screened: 32, consultation: 37, normal: 48, blind: 52,
  conference: 57, reroute: 58, trunk: 59, unscreened: 60, branchAnswer: 62, group: 65, callWait: 99
} as const

/** Why a leg is over, or why a call failed; what is not here is normal clearing. */
export const RELEASED: Partial<Record<CauseName, number>> = {
  busy: 3, noAnswer: 10, rejected: 103, notReachable: 35, invalidNumber: 13, doNotDisturb: 14, forwardAlways: 6, forwardBusy: 7, forwardNoAnswer: 8, forwardNotReachable: 9,
  blindTransfer: 52, transfer: 32, earlyTransfer: 60, deflected: 58, pickedUp: 11, answeredElsewhere: 62, conference: 57, bounced: 10, overflowTime: 56, overflowSize: 56,
  timer: 56, recall: 27, pushed: 52
}

/** Why somebody is rung for a call that went elsewhere before. */
export const RINGS: Partial<Record<CauseName, number>> = {
  forwardAlways: 6, forwardBusy: 7, forwardNoAnswer: 8, forwardNotReachable: 9, doNotDisturb: 14, blindTransfer: 52, pushed: 52, deflected: 28, overflowTime: 28, overflowSize: 28,
  transfer: 28, escaped: 28, night: 28
}

/** Disconnect cause of the network by cause: hexadecimal in code 44, decimal with a text in records (ipecs.md 4.4). */
const NETWORK: Partial<Record<CauseName, [code: number, text: string]>> = {
  invalidNumber: [1, 'Unallocated Number'], noAnswer: [19, 'No Answer'], notReachable: [27, 'Destination Out of Order'], rejected: [21, 'Call Rejected'],
  doNotDisturb: [23, 'User DND'], stranded: [63, 'Service Not Available'], shutdown: [41, 'Temporary Failure'], busy: [21, 'Call Rejected']
}
const NORMAL: [code: number, text: string] = [16, 'Normal Call Clearing']

export function networkCause (name: CauseName | undefined): { code: number; text: string; abnormal: boolean } {
  const found = name === undefined ? undefined : NETWORK[name]
  const [code, text] = found ?? NORMAL
  return { code, text, abnormal: found !== undefined }
}
