/** Which server the face is: its release decides the dialect and what it knows (xivo-cti.md 1.1). */

export const PROTOCOL_NAMES = ['1.2', '2.0', '2.1', '2.2', '2.3'] as const
export type Protocol = typeof PROTOCOL_NAMES[number]

/** First release that speaks a protocol. */
const PROTOCOLS: [from: string, protocol: Protocol][] = [['17.16', '2.3'], ['16.09', '2.2'], ['16.04', '2.1'], ['16.01', '2.0'], ['12.01', '1.2']]

/** Release that stands for a protocol when none is named: the last one with the full set of its commands. */
const TYPICAL: Record<Protocol, string> = { 1.2: '15.08', '2.0': '16.01', 2.1: '16.04', 2.2: '16.11', 2.3: '17.16' }

function order (text: string): number {
  const match = /^(\d\d)\.(\d\d)$/.exec(text)
  if (match === null) throw new Error(`"${text}" is no release of XiVO: write 15.08`)
  return Number(match[1]) * 100 + Number(match[2])
}

export class Release {
  private readonly order: number
  readonly text: string
  readonly protocol: Protocol

  /**
   * @param wanted protocol, and optionally a release that speaks it
   * @throws Error for a release that does not exist or speaks another protocol
   */
  constructor (wanted: { protocol?: Protocol; release?: string }) {
    this.text = wanted.release ?? TYPICAL[wanted.protocol ?? '1.2']
    this.order = order(this.text)
    const speaks = PROTOCOLS.find(([from]) => this.order >= order(from))?.[1]
    if (speaks === undefined) throw new Error(`Release ${this.text} speaks another protocol`)
    if (wanted.protocol !== undefined && wanted.protocol !== speaks) throw new Error(`Release ${this.text} speaks ${speaks}, not ${wanted.protocol}`)
    this.protocol = speaks
  }

  /** True from this release on. */
  from (text: string): boolean {
    return this.order >= order(text)
  }

  /** Dialect 2.x: password in clear, no replies with ids to the log-in, services that work later. */
  get second (): boolean {
    return this.protocol !== '1.2'
  }

  /** The list `channels` and what belongs to it. */
  get channels (): boolean {
    return !this.from('15.19')
  }

  /** Key under which versions are told. */
  get versionKey (): 'xivoversion' | 'wazoversion' {
    return this.protocol === '2.3' ? 'wazoversion' : 'xivoversion'
  }
}
