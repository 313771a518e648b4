/** Presence of an agent: what is asked for, what is pending, by channel (five9.md 3.3). Spellings differ between REST, events and statistics: all are read. */
import type { Agent, AgentChannel } from '../model'
import { CHANNELS, type Channel } from './protocol'
import { defined, fields, isFields, lookup, number, text, texts, textOf, type Fields } from './read'
import type { Reference } from './reference'

const OURS: Readonly<Record<string, AgentChannel>> = {
  ...Object.fromEntries(Object.entries(CHANNELS).map(([own, theirs]) => [theirs, own as AgentChannel])), VOICE: 'voice', VOICEMAIL: 'voicemail'
}

/** Channels that are ready, and why others are not. */
interface PresenceState { readonly channels: readonly string[]; readonly reasonId?: string }

/** One state of a presence, under either name that is known of the field (five9.md 3.3). */
export function presenceState (presence: Fields | undefined, which: 'current' | 'pending'): PresenceState | undefined {
  const state = presence?.[`${which}State`] ?? presence?.[`${which}StateLong`]
  if (!isFields(state)) return undefined
  const reason = text(state.notReadyReasonCodeId ?? state.notReadyReasonCode)
  return { channels: texts(state.readyChannels).map((word) => word.toUpperCase()), ...(reason === undefined || reason === '0' || reason === '-1' ? {} : { reasonId: reason }) }
}

/** Reason of not being ready with its name. Negative ids are the system's own (five9.md 8.2, S). */
export function reasonOf (reference: Reference, id: string | undefined): Agent['reason'] {
  return id === undefined ? undefined : defined({ id, name: reference.name('notReadyCodes', id), ...(id.startsWith('-') ? { by: 'system' as const } : {}) })
}

/** What the agent has asked for, and what will be when his call is over. */
export function routingOf (reference: Reference, presence: Fields | undefined): Pick<Agent, 'routing' | 'reason' | 'pending'> {
  const current = presenceState(presence, 'current')
  if (current === undefined) return {}
  const pending = presenceState(presence, 'pending')
  const routing = current.channels.length > 0 ? 'ready' as const : 'notReady' as const
  const differs = pending !== undefined && (pending.channels.join() !== current.channels.join() || pending.reasonId !== current.reasonId)
  return defined({
    routing,
    reason: routing === 'notReady' ? reasonOf(reference, current.reasonId) : undefined,
    pending: differs ? defined({ routing: pending.channels.length > 0 ? 'ready' as const : 'notReady' as const, reason: pending.channels.length > 0 ? undefined : reasonOf(reference, pending.reasonId) }) : undefined
  })
}

/** Channels by the presence: which of those that exist are ready. */
export function channelsOf (presence: Fields | undefined, available: readonly string[]): Agent['channels'] {
  const current = presenceState(presence, 'current')
  if (current === undefined) return undefined
  const channels: NonNullable<Agent['channels']> = {}
  for (const word of new Set([...available.map((name) => name.toUpperCase()), ...current.channels])) {
    const own = lookup(OURS, word)
    if (own !== undefined) channels[own] = { ready: current.channels.includes(word) }
  }
  return Object.keys(channels).length === 0 ? undefined : channels
}

/** `channelAvailability` of a statistics row: its names differ from those of REST (five9.md 10, trap 14). */
export function channelsOfRow (row: Fields): Agent['channels'] {
  const channels: NonNullable<Agent['channels']> = {}
  for (const [name, told] of Object.entries(fields(row.channelAvailability))) {
    const own = lookup(OURS, name.toUpperCase())
    if (own === undefined || !isFields(told)) continue
    const status = textOf(told, 'status')
    channels[own] = defined({ ready: status === 'ready', current: number(told.current), max: number(told.max), enabled: status === undefined ? undefined : status !== 'not-enabled' })
  }
  return Object.keys(channels).length === 0 ? undefined : channels
}

/** The vendor's name of a channel; undefined for a word that is none. */
export function channelName (word: string): string | undefined {
  const lower = word.trim().toLowerCase()
  return lookup(CHANNELS, lower as Channel) ?? (Object.hasOwn(OURS, word.toUpperCase()) ? CHANNELS[OURS[word.toUpperCase()] as Channel] : undefined)
}

/** The body that asks for a presence: the shape that was read with another state in it (five9.md 3.3). */
export function presenceBody (before: Fields | undefined, channels: readonly string[], reasonId: string, graceful: boolean): Fields {
  return {
    ...before, currentState: { readyChannels: channels, notReadyReasonCodeId: channels.length > 0 ? '0' : reasonId }, pendingState: null, currentStateTime: 0, pendingStateDelayTime: 0, gracefulModeOn: graceful
  }
}
