/** What a client makes of the pushes is what the lists say, and what the PBX is: after every scenario and under traffic. */
import assert from 'node:assert/strict'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type XivoOptions } from '../../../src/simulator/xivo/options'
import { type Simulator, startSimulator } from '../../../src/simulator/simulator'
import { type Line, RawClient } from './client'

type Book = Record<string, Record<string, Line>>

/** Keeps lists as a published client does: merges what is pushed. */
class Mirror {
  readonly phones: Record<string, Line> = {}
  readonly agents: Record<string, Line> = {}
  readonly queuemembers: Record<string, Line> = {}
  readonly users: Record<string, Line> = {}
  readonly channels = new Set<string>()

  take (line: Line): void {
    const { function: what, listname, tid, config, status, list } = line
    if (line.class !== 'getlist') return
    const id = String(tid)
    if (what === 'updatestatus' && listname === 'channels') this.channels.add(id)
    if (what === 'delconfig' && listname === 'channels') for (const name of list as string[]) this.channels.delete(name)
    if (what === 'delconfig' && listname === 'queuemembers') for (const name of list as string[]) delete this.queuemembers[name]
    const book = (this as unknown as Book)[String(listname)]
    if (book === undefined || listname === 'channels') return
    if (what === 'updatestatus' && (listname === 'phones' || listname === 'agents' || listname === 'users')) book[id] = { ...book[id], ...status as Line }
    if (what === 'updateconfig' && listname === 'queuemembers') book[id] = { ...book[id], ...config as Line }
  }
}

const ASKED = [['phones', 'updatestatus'], ['agents', 'updatestatus'], ['queuemembers', 'updateconfig'], ['users', 'updatestatus']] as const

async function snapshot (client: RawClient, mirror: Mirror): Promise<Book> {
  const book: Book = {}
  for (const [listname, what] of ASKED) {
    client.send({ class: 'getlist', function: 'listid', listname })
    const { list } = await client.next((line) => take(mirror, line) && line.function === 'listid')
    book[listname] = {}
    for (const tid of list as string[]) {
      client.send({ class: 'getlist', function: what, listname, tid })
      const answer = await client.next((line) => line.function === what && line.tid === tid && line.listname === listname)
      book[listname][tid] = (answer.status ?? answer.config) as Line
    }
  }
  return book
}

function take (mirror: Mirror, line: Line): boolean {
  mirror.take(line)
  return true
}

describe('simulator/xivo truth', () => {
  const warnings: string[] = []
  const watch = (warning: Error): void => { if (warning.name === 'SimulatorWarning') warnings.push(String(warning.stack)) }
  let simulator: Simulator
  let client: RawClient
  let mirror: Mirror
  let clock: VirtualClock

  const connect = async (second: boolean): Promise<void> => {
    client = await RawClient.open(simulator.demoLogin('xivo').url)
    if (second) await client.login2('alice')
    else await client.login('alice')
    mirror = new Mirror()
    await client.settle()
    const now = await snapshot(client, mirror)
    for (const [listname] of ASKED) Object.assign((mirror as unknown as Book)[listname] ?? {}, now[listname])
  }
  const compare = async (what: string): Promise<void> => {
    for (const line of await client.settle()) mirror.take(line)
    const now = await snapshot(client, mirror)
    for (const [listname] of ASKED) assert.deepEqual((mirror as unknown as Book)[listname], now[listname], `${what}: ${listname}`)
    const named = new Set(Object.values(mirror.phones).flatMap(({ channels }) => channels as string[] ?? []))
    for (const name of named) assert.ok(mirror.channels.has(name), `${what}: ${name}`)
    const open = [...simulator.pbx.connections.values()].filter(({ state, party }) => state !== 'null' && (party.kind === 'user' || party.kind === 'external')).length
    if (open === 0) assert.deepEqual([[...mirror.channels], simulator.face('xivo').figures().channels], [[], 0], `${what}: nothing is left`)
    assert.deepEqual(warnings, [], what)
  }
  const open = async (options: Partial<XivoOptions>): Promise<void> => {
    clock = new VirtualClock()
    simulator = await startSimulator({ clock, xivo: options })
    await connect(options.protocol !== undefined)
  }

  before(() => { process.on('warning', watch) })
  after(() => { process.off('warning', watch) })
  beforeEach(() => { warnings.length = 0 })
  afterEach(async () => {
    client.close()
    await simulator.close()
  })

  for (const options of [{}, { protocol: '2.3' as const }]) {
    it(`holds after every scenario (${options.protocol ?? '1.2'})`, async function () {
      this.timeout(60_000)
      await open(options)
      for (const name of simulator.scenarios.filter((each) => each !== 'load')) {
        await simulator.runScenario(name)
        // The wait for the line to be cut and mended is over when the face listens again.
        await simulator.face('xivo').line(true)
        if (!client.closed) await client.settle().then((lines) => { for (const line of lines) mirror.take(line) })
        if (client.closed) await connect(options.protocol !== undefined)
        await compare(name)
      }
    })
  }

  it('holds under traffic', async function () {
    this.timeout(60_000)
    await open({})
    simulator.traffic.start({ callsPerMinute: 30 })
    for (let minute = 0; minute < 8; minute++) {
      for (let second = 0; second < 60; second++) clock.advance(1000)
      await compare(`minute ${minute}`)
    }
    await simulator.traffic.stop()
  })
})
