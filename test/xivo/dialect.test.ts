import assert from 'node:assert/strict'
import { Dialect, parseRelease, PROTOCOLS } from '../../src/xivo/dialect'
import { settingsOf, type XivoOptions } from '../../src/xivo/options'

describe('the version of a XiVO server', () => {
  it('tells what is there, what is not, and what only the release could tell', () => {
    assert.deepEqual(PROTOCOLS.map((protocol) => new Dialect(protocol).has('channels')), [undefined, false, false, false, false])
    assert.deepEqual(PROTOCOLS.map((protocol) => new Dialect(protocol).has('people')), [undefined, true, true, true, true])
    assert.deepEqual(PROTOCOLS.map((protocol) => new Dialect(protocol).has('dialSuccess')), [undefined, true, true, false, false])
    assert.equal(new Dialect('1.2', 1406).has('record'), true)
    assert.equal(new Dialect('1.2', 1424).has('record'), false)
  })

  it('names the version in the reason', () => {
    assert.match(String(new Dialect('2.3').available('oldCommands')), /server 15\.18 or older.*protocol 2\.3 \(server 17\.16 or newer\)/)
    assert.match(String(new Dialect('1.2', 1406).available('people')), /server 14\.20 or newer.*\(server 14\.06\)/)
    assert.equal(new Dialect('1.2').available('record'), true)
  })

  it('is narrowed by what the wire shows', () => {
    const dialect = new Dialect('1.2')
    dialect.seen('channels')
    assert.equal(dialect.has('channels'), true)
    assert.equal(dialect.has('starttls'), false)
    dialect.seen('starttls')
    assert.equal(dialect.has('channels'), true)
  })

  it('reads releases', () => {
    assert.deepEqual(['14.06', '9.1', 'x', '17.16 '].map(parseRelease), [1406, undefined, undefined, 1716])
  })

  it('refuses options that cannot work, naming which', () => {
    const base: XivoOptions = { host: 'h', login: 'l', password: 'p' }
    for (const [options, text] of [[{ host: '' }, /host/], [{ login: '' }, /login/], [{ protocol: '3.0' }, /3\.0/], [{ serverRelease: 'new' }, /14\.06/], [{ profile: 'Agent' }, /profile/]] as const) {
      assert.throws(() => settingsOf({ ...base, ...options } as XivoOptions), (error: { code: string; message: string }) => error.code === 'CTI_INVALID_REQUEST' && text.test(error.message))
    }
    assert.equal(settingsOf(base).port, 5003)
    assert.equal(settingsOf({ ...base, tls: 'direct' }).port, 5013)
  })
})
