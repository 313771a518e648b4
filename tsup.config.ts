import { cp } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  // One output for each source: every module exists once, so two nodes see one CtiError class. (Splitting would share modules too, but rewrites `?.` and
  // `??` into calls of helper functions, on the hot path as well.)
  entry: ['nodes/**/*.ts', 'src/**/*.ts'],
  bundle: false,
  outDir: 'dist',
  format: ['cjs'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  dts: false,
  silent: true,
  // The paths in package.json must not depend on which folders happen to hold an entry.
  esbuildOptions (options) { options.outbase = '.' },
  async onSuccess () {
    await cp('nodes', 'dist/nodes', { recursive: true, filter: (path) => !path.endsWith('.ts') })
    // Node-RED looks for icons beside a built entry, and one such folder serves the whole module.
    await cp('icons', 'dist/nodes/accounts/icons', { recursive: true })
  }
})
