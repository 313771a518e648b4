import assert from 'node:assert/strict'
import { readJson, writeJson } from '../../../src/simulator/xsi/json'
import { matches } from '../../../src/simulator/xsi/search'
import { attrs, el, text, typed } from '../../../src/simulator/xsi/tree'
import { eventXml, plainXml, readXml } from '../../../src/simulator/xsi/xml'

const NAMESPACE = 'http://schema.broadsoft.com/xsi'

describe('simulator/xsi documents', () => {
  it('writes text so that any parser reads it back, and drops what XML cannot hold', () => {
    const written = plainXml(el('Name', text('first', 'A<b>&"c"\u0000\u0007é😀')))
    assert.equal(written, `<Name xmlns="${NAMESPACE}"><first>A&lt;b&gt;&amp;&quot;c&quot;é😀</first></Name>`)
    assert.equal(readXml(written)?.children?.[0]?.text, 'A<b>&"c"é😀')
  })

  it('declares further namespaces only where they are needed', () => {
    const party = typed(el('endpoint', text('addressOfRecord', 'a@b')), 'AccessEndpoint')
    assert.equal(plainXml(el('Call', party)), `<Call xmlns="${NAMESPACE}" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsi="${NAMESPACE}"><endpoint xsi1:type="xsi:AccessEndpoint"><addressOfRecord>a@b</addressOfRecord></endpoint></Call>`)
    assert.equal(eventXml(typed(el('Event', party), 'X')).match(/<xsi:endpoint xsi1:type="xsi:AccessEndpoint">/)?.length, 1)
  })

  it('reads other prefixes, nil under any of them, comments and CDATA, and no broken document', () => {
    const read = readXml('<?xml version="1.0"?><!-- hi --><x:Service xmlns:x="u" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><x:number i:nil="true"/><x:name><![CDATA[a<b]]></x:name></x:Service>')
    assert.deepEqual(read, { name: 'Service', children: [{ name: 'number', nil: true }, { name: 'name', text: 'a<b' }] })
    for (const broken of ['', 'text', '<a><b></a>', '<a>']) assert.equal(readXml(broken), undefined, broken)
  })

  it('turns JSON to the same elements and back', () => {
    const list = el('Calls', ...['1', '2'].map((id) => attrs(el('call', text('callId', id)), { inConference: 'false' })), { name: 'uri', nil: true })
    const json = writeJson(list)
    assert.equal(json, `{"Calls":{"@xmlns":{"$":"${NAMESPACE}"},"call":[{"@inConference":"false","callId":{"$":"1"}},{"@inConference":"false","callId":{"$":"2"}}]}}`)
    assert.deepEqual(readJson(json), { name: 'Calls', children: list.children?.slice(0, 2) })
    for (const broken of ['', '[]', '"x"', '{}', '{"a":1,"b":2}', '{']) assert.equal(readJson(broken), undefined, broken)
  })

  it('searches with stars, without case on demand, and for a slash', () => {
    const cases: [value: string | undefined, search: string, expected: boolean][] = [
      ['Alice', 'Alice', true], ['Alice', 'alice', false], ['Alice', 'alice/i', true], ['Alice', 'Al*', true], ['Alice', 'lic*', false], ['Alice', '*lic*', true], ['Alice', '*LIC*/i', true],
      ['a/i', 'a\\/i', true], ['a/b', 'a\\/b', true], [undefined, 'a', false], ['Alice', '*', true], ['Alice', '**', true]
    ]
    for (const [value, search, expected] of cases) assert.equal(matches(value, search), expected, `${String(value)} ${search}`)
  })
})
