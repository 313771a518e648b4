'use strict'
/** `npm run dev`: like `npm start`, but builds and starts anew after each change of a source file, and keeps the flow on the desk meanwhile. */
const { spawn } = require('node:child_process')
const { existsSync, watch } = require('node:fs')
const fs = require('node:fs/promises')
const path = require('node:path')
const { ROOT, createUserDir, freePort, startNodeRed } = require('./lib/nodeRed.cjs')

const WATCHED = ['nodes', 'src', 'icons', 'examples', 'resources']
const QUIET_MS = 300

function build () {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [require.resolve('tsup/dist/cli-default.js')], { cwd: ROOT, stdio: 'inherit' })
    child.once('exit', (code) => resolve(code === 0))
  })
}

async function main () {
  const port = await freePort(Number(process.env.PORT) || 1880)
  const userDir = await createUserDir({ flows: JSON.parse(await fs.readFile(path.join(ROOT, 'examples', '01 Quick start.json'), 'utf8')) })
  let nodeRed
  let timer
  let working = false
  let again = false
  let leaving = false

  const cycle = async () => {
    if (working) {
      again = true
      return
    }
    working = true
    do {
      again = false
      // A broken build leaves the last good one running.
      if (!await build()) console.error('The build failed; Node-RED goes on with the last good one.')
      else {
        await nodeRed?.stop()
        nodeRed = await startNodeRed({ userDir, port, keep: true, onOutput: (text) => process.stdout.write(text) }).catch((error) => console.error(error.message))
        if (nodeRed) console.log(`Editor: ${nodeRed.url}`)
      }
    } while (again && !leaving)
    working = false
  }
  const leave = async () => {
    if (leaving) return
    leaving = true
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
    if (nodeRed) await nodeRed.stop()
    await fs.rm(userDir, { recursive: true, force: true })
    process.exit(0)
  }
  const watchers = WATCHED.map((folder) => path.join(ROOT, folder)).filter((folder) => existsSync(folder)).map((folder) =>
    watch(folder, { recursive: true }, () => {
      clearTimeout(timer)
      timer = setTimeout(cycle, QUIET_MS)
    }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, leave)
  await cycle()
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
