import { XMLParser } from 'fast-xml-parser'
import { parseXml } from '../src/transport/xml'
import { type Bench, timed } from './measure'
import { sampleEvents } from './xmlSamples'

const events = sampleEvents(1000)
// Set up to keep what parseXml keeps (attributes, text as text), so that both do the same work.
const general = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false, trimValues: false })
/** Keeps the results in use: work without use might be left out by the engine. */
let used = 0

function all (parse: (text: string) => unknown): number {
  return timed(() => {
    for (const text of events) if (parse(text) !== undefined) used++
  })
}

for (let warm = 0; warm < 4; warm++) {
  all(parseXml)
  all((text) => general.parse(text))
}

export const bench: Bench = {
  name: 'G3 XML to object, against fast-xml-parser',
  goal: 5,
  repetitions: 9,
  async run () {
    const before = all(parseXml)
    const other = all((text) => general.parse(text))
    const after = all(parseXml)
    if (used === 0) throw new Error('nothing was parsed')
    return other / ((before + after) / 2)
  }
}
