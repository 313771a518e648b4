/** Failures that the simulator plays in the middle of a call: the line comes back, and the picture is the house again. */
import assert from 'node:assert/strict'
import type { FaceAction } from '../../src/simulator/face'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { Line } from './harness'

const CAROL = '+12025550199'

describe('Five9: failures in the middle of a call', () => {
  let sim: Simulator
  let line: Line
  beforeEach(async () => {
    sim = await startSimulator({})
    const { url, username, password } = sim.demoLogin('five9')
    line = await new Line({ baseUrl: url, username, password, stationType: 'SOFTPHONE' }).online()
    sim.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
    sim.pbx.answer(sim.pbx.connectionsOf('bob')[0]!.key)
    await line.event('call.answered')
  })
  afterEach(async () => {
    await line.close()
    await sim.close()
  })
  const legs = (): string[] => [...line.session.picture.calls()].map(({ state }) => state)

  for (const action of ['dropConnections', 'endSubscriptions'] satisfies FaceAction[]) {
    it(`${action}: comes back by itself, the call is the same, what was held meanwhile is told once`, async () => {
      const from = line.events.length
      const [before] = [...line.session.picture.calls()]
      assert.ok(sim.face('five9').act(action) > 0)
      sim.pbx.connectionsOf('bob').forEach(({ key, state }) => { if (state === 'connected') sim.pbx.hold(key) })
      await line.event('connection.online', from)
      await line.until(() => legs().join() === 'held', 'the call to be held')
      assert.equal([...line.session.picture.calls()][0]?.id, before?.id)
      assert.deepEqual(line.calls(from), ['call.held'])
    })
  }

  it('expireCredentials: a password that is taken no more ends in refusal, after one try', async () => {
    sim.face('five9').act('expireCredentials')
    await line.perform('hold').catch(() => undefined)
    await line.event('connection.refused')
    assert.equal(line.error?.code, 'CTI_UNAUTHORIZED')
    assert.equal(line.states.filter((state) => state === 'connecting').length, 2)
  })

  it('restart: a face that was away for a while finds us again, with a call that ended meanwhile', async () => {
    const from = line.events.length
    const restarted = sim.restartFace('five9', { downMs: 100 })
    await line.event('connection.offline', from)
    for (const { key } of sim.pbx.connectionsOf('bob')) sim.pbx.release(key)
    await restarted
    await line.event('connection.online', from)
    assert.deepEqual(legs(), [])
    assert.deepEqual(line.calls(from), ['call.ended'])
  }).timeout(10_000)

  it('a line that is cut for a moment in which everything stays tells nothing of calls', async () => {
    const from = line.events.length
    await sim.face('five9').line(false)
    await line.event('connection.offline', from)
    await sim.face('five9').line(true)
    await line.event('connection.online', from)
    assert.deepEqual([legs(), line.calls(from)], [['active'], []])
  }).timeout(10_000)
})
