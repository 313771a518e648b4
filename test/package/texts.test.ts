import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderForm } from '../../scripts/lib/forms'
import { ROOT, SETS, LANGUAGE, all, filesBelow, flatten, text, type NodeSet } from '../support/sets'

const EDITOR = 'cti-editor'
const sourceOf = (set: NodeSet): string => text(set.js.replace('/dist/', '/').replace(/\.js$/, '.ts'))
const catalogs = new Map(SETS.map((set) => [set.name, flatten(JSON.parse(text(set.catalog) || '{}') as object)]))
const shared = catalogs.get(EDITOR) ?? new Map<string, string>()

/** Texts of the ticks and columns that `data-name` with `data-options` or `data-columns` stand for. */
const tickKeys = (html: string): string[] =>
  [...html.matchAll(/data-name="(\w+)" data-(?:options|columns)="([^"]+)"/g)].flatMap(([, name, options]) => options.split(',').map((option) => `${name}.${option}`))
/** `[placeholder]a.b;[title]c.d` -> a.b, c.d */
const i18nKeys = (html: string): string[] =>
  all(/data-i18n="([^"]+)"/g, html).flatMap((value) => value.split(';')).map((part) => part.replace(/^\[[a-z-]+\]/, '').trim())
const calledKeys = (code: string): string[] => all(/(?:\b_|\bt)\(\s*'([^'\s]+\.[^'\s]+)'/g, code).filter((key) => !key.endsWith('.'))

/** The catalog that a key with a name space (`@switchhook/node-red-cti/set:key`) means, and the key in it; undefined for Node-RED's own. */
function locate (key: string, own: string): { catalog: Map<string, string>[]; key: string } | undefined {
  const [space, rest] = key.includes(':') ? [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)] : ['', key]
  if (space === '') return { catalog: [catalogs.get(own) ?? new Map<string, string>(), shared], key }
  const set = /^@switchhook\/node-red-cti\/(.+)$/.exec(space)?.[1]
  return set === undefined ? undefined : { catalog: [catalogs.get(set) ?? new Map<string, string>()], key: rest }
}

const allSources = filesBelow('nodes').filter((file) => /\.(ts|html)$/.test(file) && !/\/(locales|fragments)\//.test(file))
  .map((file) => file.endsWith('.html') ? renderForm(join(ROOT, file)) : text(join(ROOT, file))).join('\n')

/** A key counts as used when it stands in a source, or is put together from a prefix that does (`'status.' + state`, `status.${state}`). */
function isUsed (key: string): boolean {
  const parts = key.split('.')
  if (parts.length > 1 && key.startsWith('palette.label.')) return true
  if (tickKeys(allSources).includes(key)) return true
  const quoted = [`'${key}'`, `"${key}"`, `:${key}`, `]${key}`, `\`${key}\``, `;${key}`]
  if (quoted.some((form) => allSources.includes(form))) return true
  return parts.some((_, index) => {
    const prefix = parts.slice(0, index).join('.')
    return index > 0 && [`'${prefix}.'`, `\`${prefix}.\${`, `"${prefix}."`, `:${prefix}.\${`, `:${prefix}.'`].some((form) => allSources.includes(form))
  })
}

describe('texts', () => {
  for (const set of SETS) {
    describe(set.name, () => {
      it('has a text for each key that its form and code ask for', () => {
        const html = text(set.html)
        const asked = [...i18nKeys(html), ...tickKeys(html), ...calledKeys(html), ...calledKeys(sourceOf(set))]
        const missing = asked.filter((key) => {
          const place = locate(key, set.name)
          return place && !place.catalog.some((catalog) => catalog.has(place.key))
        })
        assert.deepEqual([...new Set(missing)], [])
      })

      it('uses each text it has', () => {
        assert.deepEqual([...(catalogs.get(set.name) ?? new Map<string, string>()).keys()].filter((key) => !isUsed(key)), [])
      })

      it('has no empty text and no HTML in one', () => {
        for (const [key, value] of catalogs.get(set.name) ?? []) {
          assert.notEqual(value.trim(), '', key)
          assert.doesNotMatch(value, /<\w+/, key)
        }
      })
    })
  }

  it('has the same keys in every language', () => {
    for (const set of SETS) {
      const locales = join(dirname(set.js), 'locales')
      const file = set.catalog.slice(join(locales, LANGUAGE).length)
      for (const language of readdirSync(locales)) {
        const keys = [...flatten(JSON.parse(text(join(locales, language) + file) || '{}') as object).keys()]
        assert.deepEqual(keys.sort(), [...(catalogs.get(set.name) ?? []).keys()].sort(), `${set.name} ${language}`)
      }
    }
  })

  it('has a common text for each key that shared code asks for', () => {
    const asked = filesBelow('nodes/shared').flatMap((file) => calledKeys(text(join(ROOT, file))))
    assert.deepEqual(asked.filter((key) => !shared.has(key)), [])
  })
})
