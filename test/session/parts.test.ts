import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import { actionsOf, redact, redactText, supportedBy } from '../../src/session'
import { LegMemory } from '../../src/session/legMemory'
import { Waiters } from '../../src/session/waiters'
import { Watchdog } from '../../src/session/watchdog'
import { entry } from '../support/fakeDriver'
import { ManualClock } from '../support/manualClock'
import { withTables } from '../support/tables'

const event = (id: string): TelephonyEvent => ({ event: 'reference.changed', id, seq: 1, epoch: 'e', platform: 'xsi', account: 'a', accountId: 'a', time: 't', timeSource: 'local', receivedAt: 't' })

describe('waiters', () => {
  it('look again at what came before the reply, as it was then', () => {
    const waiters = new Waiters(() => assert.fail('no test threw'))
    let wanted = 'unknown yet'
    const found: string[] = []
    const waiter = waiters.add(({ id }) => id === wanted, ({ id }) => { found.push(id) })
    const came = event('one')
    waiters.offer(came)
    came.id = 'changed by a flow'
    wanted = 'one'
    waiter.review()
    assert.deepEqual(found, ['one'])
    waiters.offer(event('one'))
    assert.deepEqual(found, ['one'])
    assert.equal(waiters.size, 0)
  })

  it('keep at most 500 events, and none after they ended', () => {
    const waiters = new Waiters(() => {})
    let all = false
    const found: string[] = []
    const waiter = waiters.add(() => all, ({ id }) => { found.push(id) })
    for (let i = 0; i < 600; i++) waiters.offer(event(`e${i}`))
    all = true
    waiter.review()
    assert.deepEqual(found, ['e100'])
    const ended = waiters.add(() => true, () => assert.fail('ended'))
    ended.end()
    waiters.offer(event('late'))
  })
})

describe('watchdog', () => {
  it('fires once after the silence, not while it hears, not when disarmed', async () => {
    const clock = new ManualClock()
    const silences: number[] = []
    const dog = new Watchdog(clock, (ms) => { silences.push(ms) })
    dog.arm(1000)
    await clock.advance(900)
    dog.heard()
    await clock.advance(999)
    assert.deepEqual(silences, [])
    await clock.advance(1)
    assert.deepEqual(silences, [1000])
    await clock.advance(10_000)
    assert.equal(silences.length, 1)
    dog.arm(1000)
    dog.arm(0)
    assert.equal(clock.pending, 0)
  })
})

describe('memory of our actions', () => {
  it('is bounded, the oldest goes first', () => {
    const memory = new LegMemory()
    for (let i = 0; i < 2001; i++) memory.setClientRef(`leg${i}`, 'T')
    const [first, second]: { id: string; clientRef?: string }[] = [{ id: 'leg0' }, { id: 'leg1' }]
    memory.complete(first!)
    memory.complete(second!)
    assert.deepEqual([first!.clientRef, second!.clientRef], [undefined, 'T'])
  })
})

describe('registry of actions', () => {
  it('names the platforms that have an action and honour a field', () => withTables({ ipecs: { 'ipecs.page': entry(() => ({})), listAgents: entry(() => ({}), { lacks: ['limit'] }) }, xsi: { listAgents: entry(() => ({})) } }, () => {
    assert.ok(actionsOf('ipecs')?.listAgents)
    assert.deepEqual(supportedBy('ipecs.page'), ['ipecs'])
    assert.deepEqual(supportedBy('listAgents'), ['xsi', 'ipecs'])
    assert.deepEqual(supportedBy('listAgents', 'limit'), ['xsi'])
    assert.deepEqual(supportedBy('hasOwnProperty'), [])
  }))
})

describe('redact', () => {
  const secrets: [string, string][] = [
    ['Authorization: Basic YWxpY2U6aHVudGVyMg==', 'YWxpY2U6aHVudGVyMg'],
    ['sent "authorization":"Bearer abc.def-123456"', 'abc.def-123456'],
    ['Proxy-Authorization=Digest username', 'username'],
    ['Cookie: JSESSIONID=0123456789; other=zzz', '0123456789'],
    ['Set-Cookie: token=abc; Path=/', 'abc'],
    ['GET /v1/x?access_token=s3cr3t&user=alice', 's3cr3t'],
    ['grant_type=refresh_token&refresh_token=r3fr3sh', 'r3fr3sh'],
    ['{"password": "hunter2", "user": "alice"}', 'hunter2'],
    ['{\'client_secret\':\'cs-1\'}', 'cs-1'],
    ['login failed, password=hunter2', 'hunter2'],
    ['<password>hunter2</password>', 'hunter2'],
    ['https://alice:hunter2@pbx.example.com/', 'hunter2'],
    ['POST /calls/c1/TransmitDTMF?playdtmf=4321', '4321'],
    ['digits=4321', '4321'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln', 'eyJzdWIiOiJhbGljZSJ9'],
    ['basic dXNlcjpwYXNz', 'dXNlcjpwYXNz']
  ]
  for (const [text, secret] of secrets) {
    it(`takes the secret out of ${text.slice(0, 40)}`, () => {
      const clean = redactText(text)
      assert.equal(clean.includes(secret), false, clean)
      assert.ok(clean.includes('***'))
    })
  }

  it('leaves the rest of a text as it is', () => {
    const text = 'Call alice/1 from +12025550101 was rejected: 486 Busy here (user alice, token bucket empty)'
    assert.equal(redactText(text), text)
    assert.equal(redactText('GET /x?access_token=abc&user=alice'), 'GET /x?access_token=***&user=alice')
    assert.ok(redactText('x'.repeat(9000)).length < 5000)
  })

  it('replaces fields of objects by their name, keeps the rest, and ends on cycles', () => {
    const input: Record<string, unknown> = {
      user: 'alice', Password: 'p', headers: { Authorization: 'Basic abc', 'Set-Cookie': ['a=b'], accept: 'x' }, list: [{ refreshToken: 't', digits: '12' }], count: 3, when: null
    }
    input.self = input
    const clean = redact(input) as typeof input
    assert.deepEqual(clean.headers, { Authorization: '***', 'Set-Cookie': '***', accept: 'x' })
    assert.deepEqual(clean.list, [{ refreshToken: '***', digits: '***' }])
    assert.deepEqual([clean.user, clean.Password, clean.count, clean.when], ['alice', '***', 3, null])
    assert.equal(JSON.stringify(clean).includes('hunter2'), false)
    assert.deepEqual(redact(new Error('password=hunter2')), { name: 'Error', message: 'password=***' })
  })
})
