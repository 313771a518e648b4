import assert from 'node:assert/strict'
import { xsiOptions } from '../../../nodes/accounts/options/xsi'
import type { AccountSettings } from '../../../nodes/shared/accountSettings'

const settings = (properties: Record<string, unknown>, part: Partial<AccountSettings> = {}): AccountSettings => ({
  accountId: 'acc', label: 'Office', properties: { host: 'xsp.example.com', ...properties }, credentials: { username: 'alice@example.com', password: 'secret' },
  stableId: (purpose) => `id-${purpose}`, ...part
})
const simulator = { url: () => 'http://127.0.0.1:4711', login: () => ({ username: 'demo@example.com', password: 'demo', groupId: 'g', enterpriseId: 'e' }), ca: 'PEM' }

describe('the options of an XSI account', () => {
  it('hold only what was entered', () => {
    assert.deepEqual(xsiOptions(settings({ scope: '', packages: '', protocolVersion: '' })), {
      host: 'xsp.example.com', scope: 'user', auth: { kind: 'basic', username: 'alice@example.com', password: 'secret' }, applicationId: 'id-application', channelSetId: 'id-channelSet'
    })
  })

  it('take several servers, and names or addresses of renamed applications', () => {
    const { host, servers } = xsiOptions(settings({ host: 'a.example.com, b.example.com,c.example.com' }))
    assert.deepEqual([host, servers], ['a.example.com', ['b.example.com', 'c.example.com']])
    const options = xsiOptions(settings({ host: '', actionsUrl: 'https://x.example.com/actions', eventsUrl: 'HTTPS://x.example.com/events', channelUrl: 'my.async/my.events' }))
    assert.deepEqual([options.actionsUrl, options.eventsUrl, options.channelContext, options.host], ['https://x.example.com/actions', 'HTTPS://x.example.com/events', 'my.async/my.events', undefined])
  })

  it('name what has to be entered', () => {
    const lacks = (properties: Record<string, unknown>, credentials: Record<string, string> = { username: 'a', password: 'b' }): unknown => {
      try {
        xsiOptions(settings(properties, { credentials }))
      } catch (error) {
        return (error as { cause: { missing: string } }).cause.missing
      }
      return undefined
    }
    assert.equal(lacks({ host: '' }), 'host')
    assert.equal(lacks({}, {}), 'username')
    assert.equal(lacks({}, { username: 'a' }), 'password')
    assert.equal(lacks({ auth: 'bearer' }), 'accessToken')
    assert.equal(lacks({ auth: 'bearer' }, { accessToken: 't' }), 'userId')
    assert.equal(lacks({ scope: 'users', userList: ' , ' }), 'userList')
    assert.equal(lacks({ scope: 'group', enterpriseId: 'e' }), 'groupId')
    assert.equal(lacks({ scope: 'enterprise' }), 'enterpriseId')
    assert.equal(lacks({ scope: 'nonsense' }), undefined)
  })

  it('use a token, a certificate and a proxy', async () => {
    const options = xsiOptions(settings({ auth: 'bearer', userId: 'uuid' }, {
      credentials: { accessToken: 't0' }, tls: { rejectUnauthorized: false }, proxy: { url: 'http://proxy.example.com:3128', noProxy: [] }, timeoutMs: 9000
    }))
    assert.equal(options.auth.kind === 'bearer' && await options.auth.token(false), 't0')
    assert.deepEqual([options.userId, options.tls, options.proxy, options.timeoutMs], ['uuid', { rejectUnauthorized: false }, 'http://proxy.example.com:3128', 9000])
    assert.equal(xsiOptions(settings({}, { proxy: { url: 'http://p', noProxy: ['example.com'] } })).proxy, undefined)
  })

  it('take address, login, certificate and ids of a simulator', () => {
    const options = xsiOptions(settings({ host: '', scope: 'group', userId: 'left over' }, { simulator, credentials: {} }))
    assert.deepEqual([options.host, options.tls, options.groupId, options.enterpriseId, options.userId], ['http://127.0.0.1:4711', { ca: 'PEM' }, 'g', 'e', undefined])
    assert.deepEqual(options.auth, { kind: 'basic', username: 'demo@example.com', password: 'demo' })
  })

  it('watch others on a simulator with the login of its administrator', () => {
    const login = { username: 'demo@example.com', password: 'demo', adminUsername: 'admin@example.com', adminPassword: 'secret', groupId: 'sales', enterpriseId: 'acme' }
    const of = (scope: string): ReturnType<typeof xsiOptions> => xsiOptions(settings({ host: '', scope, userList: 'bob@example.com' }, { simulator: { ...simulator, login: () => login }, credentials: {} }))
    for (const scope of ['users', 'group', 'enterprise']) {
      assert.deepEqual([of(scope).auth, of(scope).groupId, of(scope).enterpriseId], [{ kind: 'basic', username: 'admin@example.com', password: 'secret' }, 'sales', 'acme'])
    }
    assert.deepEqual(of('user').auth, { kind: 'basic', username: 'demo@example.com', password: 'demo' })
  })

  it('ask for one subscription with all packages only when told to', () => {
    assert.equal(xsiOptions(settings({ packageList: true })).packageList, true)
    assert.equal(xsiOptions(settings({ packageList: false })).packageList, undefined)
  })
})
