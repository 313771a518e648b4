/** What a running Webex account lends beyond its session: webhooks in, authorisations, token and addresses for XSI. */
import type { NodeAPI } from 'node-red'
import { createWebexDriver, WebhookInbox, type WebexDriver } from '../../src/webex'
import type { TelephonySession } from '../../src/session/types'
import { webexOptions } from '../accounts/options/webex'
import type { AccountSettings } from '../shared/accountSettings'
import { toText } from '../shared/coerce'
import { newSession } from '../shared/newSession'
import { commonTexts } from '../shared/texts'
import { tokenStore } from '../shared/tokens'
import { callbackUrl } from './address'
import { admit, hookPath, hooksBlocked, localUrl } from './hooks'

type Warn = (text: string) => void

/** Registry of this process: drivers of running accounts, by account id. */
const running = new Map<string, WebexDriver>()
const ends = new WeakMap<TelephonySession, () => void>()

/** The driver of a running account; undefined while it has none. */
export function webexDriver (accountId: string): WebexDriver | undefined {
  return running.get(accountId)
}

/** Where webhooks come in: at the public address, or, from a simulator, at this machine's own. */
function inboxOf (RED: NodeAPI, { accountId, properties, credentials, simulator, stableId }: AccountSettings, warn: Warn): WebhookInbox | undefined {
  const t = commonTexts(RED)
  const publicUrl = simulator ? localUrl(RED) : toText(properties.publicUrl)
  if (publicUrl === '') return undefined
  const blocked = hooksBlocked(RED)
  // A simulator's webhooks need no secret that lasts.
  const secret = credentials.webhookSecret ?? (simulator ? stableId('webhookSecret') : undefined)
  if (blocked !== undefined || secret === undefined) {
    if (!simulator) warn(t(blocked === undefined ? 'log.noKey' : `log.${blocked}`))
    return undefined
  }
  return new WebhookInbox({ publicUrl, secret, path: hookPath(RED, accountId, secret) })
}

/** The driver for settings, deployed or typed. @throws CtiError as `webexOptions` */
export function driverOf (RED: NodeAPI, settings: AccountSettings, warn: Warn, hooks?: WebhookInbox): WebexDriver {
  const t = commonTexts(RED)
  const tokens = tokenStore(RED, settings, (code, reason) => { warn(t(code, { reason })) })
  return createWebexDriver(webexOptions(settings, { tokens, redirectUri: callbackUrl(RED), ...(hooks === undefined ? {} : { hooks }) }))
}

/** The session of an account. What belongs to it ends with `releaseWebex`; a trial leaves running accounts alone. */
export function webexSession (RED: NodeAPI, settings: AccountSettings, warn: Warn): TelephonySession {
  const { accountId, trial } = settings
  const hooks = trial ? undefined : inboxOf(RED, settings, warn)
  const driver = driverOf(RED, settings, warn, hooks)
  const session = newSession(settings, driver)
  if (trial) return session
  const shut = hooks === undefined ? () => undefined : admit(accountId, hooks)
  running.set(accountId, driver)
  ends.set(session, () => {
    shut()
    if (running.get(accountId) === driver) running.delete(accountId)
  })
  return session
}

export function releaseWebex (session: TelephonySession): void {
  ends.get(session)?.()
  ends.delete(session)
}
