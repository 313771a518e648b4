import { type Scenarios } from './stage'

/** What happens during a call: hold from either side, mute, tones, recording, data. */
export const during: Scenarios = {
  'hold-local': {
    title: 'The user holds and resumes',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      pbx.hold(call.key)
      await stage.wait(12_000)
      pbx.resume(call.key)
      await stage.wait(3000)
      pbx.release(call.key)
    }
  },
  'hold-remote': {
    title: 'The other side holds and resumes',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = pbx.originate(cast.first, stage.extension(cast.second))
      await stage.wait(1000)
      const other = stage.ringing(cast.second)
      pbx.answer(other.key)
      await stage.wait(1000)
      pbx.hold(other.key)
      await stage.wait(5000)
      pbx.resume(other.key)
      await stage.wait(1000)
      pbx.release(call.key)
    }
  },
  'hold-both': {
    title: 'Both sides hold; each resumes for itself',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = pbx.originate(cast.first, stage.extension(cast.second))
      await stage.wait(1000)
      const other = stage.ringing(cast.second)
      pbx.answer(other.key)
      await stage.wait(1000)
      pbx.hold(call.key)
      await stage.wait(1000)
      pbx.hold(other.key)
      await stage.wait(1000)
      pbx.resume(call.key)
      await stage.wait(1000)
      pbx.resume(other.key)
      await stage.wait(1000)
      pbx.release(other.key)
    }
  },
  mute: {
    title: 'Mute and unmute',
    run: async (stage) => {
      const call = await stage.talk(stage.cast.second)
      stage.pbx.setMuted(call.key, true)
      await stage.wait(1000)
      stage.pbx.setMuted(call.key, false)
      stage.pbx.release(call.key)
    }
  },
  dtmf: {
    title: 'Tones are sent',
    run: async (stage) => {
      const call = await stage.talk(stage.cast.second)
      stage.pbx.dtmf(call.key, '12,3#')
      await stage.wait(1000)
      stage.pbx.release(call.key)
    }
  },
  'call-data': {
    title: 'Data is attached to a call',
    run: async (stage) => {
      const call = await stage.talk(stage.cast.second)
      stage.pbx.setData(call.key, { ticket: '4711' })
      stage.pbx.setInfo(call.key, 'ticket 4711')
      await stage.wait(1000)
      stage.pbx.release(call.key)
    }
  },
  recording: {
    title: 'Recording starts, pauses, goes on and stops',
    run: async (stage) => {
      const { pbx, cast } = stage
      const mode = pbx.users.get(cast.second)?.features.recording ?? 'never'
      pbx.setFeature(cast.second, 'recording', 'on-demand-user-start')
      try {
        const call = await stage.talk(cast.second)
        for (const action of ['start', 'pause', 'resume', 'stop'] as const) {
          pbx.record(call.key, action)
          await stage.wait(1000)
        }
        pbx.release(call.key)
      } finally {
        pbx.setFeature(cast.second, 'recording', mode)
      }
    }
  },
  'recording-off': {
    title: 'A user who may not record asks for it and is refused',
    run: async (stage) => {
      const { pbx, cast } = stage
      const mode = pbx.users.get(cast.second)?.features.recording ?? 'never'
      pbx.setFeature(cast.second, 'recording', 'never')
      try {
        const call = await stage.talk(cast.second)
        stage.refused(() => { pbx.record(call.key, 'start') })
        pbx.release(call.key)
      } finally {
        pbx.setFeature(cast.second, 'recording', mode)
      }
    }
  },
  'recording-always': {
    title: 'Every call of the user is recorded',
    run: async (stage) => {
      const { pbx, cast } = stage
      const mode = pbx.users.get(cast.second)?.features.recording ?? 'never'
      pbx.setFeature(cast.second, 'recording', 'always')
      try {
        const call = await stage.talk(cast.second)
        await stage.wait(2000)
        pbx.release(call.key)
      } finally {
        pbx.setFeature(cast.second, 'recording', mode)
      }
    }
  }
}
