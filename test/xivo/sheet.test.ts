import assert from 'node:assert/strict'
import { deflateSync } from 'node:zlib'
import { CtiError } from '../../src/model'
import { decodeSheet, readSheet, sheetData, sheetFacts } from '../../src/xivo/sheet'

/** The sample of the protocol sheet, section 4.8. */
const SAMPLE = 'AAAB63ichZHBTgIxEIZfpfQu2667yqFbQsSrJ2+EmMLOyiTdtum2UH16NxKkCsHLZA7/900yv5inXpM9+AGtaSifMkrAbG2L5r2hMXR3MzqXwnnboQYp4gBeCjQBvFGaGNVDQw878EClmKyelovXxapFpddrKYpT7oJAt0nYZkjCvb2NxF95/sgfSnbPqnpa8dtgZ7dxyFDzz6FPdPmhP+FhBxDe0HSWWN+CbyhjfHzakX0ZJyXhw417wKDzryyVUeQ5qd5p+JaeVde15Vkb+w34HzGkkHnruma8Ki+UxbGr4tTdF+PHozc='

function packed (xml: string, announced = Buffer.byteLength(xml)): { class: string; compressed: boolean; payload: string } {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(announced)
  return { class: 'sheet', compressed: true, payload: Buffer.concat([head, deflateSync(xml)]).toString('base64') }
}
const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CtiError)
    return error.code
  }
  return 'none'
}

describe('a call form of XiVO', () => {
  it('is unpacked and taken apart', () => {
    const { fields, where } = decodeSheet({ class: 'sheet', channel: 'SIP/trunk-a-0000001a', compressed: true, payload: SAMPLE })
    assert.ok(fields.length > 3, JSON.stringify(fields))
    assert.ok(where !== undefined)
    assert.ok(fields.some(({ section, order, name, type }) => section === 'sheet' && order !== undefined && name !== undefined && type !== undefined))
  })

  it('may come without compression', () => {
    const xml = '<profile><user><sheet_info order="0010" name="Title" type="text"><![CDATA[Hello <there>]]></sheet_info></user></profile>'
    assert.deepEqual(decodeSheet({ compressed: false, payload: Buffer.from(xml).toString('base64') }).fields, [{ section: 'sheet', order: '0010', name: 'Title', type: 'text', value: 'Hello <there>' }])
  })

  it('keeps names that are not escaped, in any order of attributes', () => {
    const read = (tag: string): object | undefined => readSheet(`<user>${tag}<![CDATA[v]]></sheet_info></user>`)[0]
    assert.deepEqual(read('<sheet_info name="R&D <a> "b"" order="1" type="None">'), { section: 'sheet', order: '1', name: 'R&D <a> "b"', value: 'v' })
    assert.deepEqual(read('<sheet_info type="url" order="2" name="x">'), { section: 'sheet', order: '2', name: 'x', type: 'url', value: 'v' })
  })

  it('joins split CDATA, takes empty elements and plain text', () => {
    const xml = '<user><sheet_info name="a"><![CDATA[x]]]]><![CDATA[>y]]></sheet_info><systray_info name="b"/><action_info name="c">text</action_info><other/><internal name="where"><![CDATA[dial]]></internal></user>'
    assert.deepEqual(readSheet(xml), [
      { section: 'sheet', name: 'a', value: 'x]]>y' }, { section: 'systray', name: 'b', value: '' }, { section: 'action', name: 'c', value: 'text' }, { section: 'internal', name: 'where', value: 'dial' }
    ])
  })

  it('refuses one that unpacks to more than the limit, whatever it announces', () => {
    const bomb = 'a'.repeat(5 * 1024 * 1024)
    assert.equal(code(() => decodeSheet(packed(bomb))), 'CTI_PROTOCOL')
    assert.equal(code(() => decodeSheet(packed(bomb, 100))), 'CTI_PROTOCOL')
    assert.equal(code(() => decodeSheet({ compressed: false, payload: Buffer.from(bomb).toString('base64') })), 'CTI_PROTOCOL')
  })

  it('refuses what is no sheet', () => {
    for (const message of [{}, { payload: '' }, { payload: 'AA', compressed: true }, { payload: 'AAAAAAAAAAAA', compressed: true }, { payload: 5, compressed: true }]) assert.equal(code(() => decodeSheet(message)), 'CTI_PROTOCOL')
  })

  it('survives XML that ends anywhere', () => {
    const xml = '<profile><user><sheet_info order="0010" name="Title" type="text"><![CDATA[Hello]]></sheet_info><internal name="where"><![CDATA[link]]></internal></user></profile>'
    for (let length = 0; length < xml.length; length++) assert.ok(readSheet(xml.slice(0, length)).length <= 2)
  })

  it('gives a call no more data than its events can carry', () => {
    const fields = [{ section: 'sheet' as const, name: 'long', value: 'x'.repeat(30_000) }, { section: 'sheet' as const, name: 'short', value: 'y' }, { section: 'systray' as const, name: 'title', value: 'z' }]
    assert.deepEqual(sheetData({ fields }), { short: 'y' })
  })

  it('tells facts only from fields that were filled', () => {
    const fields = [{ section: 'sheet' as const, name: 'xivo-calleridnum', value: '5550142' }, { section: 'sheet' as const, name: '{xivo-did}', value: '{xivo-did}' }, { section: 'sheet' as const, name: 'XIVO-QUEUENAME', value: 'blue' }]
    assert.deepEqual(sheetFacts({ fields, uid: '17.1' }), { number: '5550142', queue: 'blue', uniqueid: '17.1' })
  })

  it('knows who calls from the form that XiVO comes with, and from no other with such a name in it', () => {
    const form = (name: string, number: string, origin = 'Origine'): Parameters<typeof sheetFacts>[0] => ({
      fields: [
        { section: 'sheet', name: 'Nom', type: 'title', value: name }, { section: 'sheet', name: 'Nume\u0301ro', type: 'text', value: number }, { section: 'sheet', name: origin, type: 'text', value: 'extern' },
        { section: 'systray', name: 'Nom', type: 'title', value: 'Dana Example' }, { section: 'systray', name: 'Numéro', type: 'body', value: '5550199' }
      ]
    })
    assert.deepEqual(sheetFacts(form('Pat Placeholder', '5550142')), { number: '5550142', name: 'Pat Placeholder' })
    assert.deepEqual(sheetFacts(form('5550142', '5550142')), { number: '5550142' }, 'its number stands where the name is unknown')
    for (const [name, number] of [['{xivo-calleridname}', '{xivo-calleridnum}'], ['Pat', 'anonymous'], ['Pat', '']]) assert.deepEqual(sheetFacts(form(name ?? '', number ?? '')), {})
    assert.deepEqual(sheetFacts(form('ACME', '4711', 'Contrat')), {}, 'a customer number')
    const { fields } = form('Pat', '5550142')
    assert.equal(sheetFacts({ fields: [...fields, { section: 'sheet', name: 'xivo-calleridnum', value: '5550143' }] }).number, '5550143', 'the variable says it better')
  })
})
