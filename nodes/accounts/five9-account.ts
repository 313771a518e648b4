import type { NodeAPI } from 'node-red'
import { Five9Driver } from '../../src/five9'
import { registerAccount } from '../shared/account'
import { newSession } from '../shared/newSession'
import { five9Options } from './options/five9'

/** The *Five9 account* config node: a Five9 user, whose session as agent, supervisor or both the other nodes share. */
export default function register (RED: NodeAPI): void {
  registerAccount(RED, {
    platform: 'five9',
    credentials: { username: { type: 'text' }, password: { type: 'password' } },
    addressFields: ['region', 'host'],
    createSession: (settings) => newSession(settings, new Five9Driver(five9Options(settings)))
  })
}
