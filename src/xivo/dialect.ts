/** What a server can do, from the protocol version it speaks and, where the account or the wire tells it, its release (xivo-cti.md 1.1). */

export const PROTOCOLS = ['1.2', '2.0', '2.1', '2.2', '2.3'] as const
export type Protocol = typeof PROTOCOLS[number]
/** First asked when the version is negotiated (xivo-cti.md 2.6). */
export const NEWEST: Protocol = '2.3'

export function isProtocol (value: unknown): value is Protocol {
  return (PROTOCOLS as readonly unknown[]).includes(value)
}

/** Releases as yymm, first and last. */
type Releases = readonly [from: number, until: number]
const FIRST = 1200
const LAST = 9999

const OF_PROTOCOL: Readonly<Record<Protocol, Releases>> = {
  1.2: [FIRST, 1520], '2.0': [1601, 1603], 2.1: [1604, 1608], 2.2: [1609, 1715], 2.3: [1716, LAST]
}

/** In which releases something exists (xivo-cti.md 1.1, 3.1). */
const FEATURES = {
  record: [FIRST, 1423],
  sipnotify: [FIRST, 1423],
  logFromClient: [FIRST, 1423],
  channels: [FIRST, 1518],
  /** `originate`, `transfer`, `atxfer`, `hangup` of a channel, `intercept`, `mailboxcount` as ipbxcommand. */
  oldCommands: [FIRST, 1518],
  historyByMode: [FIRST, 1508],
  people: [1420, LAST],
  register: [1502, LAST],
  favorites: [1512, LAST],
  personalContacts: [1513, LAST],
  personalContactsRaw: [1514, LAST],
  relations: [1516, LAST],
  voicemailTransfer: [1518, LAST],
  faxData: [1518, LAST],
  /** A fax is announced by name, and its file goes over a connection of its own. */
  fileTransfer: [FIRST, 1517],
  resumeSwitchboard: [1405, LAST],
  callForm: [1322, LAST],
  dialSuccess: [1406, 1608],
  inviteRoom: [FIRST, 1608],
  chatText: [FIRST, 1518],
  chatUuid: [1604, LAST],
  starttls: [1520, LAST]
} as const satisfies Record<string, Releases>
export type Feature = keyof typeof FEATURES

const release = (value: number): string => `${String(Math.floor(value / 100)).padStart(2, '0')}.${String(value % 100).padStart(2, '0')}`

/** `14.06` as 1406, or undefined when it is no release. */
export function parseRelease (text: string): number | undefined {
  const found = /^(\d{2})\.(\d{1,2})$/.exec(text.trim())
  return found === null ? undefined : Number(found[1]) * 100 + Number(found[2])
}

/** The version of one server. What the wire shows narrows it: a list of channels means 15.18 or older. */
export class Dialect {
  private from: number
  private until: number

  /** @param told release of the server as yymm, when the account names it */
  constructor (readonly protocol: Protocol, told?: number) {
    const [from, until] = OF_PROTOCOL[protocol]
    this.from = told ?? from
    this.until = told ?? until
  }

  /** Passwords in clear, calls without channels, asynchronous services. */
  get isTwo (): boolean {
    return this.protocol !== '1.2'
  }

  /** Whether the server has it; undefined when only a release could tell and none is known. */
  has (feature: Feature): boolean | undefined {
    const [from, until] = FEATURES[feature]
    if (this.from >= from && this.until <= until) return true
    return this.until < from || this.from > until ? false : undefined
  }

  /** The server showed that it has this. */
  seen (feature: Feature): void {
    const [from, until] = FEATURES[feature]
    if (this.until < from || this.from > until) return
    this.from = Math.max(this.from, from)
    this.until = Math.min(this.until, until)
  }

  /** For messages: `protocol 2.3 (server 17.16 or newer)`. */
  get label (): string {
    const span = this.from === this.until ? release(this.from)
      : this.until === LAST ? `${release(this.from)} or newer`
      : this.from === FIRST ? `${release(this.until)} or older` : `${release(this.from)} to ${release(this.until)}`
    return `protocol ${this.protocol} (server ${span})`
  }

  /** Why a feature is missing, as a clause that fits after "not possible here:". */
  lacking (feature: Feature): string {
    const [from, until] = FEATURES[feature]
    const span = until === LAST ? `server ${release(from)} or newer` : from === FIRST ? `server ${release(until)} or older` : `server ${release(from)} to ${release(until)}`
    return `it needs ${span}; this one speaks ${this.label}`
  }

  /** True, or the reason why not. What is not known is tried. */
  available (feature: Feature): true | string {
    return this.has(feature) === false ? this.lacking(feature) : true
  }
}
