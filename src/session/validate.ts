import {
  COMMON_FIELDS, CONDITIONS, CtiError, isActionName, PLATFORM_LABELS, type ActionRequest, type ActionSpec, type ParamKind, type ParamSpec, type Platform
} from '../model'
import { availabilityOf, specOf } from './capability'
import { entryOf, supportedBy } from './registry'
import type { ActionEntry, ActionTable } from './types'

const MAX_TEXT = 10_000
const MAX_TIMEOUT_MS = 600_000
const TO_KINDS: ReadonlySet<string> = new Set(['number', 'user', 'queue', 'voicemail', 'agent', 'campaign', 'speedDial'])
const CONFIRM: ReadonlySet<unknown> = new Set(['accepted', 'completed'])
/** Common fields that name one thing; an object with an `id` is taken for its id. */
const NAMING = ['user', 'device', 'agent', 'callId', 'clientRef'] as const

export interface ValidRequest { readonly request: ActionRequest; readonly spec: ActionSpec; readonly entry: ActionEntry; readonly warnings: string[] }

type Check = (value: unknown, spec: ParamSpec) => { value: unknown } | { wrong: string }

/** What each kind of parameter accepts, and what it is made into. */
const KINDS: Readonly<Record<ParamKind, Check>> = {
  string: (value, spec) => {
    const text = asText(value)
    if (text === undefined) return { wrong: 'must be a text' }
    if (text.length > MAX_TEXT) return { wrong: `is longer than ${MAX_TEXT} characters` }
    if (spec.values !== undefined && !spec.values.includes(text)) return { wrong: `must be one of ${spec.values.join(', ')}` }
    if (spec.pattern !== undefined && !spec.pattern.test(text)) return { wrong: 'has characters that are not allowed' }
    return { value: text }
  },
  boolean: (value) => typeof value === 'boolean' ? { value } : { wrong: 'must be true or false' },
  number: (value) => typeof value === 'number' && Number.isFinite(value) ? { value } : { wrong: 'must be a number' },
  to: (value) => {
    const text = asText(value)
    if (text !== undefined) return text.trim() === '' ? { wrong: 'is empty' } : { value: text.trim() }
    if (!isObject(value)) return { wrong: `must be a number as text, or an object with one of ${[...TO_KINDS].join(', ')}` }
    const given = Object.entries(value).filter(([, part]) => part !== undefined)
    const [kind, part] = given[0] ?? []
    const target = asText(part)?.trim()
    if (given.length !== 1 || kind === undefined || !TO_KINDS.has(kind)) return { wrong: `must have exactly one of ${[...TO_KINDS].join(', ')}` }
    return target ? { value: { [kind]: target } } : { wrong: `has an empty or unusable "${kind}"` }
  },
  strings: (value) => {
    const list = (Array.isArray(value) ? value : [value]).map(asText)
    return list.every((item) => item !== undefined && item !== '') ? { value: list } : { wrong: 'must be a text or a list of texts' }
  },
  object: (value) => isObject(value) ? { value } : { wrong: 'must be an object' },
  any: (value) => ({ value })
}

/** What no single parameter can tell: a clause that says what is wrong, or nothing. */
const TOGETHER: Readonly<Partial<Record<string, (request: ActionRequest) => string | undefined>>> = {
  setForwarding: ({ rules, condition, enabled }) => {
    if (rules === undefined && (condition === undefined || enabled === undefined)) return 'needs either "rules", or "condition" and "enabled"'
    const unknown = Object.keys((rules as object | undefined) ?? {}).find((name) => !(CONDITIONS as readonly string[]).includes(name))
    return unknown === undefined ? undefined : `has a rule for "${unknown}"; there are ${CONDITIONS.join(', ')}`
  },
  setCallData: ({ data }) => Object.values(data as object).every((value) => typeof value === 'string') ? undefined : 'takes texts only in "data"'
}

/**
 * Checks a request against the model's table and the vendor's. Returns a copy with each field in its proper form and the warnings.
 * @throws CtiError CTI_INVALID_REQUEST, CTI_UNSUPPORTED
 */
