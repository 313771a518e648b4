import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { ACTIONS, CONNECTION_EVENTS, DEFAULT_EVENTS, EVENTS, PLATFORMS, type ActionName } from '../../src/model'
import { currentVersion } from '../../nodes/shared/migrate'
import { renderForm } from '../../scripts/lib/forms'

const NODES = join(__dirname, '..', '..', 'nodes')
interface Definition {
  defaults: Record<string, { value: unknown; type?: string; validate?: (this: Record<string, unknown>, value: unknown, opt?: object) => unknown }>
  category: string
  credentials?: Record<string, unknown>
}
type Editor = Record<string, (...given: unknown[]) => unknown>

const scriptOf = (html: string): string => /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
const formsIn = (folder: string): string[] => readdirSync(join(NODES, folder)).filter((file) => file.endsWith('.html')).map((file) => join(folder, file))

/** Runs a form's script as the editor does at load: no dialog is open. Gives its definitions and, when asked for, the plugin. */
function run (file: string, plugin = true): { definitions: Map<string, Definition>; window: { CtiEditor?: Editor } } {
  const definitions = new Map<string, Definition>()
  const window: { CtiEditor?: Editor } = {}
  const nothing = { length: 0, val: () => undefined }
  const known: Record<string, object> = { good: { type: 'cti-xsi-account', valid: true }, bad: { type: 'cti-xsi-account', valid: false }, other: { type: 'tab' } }
  const RED = {
    _: (key: string) => key.replace(/^.*:/, ''),
    nodes: { registerType: (type: string, definition: Definition) => definitions.set(type, definition), node: (id: string) => known[id], getType: () => undefined },
    plugins: { registerPlugin: () => undefined },
    utils: { validateTypedProperty: (value: string, type: string) => type !== 'num' || /^\d+$/.test(value) || 'not a number' }
  }
  const context = { RED, window, $: () => nothing, document: {} }
  if (plugin) runInNewContext(scriptOf(renderForm(join(NODES, 'editor', 'cti-editor.html'))), context)
  runInNewContext(scriptOf(renderForm(join(NODES, file))), context)
  return { definitions, window }
}

const FORMS = ['accounts', 'events', 'actions', 'state'].flatMap(formsIn)
const definitionOf = (file: string, plugin = true): [string, Definition] => [...run(file, plugin).definitions][0]!

