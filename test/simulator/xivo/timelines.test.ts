import assert from 'node:assert/strict'
import { inflateSync } from 'node:zlib'
import { type Connection } from '../../../src/simulator/pbx/types'
import { type RawClient } from './client'
import { PAT, XivoWorld } from './world'

const TRUNK = 'SIP/trunk-a-0000001a'
const DANA = 'SIP/dana77-0000001b'

/** Without times, which the clock of the test gives. */
const timeless = (lines: string[]): string[] => lines.map((line) => line.replace(/"(timestamp|call_start|join_time|availability_since)":[\d.]+,?/g, '').replace(/,}/g, '}'))

describe('simulator/xivo timelines (1.2)', () => {
  let world: XivoWorld
  let dana: RawClient
  let leg: Connection
  const told = async (client = dana): Promise<string[]> => timeless(await client.told())
  const ring = (): void => { leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused') }

  beforeEach(async () => {
    world = await XivoWorld.open({ commstatusLag: true })
    dana = await world.client('dexample')
  })
  afterEach(() => world.close())

  it('tells an inbound external call as 9.1', async () => {
    ring()
    assert.deepEqual(await told(), [
      `updatestatus channels ${TRUNK} {"state":"Down","commstatus":"ready","holded":false,"parked":false}`,
      `updatestatus phones 7 {"channels":["${DANA}"]}`,
      `updatestatus channels ${DANA} {"state":"Unknown","commstatus":"ready","holded":false,"parked":false}`,
      `updatestatus channels ${TRUNK} {"state":"Ring","commstatus":"calling","holded":false,"parked":false,"talkingto_id":"${DANA}","direction":"out"}`,
      `updatestatus channels ${DANA} {"state":"Down","commstatus":"ringing","holded":false,"parked":false,"talkingto_id":"${TRUNK}","direction":"in"}`,
      `updatestatus phones 7 {"channels":["${DANA}"],"queues":[],"hintstatus":"0","groups":[]}`,
      'updatestatus phones 7 {"hintstatus":"8"}'
    ])
    dana.send({ class: 'subscribe', message: 'current_calls' })
    assert.deepEqual(await told(), ['current_calls {"current_calls":[]}'])
    world.pbx.answer(leg.key)
    assert.deepEqual(await told(), [
      'updatestatus phones 7 {"hintstatus":"1"}',
      `updatestatus channels ${TRUNK} {"state":"Up","commstatus":"calling","holded":false,"parked":false,"talkingto_id":"${DANA}","direction":"out","talkingto_kind":"channel"}`,
      `updatestatus channels ${DANA} {"state":"Up","commstatus":"ringing","holded":false,"parked":false,"talkingto_id":"${TRUNK}","direction":"in","talkingto_kind":"channel"}`,
      `updatestatus phones 7 {"channels":["${DANA}"],"queues":[],"hintstatus":"1","groups":[]}`,
      'current_calls {"current_calls":[{"cid_name":"Pat Placeholder","cid_number":"+12025550142","call_status":"up"}]}'
    ])
    dana.send({ class: 'getlist', function: 'updatestatus', listname: 'channels', tid: DANA, tipbxid: 'xivo' })
    assert.equal(((await dana.of('getlist')).status as Record<string, unknown>).commstatus, 'linked-called')
    world.pbx.release(leg.key)
    assert.deepEqual(await told(), [
      'current_calls {"current_calls":[]}',
      'updatestatus phones 7 {"channels":[],"queues":[],"hintstatus":"1","groups":[]}',
      `delconfig channels  ["${DANA}"]`,
      `delconfig channels  ["${TRUNK}"]`,
      'updatestatus phones 7 {"hintstatus":"0"}'
    ])
  })

  it('tells an outbound call by dial as 9.3', async () => {
    const second = 'SIP/lee99-0000001b'
    const first = 'SIP/dana77-0000001a'
    dana.send({ class: 'ipbxcommand', command: 'dial', destination: 'exten:xivo/1009' })
    assert.deepEqual(await told(), [
      'dial_success {"exten":"1009"}',
      `updatestatus phones 7 {"channels":["${first}"]}`,
      `updatestatus channels ${first} {"state":"Unknown","commstatus":"ready","holded":false,"parked":false}`,
      'updatestatus phones 7 {"hintstatus":"8"}'
    ])
    const [own] = world.pbx.connectionsOf('dexample')
    world.pbx.answer(own?.key ?? '')
    assert.deepEqual(await told(), [
      'updatestatus phones 7 {"hintstatus":"1"}',
      'updatestatus phones 9 {"channels":["SIP/lee99-0000001b"]}',
      `updatestatus channels ${second} {"state":"Unknown","commstatus":"ready","holded":false,"parked":false}`,
      `updatestatus channels ${first} {"state":"Up","commstatus":"calling","holded":false,"parked":false,"talkingto_id":"${second}","direction":"out"}`,
      `updatestatus phones 7 {"channels":["${first}"],"queues":[],"hintstatus":"1","groups":[]}`,
      `updatestatus channels ${second} {"state":"Down","commstatus":"ringing","holded":false,"parked":false,"talkingto_id":"${first}","direction":"in"}`,
      `updatestatus phones 9 {"channels":["${second}"],"queues":[],"hintstatus":"0","groups":[]}`,
      'updatestatus phones 9 {"hintstatus":"8"}'
    ])
    world.pbx.answer(world.pbx.connectionsOf('lsample')[0]?.key ?? '')
    assert.deepEqual(await told(), [
      'updatestatus phones 9 {"hintstatus":"1"}',
      `updatestatus channels ${first} {"state":"Up","commstatus":"calling","holded":false,"parked":false,"talkingto_id":"${second}","direction":"out","talkingto_kind":"channel"}`,
      `updatestatus channels ${second} {"state":"Up","commstatus":"ringing","holded":false,"parked":false,"talkingto_id":"${first}","direction":"in","talkingto_kind":"channel"}`,
      `updatestatus phones 7 {"channels":["${first}"],"queues":[],"hintstatus":"1","groups":[]}`,
      `updatestatus phones 9 {"channels":["${second}"],"queues":[],"hintstatus":"1","groups":[]}`
    ])
    dana.send({ class: 'hangup' })
    assert.deepEqual(await told(), [
      'updatestatus phones 7 {"channels":[],"queues":[],"hintstatus":"1","groups":[]}', `delconfig channels  ["${first}"]`,
      'updatestatus phones 9 {"channels":[],"queues":[],"hintstatus":"1","groups":[]}', `delconfig channels  ["${second}"]`,
      'updatestatus phones 7 {"hintstatus":"0"}', 'updatestatus phones 9 {"hintstatus":"0"}'
    ])
  })

  it('transfers after asking as 9.4', async () => {
    ring()
    world.pbx.answer(leg.key)
    await told()
    dana.send({ class: 'subscribe', message: 'current_calls' })
    dana.send({ class: 'attended_transfer', number: '1009' })
    const begun = await told()
    assert.ok(begun.includes('updatestatus phones 9 {"hintstatus":"8"}'), begun.join('\n'))
    assert.ok(begun.includes('current_calls {"current_calls":[{"cid_name":"Pat Placeholder","cid_number":"+12025550142","call_status":"hold"}]}'), begun.join('\n'))
    world.pbx.answer(world.pbx.connectionsOf('lsample')[0]?.key ?? '')
    const answered = await told()
    assert.ok(answered.includes('updatestatus phones 9 {"hintstatus":"1"}'))
    assert.equal(answered.filter((line) => line === 'current_call_attended_transfer_answered {"line":"sip/dana77"}').length, 1)
    dana.send({ class: 'complete_transfer' })
    const lee = 'SIP/lee99-0000001c'
    assert.deepEqual(await told(), [
      'current_calls {"current_calls":[]}',
      'updatestatus phones 7 {"channels":[],"queues":[],"hintstatus":"1","groups":[]}', `delconfig channels  ["${DANA}"]`,
      'updatestatus phones 7 {"hintstatus":"0"}',
      `updatestatus channels ${TRUNK} {"state":"Up","commstatus":"linked-caller","holded":false,"parked":false,"talkingto_id":"${lee}","direction":"out","talkingto_kind":"channel"}`,
      `updatestatus channels ${lee} {"state":"Up","commstatus":"linked-called","holded":false,"parked":false,"talkingto_id":"${TRUNK}","direction":"in","talkingto_kind":"channel"}`,
      'updatestatus phones 9 {"channels":["SIP/lee99-0000001c"],"queues":[],"hintstatus":"1","groups":[]}'
    ])
  })

  it('consults on the channel of the held call, which goes on with the consulted one when the caller leaves', async () => {
    ring()
    world.pbx.answer(leg.key)
    dana.send({ class: 'attended_transfer', number: '1009' })
    await told()
    world.pbx.answer(world.pbx.connectionsOf('lsample')[0]?.key ?? '')
    await told()
    world.pbx.external(leg.key).hangUp()
    const lee = 'SIP/lee99-0000001c'
    assert.deepEqual((await told()).filter((line) => line.includes(' channels ')), [
      `delconfig channels  ["${TRUNK}"]`,
      `updatestatus channels ${DANA} {"state":"Up","commstatus":"linked-called","holded":false,"parked":false,"talkingto_id":"${lee}","direction":"in","talkingto_kind":"channel"}`,
      `updatestatus channels ${lee} {"state":"Up","commstatus":"linked-called","holded":false,"parked":false,"talkingto_id":"${DANA}","direction":"in","talkingto_kind":"channel"}`
    ])
  })

  it('gives up a transfer and goes back to the caller', async () => {
    ring()
    world.pbx.answer(leg.key)
    dana.send({ class: 'attended_transfer', number: '1009' })
    dana.send({ class: 'subscribe', message: 'current_calls' })
    await told()
    dana.send({ class: 'cancel_transfer' })
    const lines = await told()
    assert.ok(lines.includes('current_calls {"current_calls":[{"cid_name":"Pat Placeholder","cid_number":"+12025550142","call_status":"up"}]}'), lines.join('\n'))
    assert.equal(lines.some((line) => line.startsWith('current_call_attended_transfer_cancelled')), false, '2.x only')
  })

  it('shows a hold at the phone that holds, and at its line', async () => {
    ring()
    world.pbx.answer(leg.key)
    dana.send({ class: 'subscribe', message: 'current_calls' })
    await told()
    world.pbx.hold(leg.key)
    assert.deepEqual(await told(), [
      `updatestatus channels ${DANA} {"state":"Up","commstatus":"linked-called","holded":true,"parked":false,"talkingto_id":"${TRUNK}","direction":"in","talkingto_kind":"channel"}`,
      'current_calls {"current_calls":[{"cid_name":"Pat Placeholder","cid_number":"+12025550142","call_status":"hold"}]}',
      'updatestatus phones 7 {"hintstatus":"16"}'
    ])
    world.pbx.resume(leg.key)
    assert.deepEqual((await told()).slice(-2), ['current_calls {"current_calls":[{"cid_name":"Pat Placeholder","cid_number":"+12025550142","call_status":"up"}]}', 'updatestatus phones 7 {"hintstatus":"1"}'])
  })

  it('puts a caller into the hold queue of a switchboard and takes him back', async () => {
    ring()
    world.pbx.answer(leg.key)
    world.pbx.signIn('agent-sam', { routing: 'ready' })
    world.pbx.queues.get('__switchboard_hold')?.members.push({ agentKey: 'agent-dana', joined: true, paused: true, priority: 0 })
    world.pbx.signIn('agent-dana', { routing: 'notReady' })
    dana.send({ class: 'subscribe', message: 'queueentryupdate', queueid: 8 })
    dana.send({ class: 'subscribe', message: 'current_calls' })
    await told()
    dana.send({ class: 'hold_switchboard', queue_name: '__switchboard_hold' })
    const held = await told()
    assert.ok(held.includes('queueentryupdate {"state":{"queue_name":"__switchboard_hold","queue_id":8,"entries":[{"position":1,"name":"Pat Placeholder","number":"+12025550142","uniqueid":"1716203045.26"}]}}'), held.join('\n'))
    assert.ok(held.includes(`delconfig channels  ["${DANA}"]`))
    dana.send({ class: 'resume_switchboard', unique_id: '1716203045.26' })
    const taken = await told()
    assert.ok(taken.includes('queueentryupdate {"state":{"queue_name":"__switchboard_hold","queue_id":8,"entries":[]}}'), taken.join('\n'))
    assert.ok(taken.includes('updatestatus phones 7 {"hintstatus":"8"}'))
    world.pbx.answer(world.pbx.connectionsOf('dexample')[0]?.key ?? '')
    assert.ok((await told()).some((line) => line.startsWith('current_calls {"current_calls":[{"cid_name":"Pat')))
  })

  it('tells an agent day as 9.6', async () => {
    dana.send({ class: 'subscribe', message: 'queueentryupdate', queueid: '2' })
    dana.send({ class: 'subscribetoqueuesstats' })
    await told()
    const member = (fields: Record<string, string>): string => `updateconfig queuemembers Agent/2004,blue ${JSON.stringify({ queue_name: 'blue', interface: 'Agent/2004', membership: 'static', status: '1', paused: '0', penalty: '0', callstaken: '0', lastcall: '', ...fields })}`
    const agent = (fields: Record<string, unknown>): string => `updatestatus agents #4 ${JSON.stringify({ availability: 'available', queues: ['2'], on_call_acd: false, on_wrapup: false, nonacd_call_status: null, phonenumber: '1007', channel: null, groups: [], ...fields })}`
    const acd = (lines: string[]): string[] => lines.filter((line) => /agents|queuemembers|hint/.test(line))
    dana.send({ class: 'ipbxcommand', command: 'agentlogin', agentphonenumber: '1007' })
    assert.deepEqual(await told(), [
      'updatestatus agents 4 {"phonenumber":"1007"}', member({}), agent({}), 'getqueuesstats {"stats":{"2":{"Xivo-LoggedAgents":1}}}',
      'getqueuesstats {"stats":{"2":{"Xivo-AvailableAgents":"1","Xivo-EWT":"0","Xivo-TalkingAgents":"0"}}}'
    ])
    dana.send({ class: 'ipbxcommand', command: 'queuepause', member: 'agent:xivo/4', queue: 'queue:xivo/all' })
    assert.deepEqual(acd(await told()), [member({ paused: '1' }), agent({ availability: 'unavailable' })])
    dana.send({ class: 'ipbxcommand', command: 'queueunpause', member: 'agent:xivo/4', queue: 'queue:xivo/2' })
    assert.deepEqual(acd(await told()), [member({}), agent({})])
    world.pbx.inbound({ from: PAT, to: '3002' })
    const arrived = await told()
    assert.ok(arrived.includes('getqueuesstats {"stats":{"2":{"Xivo-WaitingCalls":1,"Xivo-LongestWaitTime":0}}}'), arrived.join('\n'))
    assert.ok(arrived.some((line) => line.startsWith('queueentryupdate') && line.includes('"uniqueid":"1716203045.26"')))
    assert.deepEqual(acd(arrived), ['updatestatus phones 7 {"channels":["SIP/dana77-0000001b"],"queues":[],"hintstatus":"0","groups":[]}', 'updatestatus phones 7 {"hintstatus":"8"}', member({ status: '6' })])
    world.pbx.answer(world.pbx.connectionsOf('dexample')[0]?.key ?? '')
    const answered = await told()
    assert.equal(answered.find((line) => line.startsWith('queueentryupdate')), 'queueentryupdate {"state":{"queue_name":"blue","queue_id":2,"entries":[]}}')
    assert.deepEqual(acd(answered).filter((line) => !line.includes('channels')), ['updatestatus phones 7 {"hintstatus":"1"}', member({ status: '2' }), agent({ availability: 'unavailable', on_call_acd: true, channel: 'SIP/dana77-0000001b' })])
    world.clock.advance(30_000)
    dana.send({ class: 'hangup' })
    const ended = acd(await told()).filter((line) => !line.includes('channels'))
    assert.deepEqual(ended.slice(0, 2), ['updatestatus phones 7 {"hintstatus":"0"}', agent({ availability: 'unavailable', on_wrapup: true })])
    assert.match(ended[2] ?? '', /"callstaken":"1","lastcall":"\d\d:\d\d:\d\d"/)
    world.clock.advance(10_000)
    assert.deepEqual(acd(await told()), [agent({})])
    dana.send({ class: 'getqueuesstats', commandid: 72, on: { 2: { window: '3600', xqos: '60' } } })
    assert.deepEqual(await dana.next((line) => line.replyid === 72).then(({ stats }) => stats), { 2: { 'Xivo-Join': '1', 'Xivo-Link': '1', 'Xivo-Lost': '0', 'Xivo-Rate': '100', 'Xivo-Qos': '100', 'Xivo-Holdtime-avg': '0', 'Xivo-Holdtime-max': '0' } })
    dana.send({ class: 'ipbxcommand', command: 'agentlogout' })
    const out = acd(await told())
    assert.match(out[0] ?? '', /"status":"101","paused":"0"/)
    assert.equal(out[1], agent({ availability: 'logged_out', phonenumber: null }))
  })

  it('does what a presence asks for, and tells others that somebody left (9.7)', async () => {
    const lee = await world.client('lsample')
    await told()
    dana.send({ class: 'availstate', availstate: 'donotdisturb', ipbxid: 'xivo', userid: '5' })
    assert.deepEqual(await told(), ['updateconfig users 3 {"enablednd":true}', 'updatestatus users 3 {"availstate":"donotdisturb"}'])
    dana.send({ class: 'availstate', availstate: 'dancing' })
    assert.deepEqual(await told(), [])
    await lee.settle()
    dana.close()
    await lee.until(() => lee.lines.length > 0)
    assert.deepEqual(await told(lee), ['updatestatus users 3 {"availstate":"disconnected"}'])
    assert.equal(world.pbx.users.get('dexample')?.dnd.enabled, true, 'a close has no actions')
  })

  it('pushes sheets before the channels of a dial', async () => {
    await world.close()
    world = await XivoWorld.open({ sheets: ['dial', 'link', 'hangup', 'unlink'] })
    dana = await world.client('dexample')
    ring()
    const lines = await told()
    assert.deepEqual(lines.map((line) => line.split(' ').slice(0, 3).join(' ').replace(/ \{.*/, '')), [
      `updatestatus channels ${TRUNK}`, 'updatestatus phones 7', `updatestatus channels ${DANA}`, 'sheet', `updatestatus channels ${TRUNK}`, `updatestatus channels ${DANA}`, 'updatestatus phones 7', 'updatestatus phones 7'
    ])
    const sheet = JSON.parse(lines.find((line) => line.startsWith('sheet'))?.slice(6) ?? '{}') as Record<string, string>
    assert.deepEqual([sheet.channel, sheet.serial, sheet.compressed], [TRUNK, 'xml', true])
    const bytes = Buffer.from(sheet.payload ?? '', 'base64')
    const xml = inflateSync(bytes.subarray(4))
    assert.equal(bytes.readUInt32BE(0), xml.length)
    const text = xml.toString('utf8')
    assert.match(text, /^<\?xml [^>]+><profile><user><internal name="where"><!\[CDATA\[dial\]\]>/)
    assert.match(text, /name="xivo-calleridnum" type="text"><!\[CDATA\[\+12025550142\]\]>/)
    assert.match(text, /name="xivo-uniqueid" type="text"><!\[CDATA\[1716203045\.26\]\]>/)
    assert.match(text, /<!\[CDATA\[\{xivo-queuename\}\]\]>/)
    world.pbx.answer(leg.key)
    assert.match((await told()).slice(0, 2).join(), /hintstatus":"1"},sheet/)
    world.pbx.release(leg.key)
    assert.deepEqual((await told()).map((line) => line.split(' ')[0]), ['updatestatus', 'delconfig', 'sheet', 'delconfig', 'updatestatus'])
  })
})
