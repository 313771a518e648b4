import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ACTIONS, copyDetached, copyPlain, CtiError, conversationId, DEFAULT_EVENTS, diallable, ERROR_CODES, eventId, EVENTS, hashText, isActionName, legId, NumberHelper, parseAddress, recordId, samePlain, AGENT_STATES,
  CALL_STATES, REASONS, METRICS, SESSION_STATES
} from '../../src/model'

describe('addresses', () => {
  const cases: [string, object][] = [
    ['1001', { number: '1001' }],
    ['+12025550101', { number: '+12025550101' }],
    ['tel:+12025550101;ext=1001', { number: '+12025550101', extension: '1001' }],
    ['TEL:+12025550101;phone-context=example.com;EXT=7', { number: '+12025550101', extension: '7' }],
    ['sip:1001@example.com', { number: '1001', host: 'example.com' }],
    ['sips:+12025550101@example.com;user=phone', { number: '+12025550101', host: 'example.com' }],
    ['callto:1001', { number: '1001' }],
    ['tel:1001;country-code=1', { number: '1001' }],
    [' tel:1001 ', { number: '1001' }],
    ['sip:@example.com', { host: 'example.com' }],
    ['tel:;ext=', {}],
    ['', {}],
    ['telephone', { number: 'telephone' }]
  ]
  for (const [raw, parts] of cases) it(`takes apart "${raw}"`, () => assert.deepEqual(parseAddress(raw), parts))
})

describe('diallable numbers', () => {
  for (const [text, number] of [['+1 (202) 555-0101', '+12025550101'], ['*97#', '*97#'], ['tel:020.7946.0018', '02079460018'], ['1001,2', '1001,2']] as const) {
    it(`may dial ${text}`, () => assert.equal(diallable(text), number))
  }
  for (const text of ['alice', '1-800-FLOWERS', '', '   ', '+', '1001;ext=2', '1001@example.com', '12+34', '1001\r\nX']) {
    it(`may not dial ${JSON.stringify(text)}`, () => assert.equal(diallable(text), undefined))
  }
})

describe('E.164', () => {
  it('is found by the country of the account or a plus, else not guessed', () => {
    assert.equal(new NumberHelper('GB').e164('020 7946 0018'), '+442079460018')
    assert.equal(new NumberHelper().e164('020 7946 0018'), undefined)
    assert.equal(new NumberHelper().e164('+442079460018'), '+442079460018')
    for (const odd of ['1001', 'anonymous', '', '+', '999999999999999999999999', 'x'.repeat(5000)]) assert.equal(new NumberHelper('US').e164(odd), undefined, odd.slice(0, 20))
  })

  it('does not overwrite what the vendor gave, needs a number, and answers alike the second time', () => {
    const helper = new NumberHelper('US')
    const given = { number: '2025550101', e164: '+1999' }
    helper.complete(given)
    assert.equal(given.e164, '+1999')
    const nameless = { name: 'Ann Doe' }
    helper.complete(nameless)
    helper.complete(undefined)
    assert.deepEqual(nameless, { name: 'Ann Doe' })
    assert.equal(helper.e164('2025550101'), helper.e164('2025550101'))
  })

  it('stays bounded and right with many different numbers', () => {
    const helper = new NumberHelper('US')
    for (let i = 0; i < 6000; i++) helper.e164(`x${i}`)
    assert.equal(helper.e164('2025550101'), '+12025550101')
    assert.ok((helper as unknown as { known: Map<string, string> }).known.size <= 5000)
  })
})

describe('ids', () => {
  it('are the same for the same parts and differ when one part differs', () => {
    const parts = ['acc', 'E1', 'call.ringing', 'a'] as const
    assert.equal(eventId(...parts), eventId(...parts))
    const ids = new Set([eventId(...parts), eventId('acc2', 'E1', 'call.ringing', 'a'), eventId('acc', 'E2', 'call.ringing', 'a'), eventId('acc', 'E1', 'call.ended', 'a'), eventId('acc', 'E1', 'call.ringing', 'b')])
    assert.equal(ids.size, 5)
    assert.notEqual(recordId('xsi', 'a', 'c', 't'), recordId('webex', 'a', 'c', 't'))
  })

  it('hash without collision over many similar texts, in 16 hex digits', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 100_000; i++) seen.add(hashText(`callhalf-${i}:0`))
    assert.equal(seen.size, 100_000)
    assert.match(hashText(''), /^[0-9a-f]{16}$/)
  })

  it('tell legs of two connections and conversations of two accounts apart', () => {
    assert.notEqual(legId('alice', '1'), legId('alice', '1', 'e1'))
    assert.notEqual(legId('alice', '1', 'e1'), legId('alice', '1', 'e2'))
    assert.notEqual(conversationId('acc1', 'k'), conversationId('acc2', 'k'))
  })
})

