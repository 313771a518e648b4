/** People in calls: `remoteParty`, `redirectingParty` (webex-calling.md 3.2, 10.19). */
import { parseAddress, type Call, type Party } from '../model'
import type { Person } from './people'
import { EXTERNAL, INTERNAL, REDIRECT_REASONS } from './protocol'
import { boolean, defined, record, records, text, type Json } from './read'

const KINDS: Readonly<Record<string, Party['kind']>> = { external: 'external', emergency: 'emergency' }

/** `callType` as internal or external; other values do not tell. */
export function scopeOf (party: Json): Call['scope'] {
  const callType = text(party, 'callType') ?? ''
  return INTERNAL.has(callType) ? 'internal' : EXTERNAL.has(callType) ? 'external' : undefined
}

/** A party of the vendor; nothing is invented where it is withheld. @param person who is known under an id */
export function mapParty (node: Json, person: (id: string) => Person | undefined): Party | undefined {
  const raw = text(node, 'number')
  const address = raw === undefined ? undefined : parseAddress(raw)
  const id = text(node, 'personId') ?? text(node, 'placeId')
  const known = id === undefined ? undefined : person(id)
  const party = defined({
    number: address?.host !== undefined && !/^[+\d*#]+$/.test(address.number ?? '') ? raw?.replace(/^sips?:/i, '') : address?.number,
    name: text(node, 'name') ?? known?.name,
    extension: address?.extension ?? known?.extension,
    userId: known?.id ?? id,
    private: boolean(node, 'privacyEnabled') === true ? true as const : undefined
  }) as Party
  if (Object.keys(party).length === 0) return undefined
  const kind = id === undefined ? KINDS[text(node, 'callType') ?? ''] : 'user'
  return kind === undefined ? party : { ...party, kind }
}

/** The owner of a leg as a party. */
export function selfOf (person: Person | undefined, id: string): Party {
  return defined({ number: person?.number ?? person?.extension, name: person?.name, extension: person?.extension, userId: id, kind: 'user' as const }) as Party
}

const KEPT = ['name', 'extension', 'userId', 'e164', 'kind'] as const

/** What is known of the same number stays known when less of it is repeated. */
export function keepDetails (known: Party | undefined, told: Party | undefined): Party | undefined {
  if (known === undefined || told === undefined) return told ?? known
  if (known.number !== told.number) return told
  const merged: Party = { ...told }
  for (const field of KEPT) if (merged[field] === undefined && known[field] !== undefined) Object.assign(merged, { [field]: known[field] })
  return merged
}

/** `from` and `to` never change their number, but may learn the rest later (model.md 2.2). */
export function completeParty (fixed: Party | undefined, told: Party | undefined): Party | undefined {
  if (fixed === undefined || told === undefined) return fixed ?? told
  return fixed.number === undefined || fixed.number === told.number ? keepDetails(fixed, told) : fixed
}

/** Who sent the call here, most recent first. */
export function mapRedirections (call: Json, person: (id: string) => Person | undefined): Call['redirections'] {
  const list = records(call, 'redirections').map((one) => {
    const reason = text(one, 'reason') ?? ''
    const party = mapParty(record(one, 'redirectingParty'), person) ?? {}
    return {
      party: reason === 'callQueue' ? { ...party, kind: 'queue' as const } : party,
      reason: Object.hasOwn(REDIRECT_REASONS, reason) ? REDIRECT_REASONS[reason]! : 'unknown' as const
    }
  })
  return list.length === 0 ? undefined : list
}
