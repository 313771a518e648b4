/** Bodies of requests, read leniently: paths are certain, bodies are not (five9.md 3.7). */
import { badRequest } from './errors'

/** Names under which a value is accepted, best first; the vendor wraps single values as `{"value": X}` in two attested places. */
const ALIASES = {
  agentId: ['agentId', 'userId', 'value'],
  skillId: ['skillId', 'value'],
  speedDialId: ['speedDialId', 'value'],
  number: ['number', 'externalNumber', 'value'],
  campaignId: ['campaignId', 'value'],
  callId: ['callId', 'value'],
  participantId: ['participantId', 'value'],
  monitorType: ['monitorType', 'mode', 'type', 'value'],
  recording: ['recording', 'value'],
  voicemail: ['voicemail', 'value'],
  warm: ['warm', 'warmTransfer', 'isWarm']
} satisfies Record<string, string[]>

type FieldName = keyof typeof ALIASES

/** The body as an object; {} when there is none or it is something else. */
export function fields (body: unknown): Record<string, unknown> {
  return body !== null && typeof body === 'object' && !Array.isArray(body) ? body as Record<string, unknown> : {}
}

/** A text or number under any of its names; undefined when none is there. */
export function optional (body: unknown, name: FieldName): string | undefined {
  const given = fields(body)
  const value = ALIASES[name].map((alias) => given[alias]).find((each) => typeof each === 'string' || typeof each === 'number')
  return value === undefined || value === '' ? undefined : String(value)
}

/** @throws Five9Error 400 when it is not there */
export function needed (body: unknown, name: FieldName): string {
  const value = optional(body, name)
  if (value === undefined) throw badRequest(`${name} is missing`)
  return value
}

/** A flag under any of its names. */
export function flag (body: unknown, name: FieldName): boolean | undefined {
  const given = fields(body)
  return ALIASES[name].map((alias) => given[alias]).find((each) => typeof each === 'boolean')
}

/** @throws Five9Error 400 unless the body is an array of ids */
export function idList (body: unknown): string[] {
  if (!Array.isArray(body) || !body.every((id) => typeof id === 'string' || typeof id === 'number')) throw badRequest('The body must be an array of ids')
  return body.map(String)
}
