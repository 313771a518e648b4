/** Phones: registration, hook, and the legs that their state shows (xivo-cti.md 3.3, 4.3, 7.1). */
import { samePlain, type DeviceState } from '../model'
import type { EventDraft } from '../session/types'
import { phoneChannelDrafts } from './channelLegs'
import { consultPeerDrafts } from './consult'
import { hintDrafts } from './hintLegs'
import { HINT, OFFLINE_HINTS, RINGING_HINTS, TALKING_HINTS } from './protocol'
import { text, texts, type Fields } from './read'
import { draft, type Scope } from './scope'
import type { Tables } from './tables'

const isRegistered = (hint: string): boolean => !OFFLINE_HINTS.has(hint)
/** An approximation: a phone that only rings is on the hook. */
const hookOf = (hint: string): 'on' | 'off' => TALKING_HINTS.has(hint) ? 'off' : 'on'

export function deviceStateOf (tables: Tables, phone: string): DeviceState | undefined {
  const hint = text(tables.row('phones', phone).status.hintstatus)
  return hint === undefined ? undefined : { ...tables.deviceOf(phone), registered: isRegistered(hint), hook: hookOf(hint) }
}

function deviceDrafts (scope: Scope, phone: string, before: string | undefined, after: string): EventDraft[] {
  if (before === undefined) return []
  const device = deviceStateOf(scope.tables, phone)
  const user = scope.tables.userOfPhone(phone)
  const about = { ...(device === undefined ? {} : { device }), ...(user === undefined ? {} : { user: scope.tables.userRef(user) }) }
  const drafts: EventDraft[] = []
  if (isRegistered(before) !== isRegistered(after)) drafts.push(draft(scope, isRegistered(after) ? 'device.registered' : 'device.unregistered', about))
  if (hookOf(before) !== hookOf(after)) drafts.push(draft(scope, 'device.hook', { ...about, derived: true }))
  return drafts
}

/** Notes which channels a phone begins to ring with, so that an answer is recognised later. One that is in use rings with those that say so themselves. */
export function foldHint ({ tables }: Scope, phone: string, before: Fields): void {
  const hint = text(tables.row('phones', phone).status.hintstatus) ?? ''
  if (!RINGING_HINTS.has(hint) || text(before.hintstatus) === hint) return
  for (const name of texts(tables.row('phones', phone).status.channels)) {
    const channel = tables.channels.get(name)
    if (channel !== undefined && (hint === HINT.ringing || channel.status.commstatus === 'ringing')) channel.rang = true
  }
}

/** A phone's status changed. */
export function phoneStatusDrafts (scope: Scope, phone: string, before: Fields): EventDraft[] {
  const { tables } = scope
  const { status } = tables.row('phones', phone)
  const hint = text(status.hintstatus)
  const was = text(before.hintstatus)
  const hintChanged = hint !== undefined && hint !== was
  const drafts = hintChanged ? consultPeerDrafts(scope, phone, RINGING_HINTS.has(hint)) : []
  if (!tables.watches('phones', phone)) return drafts
  if (hintChanged) drafts.push(...deviceDrafts(scope, phone, was, hint))
  if (tables.hasChannels) {
    if (hintChanged || !samePlain(before.channels, status.channels)) drafts.push(...phoneChannelDrafts(scope, phone, before))
  } else if (hintChanged) drafts.push(...hintDrafts(scope, phone, was, hint))
  return drafts
}
