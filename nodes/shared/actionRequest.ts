/** From a node's fields and a message's payload to an ActionRequest. Pure: no Node-RED here. */
import { ACTIONS, COMMON_FIELDS, CtiError, isActionName, type ActionRequest, type ActionSpec, type ParamKind, type ParamSpec, type Platform, type To } from '../../src/model'
import { isPlainObject, toList } from './coerce'
import { type Payload, hasIdSources, idFromPayload, idOf, reservedFields } from './payload'

/** A field of an action node. Its value goes to `param`, or to a parameter of its own name; undefined: this action has no use for it. */
export interface FieldSpec {
  readonly name: string
  readonly param?: (action: string, platform: Platform) => string | undefined
  /** What an event or a result of ours gives for the field, where the common rule (the parameter of the field's own name) is not what people mean. */
  readonly fromFrame?: (payload: Payload, action: string) => unknown
}

export interface RequestParts {
  readonly action: string
  readonly platform: Platform
  readonly fields: readonly FieldSpec[]
  /** Values set in the node, by field; absent or undefined: none. They beat the message. */
  readonly values: Readonly<Record<string, unknown>>
  /** What kind of target a plain `to` is. */
  readonly toKind: string
  /** The node's extras: known parameters of the action, all else goes to `vendor`. */
  readonly options: Readonly<Record<string, unknown>>
  readonly payload: Payload
  readonly timeoutMs?: number
}

const TO_KINDS = ['user', 'queue', 'voicemail', 'agent', 'campaign', 'speedDial'] as const
const NUMBER_KEYS = ['number', 'extension', 'e164', 'id']
/** Never taken over from a message: chosen by the node, or a trap. */
const NOT_COPIED = new Set(['action', 'accountId', '__proto__'])

/** A target: text, or an object of a user, party, queue; `kind` says what plain text and ids mean. */
export function toTarget (value: unknown, kind: string): To | undefined {
  const named = isPlainObject(value) ? TO_KINDS.find((key) => typeof value[key] === 'string') : undefined
  if (named !== undefined) return { [named]: (value as Record<string, string>)[named] }
  if (kind === 'number' || kind === '') return idOf(value, NUMBER_KEYS)
  const id = idOf(value)
  return id === undefined ? undefined : { [kind]: id }
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false }

/** Text from an environment variable or a form, as the kind that the parameter wants; what does not fit stays as it is and is refused later. */
const COERCE: Readonly<Record<ParamKind, (value: unknown, toKind: string) => unknown>> = {
  string: (value) => idOf(value) ?? value,
  boolean: (value) => typeof value === 'string' ? BOOLEANS[value.trim().toLowerCase()] ?? value : value,
  number: (value) => typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value,
  strings: (value) => Array.isArray(value) ? value.map((item: unknown) => idOf(item) ?? item) : typeof value === 'string' ? toList(value) : idOf(value) ?? value,
  to: (value, toKind) => toTarget(value, toKind) ?? value,
  object: (value) => value,
  any: (value) => value
}
const COMMON_KINDS: ReadonlyMap<string, ParamKind> = new Map([['timeoutMs', 'number'], ['vendor', 'object']])

/** The parameter of an action; names that every object has (`constructor`) are none. */
function paramOf (spec: ActionSpec | undefined, name: string): ParamSpec | undefined {
  return spec !== undefined && Object.hasOwn(spec.params, name) ? spec.params[name] : undefined
}

function kindOf (spec: ActionSpec | undefined, name: string): ParamKind {
  return paramOf(spec, name)?.kind ?? COMMON_KINDS.get(name) ?? (COMMON_FIELDS.has(name) || hasIdSources(name) ? 'string' : 'any')
}

/** Ids that an action can use: its leg, its subject, and those among its parameters. */
function usesId (name: string, spec: ActionSpec | undefined, isFrame: boolean): boolean {
  if (spec === undefined) return false
  if (name === 'callId') return spec.legStates !== undefined
  if (name === 'user') return spec.subject !== 'account'
  if (name === 'agent' && spec.subject === 'agent') return true
  const param = paramOf(spec, name)
  return param !== undefined && !(isFrame && param.refinement)
}

/** What the message gives: parameters of its own making, ids also from our own events and results. */
function fromPayload (payload: Payload, spec: ActionSpec | undefined): Record<string, unknown> {
  const reserved = reservedFields(payload)
  const isFrame = reserved.size > 0
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(payload)) {
    const known = spec === undefined || paramOf(spec, name) !== undefined || COMMON_FIELDS.has(name)
    if (NOT_COPIED.has(name) || reserved.has(name) || value === undefined || value === null || (isFrame && !known)) continue
    given[name] = value
  }
  for (const name of ['callId', 'consultCallId', 'user', 'agent', 'queue']) {
    const id = usesId(name, spec, isFrame) ? idFromPayload(name, payload) : undefined
    if (id !== undefined) given[name] = id
    else if (typeof given[name] === 'object') delete given[name]
  }
  // A leg given as an object: its id was read above, the rest of it is no parameter.
  if (isPlainObject(given.call)) delete given.call
  return given
}

