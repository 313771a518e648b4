/** Parties as XSI shows them: remoteParty, redirections, redirect (xsi.md 4.9). */
import { type CauseName, type Connection, type Party } from '../../pbx/types'
import { countryCode } from '../names'
import { type Site } from '../site'
import { attrs, type El, el, flag, text } from '../tree'

/** The address as a URI: `tel:` for numbers, `sip:` for addresses. */
export function uriOf (number: string | undefined): string | undefined {
  if (number === undefined || number === '') return undefined
  return `${number.includes('@') ? 'sip:' : 'tel:'}${number}`
}

/** A number element with its country code; extensions have none. */
export function addressEl (name: string, number: string | undefined): El | undefined {
  const address = text(name, uriOf(number))
  return address && attrs(address, { countryCode: countryCode(number) })
}

/** `Network` for parties outside, `Group` for those of the house. */
export function callTypeOf (party: Party): string {
  if (party.kind === 'external' || party.kind === 'trunk') return 'Network'
  return 'Group'
}

function internalDetails (site: Site, party: Party): (El | undefined)[] {
  const user = party.userKey === undefined ? undefined : site.pbx.users.get(party.userKey)
  const queue = party.queueKey === undefined ? undefined : site.pbx.queues.get(party.queueKey)
  const id = user ? site.names.userId(user) : queue && site.names.queueId(queue)
  const number = user ? user.numbers[0] : queue?.number
  const extension = user ? user.extension : queue?.extension
  const dn = number?.startsWith('+') ? `${number}${extension === undefined ? '' : `;ext=${extension}`}` : undefined
  return [text('userId', id), dn === undefined ? undefined : attrs({ name: 'userDN', text: `tel:${dn}` }, { countryCode: countryCode(number) })]
}

/** Children of a party. `unresolved` is a number that has been dialled and not yet looked up: neither name nor type. */
export function partyContent (site: Site, party: Party | undefined, options: { unresolved?: boolean } = {}): (El | undefined)[] {
  if (!party) return [text('callType', 'Unknown')]
  if (options.unresolved) return [text('address', uriOf(party.number)), text('callType', 'Unknown')]
  if (party.private) return [flag('privacy', true), text('callType', callTypeOf(party))]
  return [
    text('name', party.name),
    addressEl('address', party.number),
    ...internalDetails(site, party),
    text('callType', callTypeOf(party))
  ]
}

/** Vendor words for why a call went elsewhere. */
const REASONS: Partial<Record<CauseName, string>> = {
  busy: 'user-busy', forwardBusy: 'user-busy', noAnswer: 'no-answer', forwardNoAnswer: 'no-answer', notReachable: 'unavailable', forwardNotReachable: 'unavailable',
  forwardAlways: 'unconditional', doNotDisturb: 'do-not-disturb', deflected: 'deflection', blindTransfer: 'transfer', transfer: 'transfer', earlyTransfer: 'transfer',
  voicemail: 'voicemail', queued: 'call-center', offered: 'call-center', overflowTime: 'call-center', overflowSize: 'call-center', night: 'call-center', stranded: 'call-center',
  escaped: 'call-center', bounced: 'no-answer', wrapUp: 'agent-wrap-up', rejected: 'no-answer', parked: 'transfer', pickedUp: 'follow-me', answeredElsewhere: 'follow-me', pushed: 'transfer'
}

/** `redirect/reason` of a cause. */
export function reasonOf (cause: CauseName | undefined): string {
  return (cause && REASONS[cause]) ?? 'unknown'
}

/** Where the local user sent the call. */
export function redirectEl (to: string | undefined, cause: CauseName | undefined, at: number): El {
  return el('redirect', addressEl('address', to), text('reason', reasonOf(cause)), text('redirectTime', at))
}

/** Who sent the call here, latest first. */
export function redirectionsEl (site: Site, connection: Connection): El | undefined {
  if (connection.redirections.length === 0) return undefined
  return el('redirections', [...connection.redirections].reverse().map((entry) => el('redirection',
    // A redirecting party comes without userDN (samples of xsi.md 4.9).
    el('party', partyContent(site, entry.party).filter((item) => item?.name !== 'userDN')),
    text('reason', reasonOf(entry.cause)),
    text('counter', 1))))
}
