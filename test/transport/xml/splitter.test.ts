import assert from 'node:assert/strict'
import { parseXml, XmlDocumentSplitter, type XmlFault } from '../../../src/transport/xml'
import { RandomXml, seeded } from './randomXml'

interface Heard { documents: string[]; faults: XmlFault[] }

function listen (options: { maxBytes?: number; maxDepth?: number } = {}): Heard & { splitter: XmlDocumentSplitter } {
  const heard: Heard = { documents: [], faults: [] }
  const splitter = new XmlDocumentSplitter({
    ...options, onDocument: (text) => heard.documents.push(text), onFault: (kind) => heard.faults.push(kind)
  })
  return { ...heard, splitter }
}

/** What comes out of a stream that is cut into pieces of `size` bytes, its end included. */
function split (stream: string | Buffer, size: number, options = {}): Heard {
  const bytes = Buffer.from(stream as string)
  const { splitter, documents, faults } = listen(options)
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
  splitter.end()
  return { documents, faults }
}

function parses (text: string): boolean {
  try {
    parseXml(text)
    return true
  } catch {
    return false
  }
}

const SIZES = [1, 2, 3, 5, 7, 16, 37, 64, 1000, 1_000_000]
const DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'

/** The same outcome however the stream is cut. */
function always (stream: string | Buffer, documents: string[], faults: XmlFault[], options = {}): void {
  for (const size of SIZES) assert.deepEqual(split(stream, size, options), { documents, faults }, `pieces of ${size}`)
}

