import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EXAMPLES, NODE_SETS, PACKAGE, ROOT, SETS, all, filesBelow, isConfig, templateTypes, text } from '../support/sets'

type Register = (type: string) => void
/** Loads a built entry as Node-RED 4.1 does and gives the types it registers. */
function registeredTypes (js: string): string[] {
  const types: string[] = []
  const self = (): unknown => route
  const route = { get: self, post: self, use: self }
  const RED = {
    nodes: { registerType: ((type) => { types.push(type) }) satisfies Register, getNode: () => null },
    plugins: { registerPlugin () {} },
    httpAdmin: route, httpNode: route, auth: { needsPermission: () => () => {} },
    settings: {}, _: (key: string) => key, log: { info () {}, warn () {}, error () {}, debug () {}, trace () {} },
    events: { on () {}, off () {}, once () {} }, util: {}, comms: { publish () {} }, hooks: { add () {} }
  }
  const loaded = require(js) as { default?: (api: unknown) => void } & ((api: unknown) => void)
  const entry = loaded.default ?? loaded
  entry(RED)
  return types
}

describe('the package as Node-RED reads it', () => {
  it('promises at least one node set and the editor plugin', () => {
    assert.ok(NODE_SETS.length > 0)
    assert.ok(SETS.some((set) => set.kind === 'plugins'))
  })

  for (const set of SETS) {
    describe(`set ${set.name}`, () => {
      it('has a built script, a form and texts', () => {
        const files = set.kind === 'nodes' ? [set.js, set.html, set.catalog, set.help] : [set.js, set.html, set.catalog]
        assert.deepEqual(files.filter((file) => !existsSync(file)), [])
      })

      it('is named like its file', () => assert.equal(set.js.endsWith(`/${set.name}.js`), true))

      if (set.kind === 'plugins') return

      it('registers in the runtime what its form shows', () => {
        assert.deepEqual(registeredTypes(set.js).sort(), templateTypes(set).sort())
        assert.deepEqual(all(/registerType\('([^']+)',\s*\{/g, text(set.html)).sort(), templateTypes(set).sort())
      })

      it('prefixes its types with cti-', () => {
        assert.ok(templateTypes(set).length > 0)
        for (const type of templateTypes(set)) assert.match(type, /^cti-[a-z0-9]+(-[a-z0-9]+)*$/)
      })

      it('has help for each type, in the locale file only', () => {
        assert.deepEqual(all(/<script type="text\/markdown" data-help-name="([^"]+)">/g, text(set.help)).sort(), templateTypes(set).sort())
        assert.equal(text(set.html).includes('data-help-name'), false, 'help in the form would hide the locale file')
        for (const help of text(set.help).split('data-help-name=').slice(1)) {
          assert.match(help.slice(help.indexOf('>') + 1).trimStart(), /^[A-Z][^#]{15,}/, 'the first paragraph is the tooltip: a sentence, no heading')
        }
      })

      it('shows an icon that is beside a built entry', () => {
        const icons = all(/icon:\s*'([^'/]+\.(?:svg|png))'/g, text(set.html))
        const places = NODE_SETS.map((other) => join(dirname(other.js), 'icons'))
        for (const icon of icons) assert.ok(places.some((place) => existsSync(join(place, icon))), `${icon} is beside no entry`)
        for (const type of templateTypes(set)) {
          if (!isConfig(set, type)) assert.ok(icons.length > 0, `${type} has no icon of ours`)
        }
      })

      it('keeps to what the checker of the Flow Library can read', () => {
        assert.doesNotMatch(text(set.html), /registerType\((?!'[^']+',\s*\{)/, 'a literal name and an object literal')
        assert.match(text(set.html), /<script type="text\/javascript">/)
        assert.equal(set.js.indexOf('.js'), set.js.length - 3)
      })

      it('has each flow node in an example', () => {
        const shown = new Set(EXAMPLES.flatMap(({ nodes }) => nodes.map((node) => node.type)))
        assert.deepEqual(templateTypes(set).filter((type) => !isConfig(set, type) && !shown.has(type)), [])
      })
    })
  }

  it('saves each property that a form has a field for', () => {
    for (const set of NODE_SETS) {
      const html = text(set.html)
      const fields = all(/id="node-(?:config-)?input-([A-Za-z0-9]+)"/g, html)
      const missing = fields.filter((field) => !new RegExp(`(^|[\\s{,'])${field}'?:`, 'm').test(html))
      assert.deepEqual(missing, [], `${set.name}: fields without a default`)
    }
  })

  it('never reaches the network or paths of a machine from its forms', () => {
    for (const set of SETS) assert.doesNotMatch(text(set.html), /(src|href)="(https?:)?\/\//, set.name)
  })

  it('holds one CtiError class, whichever entry is asked', () => {
    const definitions = filesBelow('dist').filter((file) => file.endsWith('.js')).flatMap((file) => all(/(class _?CtiError\b)/g, text(join(ROOT, file))))
    assert.equal(definitions.length, 1)
  })

  it('has no built file without a source, and no icon that is not 2:3', () => {
    const sources = new Set(filesBelow('nodes').map((file) => file.replace(/\.ts$/, '.js')))
    const built = filesBelow('dist/nodes').filter((file) => !file.endsWith('.map') && !file.includes('/icons/')).map((file) => file.replace(/^dist\//, ''))
    assert.deepEqual(built.filter((file) => !sources.has(file)), [])
    for (const icon of filesBelow('icons').filter((file) => file.endsWith('.svg'))) assert.match(text(join(ROOT, icon)), /viewBox="0 0 40 60"/, icon)
  })

  it('depends on at most six packages, all with a version range of their own, and not on Node-RED', () => {
    const dependencies = Object.keys(PACKAGE.dependencies)
    assert.ok(dependencies.length <= 6)
    assert.equal(dependencies.includes('node-red'), false)
    assert.equal('peerDependencies' in PACKAGE, false)
  })

  it('declares what it imports, and imports what it declares', () => {
    const sources = [...filesBelow('src'), ...filesBelow('nodes')].filter((file) => file.endsWith('.ts')).map((file) => text(join(ROOT, file)))
    const lines = sources.flatMap((source) => all(/^(?:(?:import|export) (?!type )[^\n]*|\}) from '([^'.][^']*)'/gm, source)).filter((name) => !name.startsWith('node:'))
    const packages = new Set(lines.map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')))
    assert.deepEqual([...packages].sort(), Object.keys(PACKAGE.dependencies).sort())
  })

  it('can be found in the Flow Library', () => {
    assert.ok(PACKAGE.keywords.includes('node-red'))
    assert.match(PACKAGE.name, /^@[a-z-]+\/node-red-/)
  })

  it('says in the README what each dependency is for, and tells of each node', () => {
    const readme = text(join(ROOT, 'README.md'))
    for (const dependency of Object.keys(PACKAGE.dependencies)) assert.ok(readme.includes(`\`${dependency}\``), `README does not name ${dependency}`)
    for (const type of NODE_SETS.flatMap(templateTypes)) assert.ok(readme.includes(`\`${type}\``), `README does not name ${type}`)
  })
})
