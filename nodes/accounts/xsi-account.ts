import type { NodeAPI } from 'node-red'
import { createXsiDriver } from '../../src/xsi/session'
import { registerAccount } from '../shared/account'
import { newSession } from '../shared/newSession'
import { webexLoan } from '../webex/loan'
import { xsiOptions } from './options/xsi'

/** The *xsi account* config node: an XSI server (BroadWorks, Webex Calling) and who logs in there. */
export default function register (RED: NodeAPI): void {
  registerAccount(RED, {
    platform: 'xsi',
    credentials: { username: { type: 'text' }, password: { type: 'password' }, accessToken: { type: 'password' } },
    addressFields: ['auth', 'webex', 'host', 'actionsUrl', 'eventsUrl', 'channelUrl'],
    createSession: async (settings) => newSession(settings, createXsiDriver(xsiOptions(settings, await webexLoan(RED, settings))))
  })
}
