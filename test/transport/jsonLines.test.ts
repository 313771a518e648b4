import assert from 'node:assert/strict'
import { JsonLineSplitter, type JsonLinesFault } from '../../src/transport/jsonLines'
import { RandomXml, seeded } from './xml/randomXml'

function split (stream: string | Buffer, size: number, maxBytes?: number): { values: unknown[]; faults: JsonLinesFault[] } {
  const values: unknown[] = []
  const faults: JsonLinesFault[] = []
  const splitter = new JsonLineSplitter({ ...(maxBytes === undefined ? {} : { maxBytes }), onValue: (value) => values.push(value), onFault: (kind) => faults.push(kind) })
  const bytes = Buffer.from(stream as string)
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
  splitter.end()
  return { values, faults }
}

function always (stream: string | Buffer, values: unknown[], faults: JsonLinesFault[], maxBytes?: number): void {
  for (const size of [1, 2, 3, 7, 64, 100_000]) assert.deepEqual(split(stream, size, maxBytes), { values, faults }, `pieces of ${size}`)
}

describe('JSON line splitter', () => {
  it('gives each line, cut anywhere, names above ASCII included', () => {
    always('{"name":"Žofie 李 😀"}\n[1,"a\\nb"]\r\n\n  \r\nnull\nfalse\n', [{ name: 'Žofie 李 😀' }, [1, 'a\nb'], null, false], [])
  })

  it('skips and reports what is not JSON or not UTF-8, and goes on', () => {
    always('{"a":\n{"b":1}\nHTTP/1.1 400\n{"c":2}\n', [{ b: 1 }, { c: 2 }], ['malformed', 'malformed'])
    always(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xE9]), Buffer.from('"}\n{"a":"\uFFFD"}\n')]), [{ a: '\uFFFD' }], ['encoding'])
  })

  it('reports a line above the limit once, and takes one of exactly the limit', () => {
    always(`"${'x'.repeat(50)}"\n"${'y'.repeat(8)}"\n`, ['y'.repeat(8)], ['oversize'], 10)
    always(`"${'x'.repeat(50)}`, [], ['oversize'], 10)
  })

  it('takes a whole last line without line end, and reports a cut one', () => {
    always('{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }], [])
    always('{"a":1}\n{"b":', [{ a: 1 }], ['truncated'])
    always('{"a":1}\n ', [{ a: 1 }], [])
  })

  it('survives receivers that throw or reset it', () => {
    const seen: string[] = []
    const splitter = new JsonLineSplitter({
      onValue: (value) => {
        seen.push(String(value))
        if (value === 2) splitter.reset()
        throw new Error('receiver')
      },
      onFault: (kind) => {
        seen.push(kind)
        throw new Error('again')
      }
    })
    splitter.push(Buffer.from('1\n2\n3\n4'))
    splitter.push(new Uint8Array(Buffer.from('5\n')))
    assert.deepEqual(seen, ['1', 'malformed', '2', 'malformed', '5', 'malformed'])
  })

  it('needs time in proportion to the bytes: 4 MB in one line, in pieces of seven bytes', () => {
    const line = `"${'x'.repeat(4_000_000)}"\n`
    const started = process.hrtime.bigint()
    assert.equal((split(line, 7).values[0] as string).length, 4_000_000)
    assert.ok(Number(process.hrtime.bigint() - started) / 1e6 < 5000)
  })

  it('loses, doubles and changes nothing for random pieces', () => {
    const random = new RandomXml(seeded(5))
    const values = Array.from({ length: 2000 }, (_, index) => ({ index, text: random.text(), more: [random.text()] }))
    const found: unknown[] = []
    const splitter = new JsonLineSplitter({ onValue: (value) => found.push(value), onFault: (kind) => assert.fail(kind) })
    for (const chunk of random.chunks(Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join('')), 300)) splitter.push(chunk)
    assert.deepEqual(found, values)
  })
})
