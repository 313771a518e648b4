/** The editor in a browser, used as a person uses it: palette, workspace, dialogs, Deploy, Import. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { ROOT } from '../../scripts/lib/nodeRed.cjs'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const SCREENSHOTS = join(ROOT, 'test', 'screenshots')
/** Screenshots that README shows; `README_PICTURES=1 npm run test:browser` takes them anew. */
const README_FOLDER = join(ROOT, 'docs')
const README_PICTURES: Readonly<Record<string, string>> = { 'ring me': 'quick-start.png', 'example 14 Wallboard': 'wallboard.png' }

/** Properties of a node as the editor would save it. */
export type Saved = Record<string, unknown> & { id: string; type: string }

export class Editor {
  /** Errors of scripts and of the console, for a test to find none. */
  readonly problems: string[] = []

  private constructor (private readonly browser: Browser, readonly page: Page) {
    page.on('pageerror', (error) => this.problems.push(error.message))
    page.on('console', (message) => { if (message.type() === 'error') this.problems.push(`${message.text()} (${message.location().url})`) })
  }

  static async open (url: string): Promise<Editor> {
    if (!existsSync(CHROMIUM)) throw new Error(`No browser at ${CHROMIUM}; name one with CHROMIUM=<path>`)
    // Root, as in a container, cannot have Chromium's sandbox.
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
    const page = await browser.newPage({ viewport: { width: 1500, height: 1000 }, locale: 'en-US' })
    page.setDefaultTimeout(15000)
    const editor = new Editor(browser, page)
    await editor.load(url)
    return editor
  }

  /** (Re)loads the editor and waits until nodes can be worked with. */
  async load (url: string): Promise<void> {
    await this.page.goto(url)
    await this.page.waitForSelector('#red-ui-palette-container .red-ui-palette-node', { state: 'attached' })
    await this.page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
    await this.page.waitForFunction('RED.workspaces.active() !== 0 && !!RED.workspaces.active()')
  }

  /** Runs an expression in the page; `RED` and `$` are the editor's. */
  evaluate<T> (expression: string): Promise<T> {
    return this.page.evaluate<T>(expression)
  }

  /** Drags a type from the palette to a spot of the workspace (px of its canvas); gives the new node's id. */
  async drag (type: string, x: number, y: number): Promise<string> {
    const before = new Set(await this.ids())
    const item = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`)
    await item.scrollIntoViewIfNeeded()
    const from = await item.boundingBox()
    const chart = await this.page.locator('#red-ui-workspace-chart').boundingBox()
    if (!from || !chart) throw new Error(`${type} is not to be seen in the palette`)
    await this.page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
    await this.page.mouse.down()
    await this.page.mouse.move(chart.x + x - 30, chart.y + y - 10, { steps: 6 })
    await this.page.mouse.move(chart.x + x, chart.y + y, { steps: 3 })
    await this.page.mouse.up()
    const added = (await this.ids()).find((id) => !before.has(id))
    if (added === undefined) throw new Error(`${type} was not added`)
    return added
  }

  /** Ids of all nodes on all tabs. */
  ids (): Promise<string[]> {
    return this.evaluate('(() => { const ids = []; RED.nodes.eachNode((n) => { ids.push(n.id) }); return ids })()')
  }

  /** Opens a node's dialog by a double click on it; a config node's by the editor's own call. */
  async edit (id: string): Promise<void> {
    await this.evaluate(`RED.view.reveal(${JSON.stringify(id)}, false)`)
    await this.page.locator(`[id="${id}"] .red-ui-flow-node`).first().dblclick({ force: true })
    await this.page.waitForSelector('.red-ui-tray-body form#dialog-form, .red-ui-tray-body #dialog-form', { state: 'attached' })
    await this.settled()
  }

  async editConfig (type: string, id: string): Promise<void> {
    await this.evaluate(`RED.editor.editConfig('', ${JSON.stringify(type)}, ${JSON.stringify(id)})`)
    await this.page.waitForSelector('#node-config-dialog-edit-form', { state: 'attached' })
    await this.settled()
  }

  /** The slide of a tray takes its time; a click before its end misses. */
  private async settled (): Promise<void> {
    await this.page.waitForFunction('$(".red-ui-tray").last().is(":visible") && !$(".red-ui-tray:animated").length')
    await this.page.waitForFunction('(() => { const t = $(".red-ui-tray").last()[0]; const r = t.getBoundingClientRect().left; const old = t.dataset.at; t.dataset.at = r; return old === String(r) })()')
  }

  /** Presses Done (or Update, or Add) of the topmost dialog and waits until it has gone. */
  async done (): Promise<void> {
    const trays = await this.evaluate<number>('$(".red-ui-tray").length')
    await this.page.locator('.red-ui-tray').last().locator('.red-ui-tray-toolbar button.primary').click()
    await this.page.waitForFunction(`$(".red-ui-tray").length < ${trays}`)
  }

  /** Presses Deploy, and its confirmation where nodes are not fully configured; resolves when the runtime has the flows. */
  async deploy (): Promise<void> {
    const { page } = this
    await page.waitForSelector('#red-ui-header-button-deploy:not(.disabled)')
    const stored = page.waitForResponse((response) => response.request().method() === 'POST' && new URL(response.url()).pathname === '/flows')
    const confirm = page.locator('.red-ui-notification button.primary').first()
    await page.click('#red-ui-header-button-deploy')
    await Promise.race([stored, confirm.waitFor({ state: 'visible' })])
    if (await confirm.isVisible()) await confirm.click()
    const response = await stored
    if (!response.ok()) throw new Error(`Deploy was refused: ${await response.text()}`)
    await page.waitForSelector('#red-ui-header-button-deploy.disabled')
  }

  /** A node as it would be saved, without its place and wires. */
  async saved (id: string): Promise<Saved> {
    return this.evaluate(`(() => {
      const { x, y, z, wires, ...rest } = RED.nodes.convertNode(RED.nodes.node(${JSON.stringify(id)}), { credentials: false })
      return JSON.parse(JSON.stringify(rest))
    })()`)
  }

  /** Into test/screenshots, by the version of Node-RED. */
  async screenshot (name: string): Promise<void> {
    const folder = join(SCREENSHOTS, await this.evaluate<string>('RED.settings.version'))
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `${name}.png`)
    await this.page.screenshot({ path })
    const picture = README_PICTURES[name]
    if (picture === undefined || process.env.README_PICTURES !== '1') return
    mkdirSync(README_FOLDER, { recursive: true })
    copyFileSync(path, join(README_FOLDER, picture))
  }

  /** Takes messages of the editor and of the debug panel away, for a clear picture. */
  async tidy (): Promise<void> {
    await this.evaluate('(() => { $(\'.red-ui-notification\').hide(); $(\'#red-ui-sidebar-debug-clear\').trigger(\'click\') })()')
  }

  async close (): Promise<void> {
    await this.browser.close()
  }
}
