import assert from 'node:assert/strict'
import { openHouse, type House } from '../support/house'
import { ACTIONS, at, type ChannelReader, type XsiEvent } from '../support/xsiClient'

const FIELDS = ['extTrackingId', 'personality', 'state', 'startTime', 'answerTime'] as const
const ENDS = new Set(['CallReleasedEvent', 'CallRedirectedEvent', 'CallDetachedEvent'])

/** Open calls by `user callId`, as somebody sees them who only listens. */
function fold (events: XsiEvent[]): Map<string, unknown> {
  const table = new Map<string, unknown>()
  for (const event of events) {
    const single = event.data['xsi:call'] as unknown[] | undefined
    const several = (event.data['xsi:calls'] as Record<string, unknown[]> | undefined)?.['xsi:call']
    for (const call of single ?? several ?? []) {
      const key = `${event.target ?? ''} ${String(at(call, 'xsi:callId'))}`
      if (ENDS.has(event.type)) table.delete(key)
      else table.set(key, call)
    }
  }
  return table
}

describe('simulator/xsi: what events said is what the lists say', () => {
  let house: House
  let channel: ChannelReader
  // The clock runs far ahead of the sockets here: a channel must not be given up for that.
  beforeEach(async () => {
    house = await openHouse({ seed: 11, xsi: { heartbeatTimeoutMs: 1e12, ackTimeoutMs: 1e12 } })
    channel = await house.admin.open({ set: 'all', expires: 2147483647, acknowledge: false })
    await house.admin.subscribe('system', 'Advanced Call', 'all')
  })
  afterEach(() => house.close())

  const compare = async (): Promise<number> => {
    const told = fold(await channel.settle())
    let open = 0
    for (const user of ['alice', 'bob', 'dave', 'erin', 'frank']) {
      const id = `${user}@example.com`
      const mine = [...told.keys()].filter((key) => key.startsWith(`${id} `)).map((key) => key.slice(id.length + 1)).sort()
      const listed = [...(await house.admin.request('GET', `${ACTIONS}/user/${id}/calls`)).text.matchAll(/<callId>([^<]+)/g)].map((match) => match[1] ?? '').sort()
      assert.deepEqual(mine, listed, `${user} at ${house.clock.now()}`)
      open += listed.length
      for (const callId of listed) {
        const details = at((await house.admin.request('GET', `${ACTIONS}/user/${id}/calls/${callId}`)).xml(), 'Call')
        const event = told.get(`${id} ${callId}`)
        for (const field of FIELDS) assert.equal(at(event, `xsi:${field}`), at(details, field), `${user} ${callId} ${field}`)
        assert.equal(at(event, 'xsi:remoteParty', 'xsi:address'), at(details, 'remoteParty', 'address'), `${user} ${callId} remote party`)
      }
    }
    return open
  }

  it('holds during minutes of mixed traffic', async function () {
    this.timeout(60_000)
    house.simulator.traffic.set(40)
    let seen = 0
    for (let round = 0; round < 20; round++) {
      house.clock.advance(3100)
      // Scripts go on in microtasks between two steps of the clock.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { setImmediate(resolve) })
      seen += await compare()
    }
    assert.ok(seen > 20, `only ${seen} calls were open`)
    const sequences = channel.events.map((event) => event.sequence)
    assert.deepEqual(sequences, sequences.map((_, index) => index + 1), 'no gap')
  })

  it('holds after each script, and every script has ended its calls', async function () {
    this.timeout(60_000)
    for (const name of house.simulator.scenarios.filter((each) => !/restart|gap|reuse/.test(each))) {
      await house.simulator.runScenario(name)
      await compare()
    }
  })
})
