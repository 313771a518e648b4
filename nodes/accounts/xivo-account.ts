import type { NodeAPI } from 'node-red'
import { XivoDriver } from '../../src/xivo'
import { registerAccount } from '../shared/account'
import { newSession } from '../shared/newSession'
import { xivoOptions, xivoSettleMs } from './options/xivo'

/** The *XiVO account* config node: a XiVO server (its CTI port) and the user who logs in there. */
export default function register (RED: NodeAPI): void {
  registerAccount(RED, {
    platform: 'xivo',
    credentials: { username: { type: 'text' }, password: { type: 'password' } },
    addressFields: ['host', 'port', 'starttls', 'fingerprint', 'legacyTls', 'clearPassword'],
    createSession: (settings) => newSession(settings, new XivoDriver(xivoOptions(settings)), { settleMs: xivoSettleMs(settings) })
  })
}
