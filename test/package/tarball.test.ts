import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createUserDir } from '../../scripts/lib/nodeRed.cjs'
import { NodeRed } from '../support/nodeRed'
import { EXAMPLES, NODE_SETS, PACKAGE, ROOT, SETS, templateTypes } from '../support/sets'

interface SetReport { id: string; module: string; types?: string[]; enabled: boolean; err?: unknown; version: string }

const npm = (cwd: string, ...args: string[]): string => execFileSync('npm', [...args, '--loglevel', 'error'], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

describe('the tarball, installed into a Node-RED as a user does', function () {
  this.timeout(180000)
  let red: NodeRed | undefined
  const running = (): NodeRed => red ?? assert.fail('Node-RED did not start')

  before(async () => {
    const userDir = await createUserDir({ link: false })
    try {
      const [{ filename }] = JSON.parse(npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', userDir)) as { filename: string }[]
      npm(userDir, 'install', `./${filename}`, '--prefer-offline', '--no-audit', '--no-fund', '--omit', 'dev')
    } catch (error) {
      await rm(userDir, { recursive: true, force: true })
      throw error
    }
    red = await NodeRed.start({ userDir })
  })
  after(async () => { await red?.stop() })

  it('loads every set without an error or a warning', async () => {
    const reports = (await running().get<SetReport[]>('/nodes')).filter(({ module }) => module === PACKAGE.name)
    assert.deepEqual(reports.map(({ id }) => id).sort(), NODE_SETS.map(({ name }) => `${PACKAGE.name}/${name}`).sort())
    for (const report of reports) {
      assert.equal(report.err, undefined, report.id)
      assert.equal(report.enabled, true, report.id)
      assert.equal(report.version, PACKAGE.version)
    }
    assert.deepEqual(reports.flatMap(({ types }) => types ?? []).sort(), NODE_SETS.flatMap(templateTypes).sort())
    assert.equal(running().log.includes(`[${PACKAGE.name}`), false, running().log)
  })

  it('brings its plugin', async () => {
    const plugins = (await running().get<{ id: string; module: string; err?: unknown }[]>('/plugins')).filter(({ module }) => module === PACKAGE.name)
    assert.deepEqual(plugins.map(({ id }) => id), SETS.filter(({ kind }) => kind === 'plugins').map(({ name }) => `${PACKAGE.name}/${name}`))
    for (const plugin of plugins) assert.equal(plugin.err, undefined)
  })

  it('serves its icons', async () => {
    const icons = (await running().get<Record<string, string[]>>('/icons'))[PACKAGE.name] ?? []
    assert.ok(icons.length > 0)
    for (const icon of icons) assert.match(await running().request('GET', `/icons/${PACKAGE.name}/${icon}`), /<svg/)
  })

  it('lists its examples in the import menu', async () => {
    // A folder is listed by its name, a flow as an object.
    const list = async (folder: string): Promise<string[]> => {
      const entries = await running().get<(string | { fn: string })[]>(`/library/examples/flows/${PACKAGE.name}/${folder}`)
      const names = await Promise.all(entries.map((entry) => typeof entry === 'string' ? list(`${folder}${entry}/`) : [`${folder}${entry.fn}`]))
      return names.flat()
    }
    assert.deepEqual((await list('')).sort(), EXAMPLES.map(({ file }) => file.replace(/^examples\/|\.json$/g, '')).sort())
  })

  it('has its texts and help ready', async () => {
    for (const { name } of SETS) {
      const catalog = await running().get<object>(`/locales/${PACKAGE.name}/${name}?lng=en-US`)
      assert.ok(Object.keys(catalog).length > 0, `no texts of ${name}`)
    }
    const html = await running().request('GET', '/nodes', undefined, { Accept: 'text/html' })
    for (const type of NODE_SETS.flatMap(templateTypes)) assert.ok(html.includes(`data-help-name="${type}"`), `no help for ${type}`)
  })

  it('brings the simulator as a command', () => {
    const help = execFileSync(join(running().userDir, 'node_modules', '.bin', 'switchhook-sim'), ['--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    assert.match(help, /--port/)
  })

  it('needs none of our tools', () => {
    const installed = npm(running().userDir, 'ls', '--all', '--parseable')
    for (const tool of ['mocha', 'tsup', 'typescript', 'node-red']) assert.equal(installed.includes(`${join('node_modules', tool)}\n`), false, tool)
  })
})
