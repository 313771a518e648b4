import assert from 'node:assert/strict'
import type { NodeAPI } from 'node-red'
import { callbackUrl } from '../../../nodes/webex/address'
import { hookPath, hooksBlocked, localUrl } from '../../../nodes/webex/hooks'

const post = (): void => undefined
const red = (settings: Record<string, unknown> = {}, more: Record<string, unknown> = {}): NodeAPI => ({ settings, httpNode: { post }, ...more }) as unknown as NodeAPI
const listening = (port: number): Record<string, unknown> => ({ server: { address: () => ({ port, address: '::', family: 'IPv6' }) } })

describe('the way of webhooks into Node-RED', () => {
  it('is a path that only the account\'s secret gives, the same at each start', () => {
    const path = hookPath(red(), 'acc', 'secret')
    assert.match(path, /^\/cti\/hooks\/acc\/[0-9a-f]{40}$/)
    assert.equal(hookPath(red({ httpNodeRoot: '/' }), 'acc', 'secret'), path)
    assert.equal(hookPath(red({ httpNodeRoot: '/red/' }), 'acc', 'secret'), `/red${path}`)
    assert.notEqual(hookPath(red(), 'acc', 'other').slice(-40), path.slice(-40))
    assert.notEqual(hookPath(red(), 'other', 'secret').slice(-40), path.slice(-40))
    assert.match(hookPath(red(), 'a/../b', 'secret'), /^\/cti\/hooks\/a%2F..%2Fb\//)
  })

  it('is blocked without an HTTP side, and where everybody is asked for a password', () => {
    assert.equal(hooksBlocked(red()), undefined)
    assert.equal(hooksBlocked(red({ httpNodeRoot: false })), 'noHttp')
    assert.equal(hooksBlocked(red({}, { httpNode: undefined })), 'noHttp')
    assert.equal(hooksBlocked(red({ httpNodeAuth: { user: 'a', pass: 'b' } })), 'httpNodeAuth')
  })

  it('knows this machine\'s own address, before the server listens too', () => {
    assert.equal(localUrl(red({ uiPort: 1881, uiHost: '0.0.0.0' })), 'http://127.0.0.1:1881')
    assert.equal(localUrl(red({}, { server: { address: () => null } })), 'http://127.0.0.1:1880')
    assert.equal(localUrl(red({ uiPort: 1881, uiHost: '::1', https: {} }, listening(4711))), 'https://[::1]:4711')
    assert.equal(callbackUrl(red({ httpAdminRoot: '/admin/' }, listening(4711))), 'http://127.0.0.1:4711/admin/cti/oauth/callback')
  })
})
