import assert from 'node:assert/strict'
import { Dialect } from '../../src/xivo/dialect'
import { guard } from '../../src/xivo/guard'

const UUID = '0f5c0d0a-0000-4000-8000-000000000001'
const one = new Dialect('1.2')
const two = new Dialect('2.3')
const old = new Dialect('1.2', 1406)

/** The mistakes of the protocol sheet, section 3.9, and the right form beside each. */
const MISTAKES: readonly (readonly [Dialect, object, object])[] = [
  [one, { class: 'answer', uniqueid: '1.1' }, { class: 'answer', unique_id: '1.1' }],
  [one, { class: 'resume_switchboard' }, { class: 'resume_switchboard', unique_id: '1.1' }],
  [one, { class: 'featuresput', function: 'fwd', value: { enableunc: false } }, { class: 'featuresput', function: 'fwd', value: { enableunc: false, destunc: '' } }],
  [one, { class: 'featuresput', function: 'fwd', value: { enablebusy: true, destunc: '1' } }, { class: 'featuresput', function: 'fwd', value: { enablebusy: true, destbusy: '1' } }],
  [one, { class: 'featuresput', function: 'fwd', value: true }, { class: 'featuresput', function: 'fwd', value: { enablerna: true, destrna: '1009' } }],
  [one, { class: 'featuresput', function: 'fwd', value: {} }, { class: 'featuresput', function: 'enablednd', value: false }],
  [one, { class: 'featuresput', function: 'enablednd', value: 'true' }, { class: 'featuresput', function: 'enablednd', value: true }],
  [one, { class: 'featuresput', value: true }, { class: 'featuresput', function: 'incallfilter', value: true }],
  [one, { class: 'subscribe' }, { class: 'subscribe', message: 'current_calls' }],
  [one, { class: 'subscribe', message: 'queueentryupdate' }, { class: 'subscribe', message: 'queueentryupdate', queueid: '2' }],
  [one, { class: 'subscribe', message: 'queueentryupdate', queueid: 'blue' }, { class: 'subscribe', message: 'queueentryupdate', queueid: 2 }],
  [one, { class: 'ipbxcommand' }, { class: 'ipbxcommand', command: 'agentlogout' }],
  [old, { class: 'history', size: '8' }, { class: 'history', size: '8', mode: '1' }],
  [old, { class: 'history', size: '8', mode: 1 }, { class: 'history', size: '8', mode: '0' }],
  [two, { class: 'history', size: 'many' }, { class: 'history', size: '8' }],
  [one, { class: 'availstate' }, { class: 'availstate', availstate: 'away' }],
  [one, { class: 'attended_transfer' }, { class: 'attended_transfer', number: '1009' }],
  [one, { class: 'direct_transfer', number: '' }, { class: 'direct_transfer', number: '1009' }],
  [one, { class: 'hold_switchboard' }, { class: 'hold_switchboard', queue_name: 'q' }],
  [one, { class: 'ipbxcommand', command: 'dial' }, { class: 'ipbxcommand', command: 'dial', destination: '1009' }],
  [one, { class: 'ipbxcommand', command: 'dial', destination: 1009 }, { class: 'ipbxcommand', command: 'dial', destination: 'exten:xivo/1009' }],
  [one, { class: 'ipbxcommand', command: 'dial', destination: 'user:xivo/5' }, { class: 'ipbxcommand', command: 'dial', destination: 'voicemail:xivo/21' }],
  [one, { class: 'ipbxcommand', command: 'listen' }, { class: 'ipbxcommand', command: 'listen', destination: 'xivo/4' }],
  [one, { class: 'invite_confroom' }, { class: 'invite_confroom', invitee: 'user:xivo/5' }],
  [one, { class: 'getqueuesstats', on: { 2: { window: '3600' } } }, { class: 'getqueuesstats', on: { 2: { window: '3600', xqos: '60' } } }],
  [one, { class: 'getqueuesstats', on: { 2: { window: 'x', xqos: '60' } } }, { class: 'getqueuesstats' }],
  [one, { class: 'getlist', function: 'listid' }, { class: 'getlist', function: 'listid', listname: 'users' }],
  [one, { class: 'getlist', function: 'updateconfig', listname: 'channels', tid: 'x' }, { class: 'getlist', function: 'updatestatus', listname: 'channels', tid: 'x' }],
  [one, { class: 'getlist', function: 'updateconfig', listname: 'users', tid: 3 }, { class: 'getlist', function: 'updateconfig', listname: 'users', tid: '3' }],
  [two, { class: 'register_agent_status_update', agent_ids: [4] }, { class: 'register_agent_status_update', agent_ids: [[UUID, 4]] }],
  [one, { class: 'ipbxcommand', command: 'queuepause', member: '4', queue: 'queue:xivo/all' }, { class: 'ipbxcommand', command: 'queuepause', member: 'agent:xivo/4', queue: 'queue:xivo/all' }],
  [one, { class: 'ipbxcommand', command: 'queueadd', member: 'agent:xivo/4', queue: 'queue:xivo/all' }, { class: 'ipbxcommand', command: 'queueadd', member: 'agent:xivo/4', queue: 'queue:xivo/2' }],
  [two, { class: 'ipbxcommand', command: 'meetme', function: 'MeetmeMute', functionargs: ['4001', '1;2'] }, { class: 'ipbxcommand', command: 'meetme', function: 'MeetmeMute', functionargs: ['4001', '1'] }],
  [one, { class: 'ipbxcommand', command: 'mailboxcount', mailbox: '1' }, { class: 'ipbxcommand', command: 'mailboxcount', mailbox: '1', context: 'default' }],
  [two, { class: 'faxsend', destination: '1' }, { class: 'faxsend', destination: '1', size: 3, data: 'AAAA' }],
  [two, { class: 'blind_transfer_voicemail', voicemail: '10 07' }, { class: 'blind_transfer_voicemail', voicemail: '1007' }],
  [two, { class: 'chitchat', to: ['a', 'b'], text: 'x', alias: 'D' }, { class: 'chitchat', to: [UUID, UUID], text: 'x', alias: 'D' }],
  [two, { class: 'chitchat', to: [UUID, UUID], text: 'x' }, { class: 'chitchat', to: [UUID, UUID], text: 'x', alias: 'D' }],
  [old, { class: 'chitchat', to: ['a', 'b'], text: 'x' }, { class: 'chitchat', to: 'xivo/5', text: 'x' }],
  [one, { class: 'login_pass', password: 'x' }, { class: 'logout' }],
  [one, {}, { class: 'anythingelse' }]
]

describe('messages that would cost the line', () => {
  for (const [dialect, wrong, right] of MISTAKES) {
    it(`is not sent: ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => guard(wrong as Record<string, unknown>, dialect), { code: 'CTI_INVALID_REQUEST' })
      guard(right as Record<string, unknown>, dialect)
    })
  }

  it('never repeats what may be a password', () => {
    assert.throws(() => guard({ class: 'login_pass', password: 'hush' }, one), (error: Error) => !error.message.includes('hush'))
  })
})
