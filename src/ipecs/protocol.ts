/** Words and numbers of the Web API (ipecs.md 2 to 5). */
import type { Reason } from '../model'

/** Address forms of the web socket, in the order in which they are tried (ipecs.md 2.5). */
export const SOCKET_VARIANTS = ['c', 'd', 'a', 'b'] as const
export type SocketVariant = typeof SOCKET_VARIANTS[number]

export const MOST_DEVICES = 100
export const TERMINALS_PAGE = 100
export const RECORDS_PAGE = 50
/** s; what a switch says when it says nothing. */
export const SESSION_SECONDS = 120

/** Records of the ACD stream that are used by number (ipecs.md 4.3). */
export const ACD = {
  coBusy: 1, coIdle: 2, coRing: 3, login: 11, logout: 12, unavailable: 13, available: 14, wrapStart: 15, wrapEnd: 16, stationBusy: 17, stationIdle: 18, dndOn: 19, dndOff: 20,
  forwardOn: 21, forwardOff: 22, supervisorIn: 23, supervisorOut: 24, secondaryIn: 25, secondaryOut: 26, seize: 41, connect: 42, abandon: 43, disconnect: 44, conference: 45, forward: 48,
  hold: 49, recall: 50, park: 55, pickup: 57, transferHold: 58, group: 59, overflow: 61, queued: 62, ring: 66, dialled: 67, time: 68, record: 69, transferred: 70, did: 71, caller: 72,
  hotDeskIn: 81, hotDeskOut: 83, outOfService: 82, inService: 84
} as const

/** `causeCode` of CTI events: what it means for the end of a leg (ipecs.md 4.4). */
export const CAUSES: Readonly<Record<string, Reason>> = {
  3: 'busy', 6: 'forwarded', 7: 'forwarded', 8: 'forwarded', 9: 'forwarded', 10: 'noAnswer', 11: 'pickedUp', 13: 'invalidNumber', 14: 'dnd', 22: 'normal', 23: 'abandoned', 27: 'recalled',
  28: 'forwarded', 32: 'transferred', 33: 'congestion', 35: 'forbidden', 37: 'normal', 48: 'normal', 52: 'transferred', 56: 'timeout', 57: 'conferenced', 58: 'deflected', 59: 'normal',
  60: 'transferred', 61: 'answeredElsewhere', 62: 'answeredElsewhere', 63: 'answeredElsewhere', 65: 'normal', 101: 'answeredElsewhere', 102: 'answeredElsewhere', 103: 'rejected'
}
/** The cause number by its word, where an event names only that. */
export const CAUSE_WORDS: Readonly<Record<string, string>> = {
  user_busy: '3', call_back: '4', forward_immediate: '6', forward_busy: '7', forward_no_answer: '8', forward: '9', no_answer: '10', pickup: '11', invalid_destination: '13', dnd: '14', new_call: '22',
  no_available_agents: '23', recall: '27', redirected: '28', silent_monitoring: '31', screened_transfer: '32', trunk_busy: '33', blocked: '35', consultation: '37', normal_clearing: '48',
  blind_transfer: '52', timeout: '56', conference: '57', reroute: '58', trunk_call: '59', unscreened_transfer: '60', bridge_answer: '61', branch_answer: '62', branch_release: '63', group_call: '65',
  callwait: '99', mobile_answer: '101', madn_answer: '102', reject: '103'
}
/** Causes of `connected` that name the one who took a call over. */
export const CAUSE = { pickup: '11', recall: '27', redirected: '28', consultation: '37', group: '65' } as const

/** ISDN causes (44 data2, SMDR): what they mean; the rest is `error` (ipecs.md 4.4; 23 for "do not disturb", as the document lists 22 twice). */
export const Q850: Readonly<Record<string, Reason>> = {
  1: 'invalidNumber', 3: 'notReachable', 16: 'normal', 18: 'noAnswer', 19: 'noAnswer', 20: 'notReachable', 21: 'rejected', 22: 'invalidNumber', 23: 'dnd', 17: 'busy', 27: 'notReachable', 28: 'invalidNumber',
  30: 'normal', 31: 'normal', 34: 'congestion', 38: 'notReachable', 41: 'error', 42: 'congestion', 44: 'congestion', 47: 'congestion', 50: 'forbidden', 57: 'forbidden', 70: 'forbidden', 86: 'normal', 102: 'timeout', 112: 'invalidNumber'
}

/** Reason digits of 13 and 17 (ipecs.md 4.3). */
export const REASON_DIGITS: Readonly<Record<string, string>> = { 10: '0', 11: '*', 12: '#' }
/** What may be sent as a reason (ipecs.md 3.2). */
export const REASON_CODES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'] as const

/** Types of CTI events about an agent (ipecs.md 4.5). */
export const AGENT_TYPES: ReadonlySet<string> = new Set(['agent_logon', 'agent_logoff', 'agent_ready', 'agent_notready', 'agent_work', 'agent_busy'])

/** Letters of an SMDR record's direction as call types 1 to 15 of code 90: an inference from their order (ipecs.md 3.4). */
export const SMDR_DIRECTIONS: Readonly<Record<string, string>> = {
  t: 'incoming transfer', I: 'incoming', O: 'outgoing', T: 'outgoing transfer', H: 'hold lost', R: 'ringing lost', G: 'group lost', E: 'internal', S: 'internal text message', P: 'internal paging',
  o: 'outgoing unanswered', X: 'bar charge', V: 'voice mail', N: 'network outgoing', n: 'network incoming'
}