describe('XML document splitter', () => {
  const CHANNEL = `${DECLARED}\n<Channel xmlns="http://schema.broadsoft.com/xsi"><channelId>6a1d</channelId><expires>86400</expires></Channel>`
  const EVENT = `${DECLARED}<xsi:Event xmlns:xsi="http://schema.broadsoft.com/xsi" xsi1:type="xsi:SubscriptionEvent"><xsi:eventID>1</xsi:eventID><xsi:name>Žofie 李 😀</xsi:name>\n</xsi:Event>`
  const BEAT = `${DECLARED}<ChannelHeartBeat xmlns="http://schema.broadsoft.com/xsi"/>`

  it('finds documents that stand back to back, in pieces of any size', () => {
    always(CHANNEL + EVENT + BEAT + EVENT + EVENT + BEAT, [CHANNEL, EVENT, BEAT, EVENT, EVENT, BEAT], [])
  })

  it('finds documents without declaration, with line ends, blanks and byte order marks between', () => {
    always('\uFEFF<a>1</a>\r\n\n <b/>\uFEFF<a>2</a><c x="1"></c>\n', ['<a>1</a>', '<b/>', '<a>2</a>', '<c x="1"></c>'], [])
  })

  for (const beat of ['<ChannelHeartBeat xmlns ="u"/>', '<ChannelHeartbeat></ChannelHeartbeat >', '<p:ChannelHeartBeat\n/>', '<h a=\'>\'\n/>']) {
    it(`takes the heartbeat ${JSON.stringify(beat)}`, () => { always(beat + EVENT + beat, [beat, EVENT, beat], []) })
  }

  const tricky = {
    '">" and "/>" in attributes': '<a b=">" c=\'/>\'><d e="</a"[0]/></a>'.replace('</a"[0]', '>/a"'),
    'the root\'s end tag in a comment': '<a><!-- </a> <a> --><b/></a>',
    'the root\'s end tag in CDATA': '<a><b><![CDATA[</a>]]]]></b></a>',
    'a declaration in CDATA': '<a><![CDATA[<?xml version="1.0"?><a></a>]]></a>',
    'the root\'s end tag in an instruction': '<a><?p </a>?></a>',
    'nested elements of the root\'s name': '<a><a><a/></a><ab></ab></a>',
    'a longer name that begins like the root\'s': '<a><ab>x</ab><a-b/></a>',
    'an end tag with a blank': '<a><b></b\n></a \n>',
    'exclamation and question marks in text': '<a>!? <b>? !</b> --> ]]></a>',
    'comments and instructions before the root': '<!-- one --><?p x?><!----><a/>',
    'names above ASCII': '<é:名前><é:名前></é:名前></é:名前>',
    'a one-letter instruction': '<a><?p?></a>',
    'a declaration and comments': `${DECLARED}<!-- < > --><a/>`
  }
  for (const [what, text] of Object.entries(tricky)) {
    it(`takes ${what}`, () => { always(EVENT + text + text + EVENT, [EVENT, text, text, EVENT], []) })
  }

  it('reports a document that was cut off by the next declaration, and takes the next', () => {
    for (const cut of ['<a><b>x', '<a', '<a b="', '<a b="x>', '<a><b', '<a></', '<a></b', '<a>x</a', DECLARED, `${DECLARED}<`, '<?xml vers', '<a><b/>&am', '<a>Ž<']) {
      always(EVENT + cut + EVENT, [EVENT, EVENT], ['truncated'])
    }
  })

  it('reports a document cut off by the end of the stream, but not blanks, a comment or nothing', () => {
    for (const cut of ['<a>', '<a', '<', DECLARED, '<a><!-- ', '<a><![CDATA[', '<a></a', '<?xm']) always(EVENT + cut, [EVENT], ['truncated'])
    for (const rest of ['', '\n \r\n', '<!-- bye -->\n']) always(EVENT + rest, [EVENT], [])
  })

  it('reports each malformed document once, or leaves its refusal to the parser, and goes on with the next', () => {
    const malformed = [
      '<a><b></c></b></a>', '<a><b/><c></a>', '<a><!----><b></c></b></a>', '<a><!----><b/><c></a>', '<a><b <c/></a>', '<a><>x</></a>', '<a><!ELEMENT b></a>', '<a b="<"></a>', '<a>< b/></a>',
      '<a><b></a></a></b></a>', '<a><!----><b></d></a>', '<a></b>', '<><a1'
    ]
    for (const bad of malformed) {
      const outcomes = SIZES.map((size) => split(`<a>1</a>${bad}${EVENT}`, size))
      for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0], bad)
      const refused = outcomes[0].documents.filter((text) => !parses(text))
      assert.deepEqual(outcomes[0].documents.filter(parses), ['<a>1</a>', EVENT], bad)
      assert.ok(refused.length + outcomes[0].faults.length >= 1, bad)
      assert.ok(refused.length + outcomes[0].faults.length <= 2, bad)
    }
  })

  it('finds the next document without a declaration after a malformed one, by its root\'s end tag or a root seen before', () => {
    always('<a>1</a><a><!----><b></c></a><d/><a>2</a>', ['<a>1</a>', '<d/>', '<a>2</a>'], ['malformed'])
    always('<a>1</a><x><!----><b></c><a>2</a><a>3</a>', ['<a>1</a>', '<a>2</a>', '<a>3</a>'], ['malformed'])
    always('<a><!----><b></c></a><a><!----><b></c></a><a/>', ['<a/>'], ['malformed', 'malformed'])
  })

  it('reports text between documents once and skips it', () => {
    always(`${EVENT}junk & more junk</x>${EVENT}0${BEAT}`, [EVENT, EVENT, BEAT], ['malformed', 'malformed'])
    always('HTTP/1.1 502 Bad Gateway\r\n\r\n<a/>', ['<a/>'], ['malformed'])
    always('</a></b><a/>', ['<a/>'], ['malformed'])
  })

  it('refuses a document with a document type as a whole', () => {
    for (const bad of [
      '<!DOCTYPE a><a>x</a>', `${DECLARED}<!DOCTYPE a [<!ENTITY e "a>b]"><!ENTITY f '>'>]>\n<a><b>&e;</b></a>`, '<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a><!-- </a> --></a>', '<!DOCTYPE a><a/>'
    ]) {
      always(`<a>1</a>${bad}<a>2</a>`, ['<a>1</a>', '<a>2</a>'], ['doctype'])
    }
    always(`<!DOCTYPE a [ "${DECLARED}<b/>`, [`${DECLARED}<b/>`], ['doctype'])
  })

  it('refuses a document above the limit and takes the next', () => {
    const large = `<a><b>${'x'.repeat(300)}</b></a>`
    always(`${EVENT}${large}${EVENT}`, [EVENT, EVENT], ['oversize'], { maxBytes: 300 })
    always(`<a/>${large}<c/><a/>`, ['<a/>', '<c/>', '<a/>'], ['oversize'], { maxBytes: 300 })
    always(`<a ${'x'.repeat(400)}></a>${EVENT}`, [EVENT], ['oversize'], { maxBytes: 300 })
    always(`<a><!--${'x'.repeat(400)}</a>${EVENT}`, [EVENT], ['oversize'], { maxBytes: 300 })
    always('<a>12345</a><a>1234</a>', ['<a>1234</a>'], ['oversize'], { maxBytes: 11 })
  })

  it('refuses elements of one name inside each other beyond the limit', () => {
    always(`${'<a>'.repeat(5)}${'</a>'.repeat(5)}${EVENT}`, [EVENT], ['malformed'], { maxDepth: 4 })
    always(`${'<a>'.repeat(4)}${'</a>'.repeat(4)}`, [`${'<a>'.repeat(4)}${'</a>'.repeat(4)}`], [], { maxDepth: 4 })
  })

  it('reports bytes that are not UTF-8 and takes the next document; a real replacement character is none', () => {
    always(Buffer.concat([Buffer.from('<a>'), Buffer.from([0xE9]), Buffer.from('</a><a>\uFFFD</a>')]), ['<a>\uFFFD</a>'], ['encoding'])
  })

  it('decodes by the declared encoding', () => {
    const text = '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'
    always(Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from('<a>é</a>')]), [text, '<a>é</a>'], [])
    always('<?xml version="1.0" encoding="x-unknown"?><a>e</a><b/>', ['<b/>'], ['encoding'])
  })

  it('sends a heartbeat on at once although the document before it was cut', () => {
    const { splitter, documents, faults } = listen()
    splitter.push(Buffer.from(EVENT.slice(0, -20)))
    splitter.push(Buffer.from(BEAT))
    assert.deepEqual([documents, faults], [[BEAT], ['truncated']])
  })

  it('does not keep the chunk, which the caller may reuse', () => {
    const { splitter, documents } = listen()
    const chunk = Buffer.from('<a>1')
    splitter.push(chunk)
    chunk.fill(0)
    splitter.push(new Uint8Array(Buffer.from('</a>')))
    assert.deepEqual(documents, ['<a>1</a>'])
  })

  it('goes on after a receiver that throws, and tells', () => {
    const seen: string[] = []
    const splitter = new XmlDocumentSplitter({
      onDocument: (text) => {
        seen.push(text)
        throw new Error('receiver')
      },
      onFault: (kind, detail) => {
        seen.push(`${kind} ${detail}`)
        throw new Error('again')
      }
    })
    splitter.push(Buffer.from('<a/><b/>'))
    assert.deepEqual(seen.map((text) => text.slice(0, 9)), ['<a/>', 'malformed', '<b/>', 'malformed'])
  })

  it('can be reset inside a document and from within the receiver', () => {
    const { splitter, documents, faults } = listen()
    splitter.push(Buffer.from('<a><b>'))
    splitter.reset()
    splitter.push(Buffer.from('<c/>'))
    assert.deepEqual([documents, faults], [['<c/>'], []])
    const seen: string[] = []
    const stopping = new XmlDocumentSplitter({
      onDocument: (text) => {
        seen.push(text)
        stopping.reset()
      },
      onFault: (kind) => seen.push(kind)
    })
    stopping.push(Buffer.from('<a/><b/><c'))
    stopping.push(Buffer.from('<d/>'))
    assert.deepEqual(seen, ['<a/>', '<d/>'])
  })

  it('needs time in proportion to the bytes: 1 MB in pieces of one byte, and hostile streams', () => {
    const large = `<a>${'<b>text &amp; text</b>'.repeat(45_000)}</a>`
    const streams = [
      large, `<a><!-- -->${large.slice(3)}`, '<a></b>'.repeat(100_000) + '<?', '<a1><?xml ?>'.repeat(60_000), `<a>${'!'.repeat(500_000)}</a>`.repeat(2), '<a>'.repeat(300_000), '<a/>'.repeat(250_000),
      '<a><a/>'.repeat(100_000), '<'.repeat(500_000), '<a><![CDATA[' + ']'.repeat(900_000), '<!DOCTYPE a ['.repeat(80_000), `<r>${'<?p ?>'.repeat(150_000)}</r>`
    ]
    const started = process.hrtime.bigint()
    for (const stream of streams) {
      split(stream, 1_000_000)
      split(stream, 61)
    }
    assert.deepEqual(split(large, 1), { documents: [large], faults: [] })
    const ms = Number(process.hrtime.bigint() - started) / 1e6
    assert.ok(ms < 8000, `${ms} ms`)
  })

  it('gives each of 3,000 random documents once, whole and in order, for random pieces and fillers', () => {
    const xml = new RandomXml(seeded(42))
    for (let round = 0; round < 30; round++) {
      const documents = Array.from({ length: 100 }, () => xml.document())
      const stream = Buffer.from(documents.map((text) => text + xml.pick(['', '', '\n', '\r\n\r\n', ' '])).join(''))
      const most = xml.pick([1, 2, 4, 9, 50, 400, 5000, 100_000])
      const { splitter, documents: found, faults } = listen()
      for (const chunk of xml.chunks(stream, most)) splitter.push(chunk)
      splitter.end()
      assert.deepEqual(faults, [])
      assert.deepEqual(found, documents, `pieces up to ${most}`)
    }
  })

  it('never throws on rubbish, gives only what stands in the stream, and the same for every cutting', () => {
    const xml = new RandomXml(seeded(99))
    for (let round = 0; round < 1500; round++) {
      let stream = Array.from({ length: 3 }, () => xml.document()).join('')
      for (let count = 1 + xml.int(4); count > 0; count--) {
        const at = xml.int(stream.length)
        stream = stream.slice(0, at) + xml.pick(['', '<', '>', '"', '<!', '<?', '</', '\u0000', '<?xml ', ']]>', '<a>', '</a>']) + stream.slice(at + xml.int(3))
      }
      stream = Buffer.from(stream).toString()
      const outcomes = [1, 3, 17, 100_000].map((size) => split(stream, size))
      for (const outcome of outcomes.slice(1)) assert.deepEqual(outcome, outcomes[0], JSON.stringify(stream))
      for (const text of outcomes[0].documents) assert.ok(stream.includes(text))
    }
  })

  it('agrees with the parser on the documents of the sheet', () => {
    const { documents } = split(CHANNEL + EVENT + BEAT, 10)
    assert.deepEqual(documents.map((text) => parseXml(text).root), ['Channel', 'Event', 'ChannelHeartBeat'])
  })
})
