/** Writes the table of capabilities into README.md (`npm run capabilities`). A test fails while it is not up to date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilityTable, loadPlatforms, withTable } from './lib/capabilityTable'
import { PACKAGE, ROOT } from './lib/nodeRed.cjs'

const file = join(ROOT, 'README.md')

const before = readFileSync(file, 'utf8')
const after = withTable(before, capabilityTable(loadPlatforms(PACKAGE['node-red'].nodes)))
writeFileSync(file, after)
console.log(after === before ? 'README.md is up to date' : 'README.md was written')
