import type { NodeAPI } from 'node-red'
import { CtiError } from '../../src/model'
import type { TelephonySession } from '../../src/session/types'
import { type AccountDefinition, type AccountNode, accountDefinition, isAccountNode } from './account'
import { readSettings } from './accountSettings'
import { isPlainObject, toText } from './coerce'

/** ms until a test gives up. */
const TEST_LIMIT_MS = 15_000
/** What the editor sends for a password that it does not know. */
const STORED = '__PWRD__'
const ENVIRONMENT = /^\$[({].*[)}]$/

/** What a test answers; `message` is for people. */
export interface TestResult { ok: boolean; ms: number; code?: string; message?: string }

const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { retryable: false })

/** The saved definition as it is in the flow, environment variables not replaced. */
function savedDefinition (RED: NodeAPI, id: string): Record<string, unknown> {
  let found: Record<string, unknown> = {}
  RED.nodes.eachNode((def) => { if (def.id === id) found = def as unknown as Record<string, unknown> })
  return found
}

interface Stored { readonly node: AccountNode; readonly saved: Record<string, unknown> }

/** An environment variable is replaced only where the deployed account has the very same one: a test is no way to read others. */
function unfold (name: string, value: unknown, stored: Stored | undefined): unknown {
  if (!ENVIRONMENT.test(toText(value))) return value
  if (stored !== undefined && stored.saved[name] === value) return stored.node.properties[name]
  throw invalid(`"${name}" is an environment variable: deploy first, then test.`)
}

function secret (name: string, value: unknown, stored: Stored | undefined, sameAddress: boolean): unknown {
  if (value !== STORED && !ENVIRONMENT.test(toText(value))) return value
  if (stored === undefined) throw invalid(`"${name}" is not known before the account is deployed: type it in.`)
  if (!sameAddress) throw invalid(`The address differs from the deployed one: type "${name}" in again. A stored one only goes to the address it was stored for.`)
  return (stored.node.credentials as Record<string, unknown>)[name]
}

/** Properties that decide where the stored secrets go. */
function isSameAddress (definition: AccountDefinition, properties: Readonly<Record<string, unknown>>, stored: Stored | undefined): boolean {
  if (stored === undefined) return false
  const target = (from: Readonly<Record<string, unknown>>): string => toText(from.connectTo) || 'system'
  const fields = ['simulator', 'proxy', 'tls', ...definition.addressFields]
  return target(properties) === target(stored.saved) && fields.every((name) => toText(properties[name]) === toText(stored.saved[name]))
}

/** Resolves when the session is online; rejects with the reason of its first failure. Leaves nothing behind. */
async function connectOnce (session: TelephonySession): Promise<void> {
  let leave: (() => void) | undefined
  const failed = new Promise<never>((_resolve, reject) => {
    leave = session.join({
      status: ({ state, error }) => { if (state === 'waiting' || state === 'refused') reject(error ?? new CtiError('CTI_UNAVAILABLE', 'No connection.')) }
    })
  })
  try {
    await Promise.race([session.whenOnline(TEST_LIMIT_MS), failed])
  } finally {
    leave?.()
    await session.close('removed')
  }
}

/**
 * Connects once with unsaved values and disconnects: own application id, so that the running session is not disturbed.
 * @param id of the account node, deployed or not
 * @param body `{ type, properties, credentials }` as the dialog holds them
 * @throws CtiError CTI_INVALID_REQUEST when the body makes no account
 */
export async function testConnection (RED: NodeAPI, id: string, body: unknown): Promise<TestResult> {
  const { type, properties: typed, credentials: secrets } = isPlainObject(body) ? body : {}
  const definition = accountDefinition(toText(type))
  if (definition === undefined || !isPlainObject(typed)) throw invalid('Not a telephony account.')
  const node: unknown = RED.nodes.getNode(id)
  if (isAccountNode(node) && node.type !== type) throw invalid('The account has another type.')
  const stored = isAccountNode(node) ? { node, saved: savedDefinition(RED, id) } : undefined
  const sameAddress = isSameAddress(definition, typed, stored)
  const properties = Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, unfold(name, value, stored)]))
  const given = isPlainObject(secrets) ? secrets : {}
  const credentials = Object.fromEntries(Object.keys(definition.credentials).map((name) => [name, secret(name, given[name], stored, sameAddress)]))

  const startedAt = performance.now()
  const elapsed = (): number => Math.round(performance.now() - startedAt)
  try {
    const settings = await readSettings(RED, { id: `${id}-test`, warn: () => undefined }, properties, credentials, 'connection test')
    await connectOnce(definition.createSession(settings))
    return { ok: true, ms: elapsed() }
  } catch (error) {
    const { code, message } = CtiError.from(error, definition.platform)
    return { ok: false, ms: elapsed(), code, message }
  }
}
