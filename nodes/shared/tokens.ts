/** Where the tokens of an account live (design.md, "Kept across restarts"). */
import { join } from 'node:path'
import type { NodeAPI } from 'node-red'
import { FileTokenStore, MemoryTokenStore, type TokenStore } from '../../src/session/tokenStore'
import type { AccountSettings } from './accountSettings'

const DIRECTORY = '.cti-tokens'

/**
 * The encrypted file `<userDir>/.cti-tokens/<account id>.json`; memory without a user directory, without the account's key (an imported flow), and for a simulator.
 * @param warn told once when tokens cannot be kept or read: `code` is a key of the common texts
 */
export function tokenStore (RED: NodeAPI, { accountId, credentials, simulator }: AccountSettings, warn: (code: 'log.tokensUnreadable' | 'log.tokensNotKept', reason: string) => void): TokenStore {
  const { userDir } = RED.settings
  const key = credentials.tokenKey
  if (simulator !== undefined || userDir === undefined || key === undefined) return new MemoryTokenStore()
  return new FileTokenStore({
    directory: join(userDir, DIRECTORY), accountId, key,
    warn: (code, reason) => { warn(code === 'unreadable' ? 'log.tokensUnreadable' : 'log.tokensNotKept', reason) }
  })
}
