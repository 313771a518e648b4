import type { Node, NodeAPI } from 'node-red'
import { CtiError } from '../../src/model'
import { type AccountNode, isAccountNode } from './account'
import type { HubListener } from './accountHub'
import { isPlatform, platformOfAccountType } from './accountTypes'
import { toText } from './coerce'
import { type StatusLine, noAccountLook, sessionLook } from './status'
import type { Translate } from './texts'

/** Which account an action node works on: one that was chosen, or the one that the message came from. */
export interface AccountChoice {
  /** @throws CtiError that says what to choose, or that the account is not running */
  find (msg: { readonly payload?: unknown; readonly cti?: unknown }): AccountNode
  /** The chosen account; undefined when the message decides or when it is not running. */
  readonly fixed?: AccountNode
  readonly fromMessage: boolean
}

const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { field: 'account', retryable: false })

function runningAccount (RED: NodeAPI, id: string): AccountNode | undefined {
  const node: unknown = RED.nodes.getNode(id)
  return isAccountNode(node) ? node : undefined
}

const accountIdOf = (frame: unknown): string => toText((frame as { accountId?: unknown } | null | undefined)?.accountId)

/** Items of a look-up name no account, the frame beside them does. */
function accountOfMessage (RED: NodeAPI, msg: Parameters<AccountChoice['find']>[0]): AccountNode {
  const id = accountIdOf(msg.payload) || accountIdOf(msg.cti)
  if (id === '') throw invalid('The message names no account (msg.payload.accountId): feed this node from an event node, or choose an account in it.')
  const node: unknown = RED.nodes.getNode(id)
  if (isAccountNode(node)) return node
  if (node !== undefined && node !== null && platformOfAccountType((node as Node).type) === undefined) throw invalid('msg.payload.accountId is the id of a node that is not a telephony account.')
  throw new CtiError('CTI_NOT_CONNECTED', 'The account that the message names is not running: it was deleted, disabled, or belongs to another Node-RED.', { retryable: false })
}

/** @param def has `vendor` (msg or a platform) and, by platform, the id of an account */
export function accountChoice (RED: NodeAPI, def: Readonly<Record<string, unknown>>): AccountChoice {
  const vendor = toText(def.vendor) || 'msg'
  if (vendor === 'msg') return { fromMessage: true, find: (msg) => accountOfMessage(RED, msg) }
  const id = isPlatform(vendor) ? toText(def[vendor]) : ''
  const fixed = id === '' ? undefined : runningAccount(RED, id)
  const find = (): AccountNode => {
    if (id === '') throw invalid('No account is chosen in this node.')
    // Looked up for each message: an account that was deployed alone is another object now.
    const account = runningAccount(RED, id)
    if (account === undefined || account.platform !== vendor) throw new CtiError('CTI_NOT_CONNECTED', 'The account chosen in this node is not running: it was deleted or is disabled.', { retryable: false })
    return account
  }
  return { fromMessage: false, find, ...(fixed?.platform === vendor ? { fixed } : {}) }
}

/**
 * Makes `node` a user of its account and shows the account's state as the base of its status.
 * @returns leaves; call it at close
 */
export function useAccount (node: Node, account: AccountNode | undefined, line: StatusLine, t: Translate, listener: HubListener = {}): () => void {
  if (account === undefined) {
    line.setBase(noAccountLook(t))
    return () => undefined
  }
  return account.join(node, {
    ...listener,
    status: (status) => {
      line.setBase(sessionLook(status, Date.now(), t))
      listener.status?.(status)
    }
  })
}
