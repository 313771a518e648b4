import { type Scenarios, type Stage } from './stage'

const GAP_MS = 5000

/** The line to the clients is down while something happens; what they see afterwards must be the truth. */
async function gap (stage: Stage, meanwhile: () => void | Promise<void>): Promise<void> {
  stage.hooks.breakLine?.()
  try {
    await stage.wait(GAP_MS / 2)
    await meanwhile()
    await stage.wait(GAP_MS / 2)
  } finally {
    stage.hooks.mendLine?.()
  }
}

/** Losses of the line at awkward moments, and of the memory of the PBX. Without a face the line is nobody's and only the calls are seen. */
export const gaps: Scenarios = {
  'gap-ringing': {
    title: 'The line is lost while a call rings; it is answered meanwhile',
    run: async (stage) => {
      const call = stage.ring(stage.cast.second)
      await stage.wait(1000)
      await gap(stage, () => { stage.pbx.answer(call.key) })
      await stage.wait(3000)
      stage.pbx.release(call.key)
    }
  },
  'gap-talk': {
    title: 'The line is lost during a call; the caller hangs up meanwhile',
    run: async (stage) => {
      const call = await stage.talk(stage.cast.second)
      await gap(stage, () => { stage.pbx.external(call.key).hangUp() })
      await stage.wait(1000)
    }
  },
  'gap-transfer': {
    title: 'The line is lost during a consultation; the transfer is completed meanwhile',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const consultation = await stage.consult(call, cast.first)
      await gap(stage, () => { pbx.completeTransfer(call.key, consultation.key) })
      await stage.wait(2000)
      pbx.release(stage.talking(cast.first).key)
    }
  },
  'gap-wrap-up': {
    title: 'The line is lost during wrap-up, which ends meanwhile',
    run: async (stage) => {
      const { pbx, cast } = stage
      const [user] = cast.agents
      const undo = stage.staff(user)
      try {
        stage.queueCall()
        await stage.wait(1000)
        const call = stage.ringing(user)
        pbx.answer(call.key)
        await stage.wait(2000)
        pbx.release(call.key)
        await stage.wait(1000)
        await gap(stage, () => { pbx.endWrapUp(stage.agent(user)) })
      } finally {
        undo()
      }
    }
  },
  restart: {
    title: 'The PBX restarts during a call; keys and ids begin anew',
    run: async (stage) => {
      await stage.talk(stage.cast.second)
      stage.ring(stage.cast.first)
      await stage.wait(1000)
      stage.pbx.restart()
      await stage.wait(2000)
      const call = await stage.talk(stage.cast.second)
      await stage.wait(1000)
      stage.pbx.release(call.key)
    }
  }
}
