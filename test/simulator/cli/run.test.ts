import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFault, parseFlags } from '../../../src/simulator/cli/options'
import { runCli } from '../../../src/simulator/cli/run'

describe('simulator/cli', () => {
  const lines = { out: [] as string[], err: [] as string[] }
  const output = { out: (line: string) => lines.out.push(line), err: (line: string) => lines.err.push(line) }
  beforeEach(() => {
    lines.out = []
    lines.err = []
  })

  it('reads flags and faults, and says what is wrong with them', () => {
    const options = parseFlags(['--port', '8080', '--seed', '7', '--fault', 'status,status=503,times=3', '--fault', 'split', '--quiet'])
    assert.deepEqual([options.port, options.seed, options.quiet, options.host], [8080, 7, true, '127.0.0.1'])
    assert.deepEqual(options.faults, [{ kind: 'status', status: 503, times: 3 }, { kind: 'split' }])
    assert.deepEqual([options.xivoPort, options.xivoProtocol], [0, '1.2'])
    assert.deepEqual(parseFlags(['--xivo-port', '5003', '--xivo-protocol', '2.3']).xivoProtocol, '2.3')
    assert.equal(parseFlags(['--webex-port', '8081']).webexPort, 8081)
    assert.deepEqual([parseFlags([]).five9Tls, parseFlags(['--five9-tls', '--five9-port', '8443'])].map((each) => typeof each === 'object' ? [each.five9Tls, each.five9Port] : each), [false, [true, 8443]])
    assert.throws(() => parseFlags(['--xivo-protocol', '1.1']), /one of 1\.2, 2\.0/)
    assert.throws(() => parseFlags(['--port', 'x']), /--port must be a number/)
    assert.throws(() => parseFlags(['--port', '70000']), /--port/)
    assert.throws(() => parseFlags(['--what']), /what/)
    assert.throws(() => parseFault('split,size'), /name=value/)
    assert.throws(() => parseFault('thunder'), /kind must be one of/)
  })

  it('prints help', async () => {
    const running = await runCli(['--help'], output)
    assert.equal(running.stop, undefined)
    assert.match(lines.out.join('\n'), /--calls-per-minute/)
  })

  it('prints addresses, logins and token, then events, and stops', async () => {
    const running = await runCli(['--fault', 'noHeartbeat'], output)
    try {
      const text = lines.out.join('\n')
      assert.match(text, /^xsi {5}http:\/\/127\.0\.0\.1:\d+$/m)
      assert.match(text, /user {2}alice@example\.com \/ demo/)
      assert.match(text, /^xivo {4}tcp:\/\/127\.0\.0\.1:\d+\n {8}user {2}alice \/ demo\n {8}admin dave \/ demo$/m)
      assert.match(text, /^webex {3}http:\/\/127\.0\.0\.1:\d+\n {8}user {2}alice@example\.com \/ demo {3}token demo-token-alice$/m)
      assert.match(text, /^ {8}bot callhelper@example\.com {3}token demo-bot-token$/m)
      assert.match(text, /Authorization: Bearer \S{20,}/)
      running.simulator?.pbx.inbound({ from: '+12025550199', to: '1002' })
      assert.match(lines.out.join('\n'), /delivered +bob/)
      assert.equal(running.simulator?.faults.list().length, 1)
    } finally {
      await running.stop?.()
    }
  })

  it('speaks HTTPS on the Five9 face where that is asked for', async () => {
    const running = await runCli(['--five9-tls', '--quiet'], output)
    await running.stop?.()
    assert.match(lines.out.join('\n'), /^five9 {3}https:\/\/127\.0\.0\.1:\d+$/m)
  })

  it('takes a directory file, and ends with 1 for a bad one, an unknown scenario or flag', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
    try {
      const file = join(folder, 'house.json')
      await writeFile(file, JSON.stringify({ users: [{ key: 'zed', first: 'Zed', last: 'Zimmer', extension: '2001' }] }))
      const running = await runCli(['--directory', file, '--quiet'], output)
      assert.match(lines.out.join('\n'), /zed@example\.com/)
      await running.stop?.()
      await writeFile(file, '{"users": 1}')
      assert.equal((await runCli(['--directory', file], output)).code, 1)
      assert.match(lines.err.join(), /no list "users"/)
      assert.equal((await runCli(['--scenario', 'none'], output)).code, 1)
      assert.equal((await runCli(['--wrong'], output)).code, 1)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
