import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/lib/nodeRed.cjs'
import { ROOT } from '../support/sets'

describe('npm start', function () {
  this.timeout(60000)
  let child: ChildProcess | undefined
  let scratch: string
  beforeEach(() => { scratch = mkdtempSync(join(tmpdir(), 'start-test-')) })
  afterEach(() => {
    child?.kill('SIGKILL')
    rmSync(scratch, { recursive: true, force: true })
  })

  function start (port: number): { editor: Promise<string>; output: () => string; ended: Promise<unknown[]> } {
    const started = spawn(process.execPath, [join(ROOT, 'scripts', 'start.cjs')], { env: { ...process.env, PORT: String(port), TMPDIR: scratch }, stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    let output = ''
    const ended = once(started, 'exit')
    const editor = new Promise<string>((resolve, reject) => {
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const url = /Editor: +(http\S+)/.exec(output)?.[1]
        if (url) resolve(url)
      })
      started.stderr.setEncoding('utf8').on('data', (text: string) => { output += text })
      ended.then(() => reject(new Error(`ended early:\n${output}`)), reject)
    })
    return { editor, output: () => output, ended }
  }

  it('brings up the editor with the quick start, and leaves nothing behind at Ctrl-C', async () => {
    const { editor, output, ended } = start(await freePort())
    const url = await editor
    assert.match(output(), /ring me/)
    const flows = await (await fetch(`${url}/flows`)).json() as { type: string; label?: string }[]
    assert.ok(flows.some(({ type }) => type === 'cti-simulator-pbx'))
    assert.equal(readdirSync(scratch).length > 0, true)

    child?.kill('SIGINT')
    const [code] = await ended
    assert.equal(code, 0)
    await assert.rejects(fetch(url))
    assert.deepEqual(readdirSync(scratch), [], 'the user directory is still there')
  })

  it('takes the next port when the wanted one is taken', async () => {
    const occupant = createServer()
    occupant.listen(await freePort(), '127.0.0.1')
    await once(occupant, 'listening')
    const { port } = occupant.address() as { port: number }
    try {
      const { editor, ended } = start(port)
      const url = await editor
      assert.ok(Number(new URL(url).port) > port)
      child?.kill('SIGTERM')
      await ended
    } finally {
      occupant.close()
    }
  })
})
