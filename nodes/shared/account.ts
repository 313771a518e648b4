import type { Node, NodeAPI, NodeDef } from 'node-red'
import { PLATFORM_LABELS, type ActionRequest, type ActionResult, type Platform, type TelephonyEvent } from '../../src/model'
import type { Capability, SessionStatus, TelephonySession } from '../../src/session/types'
import { AccountHub, type HubListener } from './accountHub'
import { type AccountSettings, readSettings } from './accountSettings'
import { PLATFORM_NODES, platformOfAccountType } from './accountTypes'
import { toText } from './coerce'
import { migrate } from './migrate'
import { commonTexts } from './texts'

/** What a platform adds to the account base. */
export interface AccountDefinition {
  readonly platform: Platform
  readonly credentials: Readonly<Record<string, { type: 'text' | 'password' }>>
  /** Properties that say which host the credentials go to: a connection test uses stored secrets only while these are unchanged. */
  readonly addressFields: readonly string[]
  /**
   * Makes the session of these settings; it connects at its first user.
   * @param warn writes to the account's log, once for each different text
   * @throws CtiError when something that only a person can give is missing (`cause.missing` names it), or, `retryable`, when something could not be reached
   */
  createSession (settings: AccountSettings, warn: (text: string) => void): TelephonySession | Promise<TelephonySession>
  /** Undoes what `createSession` did beside the session; called when that session is closed. */
  release? (session: TelephonySession): void
}

/** An account node, as event and action nodes see it. */
export interface AccountNode extends Node {
  readonly platform: Platform
  /** The nodes that use this account, by id. Node-RED routes the account's errors and statuses to the tabs of exactly these. */
  readonly users: Record<string, Node>
  readonly sessionStatus: SessionStatus
  /** The raw properties this node was made of, for comparing with unsaved ones. */
  readonly properties: Readonly<Record<string, unknown>>
  /** Joins as `user`; the returned function leaves. */
  join (user: Node, listener: HubListener): () => void
  perform (request: ActionRequest, signal?: AbortSignal): Promise<ActionResult>
  capability (action: string): Capability | undefined
  /** What is known now, as events marked `initial`; the caller's own objects. */
  presentState (): TelephonyEvent[]
  /** Makes the session object without connecting, so that capabilities can be asked. */
  prepare (): Promise<boolean>
  /** Begins anew after a refusal: what was missing outside of the account (an authorisation) is there now. Does nothing in any other state. */
  renew (): Promise<void>
}

/** Registry of this process: the definition behind each account node type, for tests of accounts that are not deployed yet. */
const definitions = new Map<string, AccountDefinition>()

export function accountDefinition (type: string): AccountDefinition | undefined {
  return definitions.get(type)
}

/** True for a running account node of ours: anything else that has this id in a flow is refused. */
export function isAccountNode (node: unknown): node is AccountNode {
  const candidate = node as Partial<AccountNode> | null | undefined
  return platformOfAccountType(candidate?.type) !== undefined && typeof candidate?.perform === 'function'
}

/** Registers the account node type of a platform. */
export function registerAccount (RED: NodeAPI, definition: AccountDefinition): void {
  const type = PLATFORM_NODES[definition.platform].account
  const t = commonTexts(RED)

  function Account (this: AccountNode, def: NodeDef): void {
    RED.nodes.createNode(this, def)
    const properties = migrate({ ...def })
    const label = toText(def.name) || PLATFORM_LABELS[definition.platform]
    const users: Record<string, Node> = {}
    const hub = new AccountHub({
      platform: definition.platform,
      label,
      open: async () => definition.createSession(await readSettings(RED, this, properties, this.credentials, label), (text) => { this.warn(text) }),
      release: (session) => { definition.release?.(session) },
      log: {
        online: () => { this.log(t('log.online')) },
        waiting: (reason) => { this.warn(t('log.waiting', { reason })) },
        // The empty message lets Catch nodes on the users' tabs see it; a CtiError holds no secrets.
        refused: (error) => { this.error(error, {}) },
        warning: (code, text) => { this.warn(`${code}: ${text}`) }
      }
    })
    Object.assign(this, {
      platform: definition.platform,
      properties,
      users,
      join: (user: Node, listener: HubListener) => {
        users[user.id] = user
        const leave = hub.join(listener)
        return () => {
          delete users[user.id]
          leave()
        }
      },
      perform: (request: ActionRequest, signal?: AbortSignal) => hub.perform(request, signal),
      capability: (action: string) => hub.capability(action),
      presentState: () => hub.presentState(),
      prepare: async () => await hub.ensure() !== undefined,
      renew: () => hub.renew()
    })
    Object.defineProperty(this, 'sessionStatus', { get: () => hub.status })
    this.on('close', (removed: boolean, done: () => void) => { void hub.close(removed ? 'removed' : 'restart').then(done) })
  }

  definitions.set(type, definition)
  RED.nodes.registerType(type, Account, { credentials: { ...definition.credentials } })
}
