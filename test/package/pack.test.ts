import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { ROOT } from '../support/sets'

/** Everything that may be in the tarball; each line must be met by at least one file. */
const GROUPS = '(accounts|events|actions|state|simulator|editor)'
const MEANT = [
  /^package\.json$/, /^README\.md$/, /^LICENSE$/, /^CHANGELOG\.md$/,
  new RegExp(`^dist/nodes/${GROUPS}/[a-z0-9-]+\\.js(\\.map)?$`),
  /^dist\/src\/simulator\/cli\.js(\.map)?$/,
  new RegExp(`^dist/nodes/${GROUPS}/[a-z0-9-]+\\.html$`),
  new RegExp(`^dist/nodes/${GROUPS}/locales/[a-z]{2}(-[A-Z]{2})?/[a-z0-9-]+\\.(json|html)$`),
  /^dist\/nodes\/accounts\/icons\/[a-z0-9-]+\.svg$/,
  /^examples\/(\w+\/)?\d\d [\w ,-]+\.json$/
]
/** How the build parts the code that entries share is its own affair. */
const OPTIONAL = [/^dist\/([\w-]+\/)*[\w-]+\.js(\.map)?$/, /^resources\/[\w./-]+$/]

describe('the tarball\'s list of files', () => {
  it('holds what is meant and nothing else', function () {
    this.timeout(30000)
    const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel', 'error'], {
      cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']
    })) as { files: { path: string }[] }[]
    const paths = files.map(({ path }) => path)
    assert.deepEqual(paths.filter((path) => ![...MEANT, ...OPTIONAL].some((pattern) => pattern.test(path))), [])
    assert.deepEqual(MEANT.filter((pattern) => !paths.some((path) => pattern.test(path))), [])
  })
})
