/**
 * What can be asked of a system, and with which parameters: the contract of `msg.payload` on its way in.
 * Whether a vendor can do it, and how, is in `src/<vendor>/actions.ts`.
 */
import type { CallState, Platform } from './names'

export type ParamKind = 'string' | 'boolean' | 'number' | 'to' | 'strings' | 'object' | 'any'

export interface ParamSpec {
  readonly kind: ParamKind
  /** Without it the action has no meaning: CTI_INVALID_REQUEST when missing, CTI_UNSUPPORTED when a vendor cannot honour it. */
  readonly required?: true
  /** A vendor that lacks it warns and goes on. */
  readonly refinement?: true
  readonly values?: readonly string[]
  readonly pattern?: RegExp
}

export type ActionGroup = 'originate' | 'transfer' | 'call' | 'agent' | 'forwarding' | 'lookup' | 'request'

export interface ActionSpec {
  readonly group: ActionGroup
  readonly params: Readonly<Record<string, ParamSpec>>
  /** Whose: a person, an agent, or the account as a whole. */
  readonly subject: 'user' | 'agent' | 'account'
  /** The action works on a leg. When `callId` is omitted, the only leg in one of these states is meant. */
  readonly legStates?: readonly CallState[]
  /** The leg may stay unnamed even if there is none or are several. */
  readonly legOptional?: true
  /** A leg that is named may have ended: what the action does is due after the end. */
  readonly afterEnd?: true
  /** false: a lost reply leaves the outcome unknown and it is never sent again. */
  readonly repeatable: boolean
  /** ms until CTI_TIMEOUT or CTI_UNKNOWN_OUTCOME. */
  readonly timeoutMs: number
}

const str: ParamSpec = { kind: 'string' }
const bool: ParamSpec = { kind: 'boolean' }
const needStr: ParamSpec = { kind: 'string', required: true }
const needBool: ParamSpec = { kind: 'boolean', required: true }
const needTo: ParamSpec = { kind: 'to', required: true }
const softStr: ParamSpec = { kind: 'string', refinement: true }
const softBool: ParamSpec = { kind: 'boolean', refinement: true }
const softStrings: ParamSpec = { kind: 'strings', refinement: true }
const limit: ParamSpec = { kind: 'number' }
const values = (...words: string[]): ParamSpec => ({ kind: 'string', values: words })
const softValues = (...words: string[]): ParamSpec => ({ kind: 'string', values: words, refinement: true })

const TALKING: readonly CallState[] = ['active', 'held']
const RINGING: readonly CallState[] = ['ringing']
const OPEN: readonly CallState[] = ['initiated', 'dialing', 'remoteRinging', 'ringing', 'active', 'held', 'queued', 'failed']

type Part = Partial<ActionSpec> & { params?: Record<string, ParamSpec> }
const DEFAULT_TIMEOUT_MS = 5000
const ORIGINATE_TIMEOUT_MS = 15000

const action = (group: ActionGroup, subject: ActionSpec['subject'], part: Part = {}): ActionSpec =>
  ({ group, subject, params: {}, repeatable: true, timeoutMs: DEFAULT_TIMEOUT_MS, ...part })
const onLeg = (legStates: readonly CallState[], part: Part = {}): ActionSpec => action('call', 'user', { legStates, ...part })
const once = { repeatable: false } as const
const target = { target: str }
const agentAction = (params: Record<string, ParamSpec>, part: Part = {}): ActionSpec => action('agent', 'agent', { params, ...part })
const page = { query: str, limit, cursor: str }

