import assert from 'node:assert/strict'
import { differences } from './support/differences'
import { Stage } from './support/stage'

for (const face of [{ release: '14.06' }, { protocol: '2.3' }] as const) {
  describe(`a switchboard (${Object.values(face).join()})`, () => {
    let stage: Stage
    beforeEach(async () => {
      stage = await Stage.open(face, { login: 'bob' })
      const { pbx } = stage.simulator
      for (const key of ['agent-erin', 'agent-frank']) pbx.signIn(key, { routing: 'notReady' })
      const rung = pbx.inbound({ from: '+12025550199', to: '1002' }) ?? assert.fail('refused')
      pbx.answer(rung.key)
      await stage.agree(() => differences(stage), 'the talk')
    })
    afterEach(() => stage.close())
    const waits = (): string[] => [...stage.session.picture.calls()].filter(({ state }) => state === 'queued').map(({ id }) => id)
    const told = (name: string): number => stage.events.filter(({ event }) => event === name).length

    it('puts a caller into its queue with "hold" and takes him back with "resume", by queue or by call', async () => {
      const { pbx } = stage.simulator
      for (const by of ['queue', 'callId'] as const) {
        const held = await stage.perform('hold', { queue: 'billing' })
        assert.equal(held.outcome, 'completed')
        await stage.agree(() => waits().length === 1 ? [] : [String(waits().length)], 'the caller in the queue')
        const back = await stage.perform('resume', by === 'queue' ? { queue: 'billing' } : { callId: waits()[0] ?? '' })
        assert.equal(back.outcome, 'completed')
        assert.deepEqual(waits(), [])
        pbx.answer(pbx.connectionsOf('bob')[0]?.key ?? '')
        await stage.agree(() => differences(stage, true), `the caller back by ${by}`)
      }
      assert.equal(told('call.queued'), 2)
      const reasons = stage.events.filter(({ event }) => event === 'call.dequeued').map(({ reason }) => reason)
      assert.deepEqual(reasons, ['normal', 'normal'])
    })

    it('says what is missing', async () => {
      await assert.rejects(stage.perform('hold'), { code: 'CTI_UNSUPPORTED' })
      await assert.rejects(stage.perform('resume'), { code: 'CTI_INVALID_REQUEST' })
      await assert.rejects(stage.perform('resume', { queue: 'billing' }), { code: 'CTI_NOT_FOUND' })
      await assert.rejects(stage.perform('resume', { queue: 'nowhere' }), { code: 'CTI_NOT_FOUND' })
      await assert.rejects(stage.perform('answer'), { code: 'CTI_NOT_FOUND' })
    })
  })
}

describe('a consultation by command, on a server that lists channels', () => {
  let stage: Stage
  afterEach(() => stage.close())
  beforeEach(async () => {
    stage = await Stage.open({ release: '14.06' }, { login: 'bob' })
    const { pbx } = stage.simulator
    const rung = pbx.inbound({ from: '+12025550199', to: '1002' }) ?? assert.fail('refused')
    pbx.answer(rung.key)
    await stage.agree(() => differences(stage), 'the talk')
    assert.equal((await stage.perform('consult', { to: '1003' })).outcome, 'completed')
    pbx.answer(pbx.connectionsOf('dave')[0]?.key ?? '')
  })
  const legs = (user: string): string[] => stage.session.picture.callsOf(stage.face.site.ids.id('user', user)).map(({ state }) => state).sort()
  const ends = (): (string | undefined)[] => stage.events.filter(({ event }) => event === 'call.ended').map(({ reason }) => reason)
  const conversations = (): number => new Set([...stage.session.picture.calls()].map(({ conversationId }) => conversationId)).size
  const become = (user: string, states: string[]): Promise<void> => stage.agree(() => JSON.stringify(legs(user)) === JSON.stringify(states) ? [] : [legs(user).join()], `the legs of ${user}`)

  it('has two legs at the phone, one held and one active', async () => {
    await become('bob', ['active', 'held'])
    await become('dave', ['active'])
    assert.equal(conversations(), 2)
  })

  it('ends both as transferred when it is completed, and the caller\'s conversation goes on', async () => {
    await become('bob', ['active', 'held'])
    const talk = stage.events.find(({ event }) => event === 'call.answered')?.call?.conversationId
    await stage.perform('completeTransfer')
    await become('bob', [])
    await stage.agree(() => stage.session.picture.callsOf(stage.face.site.ids.id('user', 'dave'))[0]?.conversationId === talk ? [] : ['another conversation'], 'the conversation')
    assert.deepEqual(ends(), ['transferred', 'transferred'])
  })

  it('goes back to the caller when it is cancelled', async () => {
    await become('bob', ['active', 'held'])
    await stage.perform('cancelTransfer')
    await become('bob', ['active'])
    await become('dave', [])
  })

  it('goes on when the caller hangs up meanwhile', async () => {
    await become('bob', ['active', 'held'])
    const { pbx } = stage.simulator
    pbx.external(pbx.connectionsOf('bob').find(({ state }) => state === 'hold')?.key ?? '').hangUp()
    await become('bob', ['active'])
    await stage.agree(() => differences(stage), 'the consultation')
    pbx.release(pbx.connectionsOf('bob')[0]?.key ?? '')
    await become('bob', [])
    assert.equal(ends().length, 3)
  })
})
