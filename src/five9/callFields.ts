/** A call object of the agent's half as fields of a leg (five9.md 3.2, 7.1). Most of it is not public: read what is there, keep the rest in `vendorEvent`. */
import type { Call, CallState, Conference, Party } from '../model'
import type { CallDraft } from '../session/types'
import { sameNumber, type Memory } from './memory'
import { OVER } from './protocol'
import { defined, fields, flag, iso, isFields, lookup, millis, objects, text, textOf, type Fields } from './read'

export interface CallFacts {
  readonly id: string
  /** The vendor's word; absent in an update that does not tell it. */
  readonly state?: string
  readonly type: string
  readonly remote?: string
  readonly named: Readonly<Record<string, string | undefined>>
  readonly raw: Fields
  readonly data?: Record<string, string>
}

/** @returns undefined for anything without an id */
export function readCall (payload: unknown, memory: Memory): CallFacts | undefined {
  const raw = fields(payload)
  const id = textOf(raw, 'id', 'interactionId')
  if (id === undefined) return undefined
  const named: Record<string, string | undefined> = Object.create(null) as Record<string, string | undefined>
  const data: Record<string, string> = {}
  for (const [key, value] of Object.entries(fields(raw.variables))) {
    const word = text(value) ?? (typeof value === 'boolean' ? String(value) : value === '' ? '' : undefined)
    if (word === undefined || key === '__proto__') continue
    const name = memory.reference.variableName(key)
    data[name ?? key] = word
    if (name !== undefined && word !== '') named[name.toLowerCase()] = word
  }
  return defined({
    id, state: textOf(raw, 'state')?.toUpperCase(), type: (textOf(raw, 'callType', 'type') ?? named['call.type_name'] ?? '').toUpperCase(), remote: textOf(raw, 'remoteNumber', 'number'), named, raw,
    data: isFields(raw.variables) ? data : undefined
  }) as CallFacts
}

export function isInternal ({ type }: CallFacts): boolean {
  return /AGENT|INTERNAL/.test(type)
}

/** Who called, by the variables of the call: its ANI or its DNIS is our own number. */
function directionByNumbers (memory: Memory, { named }: CallFacts): Call['direction'] | undefined {
  const own = memory.ownerOf(memory.uid).number
  const isOwn = (number: string | undefined): boolean => number !== undefined && own !== undefined && sameNumber(number, own)
  const [isCaller, isCalled] = [isOwn(named['call.ani']), isOwn(named['call.dnis'])]
  return isCaller === isCalled ? undefined : isCaller ? 'outbound' : 'inbound'
}

/** @param consulting we have just dialled, or talk to somebody else beside it */
export function directionOf (memory: Memory, facts: CallFacts, consulting: boolean): Call['direction'] {
  if (facts.type.includes('INBOUND') || facts.type.includes('CALLBACK')) return 'inbound'
  // Both ends of an internal call have the same type.
  if (isInternal(facts)) return consulting || facts.state === 'RINGING_ON_OTHER_SIDE' ? 'outbound' : directionByNumbers(memory, facts) ?? 'inbound'
  // The type is not attested everywhere: what we have not dialled ourselves was mostly offered to us.
  return facts.type === '' && !consulting && facts.state !== 'RINGING_ON_OTHER_SIDE' ? 'inbound' : 'outbound'
}

const STATES: Readonly<Record<string, readonly [inbound: CallState, outbound: CallState]>> = {
  OFFERED: ['ringing', 'initiated'],
  RINGING: ['ringing', 'remoteRinging'],
  RINGING_ON_OTHER_SIDE: ['ringing', 'remoteRinging'],
  TALKING: ['active', 'active'],
  ON_HOLD: ['held', 'held'],
  PARKED: ['parked', 'parked'],
  WRAP_UP: ['ended', 'ended'],
  FINISHED: ['ended', 'ended']
}

/** The neutral state; undefined for a word that is not known, which passes through as `vendorState`. */
export function stateOf (memory: Memory, state: string | undefined, direction: Call['direction']): CallState | undefined {
  return lookup(memory.settings.advanced.callStates ?? {}, state) ?? lookup(STATES, state)?.[direction === 'inbound' ? 0 : 1]
}

/** Recording as the call object tells it; the field is our convention: a flag, or a word of the state (five9.md 7.1, S). */
function recordingOf (raw: Fields): Call['recording'] {
  const told = raw.recording ?? raw.recordingState
  if (told === undefined || told === null) return undefined
  const on = flag(told)
  if (on !== undefined) return { state: on ? 'on' : 'off' }
  const word = text(isFields(told) ? told.state : told)?.toUpperCase() ?? ''
  return /PAUSE/.test(word) ? { state: 'paused' } : /START|RECORD|\bON\b|RESUM/.test(word) && !/NOT|STOP/.test(word) ? { state: 'on' } : word === '' ? undefined : { state: 'off' }
}

function partyOf (member: Fields): Party | undefined {
  const number = textOf(member, 'number', 'remoteNumber', 'phone')
  const name = textOf(member, 'name', 'fullName')
  const userId = textOf(member, 'agentId', 'userId')
  return number === undefined && name === undefined && userId === undefined ? undefined : defined({ number, name, userId })
}

