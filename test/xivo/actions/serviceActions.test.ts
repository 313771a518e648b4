import assert from 'node:assert/strict'
import { Pair, config, error, status, when } from '../support/pair'
import type { Line } from '../support/server'

describe('agents and settings on a XiVO server', () => {
  const pair = new Pair()

  afterEach(() => pair.close())

  describe('agents', () => {
    it('logs in, pauses for a reason, works again and logs out', async () => {
      const full = (availability: string): Line => status('agents', '4', { availability, phonenumber: '1007', queues: ['2'], on_call_acd: false, on_wrapup: false })
      await pair.start({
        answer: (line) => line.command === 'agentlogin' ? [full('available')]
          : line.class === 'availstate' ? [config('queuemembers', 'Agent/2004,blue', { paused: '1' }), full('unavailable'), status('users', '3', { availstate: line.availstate })]
          : line.command === 'queueunpause' ? [config('queuemembers', 'Agent/2004,blue', { paused: '0' }), full('available')]
          : line.command === 'agentlogout' ? [full('logged_out')] : undefined
      })
      const login = await pair.perform({ action: 'agentLogin', device: '1007' })
      assert.deepEqual([login.outcome, login.agent?.id], ['completed', '4'])
      const { items } = await pair.perform({ action: 'reasonCodes' })
      assert.deepEqual(items, [{ id: 'away', name: 'Away', selectable: true }, { id: 'outtolunch', name: 'Out to lunch', selectable: true }])
      assert.equal((await pair.perform({ action: 'agentNotReady', reason: 'Out to lunch' })).outcome, 'completed')
      assert.equal((await pair.peer.next((line) => line.class === 'availstate')).availstate, 'outtolunch')
      assert.equal((await pair.perform({ action: 'agentReady' })).outcome, 'completed')
      assert.equal((await pair.peer.next((line) => line.command === 'queueunpause')).queue, 'queue:xivo/all')
      assert.equal((await pair.perform({ action: 'agentLogout' })).outcome, 'completed')
    })

    it('says why a log-in failed', async () => {
      await pair.start({ answer: when('agentlogin', () => [error('agent_login_exten_in_use')]) })
      await assert.rejects(pair.perform({ action: 'agentLogin', agent: '2004', device: '1009' }), { code: 'CTI_CONFLICT' })
    })

    it('joins and leaves queues', async () => {
      await pair.start({ answer: (line) => line.command === 'queueremove' ? [{ class: 'getlist', function: 'delconfig', listname: 'queuemembers', list: ['Agent/2006,blue'] }] : undefined })
      const result = await pair.perform({ action: 'queueLeave', agent: '6', queues: ['blue'] })
      assert.deepEqual([result.outcome, result.agent?.id], ['completed', '6'])
      await assert.rejects(pair.perform({ action: 'queueJoin', agent: '6', queues: ['green'] }), { code: 'CTI_NOT_FOUND' })
    })

    it('refuses presences that the profile does not know or allow', async () => {
      await pair.start({ answer: when('availstate', (line) => [status('users', '3', { availstate: line.availstate })]) })
      await assert.rejects(pair.perform({ action: 'setPresence', presence: 'sleeping' }), { code: 'CTI_INVALID_REQUEST' })
      assert.equal((await pair.perform({ action: 'setPresence', presence: 'Do not disturb' })).presence?.value, 'donotdisturb')
      await assert.rejects(pair.perform({ action: 'setPresence', presence: 'away' }), { code: 'CTI_INVALID_REQUEST' })
    })
  })

  describe('settings', () => {
    it('forwards, always with the destination that the server needs', async () => {
      await pair.start({ answer: when('featuresput', (line) => [config('users', '3', line.value as object)]) })
      const result = await pair.perform({ action: 'setForwarding', condition: 'always', enabled: true, to: '1009' })
      assert.deepEqual([result.outcome, result.forwarding?.rules.always], ['completed', { enabled: true, to: '1009' }])
      const off = await pair.perform({ action: 'setForwarding', condition: 'always', enabled: false })
      assert.deepEqual(pair.peer.lines.at(-1)?.value, { enableunc: false, destunc: '1009' })
      assert.equal(off.outcome, 'completed')
      assert.equal((await pair.perform({ action: 'getForwarding' })).forwarding?.complete, true)
      await assert.rejects(pair.perform({ action: 'setForwarding', condition: 'busy', enabled: true }), { code: 'CTI_INVALID_REQUEST' })
      await assert.rejects(pair.perform({ action: 'setForwarding', condition: 'notReachable', enabled: true, to: '1' }), { code: 'CTI_UNSUPPORTED' })
      await assert.rejects(pair.perform({ action: 'setForwarding', user: '5', condition: 'busy', enabled: true, to: '1' }), { code: 'CTI_FORBIDDEN' })
    })

    it('switches do not disturb, filter and recording', async () => {
      await pair.start({ answer: when('featuresput', (line) => [config('users', String(line.target ?? '3'), { [String(line.function)]: line.value })]) })
      assert.deepEqual((await pair.perform({ action: 'setDnd', enabled: true })).dnd, { enabled: true })
      assert.deepEqual((await pair.perform({ action: 'getDnd' })).dnd, { enabled: true })
      assert.equal((await pair.perform({ action: 'setCallFilter', enabled: true })).feature?.name, 'callFilter')
      assert.equal((await pair.perform({ action: 'setCallRecording', user: '5', enabled: true })).outcome, 'completed')
      assert.equal(pair.peer.lines.at(-1)?.target, '5')
    })
  })
})
