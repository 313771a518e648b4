import { type MonitorMode } from '../pbx/monitoring'
import { type Connection } from '../pbx/types'
import { type Scenario, type Scenarios, type Stage } from './stage'

async function conference (stage: Stage): Promise<{ one: Connection; two: Connection }> {
  const { pbx, cast } = stage
  const one = await stage.talk(cast.second)
  const two = await stage.consult(one, cast.first)
  pbx.conferenceStart(cast.second, [one.key, two.key])
  await stage.wait(4000)
  return { one, two }
}

function monitored (title: string, mode: MonitorMode): Scenario {
  return {
    title,
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const watching = pbx.monitor(cast.third, cast.second, mode)
      await stage.wait(3000)
      stage.end(watching)
      await stage.wait(1000)
      pbx.release(call.key)
    }
  }
}

/** More than two people: conferences, supervisors, parking, pickup. */
export const groups: Scenarios = {
  'conference-3': {
    title: 'A conference of three, ended by its owner',
    run: async (stage) => {
      await conference(stage)
      stage.pbx.conferenceRelease(stage.cast.second)
    }
  },
  'conference-member-leaves': {
    title: 'A member leaves the conference, the other two talk on',
    run: async (stage) => {
      const { one } = await conference(stage)
      stage.pbx.release(stage.talking(stage.cast.first).key)
      await stage.wait(3000)
      stage.pbx.release(one.key)
    }
  },
  'conference-controller-leaves': {
    title: 'The owner leaves the conference, the members talk on',
    run: async (stage) => {
      await conference(stage)
      stage.pbx.leave(stage.cast.second)
      await stage.wait(3000)
      stage.pbx.release(stage.talking(stage.cast.first).key)
    }
  },
  listen: monitored('A supervisor listens', 'listen'),
  whisper: monitored('A supervisor whispers', 'whisper'),
  'barge-in': monitored('A supervisor joins the call', 'bargeIn'),
  'park-retrieve': {
    title: 'A call is parked and somebody else takes it',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const slot = pbx.park(call.key, undefined, { group: true })
      await stage.wait(5000)
      const taken = pbx.retrieve(cast.first, slot.number)
      await stage.wait(3000)
      pbx.release(taken.key)
    }
  },
  'park-recall': {
    title: 'A parked call that nobody takes comes back',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      pbx.park(call.key)
      await stage.wait(1000 * pbx.timerSettings.parkRecall + 500)
      const back = stage.ringing(cast.second)
      pbx.answer(back.key)
      await stage.wait(2000)
      pbx.release(back.key)
    }
  },
  'pickup-group': {
    title: 'A colleague of the pickup group takes the call',
    run: async (stage) => {
      const { pbx, cast } = stage
      stage.ring(cast.second)
      await stage.wait(2000)
      const taken = pbx.pickup(cast.first)
      await stage.wait(3000)
      pbx.release(taken.key)
    }
  },
  'pickup-directed': {
    title: 'Somebody takes the call that rings a certain user',
    run: async (stage) => {
      const { pbx, cast } = stage
      stage.ring(cast.second)
      await stage.wait(2000)
      const taken = pbx.pickup(cast.third, stage.extension(cast.second))
      await stage.wait(3000)
      pbx.release(taken.key)
    }
  }
}
