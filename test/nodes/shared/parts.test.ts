import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CtiError } from '../../../src/model'
import { AccountHub } from '../../../nodes/shared/accountHub'
import { toCount, toFlag, toList, toText } from '../../../nodes/shared/coerce'
import { instanceId, stableId } from '../../../nodes/shared/instanceId'
import { refuseOversize } from '../../../nodes/shared/limits'
import { migrate } from '../../../nodes/shared/migrate'
import { proxyUrl } from '../../../nodes/shared/proxy'
import { sessionLook } from '../../../nodes/shared/status'
import { FakeSession } from '../support/fakeSession'

describe('values from environment variables', () => {
  it('become one kind', () => {
    assert.deepEqual([toText(5), toText(true), toText({}), toText(null), toText(' a ')], ['5', 'true', '', '', 'a'])
    assert.deepEqual([toFlag('false'), toFlag('0'), toFlag(undefined, true), toFlag('yes'), toFlag(null)], [false, false, true, true, false])
    assert.deepEqual([toCount('5'), toCount(''), toCount('-1'), toCount('x'), toCount(2.5), toCount(Infinity)], [5, undefined, undefined, undefined, 2.5, undefined])
    assert.deepEqual([toList('a, b,,c '), toList(['a', 1, '']), toList(7), toList({})], [['a', 'b', 'c'], ['a', '1'], ['7'], []])
  })
})

describe('the id of an installation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cti-instance-'))
  after(() => { rmSync(folder, { recursive: true }) })
  const none = (reason: string): void => { throw new Error(reason) }

  it('is made once, kept for its owner only, and the same afterwards', () => {
    const id = instanceId(folder, none)
    assert.match(id, /^[0-9a-f]{32}$/)
    assert.equal(readFileSync(join(folder, '.cti-instance'), 'utf8').trim(), id)
    assert.equal(statSync(join(folder, '.cti-instance')).mode & 0o777, 0o600)
    assert.equal(instanceId(folder, none), id)
  })

  it('replaces a damaged file', () => {
    const other = mkdtempSync(join(folder, 'x-'))
    writeFileSync(join(other, '.cti-instance'), 'garbage')
    assert.equal(readFileSync(join(other, '.cti-instance'), 'utf8'), 'garbage')
    const id = instanceId(other, none)
    assert.equal(readFileSync(join(other, '.cti-instance'), 'utf8').trim(), id)
  })

  it('lives in memory where it cannot be written, and says so once', () => {
    const missing = join(folder, 'not', 'there')
    const reasons: string[] = []
    const id = instanceId(missing, (reason) => reasons.push(reason))
    assert.equal(instanceId(missing, (reason) => reasons.push(reason)), id)
    assert.deepEqual(reasons, ['ENOENT'])
    chmodSync(folder, 0o700)
  })

  it('gives other ids to other accounts, purposes and installations', () => {
    const ids = [stableId('a', 'x', 'p'), stableId('b', 'x', 'p'), stableId('a', 'y', 'p'), stableId('a', 'x', 'q')]
    assert.equal(new Set(ids).size, 4)
  })
})

describe('size limits', () => {
  const large = new Set(['body'])
  it('name the field that is too large', () => {
    refuseOversize({ to: 'x'.repeat(65_536), data: { text: 'x'.repeat(1_000_000) }, body: 'x'.repeat(10_000_000) }, large)
    assert.throws(() => { refuseOversize({ to: 'x'.repeat(65_537) }, large) }, { code: 'CTI_INVALID_REQUEST', message: /"to"/ })
    assert.throws(() => { refuseOversize({ data: Array.from({ length: 200_000 }, () => 1) }, large) }, /"data"/)
    assert.throws(() => { refuseOversize({ body: Buffer.alloc(17_000_000) }, large) }, /"body"/)
  })
  it('end at once for circles and depth', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    assert.throws(() => { refuseOversize({ data: circle }, large) }, /nested too deep/)
  })
})

