import assert from 'node:assert/strict'
import { type Line, type RawClient } from './client'
import { PAT, XivoWorld } from './world'

describe('simulator/xivo commands', () => {
  let world: XivoWorld
  let dana: RawClient
  afterEach(() => world.close())
  const open = async (options?: Parameters<typeof XivoWorld.open>[0]): Promise<void> => {
    world = await XivoWorld.open(options)
    dana = await world.client()
  }
  /** Sends, and gives what came back in short. */
  const tell = async (message: Line, client = dana): Promise<string[]> => {
    client.send(message)
    return client.told()
  }
  const ipbx = (command: string, fields: Line = {}): Line => ({ class: 'ipbxcommand', command, ...fields })
  const talk = (): string => {
    const leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused')
    world.pbx.answer(leg.key)
    return leg.key
  }

  describe('services', () => {
    it('are confirmed by broadcasts', async () => {
      await open()
      const put = (name: string, value: unknown, rest: Line = {}): Promise<string[]> => tell({ class: 'featuresput', function: name, value, ...rest })
      assert.deepEqual(await put('enablednd', true), ['updateconfig users 3 {"enablednd":true}'])
      assert.deepEqual(await put('enablednd', 1), ['updateconfig users 3 {"enablednd":true}'], 'again')
      assert.deepEqual(await put('enablednd', 'true'), [])
      assert.deepEqual(await put('incallfilter', true), ['updateconfig users 3 {"incallfilter":true}'])
      assert.deepEqual(await put('enablerecording', true, { target: '5' }), ['updateconfig users 5 {"enablerecording":true}'])
      assert.deepEqual(await put('enablerecording', true), [])
      assert.deepEqual(await put('enablevoicemail', true), [])
      assert.deepEqual(await put('fwd', { enableunc: true, destunc: '1009' }), ['updateconfig users 3 {"enableunc":true,"destunc":"1009"}'])
      assert.deepEqual(await put('fwd', { enableunc: false, destunc: '' }), ['updateconfig users 3 {"enableunc":false,"destunc":""}'])
      assert.deepEqual(await put('fwd', { enablebusy: true, destbusy: '1009', enablerna: true, destrna: '' }), ['updateconfig users 3 {"enablebusy":true,"destbusy":"1009"}', 'updateconfig users 3 {"enablerna":false,"destrna":""}'])
      assert.deepEqual(await put('fwd', { other: true }), [])
      const { forwarding, dnd } = world.pbx.users.get('dexample') ?? assert.fail()
      assert.deepEqual([forwarding.busy, dnd.enabled], [{ enabled: true, to: '1009' }, true])
      dana.send({ class: 'getlist', function: 'updateconfig', listname: 'users', tid: '3' })
      const { config } = await dana.of('getlist')
      assert.deepEqual([(config as Line).enablednd, (config as Line).enableunc, (config as Line).enablerna, (config as Line).enablevoicemail], [true, false, false, 0])
    })

    for (const [what, message] of Object.entries({
      'answer without unique_id': { class: 'answer', uniqueid: '1' },
      'a forwarding without its number': { class: 'featuresput', function: 'fwd', value: { enableunc: false } },
      'a forwarding that is no object': { class: 'featuresput', function: 'fwd', value: true },
      'featuresput without value': { class: 'featuresput', function: 'enablednd' },
      'subscribe without message': { class: 'subscribe' },
      'queueentryupdate without a number': { class: 'subscribe', message: 'queueentryupdate', queueid: 'blue' },
      'ipbxcommand without command': { class: 'ipbxcommand' },
      'history without size': { class: 'history', mode: '1' },
      'history without mode': { class: 'history', size: '8' },
      'history of size many': { class: 'history', size: 'many', mode: '1' },
      'availstate without value': { class: 'availstate' },
      'a transfer without number': { class: 'direct_transfer' },
      'a consultation without number': { class: 'attended_transfer' },
      'hold_switchboard without queue_name': { class: 'hold_switchboard' },
      'dial without destination': ipbx('dial'),
      'dial of a user': ipbx('dial', { destination: 'user:xivo/5' }),
      'dial of a number that is no text': ipbx('dial', { destination: 1009 }),
      'listen without destination': ipbx('listen'),
      'getlist without function': { class: 'getlist', listname: 'users' },
      'getlist without listname': { class: 'getlist', function: 'listid' },
      'updateconfig of an unknown list': { class: 'getlist', function: 'updateconfig', listname: 'cars', tid: '1' },
      'registering plain ids': { class: 'register_user_status_update', user_ids: [3] },
      'a queue of another form': ipbx('queuepause', { member: 'agent:xivo/4', queue: 'blue' }),
      'a member of another form': ipbx('queuepause', { member: '4', queue: 'queue:xivo/2' }),
      'joining all queues': ipbx('queueadd', { member: 'agent:xivo/4', queue: 'queue:xivo/all' }),
      'joining a queue twice': ipbx('queueadd', { member: 'agent:xivo/4', queue: 'queue:xivo/2' }),
      'statistics without window': { class: 'getqueuesstats', on: { 2: { xqos: '60' } } },
      'statistics that are no number': { class: 'getqueuesstats', on: { 2: { window: 'long', xqos: '60' } } },
      'a fax to nowhere': { class: 'faxsend' },
      'a conference with nobody': { class: 'invite_confroom' },
      'meetme without function': ipbx('meetme'),
      'a mailbox without context': ipbx('mailboxcount', { mailbox: '1007' })
    })) {
      it(`drop the connection for ${what}`, async () => {
        await open()
        dana.send(message)
        await dana.untilClosed()
        assert.deepEqual(dana.lines, [])
      })
    }

    it('acknowledge a chat before they drop it for a bad address', async () => {
      await open()
      const id = dana.send({ class: 'chitchat', to: ['a', 'b'], text: 'x' })
      assert.deepEqual((await dana.of('chitchat')).replyid, id)
      await dana.untilClosed()
    })
  })

  describe('calls', () => {
    it('dial every form of destination, and tell what cannot be reached', async () => {
      await open()
      world.pbx.setFeature('dexample', 'voicemail', true)
      await dana.settle()
      const first = async (destination: string): Promise<string> => {
        const [line] = await tell(ipbx('dial', { destination }))
        const [leg] = world.pbx.connectionsOf('dexample')
        const dialled = leg === undefined ? '' : ` ${world.pbx.callOf(leg).dialed}`
        if (leg !== undefined) world.pbx.release(leg.key)
        return `${line ?? ''}${dialled}`
      }
      assert.equal(await first('1009'), 'dial_success {"exten":"1009"} 1009')
      await dana.settle()
      assert.equal(await first('"Lee Sample" <1009>'), 'dial_success {"exten":"1009"} 1009')
      await dana.settle()
      assert.equal(await first('voicemail:xivo/21'), 'dial_success {"exten":"*981007"} *981007')
      await dana.settle()
      assert.equal(await first('vm_consult:xivo/x'), 'dial_success {"exten":"*981007"} *981007')
      await dana.settle()
      assert.equal(await first('exten:xivo/77'), 'ipbxcommand {"error_string":"unreachable_extension:77"}')
      assert.equal(await first('user:special:me'), 'ipbxcommand {"error_string":"unreachable_extension:user:special:me"}')
    })

    it('are dialled when somebody lifts the own phone', async () => {
      await open({ liftAfterMs: 1500 })
      await tell(ipbx('dial', { destination: '1009' }))
      world.clock.advance(1499)
      assert.equal(world.pbx.connectionsOf('lsample').length, 0)
      world.clock.advance(1)
      assert.equal(world.pbx.connectionsOf('lsample')[0]?.state, 'alerting')
    })

    it('say nothing when there is no call to act on', async () => {
      await open()
      for (const message of [{ class: 'hangup' }, { class: 'direct_transfer', number: '1009' }, { class: 'attended_transfer', number: '1009' }, { class: 'complete_transfer' }, { class: 'cancel_transfer' }, { class: 'hold_switchboard', queue_name: 'blue' }, { class: 'answer', unique_id: '1.1' }]) {
        assert.deepEqual(await tell(message), [], message.class)
      }
    })

    it('are transferred without asking', async () => {
      await open()
      talk()
      await dana.settle()
      await tell({ class: 'direct_transfer', number: '1009' })
      assert.equal(world.pbx.connectionsOf('dexample').length, 0)
      assert.equal(world.pbx.connectionsOf('lsample')[0]?.remote?.number, PAT)
    })

    it('are commanded by channel in two lines', async () => {
      await open()
      const key = talk()
      await dana.settle()
      const replies = async (message: Line): Promise<Line[]> => {
        const id = dana.send(message)
        return (await dana.settle()).filter((line) => line.replyid === id).map(({ replyid: _id, class: _class, ...line }) => line as Line)
      }
      const hangup = (channel: string): Promise<Line[]> => replies(ipbx('hangup', { channelids: channel }))
      assert.deepEqual(await hangup('chan:xivo/SIP/none-1'), [{ command: 'hangup', ipbxreply: true }, { command: 'hangup', response: 'ko' }])
      assert.deepEqual(await hangup('none'), [{ command: 'hangup', ipbxreply: 'noaction' }])
      assert.deepEqual(await replies(ipbx('transfer', { destination: 'user:xivo/99' })), [{ command: 'transfer', ipbxreply: 'noaction' }])
      assert.deepEqual(await replies(ipbx('transfer', {})), [{ command: 'transfer', ipbxreply: 'Incomplete transfer information' }])
      assert.deepEqual(await hangup('chan:xivo/SIP/dana77-0000001b'), [{ command: 'hangup', ipbxreply: true }, { command: 'hangup', response: 'ok' }])
      assert.equal(world.pbx.connections.get(key)?.state, 'null')
      assert.deepEqual(await replies(ipbx('parking')), [{ command: 'parking', ipbxreply: 'noaction' }])
      assert.deepEqual(await replies(ipbx('record', { subcommand: 'start', channel: 'x' })), [{ warning_string: 'return_is_none' }], 'gone since 14.24')
      assert.deepEqual(await replies(ipbx('originate', { source: 'user:special:me', destination: 'exten:xivo/1009' })), [{ command: 'originate', ipbxreply: 'source' }])
      assert.deepEqual(await replies(ipbx('originate', { source: 'user:xivo/99', destination: 'exten:xivo/1009' })), [{ command: 'originate', ipbxreply: 'noaction' }])
      const [reply] = await replies(ipbx('originate', { source: 'user:xivo/5', destination: 'phone:xivo/7' }))
      assert.match(String(reply?.ipbxreply), /^\d{6}$/)
      assert.equal(world.pbx.connectionsOf('lsample')[0]?.personality, 'clickToDial')
    })

    it('are recorded up to 14.23', async () => {
      await open({ release: '14.06' })
      talk()
      await dana.settle()
      const record = async (subcommand: string): Promise<string[]> => tell(ipbx('record', { subcommand, channel: 'SIP/dana77-0000001b', commandid: 42 }))
      assert.deepEqual(await record('start'), ['ipbxcommand {"replyid":42,"command":"record","ipbxreply":true}', 'ipbxcommand {"replyid":42,"command":"record","response":"ok"}'])
      assert.equal(world.pbx.connectionsOf('dexample')[0]?.recording?.state, 'on')
      assert.match((await record('start'))[1] ?? '', /"ko"/)
    })

    it('are intercepted', async () => {
      await open()
      world.pbx.inbound({ from: PAT, to: '1009' })
      await dana.settle()
      const lines = await tell(ipbx('intercept', { tointercept: 'chan:xivo/SIP/trunk-a-0000001a', commandid: 4 }))
      assert.deepEqual(lines.slice(0, 2), ['ipbxcommand {"replyid":4,"command":"intercept","ipbxreply":true}', 'ipbxcommand {"replyid":4,"command":"intercept","response":"ok"}'])
      assert.equal(world.pbx.connectionsOf('dexample')[0]?.state, 'alerting')
    })

    it('show conference rooms and mute in them', async () => {
      await open()
      const first = talk()
      dana.send({ class: 'subscribe', message: 'meetme_update' })
      dana.send({ class: 'attended_transfer', number: '1009' })
      await dana.settle()
      world.pbx.answer(world.pbx.connectionsOf('lsample')[0]?.key ?? '')
      const second = world.pbx.connectionsOf('dexample').find(({ key }) => key !== first)?.key ?? ''
      await dana.settle()
      world.pbx.conferenceStart('dexample', [first, second])
      const lines = await dana.settle()
      const update = lines.find(({ class: name }) => name === 'meetme_update') as { config: Record<string, { member_count: number; members: Record<string, { name: string; muted: boolean }> }> }
      assert.deepEqual([update.config[41007]?.member_count, Object.values(update.config[41007]?.members ?? {}).map(({ name }) => name)], [3, ['Dana Example', 'Pat Placeholder', 'Lee Sample']])
      assert.deepEqual(lines.find(({ class: name }) => name === 'meetme_user')?.list, [{ room_number: '41007', user_number: 1 }])
      assert.match((await tell(ipbx('meetme', { function: 'MeetmeMute', functionargs: ['41007', '3'] }))).slice(0, 2).join(), /ipbxreply":true.*response":"ok"/)
      assert.equal(world.pbx.connectionsOf('lsample')[0]?.muted, true)
      world.pbx.conferenceRelease('dexample')
      const empty = (await dana.settle()).filter(({ class: name }) => name === 'meetme_update').at(-1)?.config as typeof update.config
      assert.deepEqual(Object.keys(empty), ['41007', '41009', '41011'], 'rooms that nobody is in are told too')
      assert.deepEqual(empty[41007], { number: '41007', name: 'dexample', pin_required: false, start_time: 0, member_count: 0, members: {} })
      const nora = await world.client('nophone')
      nora.send({ class: 'subscribe', message: 'meetme_update' })
      assert.deepEqual(await nora.settle(), [], 'without a line there is nothing to watch')
    })
  })

  describe('agents', () => {
    it('cannot log in at a phone in use or at none', async () => {
      await open()
      const login = (fields: Line): Promise<string[]> => tell(ipbx('agentlogin', fields))
      assert.deepEqual(await login({ agentphonenumber: '9999' }), ['ipbxcommand {"error_string":"agent_login_invalid_exten"}'])
      assert.deepEqual(await login({ agentphonenumber: '1099' }), ['ipbxcommand {"error_string":"agent_login_invalid_exten"}'])
      world.pbx.signIn('agent-sam', { routing: 'ready' })
      await dana.settle()
      assert.deepEqual(await login({ agentphonenumber: '1011' }), ['ipbxcommand {"error_string":"agent_login_exten_in_use"}'])
      assert.equal((await login({ agentids: 'agent:special:me' })).length, 3)
      assert.deepEqual(await login({}), [], 'again is no change')
      const lee = await world.client('lsample')
      assert.deepEqual(await tell(ipbx('agentlogout'), lee), ['ipbxcommand {"error_string":"agent_login_invalid_exten"}'])
      await dana.settle()
      await tell(ipbx('agentlogout', { agentids: 'agent:xivo/6' }))
      assert.equal(world.pbx.agents.get('agent-sam')?.loggedIn, false)
      assert.deepEqual(await tell(ipbx('agentlogout', { agentids: '6' })), [])
    })

    it('join and leave queues', async () => {
      await open()
      const agents = (lines: string[]): string[] => lines.filter((line) => !line.includes('queues":["2","6"],"on_call') && !line.startsWith('updateconfig'))
      assert.deepEqual(agents(await tell(ipbx('queueadd', { member: 'agent:xivo/4', queue: 'queue:xivo/6' }))).slice(0, 2), ['addconfig queuemembers  ["Agent/2004,red"]', 'updatestatus agents 4 {"queues":["2","6"]}'])
      assert.deepEqual((await tell(ipbx('queueremove', { member: 'agent:xivo/4', queue: 'queue:xivo/6' }))).slice(0, 2), ['delconfig queuemembers  ["Agent/2004,red"]', 'updatestatus agents 4 {"queues":["2"]}'])
      assert.match((await tell(ipbx('queueadd', { member: 'agent:xivo/4', queue: 'queue:xivo/6' })))[2] ?? '', /^updateconfig queuemembers Agent\/2004,red /, 'in full again')
    })

    it('show a pause in some queues only at the member, and one in all at the agent', async () => {
      await open()
      await tell(ipbx('queueadd', { member: 'agent:xivo/4', queue: 'queue:xivo/6' }))
      await tell(ipbx('agentlogin'))
      const pause = async (command: string, queue: string): Promise<string[]> => (await tell(ipbx(command, { member: 'agent:xivo/4', queue: `queue:xivo/${queue}` }))).map((line) => /"(paused":"\d|availability":"\w+)/.exec(line)?.[1] ?? line)
      assert.deepEqual(await pause('queuepause', '2'), ['paused":"1'])
      assert.deepEqual(await pause('queuepause', '6'), ['paused":"1', 'availability":"unavailable'])
      assert.equal(world.pbx.agents.get('agent-dana')?.routing, 'notReady')
      assert.deepEqual(await pause('queueunpause', '6'), ['paused":"0', 'availability":"available'])
      assert.deepEqual(world.pbx.queues.get('blue')?.members[0]?.paused, true)
      assert.deepEqual(await pause('queueunpause', 'all'), ['paused":"0'])
    })

    it('show calls that no queue gave', async () => {
      await open()
      await tell(ipbx('agentlogin'))
      talk()
      const lines = await dana.told()
      assert.match(lines.find((line) => line.startsWith('updatestatus agents #4')) ?? '', /"availability":"on_call_nonacd_incoming_external".*"nonacd_call_status":\["incoming",false\]/)
      await tell({ class: 'hangup' })
      world.pbx.originate('dexample', '1009')
      assert.match((await dana.told()).find((line) => line.startsWith('updatestatus agents #4')) ?? '', /"availability":"on_call_nonacd_outgoing_internal"/)
    })

    it('are listened to by a supervisor', async () => {
      await open()
      const boss = await world.client('boss')
      talk()
      await tell(ipbx('listen', { destination: 'xivo/4', subcommand: 'start' }), boss)
      const [leg] = world.pbx.connectionsOf('boss')
      world.pbx.answer(leg?.key ?? '')
      assert.equal(world.pbx.connectionsOf('boss')[0]?.monitor?.mode, 'listen')
      assert.deepEqual(await tell(ipbx('listen', { destination: 'xivo/99' }), boss).then((lines) => lines.filter((line) => line.startsWith('ipbx'))), [])
    })

    it('are taken over from a queue by their users', async () => {
      await open()
      world.pbx.signIn('agent-sam', { routing: 'ready' })
      world.pbx.inbound({ from: PAT, to: '3003' })
      await dana.settle()
      await tell({ class: 'answer', unique_id: '1716203045.26' })
      assert.equal(world.pbx.connectionsOf('dexample')[0]?.state, 'alerting')
      assert.equal(world.pbx.queues.get('red')?.entries.length, 0)
    })
  })
})
