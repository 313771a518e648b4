import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileTokenStore, type TokenRecord } from '../../src/session/tokenStore'

const RECORD: TokenRecord = { accessToken: 'access-of-alice', refreshToken: 'refresh-of-alice', expiresAt: 1_800_000_000_000, holder: { id: 'p1', name: 'Alice' } }

describe('FileTokenStore', () => {
  let directory: string
  let told: string[]
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cti-tokens-'))
    told = []
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const store = (key = 'key', accountId = 'a1.b2', at = directory): FileTokenStore => new FileTokenStore({ directory: at, accountId, key, warn: (code) => told.push(code) })

  it('gives back after a restart what was written, by key', async () => {
    await store().write('account', RECORD)
    await store().write('p2', { ...RECORD, accessToken: 'other' })
    assert.deepEqual(await store().read('account'), RECORD)
    assert.deepEqual(await store().keys(), ['account', 'p2'])
    await store().remove('account')
    assert.equal(await store().read('account'), undefined)
    assert.deepEqual(told, [])
  })

  it('leaves one file that only its owner may read and that shows no token', async () => {
    await store().write('account', RECORD)
    assert.deepEqual(readdirSync(directory), ['a1.b2.json'])
    const path = join(directory, 'a1.b2.json')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const content = readFileSync(path, 'latin1')
    for (const secret of [RECORD.accessToken, RECORD.refreshToken!, 'Alice', 'account']) assert.ok(!content.includes(secret), secret)
  })

  it('keeps every one of many writes at once', async () => {
    const one = store()
    await Promise.all(Array.from({ length: 20 }, (_, n) => one.write(`p${n}`, { ...RECORD, accessToken: `t${n}` })))
    assert.equal((await store().keys()).length, 20)
    assert.equal((await store().read('p7'))?.accessToken, 't7')
  })

  for (const [name, spoil] of [
    ['another key', () => undefined],
    ['a cut file', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ['a changed byte', (path: string) => writeFileSync(path, readFileSync(path).map((byte, at) => at === 50 ? byte ^ 1 : byte))],
    ['a text file', (path: string) => writeFileSync(path, '{"account":{}}')]
  ] as [string, (path: string) => void][]) {
    it(`reads nothing and says so once with ${name}`, async () => {
      await store().write('account', RECORD)
      spoil(join(directory, 'a1.b2.json'))
      const other = store(name === 'another key' ? 'other' : 'key')
      assert.equal(await other.read('account'), undefined)
      assert.equal(await other.read('account'), undefined)
      assert.deepEqual(told, ['unreadable'])
    })
  }

  it('does not open the file of another account with the same key', async () => {
    await store().write('account', RECORD)
    writeFileSync(join(directory, 'c3.json'), readFileSync(join(directory, 'a1.b2.json')))
    assert.equal(await store('key', 'c3').read('account'), undefined)
  })

  it('goes on in memory where nothing can be written, and says so once', async () => {
    writeFileSync(join(directory, 'file'), '')
    const nowhere = store('key', 'a', join(directory, 'file', 'below'))
    await nowhere.write('account', RECORD)
    await nowhere.write('p2', RECORD)
    assert.equal((await nowhere.read('account'))?.accessToken, RECORD.accessToken)
    assert.equal(told.filter((code) => code === 'unwritable').length, 1)
  })

  it('stays in its directory whatever the account is called', async () => {
    await store('key', '../../outside').write('account', RECORD)
    assert.equal(readdirSync(directory).length, 1)
    assert.equal((await store('key', '../../outside').read('account'))?.accessToken, RECORD.accessToken)
  })

  it('hands out copies', async () => {
    const one = store()
    await one.write('account', RECORD)
    const read = await one.read('account')
    read!.accessToken = 'changed'
    assert.equal((await one.read('account'))?.accessToken, RECORD.accessToken)
  })
})
