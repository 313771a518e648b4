/** What package.json promises to Node-RED, and the files that stand for it: read from the sources (`nodes/`) and from the build (`dist/nodes/`). */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { PACKAGE, ROOT } from '../../scripts/lib/nodeRed.cjs'

export { PACKAGE, ROOT }
export const LANGUAGE = 'en-US'

export interface NodeSet {
  /** Set name: the last part of the id that Node-RED gives it. */
  name: string
  kind: 'nodes' | 'plugins'
  /** Absolute paths of the built files. */
  js: string
  html: string
  catalog: string
  help: string
}

export const SETS: readonly NodeSet[] = (['nodes', 'plugins'] as const).flatMap((kind) =>
  Object.entries(PACKAGE['node-red'][kind]).map(([name, path]) => {
    const js = join(ROOT, path)
    const locale = join(dirname(js), 'locales', LANGUAGE, basename(js, '.js'))
    return { name, kind, js, html: js.replace(/\.js$/, '.html'), catalog: `${locale}.json`, help: `${locale}.html` }
  }))

export const NODE_SETS = SETS.filter((set) => set.kind === 'nodes')

/** Text of a file, '' when it is not there (that it is there has a test of its own). */
export function text (path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** All matches of the first group. */
export function all (pattern: RegExp, source: string): string[] {
  return [...source.matchAll(pattern)].map((match) => match[1])
}

/** Types that the set's HTML brings to the editor. */
export function templateTypes (set: NodeSet): string[] {
  return all(/data-template-name="([^"]+)"/g, text(set.html))
}

export function isConfig (set: NodeSet, type: string): boolean {
  const definition = text(set.html).split(`registerType('${type}'`)[1] ?? ''
  return /category:\s*'config'/.test(definition.slice(0, 400))
}

/** Every file below a folder, as paths relative to the project. */
export function filesBelow (folder: string): string[] {
  const path = join(ROOT, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
}

/** Leaves of a catalog as dotted keys. */
export function flatten (tree: object, prefix = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? [...flatten(value, `${prefix}${key}.`)] : [[`${prefix}${key}`, String(value)] as const]))
}

export interface ExampleNode { id: string; type: string; z?: string; x?: number; y?: number; name?: string; info?: string; label?: string; [property: string]: unknown }

export const EXAMPLES: readonly { file: string; nodes: ExampleNode[] }[] =
  filesBelow('examples').filter((file) => file.endsWith('.json')).map((file) => ({ file, nodes: JSON.parse(text(join(ROOT, file))) as ExampleNode[] }))
