'use strict'
/**
 * `npm test`: all tests that need no browser, in three mocha runs side by side, since most of them wait more than they work. Each run ends by itself or
 * hangs: `--exit` and mocha's own `--parallel` would hide what was left open. What they print comes run by run, then the failures of all, then mocha's closing
 * lines with the sums. Arguments go to each run: `npm test -- --grep hold`.
 */
const { spawn } = require('node:child_process')
const path = require('node:path')
const { ROOT } = require('./lib/nodeRed.cjs')

const MOCHA = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js')
/** Folders of test/ by run; the last takes all others. */
const RUNS = [['faults'], ['examples', 'nodes']]
const SUM = /^ {2}(\d+) (passing|pending|failing)\b.*$/
const ALL = 'test/**/*.test.ts'

const sums = { passing: 0, pending: 0, failing: 0 }
const running = new Map()

/** Files of each run. */
function specs () {
  const folder = (name) => `test/${name}/**/*.test.ts`
  return [...RUNS.map((names) => names.map(folder)), [ALL, ...RUNS.flat().flatMap((name) => ['--ignore', folder(name)])]]
}

/** Lines of a run: its tests, and behind its sums its failures. What it says of its tests is shown at once when it is `live`, else at its end. */
class Output {
  constructor (live) {
    this.live = live
    this.tests = []
    this.failures = []
    this.rest = ''
    this.ended = false
  }

  take (text) {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop()
    for (const line of lines) this.line(line)
  }

  line (line) {
    const found = SUM.exec(line)
    if (found !== null) {
      this.ended = true
      sums[found[2]] += Number(found[1])
    } else if (this.ended) this.failures.push(line)
    else if (this.live) console.log(line)
    else this.tests.push(line)
  }

  /** Shows what was kept. */
  show () {
    if (this.rest !== '') this.take('\n')
    if (this.tests.length > 0) console.log(this.tests.splice(0).join('\n').trimEnd())
  }
}

/** @returns {Promise<{ status: number, output: Output }>} */
function run (args, live) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MOCHA, ...args, ...process.argv.slice(2)], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = new Output(live)
    running.set(child, output)
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => output.take(text))
    child.once('error', reject)
    child.once('close', (status) => {
      running.delete(child)
      output.show()
      resolve({ status: status ?? 1, output })
    })
  })
}

async function main () {
  const started = Date.now()
  const failures = []
  const statuses = await Promise.all(specs().map(async (args, index) => {
    const { status, output } = await run(args, index === RUNS.length)
    failures.push(...output.failures)
    return status
  }))
  // A run that broke off without naming a failed test is one.
  if (sums.failing === 0 && statuses.some((status) => status !== 0)) sums.failing = 1
  if (failures.some((line) => line.trim() !== '')) console.log(failures.join('\n').trimEnd())
  console.log(`\n\n  ${sums.passing} passing (${Math.round((Date.now() - started) / 1000)}s)`)
  if (sums.pending > 0) console.log(`  ${sums.pending} pending`)
  if (sums.failing > 0) console.log(`  ${sums.failing} failing`)
  console.log()
  process.exitCode = sums.failing === 0 ? 0 : 1
}

// Out of time: what did not end shows how far it came.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const [child, output] of running) {
      child.kill('SIGKILL')
      output.show()
    }
    process.exit(1)
  })
}

main()
