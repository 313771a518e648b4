import { type Queue } from '../pbx/types'
import { type Scenario, type Scenarios, type Stage } from './stage'

/** A script with two agents ready, who are put back afterwards. */
function staffed (title: string, play: (stage: Stage, one: string, two: string) => Promise<void>): Scenario {
  return {
    title,
    run: async (stage) => {
      const [one, two] = stage.cast.agents
      const undo = stage.staff(one, two)
      try {
        await play(stage, one, two)
      } finally {
        undo()
      }
    }
  }
}

/** Changes what a queue is set to for the time of a script. */
async function configured (stage: Stage, change: Partial<Pick<Queue, 'overflow' | 'noAnswer' | 'policy'>>, body: () => Promise<void>): Promise<void> {
  const queue = stage.pbx.queues.get(stage.cast.queue)
  if (queue === undefined) return
  const { overflow, noAnswer, policy } = queue
  Object.assign(queue, change)
  try {
    await body()
  } finally {
    Object.assign(queue, { noAnswer, policy })
    if (overflow === undefined) delete queue.overflow
    else queue.overflow = overflow
  }
}

/** Who of the agents is rung now. */
export function rung (stage: Stage): string {
  const agent = stage.cast.agents.find((key) => stage.pbx.connectionsOf(key).some(({ alertingDevices }) => alertingDevices.length > 0))
  return agent ?? stage.cast.agents[0]
}

async function served (stage: Stage, talkMs: number): Promise<void> {
  const agent = rung(stage)
  const offer = stage.ringing(agent)
  await stage.wait(2000)
  stage.pbx.answer(offer.key)
  await stage.wait(talkMs)
  stage.pbx.external(offer.key).hangUp()
}

