'use strict'
/**
 * Starts a real Node-RED in a process of its own, in a user directory that is thrown away afterwards.
 * `npm start`, `npm run dev` and the tests of the whole package stand on it.
 */
const { spawn } = require('node:child_process')
const { createServer } = require('node:net')
const fs = require('node:fs/promises')
const os = require('node:os')
const path = require('node:path')

const ROOT = path.resolve(__dirname, '../..')
const PACKAGE = require('../../package.json')
/** Both are logged at a start, in an order that is not promised. */
const STARTED = ['Started flows', 'Server now running at']
const START_LIMIT_MS = 60000
const STOP_LIMIT_MS = 20000
const KEPT_OUTPUT = 200000

/** Node-RED's start script: the one that NODE_RED names (its package folder), else our devDependency. */
function redScript () {
  const home = process.env.NODE_RED || path.dirname(require.resolve('node-red/package.json'))
  return path.join(home, 'red.js')
}

const LOWEST_PORT = 20000
const PORTS = 10000

/** The first port from `wanted` on that is free on 127.0.0.1; `wanted` 0 takes any. */
function freePort (wanted = 0) {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => error.code === 'EADDRINUSE' && wanted > 0 ? resolve(freePort(wanted + 1)) : reject(error))
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** A fresh user directory. `link` puts the working copy in as its package, with its own node_modules. */
async function createUserDir ({ link = true, flows = [] } = {}) {
  const userDir = await fs.mkdtemp(path.join(os.tmpdir(), 'node-red-cti-'))
  await fs.writeFile(path.join(userDir, 'package.json'), JSON.stringify({ name: 'node-red-project', version: '0.0.1', private: true }))
  await fs.writeFile(path.join(userDir, 'flows.json'), JSON.stringify(flows))
  if (link) {
    const place = path.join(userDir, 'node_modules', PACKAGE.name)
    await fs.mkdir(path.dirname(place), { recursive: true })
    await fs.symlink(ROOT, place, 'junction')
  }
  return userDir
}

async function writeSettings (userDir, port) {
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    // Fixed: with a key of its own Node-RED would not read back what another start wrote.
    credentialSecret: 'throw-away',
    lang: 'en-US',
    telemetry: { enabled: false },
    diagnostics: { enabled: false },
    editorTheme: { tours: false, projects: { enabled: false }, palette: { catalogues: [] } },
    logging: { console: { level: 'info', metrics: false, audit: false } }
  }
  const file = path.join(userDir, 'settings.js')
  await fs.writeFile(file, `module.exports = ${JSON.stringify(settings, null, 2)}\n`)
  return file
}

/** Resolves when `child` has ended; it gets SIGTERM now and SIGKILL when it has not gone after the limit. */
function endProcess (child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    child.once('exit', () => {
      clearTimeout(hard)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

function waitUntilStarted (child, output) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => finish(new Error(`Node-RED said no "${STARTED.join('" and "')}" within ${START_LIMIT_MS / 1000} s`)), START_LIMIT_MS)
    const look = () => { if (STARTED.every((line) => output().includes(line))) finish() }
    const gone = (code, signal) => finish(new Error(`Node-RED ended (${signal ?? code}) before its flows started`))
    const failed = (error) => finish(error)
    function finish (error) {
      clearTimeout(limit)
      child.stdout.off('data', look)
      child.off('exit', gone)
      child.off('error', failed)
      if (error) reject(new Error(`${error.message}\n${output()}`))
      else resolve()
    }
    child.stdout.on('data', look)
    child.once('exit', gone)
    child.once('error', failed)
  })
}

/**
 * Starts Node-RED on `userDir` and resolves when its flows run.
 * `port` 0 means any; `onOutput(text)` gets what it logs. The result's `stop()` ends the process and, unless `keep`, deletes the directory.
 * A start that fails ends the same way, and its error holds the log.
 */
async function startNodeRed ({ userDir, port = 0, keep = false, onOutput = () => {} }) {
  // Below the range that the system gives to others: Node-RED takes the port only seconds later.
  const uiPort = port || await freePort(LOWEST_PORT + Math.floor(Math.random() * PORTS))
  const settings = await writeSettings(userDir, uiPort)
  const env = { ...process.env, PORT: '', NODE_OPTIONS: '' }
  const child = spawn(process.execPath, [redScript(), '-u', userDir, '-s', settings], { cwd: userDir, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text) => {
      output = (output + text).slice(-KEPT_OUTPUT)
      onOutput(text)
    })
  }
  const stop = async () => {
    await endProcess(child)
    if (!keep) await fs.rm(userDir, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    await waitUntilStarted(child, () => output)
  } catch (error) {
    await stop()
    throw error
  }
  return { child, userDir, port: uiPort, url: `http://127.0.0.1:${uiPort}`, output: () => output, stop }
}

module.exports = { ROOT, PACKAGE, createUserDir, endProcess, freePort, redScript, startNodeRed }
