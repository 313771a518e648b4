import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Leg { id: string; owner: { id: string }; monitoredBy?: { mode: string; party?: { number?: string } } }

describe('example: supervisor listen-in', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '12 Supervisor listen-in')
  })
  after(async () => { await red?.stop() })

  const leg = ({ msg }: Shown): Leg | undefined => (msg.payload as { call?: Leg } | undefined)?.call
  const told = (event: string, who: string): Promise<Shown> => run.see(`${event} of ${who}`, (shown) => shown.msg.topic === event && leg(shown)?.owner.id === `${who}@example.com`)
  async function monitored (): Promise<string | undefined> {
    return leg(await told('call.monitored', 'bob'))?.monitoredBy?.mode
  }
  async function newCall (action: string): Promise<string | undefined> {
    const { msg } = await run.result(action)
    return (msg.payload as { newCallId?: string }).newCallId
  }

  it('has a call to listen to', async () => {
    await run.press('Carol calls Bob')
    await told('call.ringing', 'bob')
    await run.press('Bob picks up')
    await told('call.answered', 'bob')
  })

  it('listens, once the supervisor has lifted the phone', async () => {
    await run.press('listen')
    const own = await newCall('listen')
    await told('call.originated', 'dave')
    await run.press('Dave lifts the phone')
    assert.equal(leg(await told('call.answered', 'dave'))?.id, own)
    assert.equal(await monitored(), 'listen')
  })

  it('whispers instead: a new call of the supervisor, the former one ends', async () => {
    await run.press('whisper')
    const own = await newCall('whisper')
    await told('call.ended', 'dave')
    assert.equal(leg(await told('call.answered', 'dave'))?.id, own)
  })

  it('barges in', async () => {
    await run.press('barge in')
    const own = await newCall('bargeIn')
    assert.equal(leg(await told('call.answered', 'dave'))?.id, own)
    assert.equal(await monitored(), 'bargeIn')
  })

  it('stops, and the others talk on', async () => {
    await run.press('stop')
    await run.result('stopListen')
    await told('call.ended', 'dave')
    assert.equal(run.shown.some((shown) => shown.msg.topic === 'call.ended' && leg(shown)?.owner.id === 'bob@example.com'), false)
    await run.press('Bob hangs up')
    await told('call.ended', 'bob')
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
