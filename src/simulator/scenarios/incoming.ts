import { type Scenarios } from './stage'

/** Calls from outside to a user, and calls between users. */
export const incoming: Scenarios = {
  'in-answered': {
    title: 'A call comes in, is answered, and the caller hangs up',
    run: async (stage) => {
      const call = await stage.talk(stage.cast.second)
      await stage.wait(8000)
      stage.pbx.external(call.key).hangUp()
    }
  },
  'in-missed': {
    title: 'A call comes in and nobody answers until the caller is cut off',
    run: async (stage) => {
      const { third } = stage.cast
      stage.ring(third)
      await stage.wait(1000 * stage.pbx.timerSettings.noAnswer + 100)
    }
  },
  'in-busy': {
    title: 'A call comes in while the user talks and has no call waiting',
    run: async (stage) => {
      const { third, outside } = stage.cast
      const waiting = stage.pbx.users.get(third)?.features.callWaiting ?? true
      stage.pbx.setFeature(third, 'callWaiting', false)
      try {
        const call = await stage.talk(third)
        stage.pbx.inbound({ from: outside, to: stage.extension(third) })
        await stage.wait(4000)
        stage.end(call)
      } finally {
        stage.pbx.setFeature(third, 'callWaiting', waiting)
      }
    }
  },
  'in-rejected': {
    title: 'The user refuses the call',
    run: async (stage) => {
      const call = stage.ring(stage.cast.third)
      await stage.wait(2000)
      stage.pbx.reject(call.key, 'busy')
    }
  },
  'in-cancelled': {
    title: 'The caller gives up while it rings',
    run: async (stage) => {
      stage.ring(stage.cast.second, { giveUpAfterMs: 6000 })
      await stage.wait(6100)
    }
  },
  'in-unknown-caller': {
    title: 'A call without caller number',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = pbx.inbound({ to: stage.extension(cast.second) })
      await stage.wait(2000)
      if (call === undefined) return
      pbx.answer(call.key)
      await stage.wait(3000)
      pbx.release(call.key)
    }
  },
  'in-did': {
    title: 'A call to a direct number',
    run: async (stage) => {
      const { pbx, cast } = stage
      const number = pbx.users.get(cast.second)?.numbers[0] ?? stage.extension(cast.second)
      const call = pbx.inbound({ from: cast.outside, to: number })
      await stage.wait(2000)
      if (call === undefined) return
      pbx.answer(call.key)
      await stage.wait(3000)
      pbx.external(call.key).hangUp()
    }
  },
  'late-name': {
    title: 'The name of the caller is known after it rings',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = pbx.inbound({ from: '+12025550123', to: stage.extension(cast.second) })
      await stage.wait(300)
      if (call === undefined) return
      pbx.external(call.key).identify('Grace Okafor')
      await stage.wait(1500)
      pbx.answer(call.key)
      await stage.wait(2000)
      pbx.release(call.key)
    }
  },
  internal: {
    title: 'One user calls another one',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = pbx.originate(cast.first, stage.extension(cast.second))
      await stage.wait(2000)
      pbx.answer(stage.ringing(cast.second).key)
      await stage.wait(5000)
      pbx.release(call.key)
    }
  },
  'in-two-devices': {
    title: 'Two phones of one user ring, one answers',
    run: async (stage) => {
      const { pbx, cast } = stage
      const user = [...pbx.users.values()].find(({ devices }) => devices.length > 1)?.key ?? cast.first
      const call = stage.ring(user)
      await stage.wait(2000)
      pbx.answer(call.key, { deviceKey: call.alertingDevices.at(-1) ?? '' })
      await stage.wait(4000)
      pbx.release(call.key)
    }
  },
  'call-waiting': {
    title: 'A second call is answered while the first one is held',
    run: async (stage) => {
      const { pbx, cast } = stage
      const one = await stage.talk(cast.second)
      const two = stage.ring(cast.second)
      await stage.wait(2000)
      pbx.answer(two.key)
      await stage.wait(3000)
      pbx.release(two.key)
      await stage.wait(500)
      pbx.resume(one.key)
      await stage.wait(2000)
      pbx.release(one.key)
    }
  }
}
