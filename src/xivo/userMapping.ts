/** People: presence, forwarding, do not disturb, features, mailbox (xivo-cti.md 3.3, 3.4, 4.3, 4.5). Only differences are told. */
import { samePlain, type Condition, type Dnd, type Forwarding, type Mailbox, type Presence, type Rule } from '../model'
import type { EventDraft } from '../session/types'
import { defined, flag, lookup, number, text, type Fields } from './read'
import { draft, type Scope } from './scope'
import type { Tables } from './tables'

/** Standard presences; profiles may define others, whose neutral meaning is not known (xivo-cti.md 2.5). */
const PRESENCE_STATUS: Readonly<Record<string, NonNullable<Presence['status']>>> = {
  available: 'available', away: 'away', outtolunch: 'away', berightback: 'away', donotdisturb: 'dnd', disconnected: 'offline'
}

/** Condition -> keys of the user's configuration. There is no "not reachable" (xivo-cti.md 3.4). */
export const FORWARD_KEYS: Readonly<Partial<Record<Condition, readonly [enable: string, to: string]>>> = {
  always: ['enableunc', 'destunc'], busy: ['enablebusy', 'destbusy'], noAnswer: ['enablerna', 'destrna']
}
/** Features of a user that the model names. */
export const FEATURE_KEYS: Readonly<Record<string, string>> = { incallfilter: 'callFilter', enablerecording: 'callRecording', enablevoicemail: 'voicemail' }
/** Changes in these make lists that a flow holds outdated. */
const REFERENCE_KEYS = ['firstname', 'lastname', 'fullname', 'linelist', 'agentid', 'voicemailid', 'mobilephonenumber'] as const

export function presenceOf (tables: Tables, value: string): Presence {
  return defined({ value, text: tables.presence(value).name, status: lookup(PRESENCE_STATUS, value) }) as Presence
}

function ruleOf (config: Fields, condition: Condition): Rule | undefined {
  const keys = FORWARD_KEYS[condition]
  if (keys === undefined) return undefined
  const enabled = flag(config[keys[0]])
  return enabled === undefined ? undefined : defined({ enabled, to: text(config[keys[1]]) }) as Rule
}

/** The rules that are known; `complete` when the user's whole configuration was read. */
export function forwardingOf (tables: Tables, user: string): Forwarding | undefined {
  const { config } = tables.row('users', user)
  const rules: Forwarding['rules'] = {}
  for (const condition of Object.keys(FORWARD_KEYS) as Condition[]) {
    const rule = ruleOf(config, condition)
    if (rule !== undefined) rules[condition] = rule
  }
  const count = Object.keys(rules).length
  return count === 0 ? undefined : { user: tables.userRef(user), rules, complete: count === Object.keys(FORWARD_KEYS).length }
}

export function dndOf (tables: Tables, user: string): Dnd | undefined {
  const enabled = flag(tables.row('users', user).config.enablednd)
  return enabled === undefined ? undefined : { enabled }
}

/** Counters of a mailbox; `old` and `waiting` only where the server tells them. */
export function mailboxOf (status: Fields): Mailbox | undefined {
  const newMessages = number(status.new)
  if (newMessages === undefined) return undefined
  return defined({ newMessages, oldMessages: number(status.old), waiting: newMessages > 0 || flag(status.waiting) === true }) as Mailbox
}

/** `presence` was set to another value, or told for the first time. */
export function presenceDrafts (scope: Scope, user: string, before: Fields): EventDraft[] {
  const { tables } = scope
  const value = text(tables.row('users', user).status.availstate)
  if (value === undefined || value === before.availstate || !tables.watches('users', user)) return []
  return [draft(scope, 'user.presence', { user: tables.userRef(user), presence: presenceOf(tables, value) })]
}

/** Services and reference data of a user, from the row before and the row now. */
export function userConfigDrafts (scope: Scope, user: string, before: Fields): EventDraft[] {
  const { tables } = scope
  if (!tables.watches('users', user)) return []
  const { config } = tables.row('users', user)
  const who = tables.userRef(user)
  const drafts: EventDraft[] = []
  const changed = (Object.keys(FORWARD_KEYS) as Condition[]).filter((condition) => !samePlain(ruleOf(before, condition), ruleOf(config, condition)))
  const forwarding = changed.length === 0 ? undefined : forwardingOf(tables, user)
  if (forwarding !== undefined) drafts.push(draft(scope, 'forwarding.changed', { user: who, forwarding: { ...forwarding, changed } }))
  const dnd = dndOf(tables, user)
  if (dnd !== undefined && flag(before.enablednd) !== dnd.enabled) drafts.push(draft(scope, 'dnd.changed', { user: who, dnd }))
  for (const [key, name] of Object.entries(FEATURE_KEYS)) {
    const enabled = flag(config[key])
    if (enabled !== undefined && flag(before[key]) !== enabled) drafts.push(draft(scope, 'feature.changed', { user: who, feature: { name, enabled } }))
  }
  if (REFERENCE_KEYS.some((key) => !samePlain(before[key], config[key]))) drafts.push(draft(scope, 'reference.changed', { user: who, reference: { list: 'users' } }))
  return drafts
}

/** Counters of a mailbox, told for everybody whose mailbox it is. */
export function mailboxDrafts (scope: Scope, voicemail: string, before: Fields): EventDraft[] {
  const { tables } = scope
  const told = mailboxOf(tables.row('voicemails', voicemail).status)
  if (told === undefined || samePlain(mailboxOf(before), told)) return []
  const drafts: EventDraft[] = []
  for (const [user, { config }] of tables.lists.users) {
    if (text(config.voicemailid) === voicemail && tables.watches('users', user)) drafts.push(draft(scope, 'voicemail.updated', { user: tables.userRef(user), voicemail: told }))
  }
  return drafts
}
