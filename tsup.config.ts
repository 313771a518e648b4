import { cp } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['nodes/{accounts,events,actions,state,simulator,editor}/*.ts', 'src/simulator/cli.ts'],
  outDir: 'dist',
  format: ['cjs'],
  target: 'node20',
  platform: 'node',
  // Without splitting every entry carries its own copy of src/: two nodes would then see two CtiError classes.
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: false,
  silent: true,
  async onSuccess () {
    await cp('nodes', 'dist/nodes', { recursive: true, filter: (path) => !path.endsWith('.ts') })
    // Node-RED looks for icons beside a built entry, and one such folder serves the whole module.
    await cp('icons', 'dist/nodes/accounts/icons', { recursive: true })
  }
})
