import type { NodeAPI } from 'node-red'
import { registerAccount } from '../shared/account'
import { registerAuthorisation } from '../webex/authorise'
import { registerHooks } from '../webex/hooks'
import { releaseWebex, webexSession } from '../webex/service'

/** The *Webex account* config node: whose line, how authorised, and how webhooks come in. */
export default function register (RED: NodeAPI): void {
  registerAccount(RED, {
    platform: 'webex',
    credentials: {
      clientSecret: { type: 'password' }, refreshToken: { type: 'password' }, accessToken: { type: 'password' }, botToken: { type: 'password' },
      tokenKey: { type: 'password' }, webhookSecret: { type: 'password' }
    },
    addressFields: ['baseUrl', 'authorizeUrl', 'tokenUrl'],
    createSession: (settings, warn) => webexSession(RED, settings, warn),
    release: releaseWebex
  })
  registerHooks(RED)
  registerAuthorisation(RED)
}
