import type { Node, NodeAPI } from 'node-red'
import { CtiError } from '../../src/model'
import { toCount, toText } from './coerce'
import { instanceId, stableId } from './instanceId'
import { isSimulatorNode, type SimulatorAddress } from './simulatorNode'
import { commonTexts } from './texts'

/** ms that an account waits for its simulator to listen. */
const SIMULATOR_LIMIT_MS = 15_000

/** Options of `tls.connect` that a TLS configuration node sets. */
export interface TlsOptions {
  ca?: string | Buffer
  cert?: string | Buffer
  key?: string | Buffer
  passphrase?: string
  servername?: string
  rejectUnauthorized?: boolean
}
export interface ProxyOptions { url: string; username?: string; password?: string; noProxy: string[] }

/** Everything of an account node, read and made of one kind; what a platform builds its session from. */
export interface AccountSettings {
  readonly accountId: string
  readonly label: string
  /** The node's properties after migration, environment variables replaced. Read them with `coerce.ts`. */
  readonly properties: Readonly<Record<string, unknown>>
  /** Only what is set; never logged. */
  readonly credentials: Readonly<Record<string, string>>
  readonly tls?: TlsOptions
  readonly proxy?: ProxyOptions
  /** Present when the account connects to a simulator: address, certificate and login come from it. */
  readonly simulator?: SimulatorAddress
  readonly country?: string
  readonly timeoutMs?: number
  /** A connection test with unsaved values: leave nothing behind, disturb no running session. */
  readonly trial?: true
  /** An id that is the same at each start of this installation (an application, a channel set). */
  stableId (purpose: string): string
}

interface TlsNode extends Node { addTLSOptions (options: Record<string, unknown>): TlsOptions; valid?: boolean }
interface ProxyNode extends Node { url?: string; noproxy?: unknown; credentials: { username?: string; password?: string } }

function configNode (RED: NodeAPI, id: unknown): Node | undefined {
  return toText(id) === '' ? undefined : RED.nodes.getNode(toText(id)) ?? undefined
}

function tlsOf (RED: NodeAPI, id: unknown): TlsOptions | undefined {
  const node = configNode(RED, id) as TlsNode | undefined
  if (node === undefined || typeof node.addTLSOptions !== 'function') return undefined
  if (node.valid === false) throw new CtiError('CTI_INVALID_REQUEST', 'The TLS configuration of this account is not usable: check its certificate and key.')
  return node.addTLSOptions({})
}

function proxyOf (RED: NodeAPI, id: unknown): ProxyOptions | undefined {
  const node = configNode(RED, id) as ProxyNode | undefined
  if (node === undefined || toText(node.url) === '') return undefined
  const { username, password } = node.credentials
  return {
    url: toText(node.url),
    noProxy: Array.isArray(node.noproxy) ? node.noproxy.map(toText) : [],
    ...(username ? { username } : {}),
    ...(password ? { password } : {})
  }
}

async function simulatorOf (RED: NodeAPI, id: unknown): Promise<SimulatorAddress> {
  const node = configNode(RED, id)
  if (!isSimulatorNode(node)) {
    throw new CtiError('CTI_INVALID_REQUEST', 'This account connects to a simulator: choose one in the account, and deploy it.', { missing: 'simulator', retryable: false })
  }
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new CtiError('CTI_TIMEOUT', 'The simulator did not start in time.', { retryable: false })) }, SIMULATOR_LIMIT_MS)
  })
  try {
    return await Promise.race([node.whenReady(), limit])
  } finally {
    clearTimeout(timer)
  }
}

/** Environment variables may have made numbers of credentials: text again, and only what is there. */
function textsOf (values: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]): [string, string] => [name, toText(value)]).filter(([, value]) => value !== ''))
}

/**
 * Reads an account's settings; waits for the simulator if the account connects to one.
 * @param node whose id the account has, and who says when something cannot be kept
 * @param trial for a test of values that are not saved
 * @throws CtiError when a referenced configuration cannot be used
 */
export async function readSettings (
  RED: NodeAPI, node: Pick<Node, 'id' | 'warn'>, properties: Readonly<Record<string, unknown>>, credentials: Readonly<Record<string, unknown>> | undefined, label: string,
  trial = false
): Promise<AccountSettings> {
  const simulator = toText(properties.connectTo) === 'simulator' ? await simulatorOf(RED, properties.simulator) : undefined
  const tls = tlsOf(RED, properties.tls)
  const proxy = proxyOf(RED, properties.proxy)
  const seconds = toCount(properties.timeout)
  const country = toText(properties.country).toUpperCase()
  const instance = instanceId(RED.settings.userDir, (reason) => {
    node.warn(commonTexts(RED)('log.instanceNotKept', { reason }))
  })
  return {
    accountId: node.id,
    label,
    properties,
    credentials: textsOf(credentials),
    stableId: (purpose) => stableId(instance, trial ? `${node.id}-test` : node.id, purpose),
    ...(trial ? { trial } : {}),
    ...(tls ? { tls } : {}),
    ...(proxy ? { proxy } : {}),
    ...(simulator ? { simulator } : {}),
    ...(country === '' ? {} : { country }),
    ...(seconds === undefined || seconds === 0 ? {} : { timeoutMs: seconds * 1000 })
  }
}