describe('the forms', () => {
  for (const file of FORMS) {
    describe(file, () => {
      it('starts with the current version, and new nodes hold only values that JSON can', () => {
        const [type, { defaults }] = definitionOf(file)
        assert.equal(defaults.version?.value, currentVersion(type))
        for (const [name, { value }] of Object.entries(defaults)) assert.notEqual(JSON.stringify(value), undefined, name)
        for (const forbidden of ['users', 'type', 'valid', 'changed']) assert.equal(forbidden in defaults, false)
      })

      it('validates without an open dialog, without the plugin, and for a node of an old flow', () => {
        for (const plugin of [true, false]) {
          const [, { defaults }] = definitionOf(file, plugin)
          const old = { _: (key: string) => key }
          for (const [name, { validate }] of Object.entries(defaults)) {
            if (validate) assert.ok(['boolean', 'string'].includes(typeof validate.call(old, undefined, {})), name)
          }
        }
      })

      it('saves for each typed field its type', () => {
        const html = renderForm(join(NODES, file))
        const { defaults } = definitionOf(file)[1]
        for (const [, name] of html.matchAll(/id="node-input-(\w+)Type"/g)) assert.equal(defaults[`${name}Type`]?.value, 'auto', name)
      })

      it('names each field: a label is for one, or for a group, or is there for the looks only', () => {
        const html = renderForm(join(NODES, file))
        for (const [label, attributes = ''] of html.matchAll(/<label([^>]*)>/g)) {
          const [, target] = /\bfor="([^"]+)"/.exec(attributes) ?? []
          const [, group] = /\bid="([^"]+)"/.exec(attributes) ?? []
          if (target !== undefined) assert.ok(html.includes(`id="${target}"`), label)
          else if (group !== undefined) assert.ok(html.includes(`aria-labelledby="${group}"`), label)
          else assert.match(attributes, /aria-hidden="true"/, label)
        }
      })

      it('has no literal colour but the node\'s own', () => {
        const html = renderForm(join(NODES, file)).replace(/^ {4}color: '.*',$/m, '')
        assert.doesNotMatch(html, /#[0-9a-f]{6}\b|rgb\(|color:/i)
      })
    })
  }

  it('have help whose property lists Node-RED can read: name, type, and one more colon', () => {
    for (const file of FORMS) {
      const help = renderForm(join(NODES, file.replace(/^(\w+)\//, '$1/locales/en-US/')))
      for (const line of help.split('\n').filter((text) => text.startsWith(':'))) assert.match(line, /^: [^:()]+ \([^:()]+\) *: {2}[^:]+$/, file)
    }
  })

  it('offer each event of the model, and start with its defaults', () => {
    const source = renderForm(join(NODES, 'editor', 'cti-editor.html'))
    const groups = runInNewContext(`(${/EVENT_GROUPS = (\{[\s\S]*?\n {2}\})/.exec(source)?.[1] ?? '{}'})`) as Record<string, string[]>
    const names = Object.entries(groups).flatMap(([group, list]) => [...list].map((name) => group === 'other' ? name : `${group}.${name}`))
    assert.deepEqual(names.sort(), [...EVENTS, 'vendor.*'].sort())
    assert.equal(groups.connection?.length, CONNECTION_EVENTS.length)
    for (const file of formsIn('events')) assert.deepEqual([...definitionOf(file)[1].defaults.events!.value as string[]], [...DEFAULT_EVENTS], file)
  })

  it('offer each action of their group', () => {
    const groups = { 'actions/call.html': 'call', 'actions/transfer.html': 'transfer' } as const
    for (const [file, group] of Object.entries(groups)) {
      const listed = /var ACTIONS = (\[[\s\S]*?\])/.exec(readFileSync(join(NODES, file), 'utf8'))?.[1] ?? '[]'
      const expected = (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].group === group)
      assert.deepEqual([...runInNewContext(listed) as string[]].sort(), expected.sort(), file)
    }
  })

  it('refer to accounts by one typed property a platform', () => {
    for (const file of formsIn('actions')) {
      const { defaults } = definitionOf(file)[1]
      for (const platform of PLATFORMS) assert.equal(defaults[platform]?.type, `cti-${platform}-account`)
      assert.equal(defaults.vendor?.value, file.endsWith('originate.html') ? 'xsi' : 'msg')
    }
  })
})

describe('validators of the editor plugin', () => {
  const { CtiEditor } = run('editor/cti-editor.html', false).window
  const opt = {}

  it('want an account of the chosen system only', () => {
    const check = (vendor: string, id: string): unknown => CtiEditor?.check!({ vendor }, 'xsi', id, opt)
    assert.deepEqual([check('msg', ''), check('xivo', ''), check('xsi', 'good'), check('xsi', '${ACCOUNT}')], [true, true, true, true])
    assert.deepEqual([check('xsi', ''), check('xsi', '_ADD_'), check('xsi', 'other'), check('xsi', 'nowhere'), check('xsi', 'bad')],
      ['invalid.noAccount', 'invalid.noAccount', 'invalid.accountGone', 'invalid.accountGone', 'invalid.accountIncomplete'])
    assert.equal(CtiEditor?.check!({ vendor: 'xsi' }, 'xsi', '', undefined), false)
  })

  it('look at typed values by their type', () => {
    const typed = (type: string | undefined, value: unknown): unknown => CtiEditor?.checkTyped!({ toType: type }, 'to', value, opt)
    assert.deepEqual([typed('auto', 'x'), typed(undefined, 'x'), typed('num', ''), typed('num', '5'), typed('num', 'x')], [true, true, true, true, 'not a number'])
  })

  it('know numbers, objects and expressions', () => {
    assert.deepEqual(['', '5', '2.5', '${X}', '-1', 'x'].map((value) => CtiEditor?.checkCount!(value, opt)), [true, true, true, true, 'invalid.number', 'invalid.number'])
    assert.deepEqual(['', '{}', '[]', 'x', 'null'].map((value) => CtiEditor?.checkOptions!(value, opt)), [true, true, 'invalid.object', 'invalid.object', 'invalid.object'])
    assert.deepEqual(['', '+1202', '/^1/', '/(/'].map((value) => CtiEditor?.checkNumber!(value, opt)), [true, true, true, 'invalid.expression'])
  })
})
