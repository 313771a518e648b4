import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import { EXAMPLES, NODE_SETS, ROOT, filesBelow, templateTypes, text } from '../support/sets'

const GRID = 20
const CORE = ['tab', 'comment', 'inject', 'debug', 'catch', 'complete', 'status', 'switch', 'change', 'function', 'template', 'link in', 'link out', 'group', 'delay', 'trigger', 'http in', 'http response', 'http request']
const OURS = NODE_SETS.flatMap(templateTypes)
const SECRETS = /pass|token|secret|credential|apikey/i

describe('example flows as files', () => {
  it('are there, numbered in the order in which they are read', () => {
    assert.ok(EXAMPLES.length > 0)
    for (const { file } of EXAMPLES) assert.match(basename(file), /^\d\d [A-Z][\w ,-]+\.json$/)
  })

  it('share no id, so that any two can be imported together', () => {
    const seen = new Map<string, string>()
    for (const { file, nodes } of EXAMPLES) {
      for (const { id } of nodes) {
        assert.equal(seen.get(id), undefined, `${id} is in ${seen.get(id)} and ${file}`)
        seen.set(id, file)
      }
    }
  })

  for (const { file, nodes } of EXAMPLES) {
    describe(basename(file), () => {
      const tabs = nodes.filter((node) => node.type === 'tab')
      const placed = nodes.filter((node) => node.z !== undefined && node.type !== 'group')

      it('has one tab that explains itself, and a comment', () => {
        assert.equal(tabs.length, 1)
        assert.ok((tabs[0].info ?? '').length > 80, 'the tab has no info')
        assert.ok(placed.some((node) => node.type === 'comment'))
      })

      it('uses nodes of Node-RED and of this package only', () => {
        assert.deepEqual(nodes.map((node) => node.type).filter((type) => !CORE.includes(type) && !OURS.includes(type)), [])
      })

      it('lies on the grid, no node on another', () => {
        for (const node of placed) {
          assert.equal(Number(node.x) % GRID, 0, `${node.name ?? node.id}: x ${node.x}`)
          assert.equal(Number(node.y) % GRID, 0, `${node.name ?? node.id}: y ${node.y}`)
        }
        const spots = placed.map((node) => `${node.x}/${node.y}`)
        assert.equal(new Set(spots).size, spots.length)
      })

      it('names its nodes', () => {
        for (const node of placed.filter(({ type }) => !type.startsWith('link'))) assert.ok(node.name, `${node.type} ${node.id} has no name`)
      })

      it('wires and refers to nodes of its own only', () => {
        const ids = new Set(nodes.map((node) => node.id))
        for (const node of nodes) {
          for (const target of (node.wires as string[][] | undefined ?? []).flat()) assert.ok(ids.has(target), `${node.id} -> ${target}`)
          if (node.z !== undefined) assert.ok(ids.has(node.z))
        }
      })

      it('does nothing by itself, and shows what goes wrong', () => {
        for (const node of nodes.filter(({ type }) => type === 'inject')) assert.ok(node.once !== true && !node.repeat, `${node.name} runs by itself`)
        const debugs = new Set(nodes.filter(({ type }) => type === 'debug').map(({ id }) => id))
        const catches = nodes.filter(({ type }) => type === 'catch')
        assert.ok(catches.some((node) => (node.wires as string[][])[0].some((target) => debugs.has(target))), 'no Catch node leads to a debug node')
      })

      it('is played by a test that presses each of its buttons', () => {
        const name = basename(file, '.json')
        const test = filesBelow('test/examples').map((path) => text(join(ROOT, path))).find((source) => source.includes(`'${name}'`)) ?? ''
        const buttons = nodes.filter(({ type, action }) => type === 'inject' || (type === 'cti-simulator' && action === 'ring')).map((node) => node.name ?? '')
        assert.deepEqual(buttons.filter((button) => !test.includes(`'${button}'`)), [], `not pressed in the test of "${name}"`)
      })

      it('holds no secret', () => {
        for (const node of nodes) {
          assert.equal('credentials' in node, false)
          for (const [key, value] of Object.entries(node)) if (SECRETS.test(key)) assert.ok(!value, `${node.id}.${key}`)
        }
      })
    })
  }
})