export function validate (platform: Platform, table: ActionTable, raw: ActionRequest): ValidRequest {
  const { spec, entry, action } = find(platform, table, raw)
  const warnings: string[] = []
  const request: ActionRequest = { action }
  const params: Readonly<Record<string, ParamSpec>> = { ...spec.params, ...entry.params }
  common(request, raw, action)
  for (const [name, param] of Object.entries(params)) {
    const value = raw[name]
    if (value === undefined || value === null || (value === '' && param.required !== true)) {
      if (param.required) throw invalid(action, `needs "${name}"`)
      continue
    }
    if (entry.lacks?.includes(name)) throw lacking(platform, action, name)
    if (param.refinement && entry.params?.[name] === undefined && entry.supports?.includes(name) !== true) {
      warnings.push(`${PLATFORM_LABELS[platform]} has no "${name}" for "${action}"; it was left out.`)
      continue
    }
    const checked = KINDS[param.kind](value, param)
    if ('wrong' in checked) throw invalid(action, `"${name}" ${checked.wrong}`)
    request[name] = checked.value
  }
  for (const name of Object.keys(raw)) {
    if (!COMMON_FIELDS.has(name) && !Object.hasOwn(params, name) && raw[name] !== undefined) warnings.push(`"${action}" has no field "${name}"; it was left out.`)
  }
  const wrong = TOGETHER[action]?.(request)
  if (wrong !== undefined) throw invalid(action, wrong)
  return { request, spec, entry, warnings }
}

/** The model's rules for the leg, with what this vendor takes besides. */
function widened (spec: ActionSpec, { alsoStates, legOptional }: ActionEntry): ActionSpec {
  if (alsoStates === undefined && legOptional === undefined) return spec
  return { ...spec, ...(alsoStates === undefined ? {} : { legStates: [...spec.legStates ?? [], ...alsoStates] }), ...(legOptional === undefined ? {} : { legOptional }) }
}

function find (platform: Platform, table: ActionTable, raw: ActionRequest): { action: ActionRequest['action']; spec: ActionSpec; entry: ActionEntry } {
  if (!isObject(raw) || typeof raw.action !== 'string' || raw.action.length === 0) throw new CtiError('CTI_INVALID_REQUEST', 'The request names no action. Set "action".')
  const { action } = raw
  const entry = entryOf(table, action)
  const spec = specOf(table, action)
  if (entry !== undefined && spec !== undefined) {
    const available = availabilityOf(entry)
    if (available === true) return { action, spec: widened(spec, entry), entry }
    throw CtiError.unsupported(action, platform, available, supportedBy(action).filter((other) => other !== platform))
  }
  const others = supportedBy(action)
  if (!isActionName(action) && others.length === 0) throw new CtiError('CTI_INVALID_REQUEST', `There is no action "${action.slice(0, 60)}".`)
  throw CtiError.unsupported(action, platform, `${PLATFORM_LABELS[platform]} has no such function`, others)
}

function common (request: ActionRequest, raw: ActionRequest, action: string): void {
  for (const name of NAMING) {
    const value = raw[name] as unknown
    if (value === undefined || value === null || value === '') continue
    const text = asText(isObject(value) ? value.id : value)
    if (text === undefined || text === '' || text.length > MAX_TEXT) throw invalid(action, `"${name}" must be a text, or an object with an "id"`)
    request[name] = text
  }
  if (raw.confirm !== undefined) {
    if (!CONFIRM.has(raw.confirm)) throw invalid(action, '"confirm" must be accepted or completed')
    request.confirm = raw.confirm
  }
  if (raw.timeoutMs !== undefined) {
    if (typeof raw.timeoutMs !== 'number' || !(raw.timeoutMs > 0) || raw.timeoutMs > MAX_TIMEOUT_MS) throw invalid(action, `"timeoutMs" must be a number of milliseconds up to ${MAX_TIMEOUT_MS}`)
    request.timeoutMs = raw.timeoutMs
  }
  if (raw.vendor !== undefined) {
    if (!isObject(raw.vendor)) throw invalid(action, '"vendor" must be an object')
    request.vendor = raw.vendor
  }
}

function invalid (action: string, clause: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', `"${action}": ${clause}.`, { retryable: false })
}

function lacking (platform: Platform, action: string, field: string): CtiError {
  const error = CtiError.unsupported(action, platform, `${PLATFORM_LABELS[platform]} has no "${field}" for it`, supportedBy(action, field).filter((other) => other !== platform))
  error.cause.field = field
  return error
}

/** Numbers are common in flows where a text is meant: 1001 is taken for "1001". */
function asText (value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
