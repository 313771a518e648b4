import { type Condition, type Rule } from '../pbx/types'
import { type Scenario, type Scenarios, type Stage } from './stage'

/** Sets one forwarding of a user for the time of a script. */
async function forwarding (stage: Stage, user: string, condition: Condition, to: string, body: () => Promise<void>, rings?: number): Promise<void> {
  const before: Rule = { to: '', rings: undefined, ...stage.pbx.users.get(user)?.forwarding[condition] ?? { enabled: false } }
  stage.pbx.setForwarding(user, condition, { enabled: true, to, ...(rings === undefined ? {} : { rings }) })
  try {
    await body()
  } finally {
    stage.pbx.setForwarding(user, condition, before)
  }
}

/** Somebody outside calls the user; whoever it is forwarded to answers. */
function forwarded (title: string, condition: Condition, prepare: (stage: Stage) => Promise<() => void>): Scenario {
  return {
    title,
    run: async (stage) => {
      const { pbx, cast } = stage
      const undo = await prepare(stage)
      try {
        await forwarding(stage, cast.third, condition, stage.extension(cast.first), async () => {
          pbx.inbound({ from: cast.outside, to: stage.extension(cast.third) })
          await stage.wait(condition === 'noAnswer' ? 2 * 1000 * pbx.timerSettings.secondsPerRing + 500 : 1500)
          const taken = stage.ringing(cast.first)
          pbx.answer(taken.key)
          await stage.wait(3000)
          pbx.external(taken.key).hangUp()
        }, 2)
      } finally {
        undo()
      }
    }
  }
}

const nothing = async (): Promise<() => void> => Promise.resolve(() => undefined)

/** Services of a user: forwarding, do not disturb, mailbox, presence, phones that go away. */
export const services: Scenarios = {
  'forward-always': forwarded('Forwarding of all calls', 'always', nothing),
  'forward-no-answer': forwarded('Forwarding when nobody answers', 'noAnswer', nothing),
  'forward-busy': forwarded('Forwarding when the user talks and has no call waiting', 'busy', async (stage) => {
    const { pbx, cast } = stage
    const waiting = pbx.users.get(cast.third)?.features.callWaiting ?? true
    pbx.setFeature(cast.third, 'callWaiting', false)
    const call = await stage.talk(cast.third)
    return () => {
      stage.end(call)
      pbx.setFeature(cast.third, 'callWaiting', waiting)
    }
  }),
  'forward-not-reachable': forwarded('Forwarding when no phone is registered', 'notReachable', async (stage) => {
    const devices = [...stage.pbx.users.get(stage.cast.third)?.devices ?? []]
    for (const key of devices) stage.pbx.setRegistered(key, false)
    return Promise.resolve(() => { for (const key of devices) stage.pbx.setRegistered(key, true) })
  }),
  dnd: {
    title: 'Do not disturb: the caller is told that it is busy',
    run: async (stage) => {
      const { pbx, cast } = stage
      pbx.setDnd(cast.third, true)
      try {
        pbx.originate(cast.first, stage.extension(cast.third))
        await stage.wait(4000)
      } finally {
        pbx.setDnd(cast.third, false)
      }
    }
  },
  'forward-loop': {
    title: 'Two users forward to each other',
    run: async (stage) => {
      const { pbx, cast } = stage
      await forwarding(stage, cast.third, 'always', stage.extension(cast.second), async () => {
        await forwarding(stage, cast.second, 'always', stage.extension(cast.third), async () => {
          pbx.originate(cast.first, stage.extension(cast.third))
          await stage.wait(4000)
        })
      })
    }
  },
  voicemail: {
    title: 'A message is left and read',
    run: async (stage) => {
      const { pbx, cast } = stage
      const owner = [...pbx.users.values()].find(({ features }) => features.voicemail)?.key ?? cast.first
      const call = stage.ring(owner)
      await stage.wait(500)
      const caller = pbx.external(call.key)
      pbx.toVoicemail(call.key)
      await stage.wait(9000)
      caller.hangUp()
      await stage.wait(1000)
      const message = pbx.users.get(owner)?.mailbox.messages.at(-1)
      if (message === undefined) return
      pbx.markVoicemail(owner, message.id, true)
      await stage.wait(500)
      pbx.deleteVoicemail(owner, message.id)
    }
  },
  presence: {
    title: 'Presence changes and comes back',
    run: async (stage) => {
      const { pbx, cast } = stage
      const before = pbx.users.get(cast.first)?.presence ?? 'available'
      pbx.setPresence(cast.first, 'meeting')
      await stage.wait(2000)
      pbx.setPresence(cast.first, before)
    }
  },
  'unregistered-in-call': {
    title: 'The phone is lost during a call and comes back',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const device = call.deviceKey ?? ''
      pbx.setRegistered(device, false)
      await stage.wait(3000)
      pbx.setRegistered(device, true)
      await stage.wait(1000)
      pbx.external(call.key).hangUp()
    }
  }
}
