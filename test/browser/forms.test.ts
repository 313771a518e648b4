import assert from 'node:assert/strict'
import { NODE_SETS, isConfig, templateTypes } from '../support/sets'
import { Editor, type Saved } from '../support/editor'
import { NodeRed } from '../support/nodeRed'

const FLOW_TYPES = NODE_SETS.flatMap((set) => templateTypes(set).filter((type) => !isConfig(set, type)))
const CONFIG_TYPES = NODE_SETS.flatMap((set) => templateTypes(set).filter((type) => isConfig(set, type)))

const PLACE = ['x', 'y', 'z', 'wires']

/** Changes every visible field of the open dialog but those named: other text, other choice, other tick. Gives how many it changed. */
const CHANGE_FIELDS = (prefix: string, but: string[] = []): string => `(() => {
  const but = ${JSON.stringify(but)}
  let changed = 0
  const tray = $('.red-ui-tray').last()
  tray.find('[id^="${prefix}"]').each(function () {
    const field = $(this)
    if (this.id.endsWith('-lookup') || but.includes(this.id) || !field.closest('.form-row').is(':visible')) return
    const typed = field.data('noderedTypedInput')
    if (typed) {
      const types = Object.keys(typed.typeMap)
      const type = ['str', 'num', 'json', 'msg'].find((each) => types.includes(each))
      if (!type) return
      field.typedInput('type', type)
      field.typedInput('value', { str: 'text', num: '7', json: '{"users":[]}', msg: 'payload.changed' }[type])
    } else if (this.tagName === 'SELECT') {
      if (this.multiple || field.find('option[value="_ADD_"]').length) return
      const other = field.find('option').filter((_, option) => option.value !== field.val() && !option.disabled).last().val()
      if (other === undefined) return
      field.val(other).trigger('change')
    } else if (this.type === 'checkbox') field.prop('checked', !field.prop('checked')).trigger('change')
    else if (this.type === 'number') field.val('7').trigger('change')
    else if (this.type === 'text') field.val('changed').trigger('change')
    else return
    changed++
  })
  return changed
})()`

describe('forms in the editor', () => {
  let red: NodeRed
  let editor: Editor
  const stored = async (id: string): Promise<Saved> => {
    const { flows } = await red.get<{ flows: Saved[] }>('/flows')
    const found = flows.find((node) => node.id === id) ?? assert.fail(`${id} was not deployed`)
    return Object.fromEntries(Object.entries(found).filter(([name]) => !PLACE.includes(name))) as Saved
  }

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

  it('shows each node in the palette group telephony, without the prefix', async () => {
    for (const type of FLOW_TYPES) {
      const item = editor.page.locator(`#red-ui-palette-telephony-category .red-ui-palette-node[data-palette-type="${type}"], #red-ui-palette-base-category-telephony .red-ui-palette-node[data-palette-type="${type}"]`)
      assert.equal(await item.count(), 1, `${type} is not in the group`)
      assert.doesNotMatch(await item.innerText(), /cti-/, type)
    }
    await editor.page.locator(`.red-ui-palette-node[data-palette-type="${FLOW_TYPES[0]}"]`).scrollIntoViewIfNeeded()
    await editor.screenshot('palette')
  })

  FLOW_TYPES.forEach((type, index) => {
    it(`keeps what was entered into ${type}`, async () => {
      const id = await editor.drag(type, 300, 80 + 60 * index)
      await editor.edit(id)
      assert.ok(await editor.evaluate<number>(CHANGE_FIELDS('node-input-')) >= 1)
      await editor.page.fill('#node-input-name', `my ${type}`)
      await editor.screenshot(type)
      await editor.done()
      const entered = await editor.saved(id)
      assert.equal(entered.name, `my ${type}`)

      await editor.deploy()
      assert.deepEqual(await stored(id), entered)

      await editor.load(red.url)
      await editor.edit(id)
      await editor.done()
      assert.deepEqual(await editor.saved(id), entered, 'opening and closing the form changed something')
    })
  })

  // An account shows other fields for a system than for the simulator, which is the last choice.
  const dialogs = CONFIG_TYPES.flatMap((type): [string, string[]][] => type.endsWith('-account') ? [[type, []], [type, ['node-config-input-connectTo']]] : [[type, []]])
  for (const [type, but] of dialogs) {
    it(`keeps what was entered into ${type}${but.length > 0 ? ' for a system' : ''}`, async () => {
      await editor.editConfig(type, '_ADD_')
      await editor.evaluate(CHANGE_FIELDS('node-config-input-', but))
      await editor.page.fill('#node-config-input-name', `my ${type}`)
      await editor.screenshot(type)
      await editor.done()
      const id = await editor.evaluate<string>(`(() => { let id; RED.nodes.eachConfig((n) => { if (n.type === ${JSON.stringify(type)}) id = n.id }); return id })()`)
      const entered = await editor.saved(id)
      assert.equal(entered.name, `my ${type}`)
      await editor.deploy()
      assert.deepEqual(await stored(id), entered)

      await editor.load(red.url)
      await editor.editConfig(type, id)
      await editor.done()
      assert.deepEqual(await editor.saved(id), entered, 'opening and closing the form changed something')
    })
  }

  it('reports no script error', () => assert.deepEqual(editor.problems, []))
})
