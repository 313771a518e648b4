import { SaxesParser } from 'saxes'
import { type XmlDocument, type XmlItem, type XmlObject } from '../../../src/transport/xml'

interface Open { name: string; value: XmlObject; own: string; run: string; children: number }

const local = (name: string): string => name.slice(name.indexOf(':') + 1)
const blank = (text: string): boolean => /^[ \t\n\r]*$/.test(text)

function put (target: XmlObject, key: string, value: XmlItem): void {
  const present = Object.hasOwn(target, key) ? Object.getOwnPropertyDescriptor(target, key)?.value as XmlItem | XmlItem[] : undefined
  const next = present === undefined ? value : Array.isArray(present) ? [...present, value] : [present, value]
  Object.defineProperty(target, key, { value: next, enumerable: true, configurable: true, writable: true })
}

/** The same object shape, built from the events of a general parser. Throws what that parser throws. */
export function referenceParse (text: string): XmlDocument {
  const parser = new SaxesParser({ xmlns: true })
  const open: Open[] = []
  let result: XmlDocument | undefined
  parser.on('error', (error) => { throw error })
  parser.on('doctype', () => { throw new Error('doctype') })
  parser.on('opentag', (tag) => {
    const above = open.at(-1)
    if (above !== undefined) {
      if (!blank(above.run)) above.own += above.run
      above.run = ''
      above.children++
    }
    const value: XmlObject = {}
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.name === 'xmlns' || attribute.prefix === 'xmlns') continue
      value[`@${local(attribute.name)}`] = attribute.value
    }
    open.push({ name: local(tag.name), value, own: '', run: '', children: 0 })
  })
  const add = (piece: string): void => {
    const here = open.at(-1)
    if (here !== undefined) here.run += piece
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const element = open.pop() as Open
    const leaf = element.children === 0 && Object.keys(element.value).length === 0
    if (!(element.children > 0 && blank(element.run))) element.own += element.run
    if (!leaf && element.own !== '') element.value.$ = element.own
    const item = leaf ? element.own : element.value
    const above = open.at(-1)
    if (above === undefined) result = { root: element.name, value: item }
    else put(above.value, element.name, item)
  })
  parser.write(text).close()
  if (result === undefined) throw new Error('no document')
  return result
}
