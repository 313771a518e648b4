'use strict'
/**
 * `npm run scorecard`: the Flow Library's own checker, node-red-dev 0.1.6, on this package. It lives in test/runtimes/scorecard, not in our devDependencies
 * (an old dependency tree). Without `--online`, the answers of the network come from test/scorecard/offline.cjs; CONTRIBUTING.md says what that leaves unproven.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ROOT } = require('./lib/nodeRed.cjs')

const FOLDER = path.join(ROOT, 'test', 'runtimes', 'scorecard')
const TOOL = path.join(FOLDER, 'node_modules', 'node-red-dev', 'bin', 'run')
const LIMIT_MS = 5 * 60000

function install () {
  if (fs.existsSync(TOOL)) return
  fs.mkdirSync(FOLDER, { recursive: true })
  fs.writeFileSync(path.join(FOLDER, 'package.json'), `${JSON.stringify({ name: 'scorecard', version: '0.0.0', private: true }, null, 2)}\n`)
  const done = spawnSync('npm', ['install', '--prefix', FOLDER, '--no-save', '--no-audit', '--no-fund', '--loglevel', 'error', 'node-red-dev@0.1.6'], {
    stdio: ['ignore', 'inherit', 'inherit'], timeout: LIMIT_MS, shell: process.platform === 'win32'
  })
  if (done.status !== 0) throw new Error('Could not install node-red-dev')
}

/** Runs the checker; gives its card (check id -> { test: boolean, … }), what it printed and how it ended. */
function scorecard ({ online = false } = {}) {
  install()
  const card = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'node-red-cti-card-')), 'card.json')
  const env = { ...process.env, NODE_OPTIONS: online ? '' : `-r ${JSON.stringify(path.join(ROOT, 'test', 'scorecard', 'offline.cjs'))}` }
  const result = spawnSync(process.execPath, [TOOL, 'validate', '-o', card], { cwd: ROOT, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS })
  const output = `${result.stdout}${result.stderr}`
  try {
    return { status: result.status, output, card: fs.existsSync(card) ? JSON.parse(fs.readFileSync(card, 'utf8')) : undefined }
  } finally {
    fs.rmSync(path.dirname(card), { recursive: true, force: true })
  }
}

module.exports = { scorecard }

if (require.main === module) {
  const { status, output } = scorecard({ online: process.argv.includes('--online') })
  process.stdout.write(output)
  process.exitCode = status ?? 1
}
