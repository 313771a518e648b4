import assert from 'node:assert/strict'
import { Stage } from './support/stage'

/** The line breaks, something happens, and it comes back. */
async function gap (stage: Stage, meanwhile: () => void): Promise<void> {
  const online = (): boolean => stage.session.status.state === 'online'
  await stage.face.line(false)
  await stage.agree(() => online() ? ['still online'] : [], 'the loss of the line')
  meanwhile()
  await stage.face.line(true)
  await stage.session.whenOnline(4000)
}

for (const protocol of ['1.2', '2.3'] as const) {
  describe(`the presence that a log-in to ${protocol} announces`, () => {
    let stage: Stage
    const bob = (): NonNullable<ReturnType<Stage['simulator']['pbx']['users']['get']>> => stage.simulator.pbx.users.get('bob') ?? assert.fail('no Bob')
    const dnd = (): (boolean | undefined)[] => stage.events.filter(({ event, initial, user }) => event === 'dnd.changed' && initial !== true && user?.id === stage.face.site.ids.id('user', 'bob')).map((event) => event.dnd?.enabled)
    afterEach(() => stage.close())

    it('is the one that the account names at first, with all that it does', async () => {
      stage = await Stage.open({ protocol }, { login: 'bob', presence: 'donotdisturb' })
      assert.deepEqual([bob().presence, bob().dnd.enabled], ['donotdisturb', true])
    })

    it('does not end do-not-disturb that was switched on before the gap or in it', async () => {
      stage = await Stage.open({ protocol }, { login: 'bob', presence: 'available' })
      await gap(stage, () => stage.simulator.pbx.setDnd('bob', true))
      assert.deepEqual([bob().presence, bob().dnd.enabled, stage.session.picture.dnd(stage.face.site.ids.id('user', 'bob'))?.enabled], ['available', true, true])
      await gap(stage, () => undefined)
      assert.deepEqual([bob().presence, bob().dnd.enabled], ['available', true])
      assert.deepEqual(dnd(), [true], 'one change is one event')
    })

    it('does not pause an agent again who works since', async () => {
      stage = await Stage.open({ protocol }, { login: 'bob', presence: 'available' })
      const { pbx } = stage.simulator
      pbx.signIn('agent-bob', { routing: 'ready' })
      await stage.perform('setPresence', { presence: 'away' })
      await stage.agree(() => pbx.agentState('agent-bob') === 'notReady' ? [] : [pbx.agentState('agent-bob')], 'the pause')
      await gap(stage, () => pbx.setRouting('agent-bob', 'ready'))
      await stage.agree(() => bob().presence === 'away' && pbx.agentState('agent-bob') === 'ready' ? [] : [`${bob().presence} ${pbx.agentState('agent-bob')}`], 'the agent at work')
    })

    it('is taken back when another session of the user takes it away, and do-not-disturb stays', async () => {
      stage = await Stage.open({ protocol }, { login: 'bob', presence: 'available' })
      await stage.perform('setDnd', { enabled: true })
      stage.simulator.pbx.setPresence('bob', 'disconnected')
      await stage.agree(() => bob().presence === 'available' && bob().dnd.enabled ? [] : [`${bob().presence} ${bob().dnd.enabled}`], 'the presence')
      await stage.agree(() => dnd().at(-1) === true ? [] : [dnd().join()], 'the event')
    })

    it('is the last one, not the one of the account', async () => {
      stage = await Stage.open({ protocol }, { login: 'bob', presence: 'available' })
      await stage.perform('setPresence', { presence: 'outtolunch' })
      await gap(stage, () => undefined)
      assert.equal(bob().presence, 'outtolunch')
    })
  })
}
