import type { NodeAPI } from 'node-red'
import { IpecsDriver, importWrapperConfig } from '../../src/ipecs'
import { MemoryTokenStore } from '../../src/session/tokenStore'
import { registerAccount } from '../shared/account'
import { newSession } from '../shared/newSession'
import { isPlainObject } from '../shared/coerce'
import { commonTexts } from '../shared/texts'
import { tokenStore } from '../shared/tokens'
import { importedFields, ipecsOptions } from './options/ipecs'

/** Registry of this process: the admin applications that have the route. */
const served = new WeakSet<object>()

/** The dialog's import: what a configuration of the Python wrapper fills in. Nothing is kept. */
function registerImport (RED: NodeAPI): void {
  const app = RED.httpAdmin as NodeAPI['httpAdmin'] | undefined
  if (typeof app?.post !== 'function' || served.has(app)) return
  served.add(app)
  app.post('/cti-ipecs/import', RED.auth.needsPermission('cti.write'), (ask, reply) => {
    const body: unknown = ask.body
    const found = importWrapperConfig(isPlainObject(body) ? body.text : undefined)
    reply.json({ values: importedFields(found), notes: found.notes })
  })
}

/** The *iPECS account* config node: the Web API of a telephone system and the account that logs in there. */
export default function register (RED: NodeAPI): void {
  const t = commonTexts(RED)
  registerAccount(RED, {
    platform: 'ipecs',
    credentials: { username: { type: 'text' }, password: { type: 'password' }, tokenKey: { type: 'password' } },
    addressFields: ['host', 'port', 'trust', 'fingerprint'],
    createSession: (settings, warn) => {
      // A test must not log the running session out with its token.
      const tokens = settings.trial ? new MemoryTokenStore() : tokenStore(RED, settings, (code, reason) => { warn(t(code, { reason })) })
      return newSession(settings, new IpecsDriver(ipecsOptions(settings, tokens)))
    }
  })
  registerImport(RED)
}
