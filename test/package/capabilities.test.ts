import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilityTable, loadPlatforms, withTable } from '../../scripts/lib/capabilityTable'
import { ACTIONS } from '../../src/model'
import { actionsOf } from '../../src/session/registry'
import { PACKAGE, ROOT } from '../support/sets'

describe('the table of capabilities', () => {
  const platforms = loadPlatforms(PACKAGE['node-red'].nodes)
  const cells = (line: string): string[] => line.split('|').slice(1, -1).map((cell) => cell.trim())

  it('in the README is the one that the code says (else: npm run capabilities)', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    assert.equal(readme, withTable(readme, capabilityTable(platforms)))
  })

  it('has a column for each account that can be had, and for no other', () => {
    assert.deepEqual(platforms.map((platform) => `${platform}-account`), Object.keys(PACKAGE['node-red'].nodes).filter((name) => name.endsWith('-account')))
    assert.equal(cells(capabilityTable(platforms).split('\n')[0] ?? '').length, 2 + platforms.length)
  })

  it('has a row for each action, and says yes to what the vendor\'s table has', () => {
    const rows = capabilityTable(platforms).split('\n').slice(2).map(cells)
    assert.deepEqual(rows.map(([name]) => name).sort(), Object.keys(ACTIONS).map((name) => `\`${name}\``).sort())
    for (const [name, text, ...can] of rows) {
      assert.ok(text, name)
      platforms.forEach((platform, index) => {
        const entry = Object.entries(actionsOf(platform) ?? {}).find(([action]) => `\`${action}\`` === name)?.[1]
        assert.equal(can[index]?.startsWith('yes'), entry !== undefined, `${name} ${platform}`)
        for (const field of entry?.lacks ?? []) assert.ok(can[index]?.includes(`\`${field}\``), `${name} ${platform} ${field}`)
      })
    }
  })

  it('replaces what is between the markers only, and refuses a text without them', () => {
    const text = 'a\n<!-- capabilities:begin -->\nold\n<!-- capabilities:end -->\nb\n'
    assert.equal(withTable(text, 'new'), text.replace('old', 'new'))
    assert.equal(withTable(withTable(text, 'new'), 'new'), withTable(text, 'new'))
    for (const wrong of ['a', text.replace('begin', 'x'), text + text, '<!-- capabilities:end --><!-- capabilities:begin -->']) assert.throws(() => withTable(wrong, 'new'), /needed/)
  })
})
