import { type Scenario, type Scenarios, type Stage } from './stage'

/** One agent works alone in the queue for the time of a script. */
function alone (title: string, play: (stage: Stage, agentKey: string, userKey: string) => Promise<void>): Scenario {
  return {
    title,
    run: async (stage) => {
      const [user] = stage.cast.agents
      const undo = stage.staff(user)
      try {
        await play(stage, stage.agent(user), user)
      } finally {
        undo()
      }
    }
  }
}

/** A queue call that the agent answered. */
async function taken (stage: Stage, user: string): Promise<string> {
  stage.queueCall()
  await stage.wait(1000)
  const { key } = stage.ringing(user)
  stage.pbx.answer(key)
  await stage.wait(3000)
  return key
}

function reasonOf (stage: Stage): string | undefined {
  return stage.pbx.reasonCodes.find(({ code }) => code === 'LUNCH')?.code ?? stage.pbx.reasonCodes[0]?.code
}

/** What agents do all day. */
export const working: Scenarios = {
  'agent-day': {
    title: 'Log in, ready, pause with a reason, a call with wrap-up, log out',
    run: async (stage) => {
      const { pbx, cast } = stage
      const [user] = cast.agents
      const agent = stage.agent(user)
      const undo = stage.staff()
      try {
        if (pbx.agents.get(agent)?.loggedIn === true) pbx.signOut(agent, { force: true })
        pbx.signIn(agent)
        await stage.wait(1000)
        pbx.setRouting(agent, 'ready')
        await stage.wait(2000)
        pbx.setRouting(agent, 'notReady', reasonOf(stage))
        await stage.wait(5000)
        pbx.setRouting(agent, 'ready')
        const call = await taken(stage, user)
        pbx.release(call)
        await stage.wait(1000 * (pbx.queues.get(cast.queue)?.wrapUpSeconds ?? 10) + 500)
        pbx.signOut(agent)
      } finally {
        undo()
      }
    }
  },
  'agent-pause-in-call': alone('Not ready is asked for during a call and comes after it', async (stage, agent, user) => {
    const call = await taken(stage, user)
    stage.pbx.setRouting(agent, 'notReady', reasonOf(stage))
    await stage.wait(2000)
    stage.pbx.release(call)
    await stage.wait(1000 * (stage.pbx.queues.get(stage.cast.queue)?.wrapUpSeconds ?? 10) + 500)
    stage.pbx.setRouting(agent, 'ready')
  }),
  'agent-queue-paused': alone('The agent pauses in one queue only', async (stage, agent) => {
    stage.pbx.pauseQueue(agent, stage.cast.queue, true)
    await stage.wait(2000)
    stage.pbx.pauseQueue(agent, stage.cast.queue, false)
  }),
  'agent-queue-left': alone('The agent leaves a queue and joins it again', async (stage, agent) => {
    stage.pbx.join(agent, stage.cast.queue, false)
    await stage.wait(2000)
    stage.pbx.join(agent, stage.cast.queue, true)
  }),
  'agent-wrap-up-timer': alone('Wrap-up ends by its timer', async (stage, _agent, user) => {
    stage.pbx.release(await taken(stage, user))
    await stage.wait(1000 * (stage.pbx.queues.get(stage.cast.queue)?.wrapUpSeconds ?? 10) + 500)
  }),
  'agent-wrap-up-disposition': alone('Wrap-up ends when the disposition is set', async (stage, agent, user) => {
    stage.pbx.release(await taken(stage, user))
    await stage.wait(2000)
    stage.pbx.dispose(agent, stage.pbx.dispositions[0]?.code ?? '')
  }),
  'agent-supervisor-force': alone('A supervisor sets the agent to not ready, then logs him out', async (stage, agent) => {
    stage.pbx.setRouting(agent, 'notReady', reasonOf(stage), 'supervisor')
    await stage.wait(2000)
    stage.pbx.signOut(agent, { by: 'supervisor', force: true })
  }),
  'agent-logout-in-call': alone('Log-out during a call waits for its end', async (stage, agent, user) => {
    const call = await taken(stage, user)
    stage.pbx.signOut(agent)
    await stage.wait(2000)
    stage.pbx.release(call)
  }),
  'disposition-late': alone('The disposition is set after wrap-up', async (stage, _agent, user) => {
    const call = await taken(stage, user)
    stage.pbx.release(call)
    await stage.wait(1000 * (stage.pbx.queues.get(stage.cast.queue)?.wrapUpSeconds ?? 10) + 500)
    stage.pbx.dispose(call, stage.pbx.dispositions.at(-1)?.code ?? '')
  })
}