describe('plain data', () => {
  it('is copied to the depth', () => {
    const source = { a: [{ b: 1 }, null], c: { d: undefined, e: 'x' }, f: false }
    const copy = copyPlain(source)
    assert.deepEqual(copy, source)
    assert.notEqual(copy.a, source.a)
    assert.notEqual(copy.a[0], source.a[0])
    assert.notEqual(copy.c, source.c)
  })

  it('is copied with texts of every length, for a picture that outlives the document', () => {
    const source = { texts: ['', 'twelve chars', 'thirteen char', '\u{1F4DE} Zo\u00EB '.repeat(40)], nested: { none: null, n: 7, gone: undefined } }
    const copy = copyDetached(source)
    assert.deepEqual(copy, source)
    assert.notEqual(copy.nested, source.nested)
  })

  it('that was copied detached does not keep the document alive', () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const kept: unknown[] = []
    gc()
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < 200; n++) kept.push(copyDetached({ text: `${n}`.padStart(100_000, 'x').slice(50_000, 50_040) }))
    gc()
    const grown = process.memoryUsage().heapUsed - before
    assert.equal(kept.length, 200)
    assert.ok(grown < 4_000_000, `200 texts of 40 characters keep ${grown} bytes`)
  })

  it('is compared without regard to order of keys and to undefined', () => {
    assert.ok(samePlain({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1, d: undefined }))
    for (const [a, b] of [[{ a: 1 }, { a: 2 }], [{ a: 1 }, {}], [{}, { a: 1 }], [[1], [1, 2]], [[], {}], [null, {}], [1, '1'], [{ a: null }, {}], [undefined, {}]]) {
      assert.equal(samePlain(a, b), false, JSON.stringify([a, b]))
    }
  })
})

describe('errors', () => {
  it('keep code and cause, and what is foreign becomes one of ours', () => {
    const own = new CtiError('CTI_CONFLICT', 'x')
    assert.equal(CtiError.from(own), own)
    const foreign = CtiError.from(new TypeError('boom'), 'xivo')
    assert.deepEqual([foreign.code, foreign.cause.vendor, foreign.name, String(foreign)], ['CTI_PROTOCOL', 'xivo', 'CtiError', 'CtiError: Unexpected error: boom'])
    for (const odd of [undefined, null, 'text', 7, {}]) assert.ok(CtiError.from(odd) instanceof CtiError)
  })

  it('name the platforms that can, in one order and without strangers', () => {
    const error = CtiError.unsupported('park', 'xivo', 'no such function', ['webex', 'xsi'])
    assert.deepEqual(error.cause.supportedBy, ['xsi', 'webex'])
    assert.match(error.message, /xsi, webex/)
    assert.equal(CtiError.unsupported('park', 'xivo', 'no such function').message.includes('Systems'), false)
  })

  it('survive as plain data', () => {
    const { cause } = new CtiError('CTI_RATE_LIMITED', 'x', { httpStatus: 429, retryAfterMs: 1000 })
    assert.deepEqual(JSON.parse(JSON.stringify(cause)), { httpStatus: 429, retryAfterMs: 1000 })
  })
})

describe('tables', () => {
  it('know an action by its own name only', () => {
    assert.ok(isActionName('hold'))
    for (const name of ['toString', '__proto__', 'constructor', '', 7, undefined, 'Hold']) assert.equal(isActionName(name), false, String(name))
  })

  it('have a time limit for every action, and never repeat what makes or joins a call', () => {
    for (const [name, spec] of Object.entries(ACTIONS)) assert.ok(spec.timeoutMs > 0 && spec.timeoutMs <= 60_000, name)
    for (const name of ['originate', 'transfer', 'consult', 'retrieve', 'pickup', 'redirect', 'listen', 'whisper', 'bargeIn', 'conference', 'startRecording', 'agentLogin', 'request'] as const) {
      assert.equal(ACTIONS[name].repeatable, false, name)
    }
  })

  it('start a new node with all events but the two that are many', () => {
    assert.deepEqual(EVENTS.filter((name) => !DEFAULT_EVENTS.includes(name)), ['call.updated', 'stats.updated'])
    assert.equal(new Set(EVENTS).size, EVENTS.length)
  })
})

describe('README of the model', () => {
  const text = readFileSync(join(__dirname, '../../src/model/README.md'), 'utf8')
  const has = (word: string): boolean => text.includes(`\`${word}\``)
  const missing = (words: readonly string[]): string[] => words.filter((word) => !has(word))

  it('explains every event', () => assert.deepEqual(missing(EVENTS), []))
  it('explains every action', () => assert.deepEqual(missing(Object.keys(ACTIONS)), []))
  it('names every parameter of each action beside it', () => {
    const lines = text.slice(text.indexOf('## Actions')).split('\n')
    for (const [name, { params }] of Object.entries(ACTIONS)) {
      const row = lines.find((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${name}\``)) ?? ''
      assert.deepEqual(Object.keys(params).filter((param) => !row.includes(`\`${param}\``)), [], name)
    }
  })
  it('marks exactly those actions that are never repeated', () => {
    const marked = new Set([...text.slice(text.indexOf('## Actions')).matchAll(/`(\w+)` !/g)].map((match) => match[1] as string))
    assert.deepEqual(Object.entries(ACTIONS).filter(([name, { repeatable }]) => repeatable === marked.has(name)).map(([name]) => name), [])
  })
  it('explains every error code', () => assert.deepEqual(missing(ERROR_CODES), []))
  it('explains every state and reason', () => assert.deepEqual(missing([...CALL_STATES, ...AGENT_STATES, ...REASONS, ...SESSION_STATES]), []))
  it('names every figure', () => assert.deepEqual(missing(METRICS), []))
  it('speaks of no event or error that does not exist', () => {
    const named = [...text.matchAll(/`((?:call|agent|device|user|forwarding|dnd|voicemail|feature|queue|stats|reference|connection)\.[a-zA-Z]+)`/g)].map((match) => match[1] as string)
    const fields = /^(?:queue\.offeredTo|dnd\.enabled|reference\.list|stats\.metrics|agent\.state)$/
    assert.deepEqual(named.filter((name) => !(EVENTS as readonly string[]).includes(name) && !fields.test(name)), [])
    assert.deepEqual([...text.matchAll(/CTI_[A-Z_]+/g)].map(([code]) => code).filter((code) => !(ERROR_CODES as readonly string[]).includes(code)), [])
  })
})
