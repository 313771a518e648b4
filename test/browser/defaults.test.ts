import assert from 'node:assert/strict'
import { Editor } from '../support/editor'
import { NodeRed } from '../support/nodeRed'

const FLOWS = [
  { id: 'tab', type: 'tab', label: 'Flow' },
  { id: 'pbx', type: 'cti-simulator-pbx', name: 'house', traffic: '0' },
  { id: 'f9', type: 'cti-five9-account', name: 'agent', version: 1, connectTo: 'simulator', simulator: 'pbx' },
  { id: 'wx', type: 'cti-webex-account', name: 'office', version: 1, connectTo: 'simulator', simulator: 'pbx' },
  { id: 'events', type: 'cti-webex-events', z: 'tab', name: '', version: 1, account: 'wx', x: 200, y: 60, wires: [[]] }
]

describe('what nodes begin with, and what their lists say', () => {
  let red: NodeRed
  let editor: Editor

  before(async () => {
    red = await NodeRed.start({ flows: FLOWS })
    editor = await Editor.open(red.url)
  })
  after(async () => {
    await editor?.close()
    await red?.stop()
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed ${this.currentTest.title.replaceAll(/\W+/g, '-')}`)
  })

  it('is the only account or PBX there is, for a node from the palette', async () => {
    const drop = async (type: string, y: number): Promise<Record<string, unknown>> => editor.saved(await editor.drag(type, 300, y))
    assert.equal((await drop('cti-five9-events', 120)).account, 'f9')
    assert.equal((await drop('cti-simulator', 180)).pbx, 'pbx')
    const originate = await drop('cti-originate', 240)
    assert.deepEqual([originate.vendor, originate.five9, originate.xsi], ['five9', 'f9', ''])
    const call = await drop('cti-call', 300)
    assert.deepEqual([call.vendor, call.five9], ['msg', ''])
    assert.equal((await drop('cti-xsi-events', 360)).account, '', 'there is none')
    assert.equal(await editor.evaluate('RED.nodes.node(\'f9\').users.length'), 2, 'the account knows who uses it')
  })

  it('is nothing of that for a node that is imported', async () => {
    await editor.evaluate('RED.view.importNodes([{ id: "copy", type: "cti-five9-events", name: "copy", account: "", x: 10, y: 10, wires: [[]] }], { generateIds: false, addFlow: false })')
    await editor.page.mouse.click(700, 400)
    assert.equal(await editor.evaluate('RED.nodes.node("copy").account'), '')
  })

  it('marks the account of an action node as it is now, whichever system is chosen', async () => {
    const { page } = editor
    await editor.edit(await editor.drag('cti-transfer', 600, 300))
    const isRed = (name: string): Promise<boolean> => editor.evaluate(`$('#node-input-${name}').hasClass('input-error')`)
    await page.selectOption('#node-input-vendor', 'five9')
    assert.deepEqual([await page.inputValue('#node-input-five9'), await isRed('five9')], ['f9', false])
    await page.selectOption('#node-input-five9', { label: 'none' })
    assert.equal(await isRed('five9'), true)
    await page.selectOption('#node-input-five9', 'f9')
    assert.equal(await isRed('five9'), false)
    await page.selectOption('#node-input-vendor', 'xsi')
    assert.equal(await isRed('xsi'), true)
    await page.locator('.red-ui-tray').last().locator('#node-dialog-cancel').click()
    await page.waitForFunction('$(".red-ui-tray").length === 0')
  })

  it('says in place of a list why there is none, and finds by text where a system lists nothing without', async () => {
    const { page } = editor
    const menu = (): Promise<string> => page.locator('.red-ui-menu:visible').last().innerText()
    await page.waitForFunction('$(\'.red-ui-flow-node-status-label\').filter((_, el) => el.textContent === \'connected\').length > 0')
    await editor.edit('events')
    await page.click('#node-input-user')
    await page.keyboard.press('Space')
    await page.keyboard.press('Backspace')
    await page.waitForFunction('$(".red-ui-menu:visible").length > 0')
    assert.match(await menu(), /Type the beginning of a name/)
    await page.keyboard.type('ali')
    await page.waitForFunction('$(".red-ui-menu:visible").text().includes("Alice Martin")')
    await page.keyboard.press('Escape')
    await page.fill('#node-input-queue', '')
    await page.click('#node-input-queue')
    await page.keyboard.press('Space')
    await page.waitForFunction('$(".red-ui-menu:visible").text().includes("No list")')
    assert.match(await menu(), /lacks the scope/)
  })

  it('reports no script error', () => assert.deepEqual(editor.problems.filter((text) => !/status of (400|502)/.test(text)), []))
})
