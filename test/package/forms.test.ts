import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyForms, renderForm } from '../../scripts/lib/forms'
import { PLATFORMS } from '../../src/model'
import { ROOT, filesBelow, text } from '../support/sets'

describe('forms put together of fragments', () => {
  let place = ''
  const file = async (name: string, content: string): Promise<string> => {
    await mkdir(join(place, name, '..'), { recursive: true })
    await writeFile(join(place, name), content)
    return join(place, name)
  }
  beforeEach(async () => { place = await mkdtemp(join(tmpdir(), 'cti-forms-')) })
  afterEach(() => rm(place, { recursive: true, force: true }))

  it('take a fragment\'s lines in, indented, its values filled in and what has none left empty', async () => {
    await file('fragments/row.html', '<div>\n  <input id="{{name}}" {{more}}>\n</div>\n')
    const form = await file('form.html', '<form>\n  <!-- include fragments/row.html name=host more=\'title="a b"\' -->\n  /* include fragments/row.html name=port */\n</form>\n')
    assert.equal(renderForm(form), '<form>\n  <div>\n    <input id="host" title="a b">\n  </div>\n  <div>\n    <input id="port" >\n  </div>\n</form>\n')
  })

  it('repeat a fragment for a list, and for all platforms', async () => {
    await file('fragments/option.html', '{{name}}={{item}}')
    await file('fragments/select.html', '<!-- include option.html each=options -->')
    assert.equal(renderForm(await file('a.html', '<!-- include fragments/select.html name=x options=one,two -->')), 'x=one\nx=two\n')
    assert.equal(renderForm(await file('b.html', '<!-- include fragments/option.html each=platforms -->')), `${PLATFORMS.map((name) => `=${name}`).join('\n')}\n`)
  })

  it('fail for a fragment that is missing or includes itself', async () => {
    await file('fragments/loop.html', '<!-- include loop.html -->')
    const loop = await file('a.html', '<!-- include fragments/loop.html -->')
    const lost = await file('b.html', '<!-- include fragments/lost.html -->')
    assert.throws(() => renderForm(loop), /includes itself/)
    assert.throws(() => renderForm(lost), /lost\.html/)
  })

  it('are built without the fragments and the sources', async () => {
    await file('from/fragments/row.html', 'row')
    await file('from/a.html', '<!-- include fragments/row.html -->')
    await file('from/a.ts', 'x')
    await file('from/locales/en-US/a.json', '{}')
    await copyForms(join(place, 'from'), join(place, 'to'))
    assert.deepEqual((await readdir(join(place, 'to'), { recursive: true })).sort(), ['a.html', 'locales', 'locales/en-US', 'locales/en-US/a.json'])
    assert.equal(await readFile(join(place, 'to', 'a.html'), 'utf8'), 'row\n')
  })

  it('leave nothing to be filled in', () => {
    for (const form of filesBelow('dist/nodes').filter((name) => name.endsWith('.html'))) assert.doesNotMatch(text(join(ROOT, form)), /\{\{\w+\}\}|(<!--|\/\*) include /, form)
  })
})
