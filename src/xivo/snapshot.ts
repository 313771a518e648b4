/** What the tables say now, as the snapshot that the session compares with its picture (model.md 6). */
import type { Call } from '../model'
import type { CallDraft, Snapshot } from '../session/types'
import { agentOf } from './agentMapping'
import { channelLeg } from './channelLegs'
import { completeByEntry, pairUp } from './currentCalls'
import { newLeg } from './hintLegs'
import { deviceStateOf } from './phoneMapping'
import { HINT, OFFLINE_HINTS } from './protocol'
import { entryLeg, queueOf } from './queueMapping'
import { iso, lookup, text, texts } from './read'
import { legsOfPhone, type Scope } from './scope'
import { dndOf, forwardingOf, mailboxOf, presenceOf } from './userMapping'

function channelCalls (scope: Scope): CallDraft[] {
  const { tables, picture } = scope
  const legs: CallDraft[] = []
  for (const [phone, { status }] of tables.lists.phones) {
    if (!tables.watches('phones', phone)) continue
    for (const name of texts(status.channels)) {
      const channel = tables.channels.get(name)
      if (channel?.leg === undefined) continue
      const known = picture.call(channel.leg)
      const leg = channelLeg(scope, phone, name, known)
      if (leg !== undefined) legs.push(known === undefined ? { ...leg, uncertain: ['startedAt'] } : leg)
    }
  }
  return legs
}

/** States of a leg that a hint may mean. */
const FITS: Readonly<Record<string, ReadonlySet<Call['state']>>> = {
  [HINT.inUse]: new Set(['active', 'dialing', 'remoteRinging', 'initiated', 'held']),
  [HINT.busy]: new Set(['active', 'dialing', 'remoteRinging', 'initiated', 'held']),
  [HINT.ringing]: new Set(['ringing', 'initiated']),
  [HINT.inUseRinging]: new Set(['active', 'dialing', 'remoteRinging', 'held', 'ringing']),
  [HINT.held]: new Set(['held']),
  [HINT.inUseHeld]: new Set(['active', 'dialing', 'remoteRinging', 'held'])
}

/** A phone that does something which we do not know of. Since when, and who called whom, nobody tells. */
function foundByHint (scope: Scope, phone: string, hint: string): CallDraft[] {
  const unsure = { uncertain: ['direction', 'startedAt'] }
  const talking = (): CallDraft => newLeg(scope, phone, { state: 'active', direction: 'inbound', ...unsure })
  const ringing = (): CallDraft => newLeg(scope, phone, { state: 'ringing', direction: 'inbound', uncertain: ['startedAt'] })
  const onHold = (): CallDraft => newLeg(scope, phone, { state: 'held', heldBy: 'local', direction: 'inbound', ...unsure })
  switch (hint) {
    case HINT.ringing: return [ringing()]
    case HINT.inUseRinging: return [talking(), ringing()]
    case HINT.held: return [onHold()]
    case HINT.inUseHeld: return [onHold(), talking()]
    default: return [talking()]
  }
}

/** Legs that are known and still possible stay; numbers of the own line, where known, must agree (model.md 6, ids not comparable). */
function hintCalls (scope: Scope): CallDraft[] {
  const { tables } = scope
  const legs: CallDraft[] = []
  for (const [phone, { status }] of tables.lists.phones) {
    const hint = text(status.hintstatus) ?? HINT.unavailable
    if (hint === HINT.idle || OFFLINE_HINTS.has(hint) || !tables.watches('phones', phone)) continue
    const own = phone === tables.ownPhone
    const known = legsOfPhone(scope, phone).filter(({ state }) => lookup(FITS, hint)?.has(state) === true)
      .filter(({ remote }) => !own || tables.currentCalls.length === 0 || remote?.number === undefined || tables.currentCalls.some((entry) => entry.number === remote.number))
    const found: CallDraft[] = known.length > 0 ? known : foundByHint(scope, phone, hint)
    legs.push(...own ? withEntries(scope, found) : found)
  }
  return legs
}

function withEntries (scope: Scope, found: CallDraft[]): CallDraft[] {
  const pairs = pairUp(found as Call[], scope.tables.currentCalls)
  return found.map((leg) => {
    const entry = pairs.find((pair) => pair.leg === leg)?.entry
    if (entry === undefined) return leg
    const made: CallDraft = { ...completeByEntry(leg, entry), state: entry.held ? 'held' : 'active' }
    if (entry.since !== undefined && leg.uncertain?.includes('startedAt') === true) made.startedAt = iso(entry.since)
    if (entry.held) made.heldBy ??= 'remote'
    else delete made.heldBy
    return made
  })
}

function queueCalls (scope: Scope): CallDraft[] {
  const legs: CallDraft[] = []
  for (const [queue, entries] of scope.tables.entries) {
    if (scope.tables.watches('queues', queue)) for (const entry of entries) legs.push(entryLeg(scope, queue, entry))
  }
  return legs
}

const present = <T>(list: (T | undefined)[]): T[] => list.filter((item) => item !== undefined)

/** Everything that is watched. Call `tables.synced = true` afterwards: from then on changes are events. */
export function snapshotOf (scope: Scope): Snapshot {
  const { tables, picture, now } = scope
  const users = [...tables.lists.users.keys()].filter((id) => tables.watches('users', id))
  const phones = [...tables.lists.phones.keys()].filter((id) => tables.watches('phones', id))
  const agents = [...tables.lists.agents.keys()].filter((id) => tables.watches('agents', id))
  const queues = [...tables.lists.queues.keys()].filter((id) => tables.watches('queues', id)).map((id) => {
    const queue = queueOf(tables, id)
    tables.lastQueues.set(id, queue)
    return queue
  })
  return {
    calls: [...tables.hasChannels ? channelCalls(scope) : hintCalls(scope), ...queueCalls(scope)],
    owners: 'all',
    idsComparable: true,
    agents: agents.map((id) => agentOf(tables, id, now, picture.agent(id))),
    allAgents: true,
    queues,
    forwardings: present(users.map((id) => forwardingOf(tables, id))),
    dnd: present(users.map((id) => {
      const dnd = dndOf(tables, id)
      return dnd === undefined ? undefined : { user: tables.userRef(id) as { id: string }, dnd }
    })),
    mailboxes: present(users.map((id) => {
      const mailbox = text(tables.row('users', id).config.voicemailid)
      const voicemail = mailbox === undefined ? undefined : mailboxOf(tables.row('voicemails', mailbox).status)
      return voicemail === undefined ? undefined : { user: tables.userRef(id) as { id: string }, voicemail }
    })),
    devices: present(phones.map((id) => {
      const device = deviceStateOf(tables, id)
      const user = tables.userOfPhone(id)
      return device === undefined ? undefined : { device, ...(user === undefined ? {} : { user: { id: user } }) }
    })),
    presences: present(users.map((id) => {
      const value = text(tables.row('users', id).status.availstate)
      return value === undefined ? undefined : { user: tables.userRef(id) as { id: string }, presence: presenceOf(tables, value) }
    }))
  }
}
