import assert from 'node:assert/strict'
import { Editor } from '../support/editor'
import { NodeRed } from '../support/nodeRed'
import { NODE_SETS } from '../support/sets'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'

const has = (name: string): boolean => NODE_SETS.some((set) => set.name === name)

describe('the dialogs of the accounts', () => {
  let red: NodeRed
  let editor: Editor
  let simulator: Simulator
  const field = (name: string): string => `#node-config-input-${name}`
  const shown = (name: string): Promise<boolean> => editor.page.locator(field(name)).isVisible()
  const choose = (name: string, value: string): Promise<unknown> => editor.page.selectOption(field(name), value)
  const type = (name: string, text: string): Promise<void> => editor.page.fill(field(name), text)
  /** Id of the last configuration of a type, after its dialog was closed. */
  const idOf = (of: string): Promise<string> => editor.evaluate(`(() => { let id; RED.nodes.eachConfig((n) => { if (n.type === '${of}') id = n.id }); return id })()`)

  const cancel = async (): Promise<void> => {
    await editor.page.locator('.red-ui-tray').last().locator('#node-config-dialog-cancel').click()
    await editor.page.waitForFunction('$(".red-ui-tray").length === 0')
  }

  before(async () => {
    simulator = await startSimulator({ webex: { autoConsent: 'alice' } })
    red = await NodeRed.start()
    editor = await Editor.open(red.url)
  })
  after(async () => {
    await editor?.close()
    await red?.stop()
    await simulator?.close()
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed ${this.currentTest.title.replaceAll(/\W+/g, '-')}`)
  })

  it('Five9: say what taking over means, and ask for the station that is chosen', async () => {
    const { page } = editor
    await editor.editConfig('cti-five9-account', '_ADD_')
    assert.deepEqual([await shown('host'), await page.locator('.cti-attach').isVisible(), await page.locator('.cti-take-over').isVisible()], [false, true, false])
    await choose('region', 'other')
    await choose('policy', 'takeOver')
    assert.deepEqual([await shown('host'), await page.locator('.cti-attach').isVisible(), await page.locator('.cti-take-over').isVisible()], [true, false, true])
    assert.equal(await shown('stationId'), false)
    await choose('stationType', 'PSTN')
    assert.equal(await shown('stationId'), true)
    await choose('role', 'supervisor')
    assert.deepEqual([await shown('stationType'), await shown('stationId'), await shown('skills')], [false, false, false])
    await editor.screenshot('five9 account')
    await type('host', simulator.face('five9').url)
    const { adminUsername, adminPassword } = simulator.demoLogin('five9')
    await type('username', adminUsername)
    await type('password', adminPassword)
    await page.click('.cti-test button')
    await page.waitForFunction('/^(Connected|Not connected)/.test($(\'.cti-test-answer\').text())')
    assert.match(await page.innerText('.cti-test-answer'), /^Connected/)
    await editor.done()
  })

  it('Webex: authorise in another window, show who it was, test the public address, and keep what is ticked', async () => {
    const { page } = editor
    const login = simulator.demoLogin('webex') as unknown as Record<string, string>
    await editor.editConfig('cti-webex-account', '_ADD_')
    assert.equal(await page.inputValue(field('redirectUri')), `${red.url}/cti/oauth/callback`)
    assert.equal(await page.innerText('.cti-holder'), 'nobody yet')
    await type('clientId', login.clientId!)
    await type('clientSecret', login.clientSecret!)
    await type('baseUrl', `${simulator.face('webex').url}/v1`)
    await page.locator('.cti-ticks[data-name="features"] input[value="xsi"]').check()
    await editor.screenshot('webex account')
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('.cti-browser')])
    await popup.waitForURL(/cti\/oauth\/callback/)
    assert.match(await popup.innerText('body'), /Authorised as Alice Martin/)
    await popup.close()
    await page.waitForFunction('$(\'.cti-holder\').text() === \'Alice Martin\'')

    await page.click('.cti-device')
    await page.waitForSelector('.cti-code')
    assert.match(await page.innerText('.cti-holder'), /Type this code/)

    await type('publicUrl', red.url)
    await page.click('.cti-reach')
    await page.waitForFunction('$(\'.cti-reached\').text() === \'Webhooks can come in.\'')
    await page.click('.cti-test button')
    await page.waitForFunction('/^(Connected|Not connected)/.test($(\'.cti-test-answer\').text())')
    assert.match(await page.innerText('.cti-test-answer'), /^Connected/)
    await editor.done()
    const id = await idOf('cti-webex-account')
    assert.deepEqual((await editor.saved(id)).features, ['calls', 'settings', 'people', 'xsi'])

    // Keys that nobody sees were made, and stay the same.
    await editor.deploy()
    await editor.load(red.url)
    await editor.editConfig('cti-webex-account', id)
    assert.deepEqual(await Promise.all(['tokenKey', 'webhookSecret'].map((name) => page.inputValue(field(name)))), ['__PWRD__', '__PWRD__'])
    await choose('auth', 'bot')
    assert.deepEqual([await shown('botToken'), await shown('accessToken'), await page.locator('.cti-browser').isVisible()], [true, false, false])
    await choose('auth', 'token')
    assert.deepEqual([await shown('botToken'), await shown('accessToken'), await shown('clientId')], [false, true, false])
    await cancel()
  })

  if (has('ipecs-account')) {
    it('iPECS: fill in what a wrapper\'s configuration says, warn of an unchecked certificate, and keep the table of groups', async () => {
      const { page } = editor
      await editor.editConfig('cti-ipecs-account', '_ADD_')
      assert.equal(await page.locator('.cti-unsafe').isVisible(), false)
      await page.click('.cti-import-open')
      await page.fill('.cti-import-text', 'nonsense')
      await page.click('.cti-import-take')
      await page.waitForFunction('$(\'.cti-imported\').text() !== \'\'')
      assert.match(await page.innerText('.cti-imported'), /Nothing in it was recognised/)
      await page.fill('.cti-import-text', '')
      await page.setInputFiles('.cti-import-file', {
        name: 'ipecs.json', mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify({ ipecs: { BaseURI: 'https://127.0.0.1', Port: Number(new URL(simulator.face('ipecs').url).port), uid: 'apiuser', pw: 'x', verify: false, stations: [1001, 1005], queues: [6] } }))
      })
      await page.waitForFunction('$(\'.cti-import-text\').val() !== \'\'')
      await page.click('.cti-import-take')
      await page.waitForFunction('$(\'.cti-imported\').text().startsWith(\'Filled in\')')
      assert.deepEqual(await Promise.all(['host', 'username', 'password', 'extensions', 'lines', 'trust'].map((name) => page.inputValue(field(name)))), ['127.0.0.1', 'apiuser', '', '1001-1005', '6', 'none'])
      assert.match(await page.innerText('.cti-import-notes'), /password/i)
      assert.equal(await page.locator('.cti-unsafe').isVisible(), true)
      await choose('trust', 'fingerprint')
      assert.deepEqual([await page.locator('.cti-unsafe').isVisible(), await shown('fingerprint')], [false, true])
      await choose('trust', 'none')
      await page.locator('.red-ui-editableList-addButton').last().click()
      const cells = page.locator('.cti-table input')
      for (const [index, text] of ['620', '0008', 'Support'].entries()) await cells.nth(index).fill(text)
      await editor.screenshot('ipecs account')
      await type('password', simulator.demoLogin('ipecs').password)
      await page.click('.cti-test button')
      await page.waitForFunction('/^(Connected|Not connected)/.test($(\'.cti-test-answer\').text())')
      assert.match(await page.innerText('.cti-test-answer'), /^Connected/)
      assert.match(await page.innerText('.cti-test-notes'), /^Note: .*certificate/)
      await editor.done()
      assert.deepEqual((await editor.saved(await idOf('cti-ipecs-account'))).groups, [{ number: '620', bin: '0008', name: 'Support' }])
    })
  }

  it('XSI: take the authorisation of a Webex account instead of a login', async () => {
    await editor.editConfig('cti-xsi-account', '_ADD_')
    await choose('auth', 'webex')
    assert.deepEqual(await Promise.all(['webex', 'host', 'username', 'password', 'accessToken'].map(shown)), [true, false, false, false, false])
    await choose('auth', 'basic')
    assert.deepEqual(await Promise.all(['webex', 'host', 'username', 'password', 'accessToken'].map(shown)), [false, true, true, true, false])
    await cancel()
  })

  it('report no script error', () => assert.deepEqual(editor.problems, []))
})
