import assert from 'node:assert/strict'
import { testPublicUrl, WebhookInbox } from '../../src/webex'
import { HookServer } from './harness'

describe('Webex: the test of the public address', () => {
  const server = new HookServer()
  before(() => server.start())
  after(() => server.stop())

  it('finds that the address leads here', async () => {
    assert.deepEqual((await testPublicUrl(server.inbox('/cti/hooks/a/b'))).ok, true)
  })

  it('says what is in the way', async () => {
    const here = server.inbox('/cti/hooks/c/d')
    const lost = new WebhookInbox({ publicUrl: here.targetUrl!.replace('/cti/hooks/c/d', ''), path: '/elsewhere', secret: here.secret })
    assert.match((await testPublicUrl(lost)).text, /no such path/)
    server.broken = 401
    const guarded = await testPublicUrl(here)
    server.broken = undefined
    assert.deepEqual([guarded.ok, /httpNodeAuth/.test(guarded.text)], [false, true])
    const dead = new WebhookInbox({ publicUrl: 'http://127.0.0.1:1', path: '/x', secret: here.secret })
    assert.equal((await testPublicUrl(dead)).ok, false)
    assert.equal((await testPublicUrl(new WebhookInbox({ path: '/x', secret: here.secret }))).ok, false)
  })

  it('is not fooled by another program that answers well', async () => {
    const here = server.inbox('/cti/hooks/e/f')
    server.broken = 200
    const { ok } = await testPublicUrl(here)
    server.broken = undefined
    assert.equal(ok, false)
  })
})