/** `participants` of a call, when they are more than the two of any call (S). */
export function conferenceOf (memory: Memory, facts: CallFacts, known: Call | undefined): Conference | undefined {
  const told = objects(facts.raw.participants)
  if (told.length > 2) {
    return { id: `conf:${memory.legOf(facts.id)}`, role: 'controller', kind: 'normal', state: 'active', members: told.map((member) => defined({ party: partyOf(member), muted: flag(member.muted) })) }
  }
  if (known?.conference === undefined) return undefined
  return Array.isArray(facts.raw.participants) ? { ...known.conference, state: 'ended', members: [] } : known.conference
}

/** Who the caller says he is, where a variable tells it. */
const callerName = ({ named }: CallFacts): string | undefined => {
  const whole = [named['customer.first_name'] ?? named['customer.first name'], named['customer.last_name'] ?? named['customer.last name']].filter((part) => part !== undefined).join(' ')
  return named['customer.name'] ?? (whole === '' ? undefined : whole)
}

interface Parties { readonly from?: Party; readonly to?: Party; readonly dialed?: Party; readonly remote?: Party }

function partiesOf (memory: Memory, facts: CallFacts, direction: Call['direction'], known: Call | undefined): Parties {
  const { named } = facts
  const { id, name, number } = memory.ownerOf(memory.uid)
  const own: Party = defined({ userId: id, name, number, kind: 'user' as const })
  const other = facts.remote ?? (direction === 'inbound' ? named['call.ani'] : named['call.dnis'] ?? named['call.number'])
  // What the session has found out about the number stays.
  const before = known?.remote?.number === other ? known?.remote : undefined
  const remote: Party | undefined = other === undefined ? known?.remote : defined({ ...before, number: other, name: callerName(facts) ?? before?.name, ...(isInternal(facts) ? { kind: 'user' as const } : {}) })
  if (direction === 'outbound') return defined({ from: own, to: known?.to ?? remote, remote })
  const from = known?.from ?? (facts.named['call.ani'] === undefined || isInternal(facts) ? remote : defined({ number: facts.named['call.ani'], name: callerName(facts) }))
  const dnis = named['call.dnis']
  return defined({ from, to: own, dialed: dnis === undefined ? undefined : { number: dnis }, remote })
}

/** Belong to a state: gone with it. */
const OF_STATE = ['heldBy', 'heldAt', 'parkedAt', 'recall', 'endedAt', 'endReason', 'endedBy'] as const satisfies readonly (keyof Call)[]

/** The leg that a call object tells, on top of what is known of it. */
export function mapCall (memory: Memory, facts: CallFacts, state: CallState, direction: Call['direction'], at: number, known: Call | undefined): CallDraft {
  const { reference } = memory
  const kept: Partial<Call> = { ...known }
  if (known?.state !== state) for (const field of OF_STATE) delete kept[field]
  const skillId = textOf(facts.raw, 'skillId') ?? facts.named['call.skill_id']
  const skillName = reference.name('skills', skillId) ?? facts.named['call.skill_name']
  const campaignId = textOf(facts.raw, 'campaignId') ?? facts.named['call.campaign_id']
  const campaignName = reference.name('campaigns', campaignId) ?? facts.named['call.campaign_name']
  const owner = memory.ownerOf(memory.uid)
  const queued = direction === 'inbound' && (skillId !== undefined || skillName !== undefined)
  const fresh = defined({
    id: memory.legOf(facts.id),
    vendorId: facts.id,
    correlationId: facts.named['call.session_id'],
    owner,
    state,
    vendorState: facts.state,
    heldBy: state === 'held' ? 'local' as const : undefined,
    direction,
    scope: isInternal(facts) ? 'internal' as const : facts.type === '' ? undefined : 'external' as const,
    ...partiesOf(memory, facts, direction, known),
    startedAt: known?.startedAt ?? iso(millis(facts.raw.startTime) ?? at),
    queue: queued ? defined({ id: skillId, name: skillName }) : undefined,
    agent: queued ? defined({ id: owner.id, name: owner.name }) : undefined,
    campaign: campaignId === undefined && campaignName === undefined ? undefined : defined({ id: campaignId, name: campaignName }),
    data: facts.data,
    recording: recordingOf(facts.raw),
    conference: conferenceOf(memory, facts, known)
  })
  return { ...kept, ...fresh } as CallDraft
}

/** The disposition that a call has got: `-1` and `0` mean none; negative ones are the system's own (five9.md 4.6). */
export function dispositionOf (memory: Memory, facts: CallFacts): Call['disposition'] {
  const id = textOf(facts.raw, 'dispositionId')
  const name = facts.named['call.disposition_name']
  if (id !== undefined && id !== '-1' && id !== '0') return defined({ ...memory.reference.ref('dispositions', id), name: memory.reference.name('dispositions', id) ?? name })
  return name === undefined || facts.state === undefined || !OVER.has(facts.state) ? undefined : { name }
}
