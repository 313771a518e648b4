/** Parties and redirections as the API shows them (webex-calling.md 3.2). */
import { type CauseName, type Connection, type Party } from '../../pbx/types'
import { type Json } from '../http'
import { type Site } from '../site'

const EMERGENCY = new Set(['112', '911', '999'])

/** `Party`: what is not known or private is left out. */
export function partyOf (site: Site, party: Party | undefined): Json {
  const callType = party === undefined ? 'external' : callTypeOf(party)
  if (party === undefined || party.private === true) return { privacyEnabled: true, callType }
  const user = party.kind === 'user' ? site.pbx.users.get(party.userKey ?? '') : undefined
  return {
    ...(party.name === undefined ? {} : { name: party.name }),
    ...(party.number === undefined ? {} : { number: party.number }),
    ...(user === undefined ? {} : { personId: site.ids.person(user) }),
    privacyEnabled: false,
    callType
  }
}

function callTypeOf ({ kind, number }: Party): string {
  if (kind !== 'external' && kind !== 'trunk') return 'location'
  return EMERGENCY.has(number ?? '') ? 'emergency' : 'external'
}

const REASONS: Partial<Record<CauseName, string>> = {
  forwardAlways: 'unconditional', forwardBusy: 'busy', forwardNoAnswer: 'noAnswer', forwardNotReachable: 'unavailable', doNotDisturb: 'busy', busy: 'busy', noAnswer: 'noAnswer', notReachable: 'unavailable',
  rejected: 'busy', blindTransfer: 'divert', transfer: 'divert', deflected: 'divert', pushed: 'divert', voicemail: 'divert', overflowTime: 'callQueue', overflowSize: 'callQueue', night: 'timeOfDay', escaped: 'callQueue'
}

/** Where a call is parked: a person, or a shared place. */
export function parkedAgainst (site: Site, slot: string): Json {
  const owner = site.pbx.userByExtension(slot)
  return partyOf(site, owner === undefined ? { kind: 'park', number: slot, name: `Park ${slot}` } : site.pbx.partyOf(owner.key))
}

/** `redirections`, the most recent first; that of a queue's call begins with the queue itself. Empty: none. */
export function redirectionsOf (site: Site, connection: Connection): Json[] {
  const queue = site.pbx.queues.get(connection.queueKey ?? '')
  const entries: { party: Party; reason: string }[] = connection.redirections.map(({ party, cause }) => ({ party, reason: REASONS[cause] ?? 'unknown' }))
  if (queue !== undefined) entries.unshift({ party: { kind: 'queue', queueKey: queue.key, name: queue.name, number: queue.number }, reason: 'callQueue' })
  return entries.map(({ party, reason }) => {
    const known = party.kind === 'queue' ? site.pbx.queues.get(party.queueKey ?? '') : undefined
    return { reason, redirectingParty: { ...partyOf(site, party), ...(known === undefined ? {} : { id: site.ids.of('UNKNOWN', known.ids.webex ?? ''), idType: 'UNKNOWN' }) } }
  })
}