export const ACTIONS = {
  originate: action('originate', 'user', {
    ...once,
    timeoutMs: ORIGINATE_TIMEOUT_MS,
    params: {
      to: needTo, callerId: softStr, onBehalfOf: str, autoAnswer: softBool, campaign: softStr, skill: softStr, skipDnc: softBool, location: softStr, data: softStr
    }
  }),
  answer: onLeg(['ringing', 'initiated']),
  reject: onLeg(RINGING, { params: { reason: softValues('busy', 'unavailable', 'ignore') } }),
  hangup: onLeg(OPEN, { params: { conference: softValues('leave', 'all') } }),
  hold: onLeg(['active'], { params: { queue: softStr } }),
  resume: onLeg(['held'], { params: { queue: softStr } }),
  mute: onLeg(TALKING, { params: { member: softStr } }),
  unmute: onLeg(TALKING, { params: { member: softStr } }),
  transfer: onLeg(['active', 'held', 'ringing', 'queued'], { ...once, group: 'transfer', params: { to: needTo, toFront: softBool } }),
  consult: onLeg(TALKING, {
    ...once, group: 'transfer', timeoutMs: ORIGINATE_TIMEOUT_MS, params: { to: needTo, purpose: softValues('transfer', 'conference') }
  }),
  completeTransfer: onLeg(['held', 'active'], { group: 'transfer', params: { consultCallId: str } }),
  cancelTransfer: onLeg(['held'], { group: 'transfer', params: { consultCallId: str } }),
  conference: onLeg(TALKING, { ...once, group: 'transfer', legOptional: true, params: { callIds: { kind: 'strings' }, to: { kind: 'to' } } }),
  park: onLeg(TALKING, { params: { slot: str, group: softBool } }),
  retrieve: onLeg(['parked'], { ...once, legOptional: true, timeoutMs: ORIGINATE_TIMEOUT_MS, params: { slot: str } }),
  pickup: onLeg(RINGING, { ...once, legOptional: true, timeoutMs: ORIGINATE_TIMEOUT_MS, params: target }),
  redirect: onLeg(['ringing', 'queued'], { ...once, params: { to: needTo } }),
  push: onLeg(TALKING),
  sendDtmf: onLeg(['active'], { ...once, params: { digits: { kind: 'string', required: true, pattern: /^[0-9*#A-D,]+$/ } } }),
  listen: onLeg(TALKING, { ...once, legOptional: true, timeoutMs: ORIGINATE_TIMEOUT_MS, params: target }),
  whisper: onLeg(TALKING, { ...once, legOptional: true, timeoutMs: ORIGINATE_TIMEOUT_MS, params: target }),
  bargeIn: onLeg(TALKING, { ...once, legOptional: true, timeoutMs: ORIGINATE_TIMEOUT_MS, params: target }),
  stopListen: onLeg(TALKING, { legOptional: true, params: target }),
  startRecording: onLeg(TALKING, { ...once, params: target }),
  stopRecording: onLeg(TALKING, { params: target }),
  pauseRecording: onLeg(TALKING, { params: target }),
  resumeRecording: onLeg(TALKING, { params: target }),
  setDisposition: onLeg(TALKING, { legOptional: true, afterEnd: true, params: { code: needStr, hangup: softBool } }),
  setCallData: onLeg(OPEN, { params: { data: { kind: 'object', required: true } } }),

  agentLogin: agentAction({ device: softStr, agentId: str, queues: { kind: 'strings' }, primary: softBool, priority: { kind: 'number', refinement: true } }, once),
  agentLogout: agentAction({ reason: softStr, queues: softStrings, force: softBool }),
  agentReady: agentAction({ queue: softStr, channels: softStrings }),
  agentNotReady: agentAction({ reason: softStr, queue: softStr, channels: softStrings, when: softValues('now', 'afterCall') }),
  agentWrapUp: agentAction({}),
  queueJoin: agentAction({ queues: { kind: 'strings', required: true }, priority: { kind: 'number', refinement: true } }),
  queueLeave: agentAction({ queues: { kind: 'strings', required: true } }),
  setPresence: action('agent', 'user', { params: { presence: needStr, until: softStr } }),

  getForwarding: action('forwarding', 'user'),
  setForwarding: action('forwarding', 'user', {
    params: {
      rules: { kind: 'object' }, condition: values('always', 'busy', 'noAnswer', 'notReachable'), enabled: bool, to: str, toVoicemail: bool,
      rings: { kind: 'number', refinement: true }, ringSeconds: { kind: 'number', refinement: true }
    }
  }),
  getDnd: action('forwarding', 'user'),
  setDnd: action('forwarding', 'user', { params: { enabled: needBool, ringSplash: softBool } }),
  setCallFilter: action('forwarding', 'user', { params: { enabled: needBool, number: str, mode: softStr } }),
  setRemoteOffice: action('forwarding', 'user', { params: { enabled: needBool, number: str, mode: softStr } }),
  setCallRecording: action('forwarding', 'user', { params: { enabled: needBool, number: str, mode: softStr } }),

  listCalls: action('lookup', 'user', { params: { queue: str, states: { kind: 'strings' } } }),
  listUsers: action('lookup', 'account', { params: page }),
  listPhones: action('lookup', 'account', { params: page }),
  listAgents: action('lookup', 'account', { params: page }),
  listQueues: action('lookup', 'account', { params: page }),
  userStates: action('lookup', 'account', { params: { ids: { kind: 'strings' } } }),
  agentStates: action('lookup', 'account', { params: { ids: { kind: 'strings' } } }),
  queueStats: action('lookup', 'account', { params: { ids: { kind: 'strings' }, window: { kind: 'object', refinement: true } } }),
  reasonCodes: action('lookup', 'account', { params: { kind: values('notReady', 'logout'), queue: str, campaign: str } }),
  dispositions: action('lookup', 'account', { params: { queue: str, campaign: str } }),
  searchDirectory: action('lookup', 'user', {
    params: { query: needStr, fields: { kind: 'strings' }, directory: values('company', 'group', 'personal'), limit, cursor: str }
  }),
  callHistory: action('lookup', 'user', {
    params: { type: values('placed', 'received', 'missed', 'all'), since: str, until: str, limit, cursor: str }
  }),
  profile: action('lookup', 'user'),
  voicemail: action('lookup', 'user', {
    params: { op: values('summary', 'list', 'markRead', 'markUnread', 'delete', 'get'), messageId: str }
  }),

  request: action('request', 'account', {
    ...once,
    timeoutMs: 10000,
    params: {
      method: str, path: str, query: { kind: 'object' }, headers: { kind: 'object' }, body: { kind: 'any' }, idempotent: bool, message: { kind: 'object' }, reply: str
    }
  })
} as const satisfies Record<string, ActionSpec>

export type ActionName = keyof typeof ACTIONS

/** A vendor's extra, such as `xivo.chitchat`: same table, other name space. */
export type ExtraActionName = `${Platform}.${string}`

/** Fields that every request may have beside the parameters of its action. */
export const COMMON_FIELDS: ReadonlySet<string> = new Set([
  'action', 'user', 'device', 'agent', 'callId', 'confirm', 'timeoutMs', 'clientRef', 'vendor'
])

export function isActionName (name: unknown): name is ActionName {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name)
}
