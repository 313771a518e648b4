import assert from 'node:assert/strict'
import { Editor } from '../support/editor'
import { NodeRed } from '../support/nodeRed'
import { EXAMPLES, PACKAGE } from '../support/sets'

describe('examples in the import menu', () => {
  let red: NodeRed
  let editor: Editor

  before(async () => {
    red = await NodeRed.start()
    editor = await Editor.open(red.url)
  })
  after(async () => {
    await editor?.close()
    await red?.stop()
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed ${this.currentTest.title.replaceAll(/\W+/g, '-')}`)
  })

  for (const { file, nodes } of EXAMPLES) {
    const name = file.replace(/^examples\/|\.json$/g, '')
    it(`imports "${name}" and deploys it with every node configured`, async () => {
      const { page } = editor
      await page.click('#red-ui-header-button-sidemenu')
      await page.click('#menu-item-import')
      await page.click('a[href="#red-ui-clipboard-dialog-import-tab-examples"]')
      const entry = (text: string) => page.locator('#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label-text', { hasText: text })
      // A folder that is open already would be closed by a click.
      const path = [PACKAGE.name, ...name.split('/')]
      for (const [depth, label] of path.entries()) {
        const next = path[depth + 1]
        if (next === undefined || !await entry(next).isVisible()) await entry(label).click()
      }
      await page.click('#red-ui-clipboard-dialog-ok')
      const tab = nodes.find(({ type }) => type === 'tab')
      await page.locator('#red-ui-workspace-tabs .red-ui-tab-label', { hasText: String(tab?.label) }).click()
      await page.waitForFunction(`RED.nodes.workspace(RED.workspaces.active())?.label === ${JSON.stringify(tab?.label)}`)
      const broken = await editor.evaluate<string[]>('(() => { const bad = []; const look = (n) => { if (n.valid === false) bad.push(n.type + " " + n.name + ": " + (n.validationErrors || []).join()) }; RED.nodes.eachNode(look); RED.nodes.eachConfig(look); return bad })()')
      assert.deepEqual(broken, [])
      await editor.deploy()
      await editor.tidy()
      await editor.screenshot(`example ${name.replace('/', ' ')}`)
    })
  }

  it('rings at a click on the button of "ring me", and shows the call in the debug panel', async () => {
    const { page } = editor
    await page.locator('#red-ui-workspace-tabs .red-ui-tab-label', { hasText: 'Quick start' }).click()
    await editor.evaluate('RED.sidebar.show(\'debug\')')
    const ids = await editor.evaluate<string[]>('RED.nodes.filterNodes({ type: \'cti-simulator\', name: \'ring me\', z: RED.workspaces.active() }).map((n) => n.id)')
    // The last deploy began all accounts anew: what is green may be green from before.
    await page.waitForFunction('(() => { const mine = RED.nodes.filterNodes({ z: RED.workspaces.active() }).filter(({ type }) => type.startsWith("cti-")); window.calm = mine.every(({ status }) => /^(connected|ready)$/.test(status?.text)) ? (window.calm ?? 0) + 1 : 0; return window.calm > 4 })()', undefined, { polling: 300 })
    await editor.tidy()
    // Import may have scrolled it half under the tabs.
    await editor.evaluate('void $(\'#red-ui-workspace-chart\').scrollTop(0).scrollLeft(0)')
    await page.locator(`[id="${ids[0]}"] .red-ui-flow-node-button-button`).click()
    await page.waitForFunction('$(\'.red-ui-debug-msg\').text().includes(\'call.ringing\')')
    await editor.screenshot('ring me')
  })

  it('reports no script error', () => assert.deepEqual(editor.problems, []))
})