function settle (request: Record<string, unknown>, spec: ActionSpec | undefined, toKind: string): void {
  for (const [name, value] of Object.entries(request)) {
    if (value === undefined || value === null || value === '') {
      delete request[name]
      continue
    }
    request[name] = COERCE[kindOf(spec, name)](value, toKind)
  }
}

/**
 * Builds the request. Order of precedence: the node's fields, the node's options, the message.
 * @returns a request that still has to pass the session's own checks
 */
export function buildRequest (parts: RequestParts): ActionRequest {
  const { action, payload } = parts
  const spec: ActionSpec | undefined = isActionName(action) ? ACTIONS[action] : undefined
  const request = fromPayload(payload, spec)
  const takes = (param: string): boolean => COMMON_FIELDS.has(param) || spec === undefined || paramOf(spec, param) !== undefined

  const vendor: Record<string, unknown> = isPlainObject(request.vendor) ? { ...request.vendor } : {}
  for (const [name, value] of Object.entries(parts.options)) {
    if (NOT_COPIED.has(name)) continue
    if (spec !== undefined && (paramOf(spec, name) !== undefined || COMMON_FIELDS.has(name)) && name !== 'vendor') request[name] = value
    else vendor[name] = value
  }
  if (Object.keys(vendor).length > 0) request.vendor = vendor

  const reserved = reservedFields(payload)
  for (const field of parts.fields) {
    const param = field.param ? field.param(action, parts.platform) : field.name
    if (field.fromFrame && reserved.size > 0) request[field.name] = field.fromFrame(payload, action)
    if (param === undefined || !takes(param)) {
      if (param !== field.name) delete request[field.name]
      continue
    }
    const value = parts.values[field.name]
    if (value !== undefined && value !== null && value !== '') request[param] = value
    else request[param] ??= request[field.name] ?? (reserved.has(field.name) ? undefined : payload[field.name])
    if (param !== field.name) delete request[field.name]
  }
  if (parts.timeoutMs !== undefined) request.timeoutMs = parts.timeoutMs
  settle(request, spec, parts.toKind)
  return { ...request, action: action as ActionRequest['action'] }
}

/**
 * The payload as an object.
 * @param textField the parameter that plain text stands for; without one, text is refused
 * @throws CtiError CTI_INVALID_REQUEST saying what to send instead
 */
export function payloadObject (payload: unknown, textField?: string): Payload {
  if (isPlainObject(payload)) return payload
  if (typeof payload === 'string' && payload.trim() !== '') {
    if (textField !== undefined) return { [textField]: payload }
    throw new CtiError('CTI_INVALID_REQUEST', 'msg.payload is text; send an object with the fields of the action, such as { "callId": "..." }, or leave it empty.', { retryable: false })
  }
  // A number or a boolean is a mere trigger: an inject node sends a time stamp, and nobody wants that dialled.
  if (payload === undefined || payload === null || typeof payload !== 'object') return {}
  throw new CtiError('CTI_INVALID_REQUEST', `msg.payload is ${Array.isArray(payload) ? 'an array' : 'not a plain object'}; send an object with the fields of the action.`, { retryable: false })
}

const EXTRA = /^[a-z0-9]+\.\w+$/

/** True for the name of a vendor's own action, such as `xivo.chitchat`. */
export function isExtra (action: unknown): boolean {
  return typeof action === 'string' && EXTRA.test(action)
}

/**
 * The action of one message: the node's, or `payload.action` when the node leaves it open.
 * @param allowed what this kind of node does; extras of a vendor (`xivo.chitchat`) pass as well
 * @throws CtiError CTI_INVALID_REQUEST listing what is possible
 */
export function chooseAction (chosen: string, payload: Payload, allowed: readonly string[]): string {
  const asked = chosen !== '' ? chosen : reservedFields(payload).has('action') ? undefined : payload.action
  const action = asked ?? (allowed.length === 1 ? allowed[0] : undefined)
  if (typeof action === 'string' && (allowed.includes(action) || isExtra(action))) return action
  const what = typeof action === 'string' ? `"${action.slice(0, 40)}" is not an action of this node` : 'No action is chosen: set one in the node or in msg.payload.action'
  throw new CtiError('CTI_INVALID_REQUEST', `${what}. Possible: ${allowed.join(', ')}.`, { field: 'action', retryable: false })
}
