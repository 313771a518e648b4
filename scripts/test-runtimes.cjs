'use strict'
/**
 * `npm run test:runtimes`: the tests that meet a real Node-RED, again on the other supported lines: Node-RED 5 under Node 22 (there in the browser as
 * well, where one is installed), and Node-RED 4.1 under Node 24.
 * Both lines run at the same time, as their tests wait more than they work.
 * Node-RED 5 is installed once into test/runtimes/nr5; the Node versions come from the npm packages `node@22` and `node@24`.
 * They stay out of our devDependencies: those would put their `node` before the system's in every npm script.
 */
const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { ROOT } = require('./lib/nodeRed.cjs')

const MOCHA = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js')
const NPX_LIMIT_MS = 5 * 60000
const BROWSER_SUITE = '.mocharc.browser.json'
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const LINES = [
  { name: 'Node-RED 5 on Node 22', node: '22', nodeRed: '5', suites: ['.mocharc.runtimes.json', BROWSER_SUITE] },
  { name: 'Node-RED 4.1 on Node 24', node: '24', suites: ['.mocharc.runtimes.json'] }
]

function run (command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env }, shell: process.platform === 'win32' })
  if (result.error) throw result.error
  return result.status ?? 1
}

/** Package folder of that Node-RED line, installed when it is not there yet. */
function installNodeRed (line) {
  const folder = path.join(ROOT, 'test', 'runtimes', `nr${line}`)
  const home = path.join(folder, 'node_modules', 'node-red')
  if (fs.existsSync(path.join(home, 'red.js'))) return home
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ name: `nr${line}`, version: '0.0.0', private: true }, null, 2)}\n`)
  if (run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel', 'error', `node-red@${line}`]) !== 0) throw new Error(`Could not install node-red@${line}`)
  return home
}

/** Path of that Node's binary, fetched by npx; a stricter npm leaves the binary out, so it is asked for its version. */
function nodeBinary (major) {
  const found = spawnSync('npx', ['-y', '-p', `node@${major}`, 'node', '-p', 'process.execPath'], {
    cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: NPX_LIMIT_MS, shell: process.platform === 'win32'
  })
  const binary = (found.stdout ?? '').trim().split('\n').pop()
  const version = binary ? spawnSync(binary, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.trim() : ''
  if (!version?.startsWith(`${major}.`)) throw new Error(`Could not get Node ${major} (got ${version || 'nothing'})`)
  return binary
}

/** Runs one suite; what it prints is kept, since another line prints at the same time. @returns {Promise<{ status: number, output: string }>} */
function suite (node, config, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [MOCHA, '--config', config], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    const pieces = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => pieces.push(piece))
    child.once('error', reject)
    child.once('close', (status) => resolve({ status: status ?? 1, output: Buffer.concat(pieces).toString() }))
  })
}

/** One line's suites, one after the other. @returns {Promise<number>} how many of them failed */
async function test (line) {
  const output = [`\n== ${line.name}`]
  let failed = 0
  try {
    for (const config of line.suites) {
      if (config === BROWSER_SUITE && !fs.existsSync(CHROMIUM)) {
        output.push(`No browser at ${CHROMIUM}: its tests are left out here.`)
        continue
      }
      const result = await suite(line.binary, config, line.env)
      output.push(result.output)
      if (result.status !== 0) failed++
    }
  } catch (error) {
    output.push(error.message)
    failed++
  }
  console.log(output.join('\n'))
  return failed
}

async function main () {
  const ready = []
  let failed = 0
  for (const line of LINES) {
    try {
      ready.push({ ...line, env: line.nodeRed ? { NODE_RED: installNodeRed(line.nodeRed) } : {}, binary: nodeBinary(line.node) })
    } catch (error) {
      console.error(`${line.name}: ${error.message}`)
      failed++
    }
  }
  for (const count of await Promise.all(ready.map(test))) failed += count
  process.exitCode = failed === 0 ? 0 : 1
}

main()
