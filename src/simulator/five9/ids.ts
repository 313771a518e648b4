/** The ids of a domain: strings of digits for what stays, 32 hexadecimal digits for calls (five9.md 1). */
import { type Pbx } from '../pbx/pbx'
import { type IdBook } from '../pbx/ids'
import { type Rng } from '../pbx/rng'
import { hex } from '../random'

/** Ids of one kind of things, both ways; the same in each run and after a restart of the PBX. */
export class IdTable {
  private readonly ids = new Map<string, string>()
  private readonly keys = new Map<string, string>()

  /** @param first id of the first thing that has no fixed one; the others count on from there */
  constructor (private next: number, things: Iterable<{ key: string; fixed?: string }> = []) {
    const all = [...things]
    for (const { key, fixed } of all) if (fixed !== undefined) this.set(key, fixed)
    for (const { key, fixed } of all) if (fixed === undefined) this.add(key)
  }

  /** Id of a thing; a thing that is new gets the next one. */
  id (key: string): string {
    return this.ids.get(key) ?? this.add(key)
  }

  /** Key of the thing with this id. */
  key (id: string): string | undefined {
    return this.keys.get(id)
  }

  has (key: string): boolean {
    return this.ids.has(key)
  }

  private add (key: string): string {
    while (this.keys.has(String(this.next))) this.next++
    return this.set(key, String(this.next++))
  }

  private set (key: string, id: string): string {
    this.ids.set(key, id)
    this.keys.set(id, key)
    return id
  }
}

/** Key of the campaign that calls out; the others have the key of their queue. */
export const OUTBOUND = 'outbound'

const fixedOf = ({ key, ids }: { key: string; ids: { five9?: string } }): { key: string; fixed?: string } => ({ key, ...(ids.five9 === undefined ? {} : { fixed: ids.five9 }) })

export class Five9Ids {
  readonly users: IdTable
  readonly skills: IdTable
  readonly dispositions: IdTable
  readonly reasons: IdTable
  readonly logoutReasons: IdTable
  readonly groups: IdTable
  readonly campaigns: IdTable
  private readonly book: IdBook

  constructor (pbx: Pbx, rng: Rng, logoutReasons: string[]) {
    this.users = new IdTable(3_000_001, [...pbx.users.values()].map(fixedOf))
    this.skills = new IdTable(300_000_000_000_031, [...pbx.queues.values()].map(fixedOf))
    this.dispositions = new IdTable(300_000_000_000_143, pbx.dispositions.map(({ code }) => ({ key: code })))
    this.reasons = new IdTable(401_101, pbx.reasonCodes.map(({ code }) => ({ key: code })))
    this.logoutReasons = new IdTable(402_101, logoutReasons.map((key) => ({ key })))
    this.groups = new IdTable(300_000_000_000_011, [...new Set([...pbx.users.values()].map(({ department }) => department ?? 'Everybody'))].map((key) => ({ key })))
    this.campaigns = new IdTable(300_000_000_000_100, [...pbx.queues.keys(), OUTBOUND].map((key) => ({ key })))
    this.book = pbx.idBook('five9', (kind, n) => kind === 'voicemail' ? String(70_000 + n) : hex(rng, 32))
  }

  /** Id of the call that begins with a connection. */
  call (connectionKey: string): string {
    return this.book.id('call', connectionKey)
  }

  voicemail (messageId: string): string {
    return this.book.id('voicemail', messageId)
  }

  /** Message of the PBX. */
  voicemailKey (id: string): string | undefined {
    return this.book.keyOf('voicemail', id)
  }

  /** `Call.session_id`: stays through transfers, as the call of the customer does. */
  conversation (callKey: string): string {
    return this.book.id('session', callKey)
  }
}
