/** The built package, loaded at run time: what is measured is what users get, module by module, and not a bundle of the bench. */
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** Folder of the copy of `dist` that the bench has taken. */
export const DIST = join(__dirname, '../dist')
const own = createRequire(__filename)

/** A module of the built package: `load<typeof import('../../src/transport/http')>('src/transport/http/index')`. */
export function load<T> (path: string): T {
  return own(join(DIST, `${path}.js`)) as T
}

/** Puts other exports in place of some of a built module's; before any module that uses it is loaded. */
export function replace (path: string, exports: object): void {
  const original = load<object>(path)
  const cached = own.cache[join(DIST, `${path}.js`)]
  if (cached === undefined) throw new Error(`${path} is not loaded`)
  cached.exports = { ...original, ...exports }
}
