import assert from 'node:assert/strict'
import { D, LEG, Pair, T, config, error, status, when } from '../support/pair'

describe('calls and transfers on a XiVO server', () => {
  const pair = new Pair()

  afterEach(() => pair.close())

  describe('calls', () => {
    it('makes a call and knows its leg, with the reference of the caller on every event', async () => {
      await pair.start({ answer: when('dial', () => [{ class: 'dial_success', exten: '5550142' }, status('phones', '7', { channels: [D] }), status('channels', D, { commstatus: 'ready', state: 'Unknown' })]) })
      const result = await pair.perform({ action: 'originate', to: '555-0142', clientRef: 'ref1' })
      assert.deepEqual([result.outcome, result.newCallId], ['completed', LEG])
      assert.equal((await pair.peer.next((line) => line.command === 'dial')).destination, 'exten:xivo/5550142')
      const event = await pair.client.next('call.originated')
      assert.deepEqual([event.call?.clientRef, event.call?.state, event.call?.to?.number], ['ref1', 'initiated', '5550142'])
      assert.equal(pair.client.names.includes('vendor.dial_success'), false)
    })

    it('says why the server refused a call', async () => {
      await pair.start({ version: '2.3', answer: when('dial', () => [error('unreachable_extension:1999')]) })
      await assert.rejects(pair.perform({ action: 'originate', to: '1999' }), { code: 'CTI_NOT_FOUND' })
      pair.peer.send(status('phones', '7', { hintstatus: '8' }))
      assert.equal((await pair.client.next((event) => event.event.startsWith('call.'))).event, 'call.ringing')
    })

    it('calls people, agents, queues and mailboxes by their numbers', async () => {
      await pair.start({ answer: when('dial', (line) => [error(`unreachable_extension:${String(line.destination).split('/')[1]}`)]) })
      for (const [to, destination] of [
        [{ user: '5' }, 'exten:xivo/1009'], [{ agent: '6' }, 'exten:xivo/1009'], [{ queue: 'blue' }, 'exten:xivo/3002'], [{ queue: 'queue:xivo/2' }, 'exten:xivo/3002'], [{ user: 'Lee Sample' }, 'exten:xivo/1009']
      ] as const) {
        await assert.rejects(pair.perform({ action: 'originate', to }), { code: 'CTI_NOT_FOUND' })
        assert.equal(pair.peer.lines.at(-1)?.destination, destination)
      }
      await assert.rejects(pair.perform({ action: 'originate', to: 'Lee' }), { code: 'CTI_INVALID_REQUEST' })
      await assert.rejects(pair.perform({ action: 'originate', to: { campaign: 'x' } }), { code: 'CTI_UNSUPPORTED' })
      await assert.rejects(pair.perform({ action: 'originate', to: { user: 'nobody' } }), { code: 'CTI_NOT_FOUND' })
    })

    it('calls from another phone where the server can, and names the version where not', async () => {
      await pair.start({ answer: when('originate', (line) => [{ class: 'ipbxcommand', command: 'originate', replyid: line.commandid, ipbxreply: 'a1' }]) })
      const result = await pair.perform({ action: 'originate', user: '5', to: '1007', confirm: 'accepted' })
      assert.equal(result.outcome, 'accepted')
      assert.equal((await pair.peer.next((line) => line.command === 'originate')).source, 'user:xivo/5')
    })

    it('names the version when the server is too new to call from another phone', async () => {
      await pair.start({ version: '2.2' })
      await assert.rejects(pair.perform({ action: 'originate', user: '5', to: '1007' }), (told: { code: string; message: string }) => told.code === 'CTI_UNSUPPORTED' && /2\.2/.test(told.message))
    })

    it('hangs up by channel, told by two lines, and knows that it was us', async () => {
      await pair.start({
        answer: when('hangup', (line) => [
          { class: 'ipbxcommand', command: 'hangup', replyid: line.commandid, ipbxreply: true }, { class: 'ipbxcommand', command: 'hangup', replyid: line.commandid, response: 'ok' }, status('phones', '7', { channels: [] })
        ])
      })
      await pair.talk()
      const result = await pair.perform({ action: 'hangup' })
      assert.equal(result.outcome, 'completed')
      assert.equal((await pair.peer.next((line) => line.command === 'hangup')).channelids, `chan:xivo/${D}`)
      assert.deepEqual([(await pair.client.next('call.ended')).call?.endedBy, pair.client.names.includes('vendor.ipbxcommand')], ['local', false])
    })

    it('hangs up with a server that only says that it passed it on', async () => {
      await pair.start({ answer: when('hangup', (line) => [{ class: 'ipbxcommand', command: 'hangup', replyid: line.commandid, ipbxreply: 1 }, status('phones', '7', { channels: [] })]) })
      await pair.talk()
      assert.equal((await pair.perform({ action: 'hangup' })).outcome, 'completed')
    })

    it('hangs up the current call of a server without channels', async () => {
      await pair.start({ version: '2.3', answer: when('hangup', () => [status('phones', '7', { hintstatus: '0' })]) })
      await pair.talk()
      assert.equal((await pair.perform({ action: 'hangup' })).outcome, 'completed')
    })

    it('tells when Asterisk did not do it', async () => {
      await pair.start({ answer: when('hangup', (line) => [{ class: 'ipbxcommand', command: 'hangup', replyid: line.commandid, ipbxreply: 'noaction' }]) })
      await pair.talk()
      await assert.rejects(pair.perform({ action: 'hangup' }), { code: 'CTI_CONFLICT' })
      pair.peer.send(status('phones', '7', { channels: [] }))
      assert.equal((await pair.client.next('call.ended')).call?.endedBy, undefined)
    })

    it('says unconfirmed when nothing ever shows', async () => {
      await pair.start({ version: '2.3' })
      await pair.talk()
      const result = await pair.perform({ action: 'hangup', timeoutMs: 2500 })
      assert.equal(result.outcome, 'unconfirmed')
    })

    it('does not pretend to answer, park or hold what XiVO cannot', async () => {
      await pair.start({ version: '2.3' })
      await pair.talk()
      await assert.rejects(pair.perform({ action: 'hold' }), { code: 'CTI_UNSUPPORTED' })
      await assert.rejects(pair.perform({ action: 'park' }), { code: 'CTI_UNSUPPORTED' })
      pair.peer.send(status('phones', '7', { hintstatus: '0' }), status('phones', '7', { hintstatus: '8' }))
      await pair.client.next((event) => event.event === 'call.ringing' && event.call?.id !== undefined && pair.client.session.picture.call(event.call.id)?.state === 'ringing')
      await assert.rejects(pair.perform({ action: 'answer' }), { code: 'CTI_UNSUPPORTED' })
      await assert.rejects(pair.perform({ action: 'startRecording' }), (told: { code: string; message: string }) => told.code === 'CTI_UNSUPPORTED' && /14\.23/.test(told.message))
    })

    it('records by channel, and takes an unknown command for a server that is too new', async () => {
      let known = true
      await pair.start({ answer: when('record', (line) => [{ class: 'ipbxcommand', command: 'record', replyid: line.commandid, ...(known ? { response: 'ok' } : { warning_string: 'return_is_none' }) }]) })
      await pair.talk()
      const result = await pair.perform({ action: 'startRecording' })
      assert.deepEqual([result.outcome, result.recording?.state], ['completed', 'on'])
      assert.equal((await pair.client.next('call.recording')).call?.id, LEG)
      known = false
      await assert.rejects(pair.perform({ action: 'stopRecording' }), { code: 'CTI_UNSUPPORTED' })
    })

    it('takes a caller out of a queue', async () => {
      await pair.start({ version: '2.3', answer: when('answer', () => [{ class: 'queueentryupdate', state: { queue_name: 'blue', queue_id: 2, entries: [] } }, config('queuemembers', 'Agent/2004,blue', { status: '2' })]) })
      pair.peer.send(status('agents', '4', { availability: 'available', phonenumber: '1007' }), { class: 'queueentryupdate', state: { queue_name: 'blue', queue_id: 2, entries: [{ position: 1, number: '5550142', join_time: 1716203045.9, uniqueid: '17.41' }] } },
        status('phones', '7', { hintstatus: '8' }), config('queuemembers', 'Agent/2004,blue', { status: '6' }))
      await pair.client.next('call.offered')
      await pair.client.next((event) => event.event === 'call.updated' && event.call?.agent?.id === '4')
      assert.equal((await pair.perform({ action: 'answer' })).outcome, 'completed')
      assert.equal((await pair.peer.next((line) => line.class === 'answer')).unique_id, '17.41')
    })
  })

  describe('transfers', () => {
    it('passes a call on', async () => {
      await pair.start({ answer: when('direct_transfer', () => [status('phones', '7', { channels: [] })]) })
      await pair.talk()
      assert.equal((await pair.perform({ action: 'transfer', to: '1009' })).outcome, 'completed')
      const event = await pair.client.next('call.transferred')
      assert.deepEqual(event.call?.transfer, { kind: 'blind', role: 'transferor', to: { number: '1009' } })
      assert.equal((await pair.client.next('call.ended')).reason, 'transferred')
    })

    it('consults, completes, and ends both legs as transferred', async () => {
      const L = 'SIP/lee99-0000001d'
      await pair.start({
        answer: (line) => line.class === 'attended_transfer' ? [status('phones', '9', { channels: [L] }), status('channels', L, { commstatus: 'ringing', direction: 'in', talkingto_id: D, state: 'Ringing' }), status('phones', '9', { hintstatus: '8' }), status('phones', '9', { hintstatus: '1' }), { class: 'current_call_attended_transfer_answered', line: 'sip/dana77' }]
          : line.class === 'complete_transfer' ? [status('phones', '7', { channels: [] })] : undefined
      })
      await pair.talk()
      const consult = await pair.perform({ action: 'consult', to: { user: '5' }, clientRef: 'r2' })
      assert.equal(consult.outcome, 'completed')
      assert.deepEqual((await pair.client.next('call.originated')).call?.related, [{ kind: 'consultOf', id: LEG }])
      assert.equal((await pair.client.next((event) => event.event === 'call.answered' && event.call?.id === consult.newCallId)).call?.clientRef, 'r2')
      assert.equal((await pair.client.next('call.held')).call?.heldBy, 'local')
      const done = await pair.perform({ action: 'completeTransfer' })
      assert.equal(done.outcome, 'completed')
      await pair.client.next((event) => event.event === 'call.ended' && event.call?.id === consult.newCallId)
      assert.deepEqual(pair.client.events.filter(({ event }) => event === 'call.ended').map(({ reason }) => reason), ['transferred', 'transferred'])
      const transferred = await pair.client.next('call.transferred')
      assert.equal(transferred.call?.transfer?.kind, 'attended')
      pair.peer.send(status('channels', L, { talkingto_id: T, talkingto_kind: 'channel', commstatus: 'linked-called' }))
      const target = await pair.client.next((event) => event.event === 'call.transferred' && event.call?.owner.id === '5')
      assert.deepEqual([target.call?.transfer?.role, target.call?.transfer?.by?.number], ['target', '1007'])
      assert.equal(target.call?.conversationId, transferred.call?.conversationId)
    })

    it('goes back to the held call', async () => {
      await pair.start({
        version: '2.3', answer: (line) => line.class === 'attended_transfer' ? [{ class: 'current_call_attended_transfer_answered', line: 'pjsip/dana77' }]
          : line.class === 'cancel_transfer' ? [{ class: 'current_call_attended_transfer_cancelled', line: 'sip/dana77' }] : undefined
      })
      await pair.talk()
      const { newCallId, callId } = await pair.perform({ action: 'consult', to: '1009' })
      assert.equal((await pair.perform({ action: 'cancelTransfer' })).outcome, 'completed')
      assert.equal((await pair.client.next('call.ended')).call?.id, newCallId)
      assert.equal((await pair.client.next('call.resumed')).call?.id, callId)
    })

    it('takes a refused consultation back', async () => {
      await pair.start({ version: '2.3', answer: when('attended_transfer', () => [error('unreachable_extension:1999')]) })
      await pair.talk()
      await assert.rejects(pair.perform({ action: 'consult', to: '1999' }), { code: 'CTI_NOT_FOUND' })
      await pair.client.next('call.resumed')
      assert.deepEqual(pair.client.names.filter((name) => name.startsWith('call.')).slice(-5), ['call.held', 'call.originated', 'call.failed', 'call.ended', 'call.resumed'])
    })

    it('acts on the own call only', async () => {
      await pair.start({ version: '2.3' })
      pair.peer.send(status('phones', '9', { hintstatus: '8' }), status('phones', '9', { hintstatus: '1' }))
      const { call } = await pair.client.next('call.answered')
      await assert.rejects(pair.perform({ action: 'transfer', callId: call?.id, to: '1007' }), { code: 'CTI_UNSUPPORTED' })
    })
  })
})
