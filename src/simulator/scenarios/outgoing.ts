import { type Scenarios, type Stage } from './stage'

/** Click-to-dial to a number; the own phone is lifted after a second. */
async function click (stage: Stage, to: string): Promise<string> {
  const call = stage.pbx.originate(stage.cast.second, to, { clickToDial: true })
  await stage.wait(1000)
  stage.pbx.answer(call.key)
  return call.key
}

/** Calls that users make. */
export const outgoing: Scenarios = {
  'out-phone': {
    title: 'A user dials on the phone',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = pbx.originate(cast.second, cast.outside)
      await stage.wait(6000)
      pbx.release(call.key)
    }
  },
  'out-click': {
    title: 'Click-to-dial, answered',
    run: async (stage) => {
      const call = await click(stage, stage.cast.outside)
      await stage.wait(6000)
      stage.pbx.release(call)
    }
  },
  'out-click-not-lifted': {
    title: 'Click-to-dial, and the own phone is never lifted',
    run: async (stage) => {
      stage.pbx.originate(stage.cast.second, stage.cast.outside, { clickToDial: true })
      await stage.wait(1000 * stage.pbx.timerSettings.noAnswer + 100)
    }
  },
  'out-click-busy': {
    title: 'Click-to-dial to somebody who is busy',
    run: async (stage) => {
      await click(stage, stage.cast.busy)
      await stage.wait(4000)
    }
  },
  'out-click-invalid': {
    title: 'Click-to-dial to a number that does not exist',
    run: async (stage) => {
      await click(stage, stage.cast.invalid)
      await stage.wait(4000)
    }
  },
  'out-click-no-answer': {
    title: 'Click-to-dial to somebody who does not answer',
    run: async (stage) => {
      await click(stage, stage.cast.silent)
      await stage.wait(1000 * stage.pbx.timerSettings.noAnswer + 4000)
    }
  },
  'out-cancelled': {
    title: 'The caller gives up before the far end answers',
    run: async (stage) => {
      const call = await click(stage, stage.cast.silent)
      await stage.wait(5000)
      stage.pbx.release(call)
    }
  }
}
