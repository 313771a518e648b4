/** People in calls: `remoteParty`, `callingPartyInfo`, `redirection/party`, addresses (xsi.md 4.9). */
import { parseAddress, type Call, type Party } from '../model'
import { redirectReason } from './causes'
import type { XsiNode } from './protocol'
import { child, children, defined, has, text } from './read'
import type { Person, ReduceContext } from './scope'

const SCOPE: Readonly<Record<string, Call['scope']>> = {
  Group: 'internal', Enterprise: 'internal', Network: 'external', Emergency: 'external', Repair: 'external'
}
const KIND: Readonly<Record<string, Party['kind']>> = { Network: 'external', Emergency: 'emergency' }

/** `callType` as internal or external; other values (private dial plan, unknown …) do not tell. */
export function scopeOf (callType: string | undefined): Call['scope'] {
  return callType === undefined ? undefined : SCOPE[callType]
}

/** An address as it is dialled or shown: `tel:+12025550199;ext=1001` -> number and extension. */
export function partyOfAddress (address: string | undefined): Party | undefined {
  if (address === undefined) return undefined
  const { number, extension } = parseAddress(address)
  return number === undefined && extension === undefined ? undefined : defined({ number, extension }) as Party
}

/** A party of the vendor. With `privacy` name and address are missing, and none is invented. */
export function mapParty (node: XsiNode | undefined, context: Pick<ReduceContext, 'person'>): Party | undefined {
  if (node === undefined) return undefined
  const address = text(node, 'address')
  const dn = text(node, 'userDN')
  const parsed = address === undefined ? undefined : parseAddress(address)
  const line = dn === undefined ? undefined : parseAddress(dn)
  const userId = text(node, 'userId')
  const callType = text(node, 'callType')
  const party: Party = {}
  const number = parsed?.number ?? line?.number
  const extension = parsed?.extension ?? line?.extension
  const name = text(node, 'name')
  if (number !== undefined) party.number = number
  if (name !== undefined) party.name = name
  if (extension !== undefined) party.extension = extension
  if (userId !== undefined) party.userId = userId
  if (has(node, 'privacy')) party.private = true
  const kind = (userId === undefined ? undefined : context.person(userId)?.kind ?? 'user') ?? (callType === undefined ? undefined : KIND[callType])
  if (Object.keys(party).length === 0) return undefined
  if (kind !== undefined) party.kind = kind
  return party
}

/** The owner of a leg as a party; only what the session has read of him. */
export function partyOfPerson (person: Person | undefined, id: string): Party {
  return defined({ number: person?.number ?? person?.extension, name: person?.name, extension: person?.extension, userId: id, kind: person?.kind }) as Party
}

const KEPT = ['name', 'extension', 'userId', 'e164', 'kind'] as const

/** What is known of the same number stays known when the vendor repeats less of it. */
export function keepDetails (known: Party | undefined, told: Party | undefined): Party | undefined {
  if (known === undefined || told === undefined) return told ?? known
  if (known.number !== told.number) return told
  let merged: Party | undefined
  for (const key of KEPT) {
    if (told[key] === undefined && known[key] !== undefined) merged = { ...(merged ?? told), [key]: known[key] }
  }
  return merged ?? told
}

/** `from` and `to` never change their number, but may learn the rest later (model.md 2.2). */
export function completeParty (fixed: Party | undefined, told: Party | undefined): Party | undefined {
  if (fixed === undefined || told === undefined) return fixed ?? told
  return fixed.number === undefined || fixed.number === told.number ? keepDetails(fixed, told) : fixed
}

/** Who sent the call here, most recent first. */
export function mapRedirections (holder: XsiNode, context: Pick<ReduceContext, 'person'>): Call['redirections'] {
  const list = children(child(holder, 'redirections'), 'redirection').map((node) => ({ party: mapParty(child(node, 'party'), context) ?? {}, reason: redirectReason(text(node, 'reason')) }))
  return list.length === 0 ? undefined : list
}
