import assert from 'node:assert/strict'
import { document, element, escapeAttribute, escapeText, parseXml } from '../../../src/transport/xml'
import { RandomXml, seeded } from './randomXml'

describe('XML writer', () => {
  it('writes elements in order, with declaration, attributes and empty elements', () => {
    const body = element('Channel', [
      element('channelSetId', 'set-1'), undefined, null, false, element('priority', 1), element('nothing', '', { 'xsi:nil': true, absent: undefined }), element('flag', false)
    ], { xmlns: 'http://schema.broadsoft.com/xsi' })
    assert.equal(document(body), '<?xml version="1.0" encoding="UTF-8"?>\n<Channel xmlns="http://schema.broadsoft.com/xsi"><channelSetId>set-1</channelSetId><priority>1</priority><nothing xsi:nil="true"/><flag>false</flag></Channel>')
  })

  it('never lets text become markup', () => {
    assert.equal(element('a', '<b/>&"]]>').xml, '<a>&lt;b/&gt;&amp;"]]&gt;</a>')
    assert.equal(element('a', undefined, { b: '"><c d=\'' }).xml, '<a b="&quot;&gt;&lt;c d=\'"/>')
    assert.throws(() => element('a><b', 'x'), TypeError)
    assert.throws(() => element('a', 'x', { 'b="1" c': '2' }), TypeError)
    assert.throws(() => element('', 'x'), TypeError)
  })

  it('leaves out characters that XML forbids and halves of surrogate pairs', () => {
    assert.equal(escapeText('a\u0000b\u0007c\ud800d\udc00e\uFFFEf😀\t\n'), 'abcdef😀\t\n')
    assert.equal(escapeAttribute('a\u0001\n'), 'a&#10;')
  })

  it('is read back unchanged by the parser', () => {
    const xml = new RandomXml(seeded(3))
    for (let count = 0; count < 500; count++) {
      const [text, value] = [`x${xml.text()}`, xml.text()]
      assert.deepEqual(parseXml(document(element('a', [element('b', text, { c: value })]))).value, { b: { '@c': value, $: text } })
    }
  })
})
