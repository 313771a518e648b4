import { type Scenarios } from './stage'

/** Calls change hands. */
export const transfers: Scenarios = {
  blind: {
    title: 'Blind transfer, answered',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      pbx.blindTransfer(call.key, stage.extension(cast.first))
      await stage.wait(2000)
      const taken = stage.ringing(cast.first)
      pbx.answer(taken.key)
      await stage.wait(4000)
      pbx.external(taken.key).hangUp()
    }
  },
  'blind-no-answer-recall': {
    title: 'Blind transfer that nobody answers comes back',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      pbx.blindTransfer(call.key, stage.extension(cast.third))
      await stage.wait(1000 * pbx.timerSettings.transferRecall + 500)
      const back = stage.ringing(cast.second)
      pbx.answer(back.key)
      await stage.wait(3000)
      pbx.release(back.key)
    }
  },
  attended: {
    title: 'Attended transfer: the user asks first',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const consultation = await stage.consult(call, cast.first)
      pbx.completeTransfer(call.key, consultation.key)
      await stage.wait(4000)
      pbx.release(stage.talking(cast.first).key)
    }
  },
  'attended-cancel': {
    title: 'The user asks, and takes the caller back',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const consultation = await stage.consult(call, cast.first)
      pbx.release(consultation.key)
      await stage.wait(500)
      pbx.resume(call.key)
      await stage.wait(2000)
      pbx.release(call.key)
    }
  },
  early: {
    title: 'Transfer while the consulted phone rings',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = await stage.talk(cast.second)
      const consultation = await stage.consult(call, cast.first, false)
      pbx.completeTransfer(call.key, consultation.key)
      await stage.wait(1500)
      const taken = stage.ringing(cast.first)
      pbx.answer(taken.key)
      await stage.wait(3000)
      pbx.release(taken.key)
    }
  },
  'transfer-to-voicemail': {
    title: 'The caller is sent to a mailbox',
    run: async (stage) => {
      const { pbx, cast } = stage
      const owner = [...pbx.users.values()].find(({ features }) => features.voicemail)?.key ?? cast.first
      const call = await stage.talk(cast.second)
      const caller = pbx.external(call.key)
      pbx.toVoicemail(call.key, owner)
      await stage.wait(8000)
      caller.hangUp()
    }
  },
  'transfer-chain': {
    title: 'A caller is transferred three times',
    run: async (stage) => {
      const { pbx, cast } = stage
      let call = await stage.talk(cast.second)
      const caller = pbx.external(call.key)
      for (const next of [cast.first, cast.third, cast.agents[0]]) {
        pbx.blindTransfer(call.key, stage.extension(next))
        await stage.wait(2000)
        call = stage.ringing(next)
        pbx.answer(call.key)
        await stage.wait(3000)
      }
      caller.hangUp()
    }
  },
  deflected: {
    title: 'A ringing call is sent on without answering',
    run: async (stage) => {
      const { pbx, cast } = stage
      const call = stage.ring(cast.second)
      await stage.wait(1500)
      pbx.deflect(call.key, stage.extension(cast.first))
      await stage.wait(1500)
      const taken = stage.ringing(cast.first)
      pbx.answer(taken.key)
      await stage.wait(2000)
      pbx.release(taken.key)
    }
  }
}