describe('migration', () => {
  const table = { 'cti-x': [(old: Readonly<Record<string, unknown>>) => ({ ...old, b: old.a }), (old: Readonly<Record<string, unknown>>) => ({ ...old, c: old.b })] }
  it('leads each version to the current one, and leaves newer ones alone', () => {
    assert.deepEqual(migrate({ type: 'cti-x', a: 1 }, table), { type: 'cti-x', a: 1, b: 1, c: 1, version: 3 })
    assert.deepEqual(migrate({ type: 'cti-x', b: 2, version: 2 }, table), { type: 'cti-x', b: 2, c: 2, version: 3 })
    for (const version of [3, 4]) assert.deepEqual(migrate({ type: 'cti-x', version }, table), { type: 'cti-x', version })
    assert.deepEqual(migrate({ type: 'cti-y', version: 1 }, table), { type: 'cti-y', version: 1 })
  })
})

describe('a proxy', () => {
  const proxy = { url: 'proxy.example.com:3128', username: 'a b', password: 'p@ss', noProxy: ['.example.org', '*.example.net', '10.0.0.1'] }
  it('is an address with its credentials, but not for excepted hosts', () => {
    assert.equal(proxyUrl(proxy, 'xsp.example.com'), 'http://a%20b:p%40ss@proxy.example.com:3128')
    for (const host of ['x.example.org', 'example.org', 'https://y.example.net:8443', '10.0.0.1']) assert.equal(proxyUrl(proxy, host), undefined, host)
    assert.notEqual(proxyUrl(proxy, 'notexample.org'), undefined)
    assert.equal(proxyUrl({ ...proxy, noProxy: ['*'] }, 'x'), undefined)
    assert.equal(proxyUrl(undefined, 'x'), undefined)
  })
})

describe('a status', () => {
  const t = (key: string, values?: Record<string, string | number>): string => `${key} ${values?.seconds ?? ''}`.trim()
  it('tells the time until the next try', () => {
    assert.deepEqual(sessionLook({ state: 'waiting', attempt: 2, retryAt: 9400 }, 1000, t), { fill: 'yellow', shape: 'ring', text: 'status.retry 8' })
    assert.equal(sessionLook({ state: 'waiting', attempt: 2, retryAt: 900 }, 1000, t).text, 'status.retry 1')
  })
  it('tells why a session was refused', () => {
    const text = (error?: CtiError): string | undefined => sessionLook({ state: 'refused', attempt: 1, ...(error ? { error } : {}) }, 0, t).text
    assert.equal(text(), 'status.refused')
    assert.equal(text(new CtiError('CTI_PROTOCOL', 'x')), 'status.refused')
    assert.equal(text(new CtiError('CTI_FORBIDDEN', 'x')), 'status.notAllowed')
    assert.equal(text(new CtiError('CTI_INVALID_REQUEST', 'x', { missing: 'password' })), 'status.noCredentials')
  })
})

describe('the hub of an account', () => {
  const settings = { accountId: 'acc', label: 'x', properties: {}, credentials: {}, stableId: () => 'x' }
  const log = { online: () => undefined, waiting: () => undefined, refused: () => undefined, warning: () => undefined }

  it('leaves the session with its last user, and closes a session that came too late', async () => {
    const session = new FakeSession(settings)
    const hub = new AccountHub({ platform: 'xsi', label: 'x', open: () => Promise.resolve(session), log })
    const leave = [hub.join({}), hub.join({})]
    await hub.ensure()
    assert.equal(session.listeners.size, 1)
    leave[0]?.()
    leave[0]?.()
    assert.equal(session.listeners.size, 1)
    leave[1]?.()
    assert.equal(session.listeners.size, 0)

    const late = new FakeSession(settings)
    const other = new AccountHub({ platform: 'xsi', label: 'x', open: () => Promise.resolve(late), log })
    other.join({})
    const opening = other.ensure()
    await other.close('removed')
    await opening
    assert.equal(late.closed, 'restart')
    assert.equal(late.listeners.size, 0)
  })

  it('answers requests without a session at once', async () => {
    const hub = new AccountHub({ platform: 'xsi', label: 'x', open: () => new Promise(() => undefined), log })
    await assert.rejects(hub.perform({ action: 'hold' }), { code: 'CTI_NOT_CONNECTED' })
    hub.join({})
    assert.equal(hub.status.state, 'connecting')
    await hub.close('removed')
    assert.equal(hub.status.state, 'closed')
    let told = ''
    hub.join({ status: ({ state }) => { told = state } })()
    assert.equal(told, 'closed')
  })
})
