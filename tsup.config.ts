import { cp, rm } from 'node:fs/promises'
import { defineConfig, type Options } from 'tsup'
import { copyForms } from './scripts/lib/forms'

const common: Options = {
  outDir: 'dist',
  format: ['cjs'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  dts: false,
  silent: true,
  // The paths in package.json must not depend on which folders happen to hold an entry.
  esbuildOptions (options) { options.outbase = '.' }
}

export default defineConfig(async () => {
  // Here and not by tsup's own option: the two builds below run side by side, and one would clear what the other has written.
  await rm('dist', { recursive: true, force: true })
  return [{
    ...common,
    // One output for each source: every module exists once, so two nodes see one CtiError class. (Splitting would share modules too, but rewrites `?.` and
    // `??` into calls of helper functions, on the hot path as well.)
    entry: ['nodes/**/*.ts', 'src/**/*.ts', '!src/transport/xml/*.ts'],
    bundle: false,
    async onSuccess () {
      await copyForms('nodes', 'dist/nodes')
      // Node-RED looks for icons beside a built entry, and one such folder serves the whole module.
      await cp('icons', 'dist/nodes/accounts/icons', { recursive: true })
    }
  }, {
    ...common,
    // Runs over every byte of every event: as one file, since each use of another module's constant is a call of a getter. Only the index is imported elsewhere.
    entry: ['src/transport/xml/index.ts'],
    bundle: true,
    external: ['../../model', '../charset']
  }]
})
