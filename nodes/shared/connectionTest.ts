import type { NodeAPI } from 'node-red'
import { CtiError } from '../../src/model'
import type { SessionStatus, TelephonySession } from '../../src/session/types'
import { type AccountDefinition, type AccountNode, accountDefinition, isAccountNode } from './account'
import { type AccountSettings, readSettings } from './accountSettings'
import { isPlainObject, toText } from './coerce'
import { commonTexts } from './texts'

/** ms until a test gives up. */
const TEST_LIMIT_MS = 15_000
/** What the editor sends for a password that it does not know. */
const STORED = '__PWRD__'
const ENVIRONMENT = /^\$[({].*[)}]$/

/** Warnings of a session that a test tells at most. */
const NOTES_TOLD = 5

/** What a test answers; `message` is for people, and so are `notes`: what the session warned of on its way. */
export interface TestResult { ok: boolean; ms: number; code?: string; message?: string; notes?: string[] }

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

/** Resolves when the session is online; rejects with the reason of its first failure. Leaves nothing behind. @param warn told of the session's warnings @param stepName words for a step, for people */
async function connectOnce (session: TelephonySession, warn: (text: string) => void, stepName: (state: SessionStatus['state']) => string): Promise<void> {
  let step: SessionStatus['state'] = 'connecting'
  let leave: (() => void) | undefined
  const failed = new Promise<never>((_resolve, reject) => {
    leave = session.join({
      status: ({ state, error }) => {
        if (state !== 'closing' && state !== 'closed') step = state
        if (state === 'waiting' || state === 'refused') reject(error ?? new CtiError('CTI_UNAVAILABLE', 'No connection.'))
      },
      warning: (_code, text) => { warn(text) }
    })
  })
  try {
    const late = (error: unknown): never => {
      if (CtiError.from(error).code !== 'CTI_NOT_CONNECTED') throw error
      throw new CtiError('CTI_TIMEOUT', `There is no answer after ${TEST_LIMIT_MS / 1000} s; the last step was: ${stepName(step)}.`, { retryable: true })
    }
    await Promise.race([session.whenOnline(TEST_LIMIT_MS).catch(late), failed])
  } finally {
    leave?.()
    await session.close('removed')
  }
}

/** An account as the dialog holds it: its definition, and the settings made of what is typed. */
export interface TypedAccount { readonly definition: AccountDefinition; settings (): Promise<AccountSettings> }

/**
 * Reads what a dialog sent. Stored secrets stand for those that were not typed, where they go to the address that they were stored for.
 * @param id of the account node, deployed or not
 * @param body `{ type, properties, credentials }` as the dialog holds them
 * @throws CtiError CTI_INVALID_REQUEST when the body makes no account
 */
export function typedAccount (RED: NodeAPI, id: string, body: unknown): TypedAccount {
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
  return { definition, settings: () => readSettings(RED, { id, warn: () => undefined }, properties, credentials, 'connection test', true) }
}

/**
 * Connects once with unsaved values and disconnects: own application id, so that the running session is not disturbed.
 * @throws CtiError CTI_INVALID_REQUEST when the body makes no account
 */
export async function testConnection (RED: NodeAPI, id: string, body: unknown): Promise<TestResult> {
  const { definition, settings } = typedAccount(RED, id, body)
  const startedAt = performance.now()
  const elapsed = (): number => Math.round(performance.now() - startedAt)
  const told = new Set<string>()
  const warn = (text: string): void => { if (told.size < NOTES_TOLD) told.add(text) }
  const notes = (): Pick<TestResult, 'notes'> => told.size === 0 ? {} : { notes: [...told] }
  let session: TelephonySession | undefined
  try {
    session = await definition.createSession(await settings(), warn)
    await connectOnce(session, warn, (state) => commonTexts(RED)(`status.${state}`))
    return { ok: true, ms: elapsed(), ...notes() }
  } catch (error) {
    const { code, message } = CtiError.from(error, definition.platform)
    const running: unknown = RED.nodes.getNode(id)
    if (code === 'CTI_CONFLICT' && isAccountNode(running) && running.sessionStatus.state === 'online') told.add(commonTexts(RED)('test.itself'))
    return { ok: false, ms: elapsed(), code, message, ...notes() }
  } finally {
    if (session) definition.release?.(session)
  }
}
