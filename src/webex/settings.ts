/** Settings of a person in the model's words, and back (webex-calling.md 3.6, 3.7, 3.10; model.md 7). Pure. */
import { CONDITIONS, CtiError, parseAddress, type Condition, type Dnd, type Forwarding, type Mailbox, type Presence, type Rule, type UserRef } from '../model'
import { boolean, defined, isRecord, number, record, text, type Json } from './read'

/** s of one ring where only the other is known (model.md 7). */
const RING_SECONDS = 6
const MOST_RINGS = 20

/** Where each condition stands in the vendor's object; `notReachable` is the business continuity rule. */
const PLACES: Readonly<Record<Condition, readonly string[]>> = {
  always: ['callForwarding', 'always'], busy: ['callForwarding', 'busy'], noAnswer: ['callForwarding', 'noAnswer'], notReachable: ['businessContinuity']
}

const at = (node: Json, names: readonly string[]): Json => names.reduce<Json>((inner, name) => record(inner, name), node)

function mapRule (node: Json): Rule {
  const to = text(node, 'destination')
  return defined({
    enabled: boolean(node, 'enabled') ?? false,
    to: to === undefined ? undefined : parseAddress(to).number,
    toVoicemail: boolean(node, 'destinationVoicemailEnabled') === true ? true as const : undefined,
    rings: number(node, 'numberOfRings'),
    ringSplash: boolean(node, 'ringReminderEnabled')
  }) as Rule
}

/** All conditions that the reply has. */
export function mapForwarding (node: Json, user: UserRef): Forwarding {
  const rules: Forwarding['rules'] = {}
  for (const condition of CONDITIONS) {
    const rule = at(node, PLACES[condition])
    if (Object.keys(rule).length > 0) rules[condition] = mapRule(rule)
  }
  return { user, rules, complete: true }
}

const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'webex', retryable: false })

function ringsOf (rule: Partial<Rule>, warn: (text: string) => void): number | undefined {
  if (rule.rings === undefined && rule.ringSeconds === undefined) return undefined
  const rings = rule.rings ?? Math.round((rule.ringSeconds as number) / RING_SECONDS)
  if (rule.rings === undefined) warn(`Webex counts rings: ${rule.ringSeconds} s became ${rings} rings.`)
  if (!Number.isInteger(rings) || rings < 0 || rings > MOST_RINGS) throw invalid(`"rings" must be a whole number from 0 to ${MOST_RINGS}.`)
  return rings
}

/**
 * The whole object to write: what was read, with the rules changed (webex-calling.md 10.14: a partial object may reset the rest).
 * @param address turns a destination into what is dialled
 * @throws CtiError CTI_INVALID_REQUEST
 */
export function changedForwarding (read: Json, rules: Readonly<Partial<Record<Condition, Partial<Rule>>>>, address: (to: string) => string, warn: (text: string) => void): Json {
  const body = structuredClone(read) as Record<string, Record<string, Record<string, unknown>> & Record<string, unknown>>
  for (const condition of CONDITIONS) {
    const rule = rules[condition]
    if (rule === undefined) continue
    if (typeof rule.enabled !== 'boolean') throw invalid(`"enabled" is missing for ${condition}.`)
    const stored = at(read, PLACES[condition])
    if (Object.keys(stored).length === 0) throw CtiError.unsupported('setForwarding', 'webex', `the user has no forwarding for "${condition}"`, [])
    const to = rule.to === undefined || rule.to === '' ? text(stored, 'destination') : address(rule.to)
    const toVoicemail = rule.toVoicemail ?? (rule.to === undefined ? boolean(stored, 'destinationVoicemailEnabled') : false)
    if (rule.enabled && to === undefined && toVoicemail !== true) throw invalid(`No destination is stored for ${condition}: say where with "to".`)
    const rings = condition === 'noAnswer' ? ringsOf(rule, warn) : undefined
    const changed = defined({
      ...stored, enabled: rule.enabled, destination: to ?? '', destinationVoicemailEnabled: toVoicemail ?? false, numberOfRings: rings ?? stored.numberOfRings,
      ringReminderEnabled: condition === 'always' ? rule.ringSplash ?? stored.ringReminderEnabled : undefined
    })
    const [outer, inner] = PLACES[condition]
    if (inner === undefined) body[outer!] = changed as never
    else body[outer!] = { ...body[outer!], [inner]: changed } as never
  }
  return withoutReadOnly(body)
}

const READ_ONLY: ReadonlySet<string> = new Set(['systemMaxNumberOfRings', 'greetingUploaded', 'voiceMessageForwardingEnabled'])

/** A settings object that was read, as it may be written: without what the vendor refuses to take back (webex-calling.md 3.6). */
export function withoutReadOnly (node: Json): Json {
  return Object.fromEntries(Object.entries(node).filter(([name]) => !READ_ONLY.has(name)).map(([name, value]) => [name, isRecord(value) ? withoutReadOnly(value) : value]))
}

/** `changes` laid over what was read, object by object. */
export function mergeSettings (read: Json, changes: Json): Json {
  const merged: Record<string, unknown> = { ...read }
  for (const [name, value] of Object.entries(changes)) {
    if (name === '__proto__') continue
    merged[name] = isRecord(value) && isRecord(read[name]) ? mergeSettings(read[name], value) : value
  }
  return merged
}

export function mapDnd (node: Json): Dnd {
  return defined({ enabled: boolean(node, 'enabled') ?? false, ringSplash: boolean(node, 'ringSplashEnabled') }) as Dnd
}

export function mapMailbox (node: Json): Mailbox {
  const newMessages = number(node, 'newMessages') ?? 0
  return defined({
    newMessages, oldMessages: number(node, 'oldMessages'), newUrgent: number(node, 'newUrgentMessages'), oldUrgent: number(node, 'oldUrgentMessages'), waiting: newMessages > 0
  }) as Mailbox
}

const PRESENCES: Readonly<Record<string, Presence['status']>> = {
  active: 'available', call: 'busy', meeting: 'busy', presenting: 'busy', DoNotDisturb: 'dnd', inactive: 'away', OutOfOffice: 'away', pending: 'offline'
}

/** Presence from `/people/{id}`; undefined where the person hides it. */
export function mapPresence (node: Json): Presence | undefined {
  const value = text(node, 'status')
  return value === undefined ? undefined : defined({ value, text: text(node, 'statusMessage'), status: PRESENCES[value] }) as Presence
}
