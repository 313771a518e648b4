'use strict'
/**
 * `npm start`: the demo. A Node-RED of its own with this package and the quick start on the simulator; nothing of it outlives Ctrl-C.
 * The port is 1880, or the next free one; `PORT=8080 npm start` asks for another.
 */
const fs = require('node:fs/promises')
const path = require('node:path')
const { ROOT, createUserDir, freePort, startNodeRed } = require('./lib/nodeRed.cjs')

const DEMO = path.join(ROOT, 'examples', '01 Quick start.json')
const DEFAULT_PORT = 1880

async function main () {
  const flows = JSON.parse(await fs.readFile(DEMO, 'utf8'))
  const port = await freePort(Number(process.env.PORT) || DEFAULT_PORT)
  const userDir = await createUserDir({ flows })
  let nodeRed
  let leaving = false
  const leave = async (code) => {
    if (leaving) return
    leaving = true
    if (nodeRed) await nodeRed.stop()
    else await fs.rm(userDir, { recursive: true, force: true })
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => leave(0))

  console.log('Starting Node-RED with the telephony simulator ...')
  nodeRed = await startNodeRed({ userDir, port, onOutput: (text) => nodeRed && process.stdout.write(text) })
  if (leaving) return nodeRed.stop()
  nodeRed.child.once('exit', (code) => leave(code ?? 1))
  console.log(`
  Editor:  ${nodeRed.url}

  1. Open it, and the debug panel on its right (the bug icon).
  2. Press the button of the simulator node "ring me": a call rings, and its event appears in the panel.
  3. Press the inject nodes below it: answer, hold, resume, transfer, hang up, originate.
  4. The palette group "telephony" holds all nodes; Import > Examples holds more flows.

  Ctrl-C ends everything; what you build here is not kept.
`)
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