/** Calls to queues. */
export const queueing: Scenarios = {
  'queue-answered': staffed('A queue call is answered by an agent', async (stage) => {
    stage.queueCall()
    await stage.wait(500)
    await served(stage, 8000)
  }),
  'queue-ring-all': staffed('All agents are rung, the first one answers', async (stage) => {
    await configured(stage, { policy: 'ringAll' }, async () => {
      stage.queueCall()
      await stage.wait(500)
      await served(stage, 3000)
    })
  }),
  'queue-bounced': staffed('The first agent does not answer, the next one does', async (stage) => {
    stage.queueCall()
    await stage.wait(1000 * (stage.pbx.queues.get(stage.cast.queue)?.ringSeconds ?? 18) + 500)
    await served(stage, 5000)
  }),
  'queue-abandoned': staffed('The caller gives up while agents are busy', async (stage, one, two) => {
    const busy = [await stage.talk(one), await stage.talk(two)]
    stage.queueCall(stage.cast.queue, { giveUpAfterMs: 25_000 })
    await stage.wait(25_500)
    for (const call of busy) stage.end(call)
  }),
  'queue-abandoned-short': staffed('The caller gives up at once', async (stage) => {
    stage.queueCall(stage.cast.queue, { giveUpAfterMs: 1500 })
    await stage.wait(2000)
  }),
  'queue-overflow': {
    title: 'A call waits too long and overflows to another queue',
    run: async (stage) => {
      const [one] = stage.cast.agents
      const undo = stage.staff(one)
      try {
        await configured(stage, { overflow: { afterSeconds: 5, to: stage.queueNumber(stage.cast.otherQueue) } }, async () => {
          const busy = await stage.talk(one)
          stage.queueCall()
          await stage.wait(5500)
          stage.end(busy)
          await stage.wait(500)
          await served(stage, 3000)
        })
      } finally {
        undo()
      }
    }
  },
  'queue-overflow-size': staffed('The queue is full and the call overflows at once', async (stage, one, two) => {
    await configured(stage, { overflow: { size: 1, to: stage.extension(stage.cast.first) } }, async () => {
      const busy = [await stage.talk(one), await stage.talk(two)]
      const waiting = stage.queueCall()
      stage.pbx.inbound({ from: '+12025550124', to: stage.queueNumber(stage.cast.queue) })
      await stage.wait(1000)
      stage.end(stage.ringing(stage.cast.first))
      stage.pbx.queueRelease(waiting.key)
      for (const call of busy) stage.end(call)
    })
  }),
  'queue-night': {
    title: 'Night service sends the call elsewhere',
    run: async (stage) => {
      const { pbx, cast } = stage
      const before = { ...pbx.queues.get(cast.queue)?.night ?? { enabled: false } }
      pbx.setNight(cast.queue, true, stage.extension(cast.first))
      try {
        pbx.inbound({ from: cast.outside, to: stage.queueNumber(cast.queue) })
        await stage.wait(2000)
        const taken = stage.ringing(cast.first)
        pbx.answer(taken.key)
        await stage.wait(2000)
        pbx.release(taken.key)
      } finally {
        pbx.setNight(cast.queue, before.enabled, before.to)
      }
    }
  },
  'queue-stranded': {
    title: 'The last agent logs out while a call waits',
    run: async (stage) => {
      const { pbx, cast } = stage
      const [one] = cast.agents
      const members = new Set(pbx.queues.get(cast.queue)?.members.map(({ agentKey }) => agentKey))
      const staff = [...pbx.agents.values()].filter(({ key, loggedIn }) => members.has(key) && loggedIn).map(({ key, routing }) => ({ key, routing }))
      for (const { key } of staff) pbx.signOut(key, { force: true, by: 'supervisor' })
      try {
        pbx.signIn(stage.agent(one), { routing: 'notReady' })
        stage.queueCall()
        await stage.wait(3000)
        pbx.signOut(stage.agent(one))
      } finally {
        for (const { key, routing } of staff) pbx.signIn(key, { routing })
      }
    }
  },
  'queue-to-queue': staffed('An agent transfers the call to another queue', async (stage) => {
    stage.queueCall()
    await stage.wait(500)
    const agent = rung(stage)
    const offer = stage.ringing(agent)
    stage.pbx.answer(offer.key)
    await stage.wait(3000)
    stage.pbx.blindTransfer(offer.key, stage.queueNumber(stage.cast.otherQueue))
    await stage.wait(500)
    await served(stage, 3000)
  }),
  'queue-supervisor-redirect': staffed('A supervisor sends a waiting call to somebody else', async (stage, one, two) => {
    const { pbx, cast } = stage
    const busy = [await stage.talk(one), await stage.talk(two)]
    const entry = stage.queueCall()
    await stage.wait(2000)
    pbx.queueRedirect(entry.key, stage.extension(cast.first))
    await stage.wait(1000)
    const taken = stage.ringing(cast.first)
    pbx.answer(taken.key)
    await stage.wait(2000)
    pbx.release(taken.key)
    for (const call of busy) stage.end(call)
  }),
  'queue-reorder': staffed('Waiting calls change places', async (stage, one, two) => {
    const { pbx } = stage
    const busy = [await stage.talk(one), await stage.talk(two)]
    const first = stage.queueCall()
    const second = pbx.inbound({ from: '+12025550124', to: stage.queueNumber(stage.cast.queue) })
    await stage.wait(1000)
    if (second !== undefined) pbx.queuePromote(second.key)
    pbx.queueReorder(first.key, 0)
    await stage.wait(1000)
    for (const entry of [first, second]) if (entry !== undefined) pbx.queueRelease(entry.key)
    for (const call of busy) stage.end(call)
  }),
  'agent-forced-pause': staffed('Who does not answer is set to not ready', async (stage) => {
    await configured(stage, { noAnswer: 'nextAndNotReady' }, async () => {
      stage.queueCall()
      await stage.wait(1000 * (stage.pbx.queues.get(stage.cast.queue)?.ringSeconds ?? 18) + 500)
      await served(stage, 3000)
    })
  })
}
