/** Which servers an account has: by SRV records, or as they were entered (xsi.md 2.1, 2.3 step 2, 4.12). */
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { basesAt, basesOf, type Bases, type ResolveSrv, type SrvRecord, type XsiOptions } from './options'

/** More channels than this a server hardly allows in one set. */
const MOST_SERVERS = 8
const SRV_PREFIX = '_xsi-client._tcp.'
const DNS_MS = 2000
const DNS_TRIES = 2
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 }

export interface Servers {
  /** Where commands go, the first choice first. */
  readonly commands: readonly Bases[]
  /** Where event channels are opened, the preferred one first. */
  readonly channels: readonly Bases[]
}

/** The DNS of the machine; at most 4 s. */
export const dnsSrv: ResolveSrv = (name) => new Resolver({ timeout: DNS_MS, tries: DNS_TRIES }).resolveSrv(name)

/** Whose SRV records are asked for, and the scheme that their servers speak: nobody's when single servers are named. */
function domainOf (options: XsiOptions): { domain: string; scheme: string } | undefined {
  const { srvDomain, servers = [] } = options
  const [first] = basesOf(options)
  const { protocol, hostname, port } = new URL(first.events)
  if (srvDomain !== undefined && srvDomain !== '') return { domain: srvDomain, scheme: protocol }
  const plain = port === '' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && hostname.includes('.')
  return plain && servers.length === 0 ? { domain: hostname, scheme: protocol } : undefined
}

/**
 * Lower priority first; among equals by chance, in proportion to their weight (RFC 2782). A target of "." says that there is no such service.
 * @param random 0..1
 */
export function inOrder (records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = records.filter(({ name }) => name !== '' && name !== '.')
  const ordered: SrvRecord[] = []
  while (left.length > 0) {
    const best = Math.min(...left.map(({ priority }) => priority))
    const equals = left.filter(({ priority }) => priority === best)
    let at = random() * equals.reduce((sum, { weight }) => sum + weight, 0)
    const chosen = equals.find(({ weight }) => (at -= weight) < 0) ?? equals[0]
    ordered.push(chosen)
    left.splice(left.indexOf(chosen), 1)
  }
  return ordered
}

function originAt (scheme: string, { name, port }: SrvRecord): string {
  const host = name.replace(/\.$/, '')
  return `${scheme}//${host.includes(':') ? `[${host}]` : host}${port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}`
}

/** The same application at another server. */
const moved = (url: string, origin: string): string => origin + new URL(url).pathname

/**
 * Asks for the SRV records and falls back to what was entered: most providers have none. Where the addresses of the applications were entered whole,
 * commands stay there and only events and channels go to the servers of the records (xsi.md 4.12).
 * @throws CtiError CTI_INVALID_REQUEST without any address
 */
export async function serversOf (options: XsiOptions): Promise<Servers> {
  const entered = basesOf(options)
  const plain: Servers = { commands: entered, channels: entered.slice(0, MOST_SERVERS) }
  const asked = domainOf(options)
  if (asked === undefined) return plain
  const records = await (options.resolveSrv ?? dnsSrv)(SRV_PREFIX + asked.domain).catch(() => [])
  // A server on the port of plain HTTP cannot be reached by https.
  const usable = asked.scheme === 'https:' ? records.filter(({ port }) => port !== DEFAULT_PORTS['http:']) : records
  const origins = [...new Set(inOrder(usable, options.random ?? Math.random).map((record) => originAt(asked.scheme, record)))].filter((origin) => URL.canParse(origin))
  if (origins.length === 0) return plain
  const whole = options.actionsUrl !== undefined && options.eventsUrl !== undefined
  const bases = origins.map((origin) => whole ? { actions: entered[0].actions, events: moved(entered[0].events, origin), channel: moved(entered[0].channel, origin) } : basesAt(options, origin))
  return { commands: whole ? entered : bases, channels: bases.slice(0, MOST_SERVERS) }
}
