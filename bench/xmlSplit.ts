import { parseXml, XmlDocumentSplitter } from '../src/transport/xml'
import { type Bench, timed } from './measure'
import { sampleEvents } from './xmlSamples'

const COUNT = 2000
const stream = Buffer.from(sampleEvents(COUNT).join(''))
const SEGMENT = 16 * 1024

function split (onDocument: (text: string) => void): number {
  let documents = 0
  const splitter = new XmlDocumentSplitter({
    onDocument: (text) => {
      documents++
      onDocument(text)
    },
    onFault: (kind, detail) => { throw new Error(`${kind}: ${detail}`) }
  })
  const ms = timed(() => { for (let at = 0; at < stream.length; at += SEGMENT) splitter.push(stream.subarray(at, at + SEGMENT)) })
  if (documents !== COUNT) throw new Error(`${documents} documents instead of ${COUNT}`)
  return ms
}

const nothing = (): void => undefined
for (let warm = 0; warm < 4; warm++) {
  split(nothing)
  split(parseXml)
}

export const bench: Bench = {
  name: 'XML framing, share of framing and parsing',
  goal: 0.4,
  atMost: true,
  async run () {
    const alone = split(nothing)
    return alone / split(parseXml)
  }
}
