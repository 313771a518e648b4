/** Each request of the protocol sheet's table (xivo-cti.md 3.1) by the action that sends it, carried out by the simulated server. */
import assert from 'node:assert/strict'
import type { ActionRequest, ActionResult, CtiError } from '../../src/model'
import { Stage } from './support/stage'

type Params = Record<string, unknown>
interface Sample {
  /** Class, and command or function where the class has such. */
  readonly wire: string
  readonly action: string
  readonly params?: Params | ((stage: Stage) => Params)
  /** Release that has it; absent: both that the tests begin with. */
  readonly release?: string
  /** Before it, on the house. */
  readonly given?: (stage: Stage) => unknown
  /** What the result must hold. */
  readonly holds?: (result: ActionResult, stage: Stage) => unknown
  /** The server says no, and how. */
  readonly refused?: CtiError['code']
}

const OLD = '14.06'
const NEW = '17.16'
const idOf = (stage: Stage, user: string): string => stage.face.site.ids.id('user', user)
const queue = (stage: Stage, key: string): string => `queue:xivo/${stage.face.site.ids.id('queue', key)}`
const data = (result: ActionResult): Params => result.data as Params
const contact = (stage: Stage): Params => ({ source: 'personal', source_entry_id: [...stage.face.site.contacts.contactsOf('bob').keys()][0] ?? 'none' })
const infos = { firstname: 'Toni', lastname: 'Test', number: '5550133' }
/** Carol talks with Bob, whose account this is. */
const talk = async (stage: Stage): Promise<void> => {
  const { pbx } = stage.simulator
  pbx.answer((pbx.inbound({ from: '+12025550199', to: '1002' }) ?? assert.fail('refused')).key)
  await stage.agree(() => stage.session.picture.callsOf(idOf(stage, 'bob')).some(({ state }) => state === 'active') ? [] : ['no talk'], 'the talk')
}
const loggedIn = async (stage: Stage): Promise<void> => {
  stage.simulator.pbx.signIn('agent-bob', { routing: 'ready' })
  await stage.agree(() => stage.session.picture.agent(stage.face.site.ids.id('agent', 'agent-bob'))?.state === 'ready' ? [] : ['not ready'], 'the agent')
}
const ringsDave = async (stage: Stage): Promise<void> => {
  stage.simulator.pbx.inbound({ from: '+12025550199', to: '1003' })
  await stage.agree(() => stage.session.picture.callsOf(idOf(stage, 'dave')).length > 0 ? [] : ['silence'], 'a phone that rings')
}
const channelOf = (stage: Stage, user: string): string => stage.session.picture.callsOf(idOf(stage, user))[0]?.vendorId ?? assert.fail('no channel')
const withContact = (stage: Stage): unknown => stage.perform('xivo.createPersonalContact', { contact_infos: infos })

const SAMPLES: readonly Sample[] = [
  { wire: 'keepalive', action: 'xivo.keepalive', holds: (result) => assert.equal(data(result).warning_string, 'unimplemented') },
  { wire: 'getipbxlist', action: 'xivo.ipbxList', holds: (result) => assert.deepEqual(data(result).ipbxlist, ['xivo']) },
  { wire: 'getlist/listid', action: 'xivo.listIds', params: { list: 'queues' }, holds: (result) => assert.equal((data(result).list as string[]).length, 2) },
  { wire: 'getlist/updateconfig', action: 'xivo.listConfig', params: (stage) => ({ list: 'users', id: idOf(stage, 'bob') }), holds: (result) => assert.equal((data(result).config as Params).fullname, 'Bob Keller') },
  { wire: 'getlist/updatestatus', action: 'xivo.listStatus', params: (stage) => ({ list: 'users', id: idOf(stage, 'bob') }), holds: (result) => assert.equal((data(result).status as Params).availstate, 'berightback') },
  { wire: 'availstate', action: 'setPresence', params: { presence: 'available' }, holds: (_result, stage) => assert.equal(stage.simulator.pbx.users.get('bob')?.presence, 'available') },
  { wire: 'featuresput/enablednd', action: 'setDnd', params: { enabled: true }, holds: (_result, stage) => assert.equal(stage.simulator.pbx.users.get('bob')?.dnd.enabled, true) },
  { wire: 'featuresput/incallfilter', action: 'setCallFilter', params: { enabled: true } },
  { wire: 'featuresput/enablerecording', action: 'setCallRecording', params: { enabled: true, user: '1003' }, holds: (_result, stage) => assert.equal(stage.simulator.pbx.users.get('dave')?.features.recording, 'always') },
  ...(['always', 'busy', 'noAnswer'] as const).map((condition): Sample => ({
    wire: 'featuresput/fwd', action: 'setForwarding', params: { condition, enabled: true, to: '1003' }, holds: (_result, stage) => assert.deepEqual(stage.simulator.pbx.users.get('bob')?.forwarding[condition].to, '1003')
  })),
  { wire: 'ipbxcommand/dial', action: 'originate', params: { to: '1003' }, holds: (result) => assert.equal(typeof result.newCallId, 'string') },
  { wire: 'ipbxcommand/dial', action: 'originate', params: { to: '999999' }, refused: 'CTI_NOT_FOUND' },
  { wire: 'ipbxcommand/originate', action: 'originate', params: { to: '1003', user: '1001' }, release: OLD },
  { wire: 'ipbxcommand/originate', action: 'xivo.originate', params: { source: 'user:special:me', destination: 'exten:xivo/1003' }, release: OLD, refused: 'CTI_CONFLICT' },
  { wire: 'ipbxcommand/hangup', action: 'hangup', release: OLD, given: talk, holds: (result) => assert.equal(result.outcome, 'completed') },
  { wire: 'ipbxcommand/hangup', action: 'xivo.hangupChannel', release: OLD, given: talk, params: (stage) => ({ channel: channelOf(stage, 'bob') }) },
  { wire: 'ipbxcommand/record', action: 'startRecording', release: OLD, given: talk, holds: (result) => assert.deepEqual(result.recording, { state: 'on' }) },
  { wire: 'ipbxcommand/record', action: 'stopRecording', release: OLD, given: async (stage) => { await talk(stage); await stage.perform('startRecording') }, holds: (result) => assert.deepEqual(result.recording, { state: 'off' }) },
  { wire: 'ipbxcommand/transfer', action: 'xivo.blindTransfer', release: OLD, given: talk, params: { destination: 'exten:xivo/1003' } },
  { wire: 'ipbxcommand/atxfer', action: 'xivo.attendedTransfer', release: OLD, given: talk, params: { to: '1003' } },
  { wire: 'ipbxcommand/intercept', action: 'pickup', release: OLD, given: ringsDave, params: { target: '1003' } },
  { wire: 'ipbxcommand/intercept', action: 'xivo.intercept', release: OLD, given: ringsDave, params: (stage) => ({ channel: channelOf(stage, 'dave') }) },
  { wire: 'ipbxcommand/parking', action: 'request', release: OLD, params: { message: { class: 'ipbxcommand', command: 'parking' }, reply: 'ipbxcommand' }, holds: (result) => assert.equal((data(result).body as Params).ipbxreply, 'noaction') },
  { wire: 'ipbxcommand/mailboxcount', action: 'xivo.mailboxCount', release: OLD, params: { mailbox: '1001', context: 'default' } },
  { wire: 'ipbxcommand/sipnotify', action: 'xivo.sipNotify', release: OLD, params: { variables: 'Event=check-sync', channel: 'SIP/bobdesk' } },
  { wire: 'ipbxcommand/meetme', action: 'xivo.meetme', params: { function: 'MeetmeMute', room: '41002', member: '1' } },
  { wire: 'ipbxcommand/agentlogin', action: 'agentLogin', holds: (result) => assert.equal(result.agent?.state, 'ready') },
  { wire: 'ipbxcommand/agentlogin', action: 'agentLogin', params: { device: '5559' }, refused: 'CTI_INVALID_REQUEST' },
  { wire: 'ipbxcommand/agentlogout', action: 'agentLogout', given: loggedIn, holds: (result) => assert.equal(result.agent?.state, 'loggedOut') },
  { wire: 'ipbxcommand/queuepause', action: 'agentNotReady', given: loggedIn, holds: (result) => assert.equal(result.agent?.state, 'notReady') },
  { wire: 'availstate', action: 'agentNotReady', given: async (stage) => { await loggedIn(stage); await stage.perform('setPresence', { presence: 'available' }) }, params: { reason: 'away' }, holds: (result) => assert.equal(result.agent?.state, 'notReady') },
  { wire: 'ipbxcommand/queueunpause', action: 'agentReady', given: async (stage) => { await loggedIn(stage); await stage.perform('agentNotReady') }, holds: (result) => assert.equal(result.agent?.state, 'ready') },
  { wire: 'ipbxcommand/queueadd', action: 'queueJoin', given: loggedIn, params: (stage) => ({ queues: [queue(stage, 'billing')] }), holds: (result) => assert.equal(result.agent?.queues?.length, 2) },
  { wire: 'ipbxcommand/queueremove', action: 'queueLeave', given: loggedIn, params: (stage) => ({ queues: [queue(stage, 'support')] }), holds: (result) => assert.equal(result.agent?.queues, undefined) },
  { wire: 'hangup', action: 'hangup', release: NEW, given: talk, holds: (result) => assert.equal(result.outcome, 'completed') },
  { wire: 'attended_transfer', action: 'consult', given: talk, params: { to: { user: '1003' } } },
  { wire: 'direct_transfer', action: 'transfer', given: talk, params: { to: '1003' }, holds: (result) => assert.equal(result.outcome, 'completed') },
  { wire: 'direct_transfer', action: 'transfer', given: talk, release: NEW, params: { to: '999999' }, refused: 'CTI_NOT_FOUND' },
  { wire: 'attended_transfer_voicemail', action: 'consult', release: NEW, given: talk, params: { to: { voicemail: '1001' } } },
  { wire: 'blind_transfer_voicemail', action: 'transfer', release: NEW, given: talk, params: { to: { voicemail: '1001' } }, holds: (result) => assert.equal(result.outcome, 'completed') },
  { wire: 'answer', action: 'xivo.answerQueued', params: { uniqueid: '1716203045.41' } },
  { wire: 'resume_switchboard', action: 'xivo.resumeSwitchboard', params: { uniqueid: '1716203045.41' } },
  { wire: 'hold_switchboard', action: 'xivo.holdSwitchboard', params: { queue: 'billing' } },
  { wire: 'subscribe/queueentryupdate', action: 'xivo.watchQueue', params: { queue: 'support' } },
  { wire: 'getqueuesstats', action: 'queueStats', params: { window: { seconds: 600 } }, holds: (result) => assert.equal(result.items?.length, 2) },
  { wire: 'history', action: 'callHistory', holds: (result) => assert.deepEqual(result.items, []) },
  { wire: 'directory', action: 'xivo.directory', params: { pattern: 'bob' }, holds: (result) => assert.equal((data(result).resultlist as string[]).length, 1) },
  { wire: 'get_switchboard_directory_headers', action: 'xivo.switchboardDirectoryHeaders', holds: (result) => assert.ok(Array.isArray(data(result).headers)) },
  { wire: 'switchboard_directory_search', action: 'xivo.switchboardDirectorySearch', params: { pattern: 'bob' }, holds: (result) => assert.equal((data(result).results as unknown[]).length > 0, true) },
  { wire: 'people_headers', action: 'xivo.peopleHeaders', release: NEW, holds: (result) => assert.ok(Array.isArray(data(result).column_types)) },
  { wire: 'directory', action: 'searchDirectory', release: OLD, params: { query: 'bob' }, holds: (result) => assert.equal((result.items?.[0] as Params).name, 'Bob Keller') },
  { wire: 'people_search', action: 'searchDirectory', release: NEW, params: { query: 'bob' }, holds: (result) => assert.equal((result.items?.[0] as Params).name, 'Bob Keller') },
  { wire: 'people_search', action: 'xivo.peopleSearch', release: NEW, params: { pattern: 'bob' } },
  { wire: 'people_set_favorite', action: 'xivo.setFavorite', release: NEW, params: (stage) => ({ source: 'internal', source_entry_id: idOf(stage, 'dave'), favorite: true }), holds: (result) => assert.equal(data(result).favorite, true) },
  { wire: 'people_favorites', action: 'xivo.favorites', release: NEW, holds: (result) => assert.deepEqual(data(result).results, []) },
  { wire: 'people_create_personal_contact', action: 'xivo.createPersonalContact', release: NEW, params: { contact_infos: infos } },
  { wire: 'people_personal_contacts', action: 'xivo.personalContacts', release: NEW, given: withContact, holds: (result) => assert.equal((data(result).results as unknown[]).length, 1) },
  { wire: 'people_personal_contact_raw', action: 'xivo.personalContact', release: NEW, given: withContact, params: contact, holds: (result) => assert.equal((data(result).contact_infos as Params).lastname, 'Test') },
  { wire: 'people_edit_personal_contact', action: 'xivo.editPersonalContact', release: NEW, given: withContact, params: (stage) => ({ ...contact(stage), contact_infos: { ...infos, lastname: 'Other' } }) },
  { wire: 'people_delete_personal_contact', action: 'xivo.deletePersonalContact', release: NEW, given: withContact, params: contact },
  { wire: 'people_purge_personal_contacts', action: 'xivo.purgePersonalContacts', release: NEW },
  { wire: 'people_import_personal_contacts_csv', action: 'xivo.importPersonalContacts', release: NEW, params: { csv_contacts: 'firstname,lastname,number\nToni,Test,5550133\n' }, holds: (result) => assert.equal(data(result).created_count, 1) },
  { wire: 'people_export_personal_contacts_csv', action: 'xivo.exportPersonalContacts', release: NEW, given: withContact, holds: (result) => assert.match(String(data(result).csv_contacts), /Toni/) },
  { wire: 'get_relations', action: 'xivo.relations', release: NEW, holds: (result, stage) => assert.equal(String((data(result).data as Params).user_id), idOf(stage, 'bob')) },
  ...['user', 'agent', 'endpoint'].flatMap((kind): Sample[] => ['register', 'unregister'].map((verb): Sample => ({
    wire: `${verb}_${kind}_status_update`, action: `xivo.${verb}`, release: NEW, params: { list: { user: 'users', agent: 'agents', endpoint: 'phones' }[kind], ids: ['7'] }
  }))),
  { wire: 'chitchat', action: 'xivo.chitchat', release: OLD, params: { to: '1003', text: 'call me back' } },
  { wire: 'chitchat', action: 'xivo.chitchat', release: NEW, params: (stage) => ({ to: stage.face.site.ids.userUuid('dave'), text: 'call me back' }) },
  { wire: 'call_form_result', action: 'xivo.callForm', params: { variables: { reason: 'billing' } } },
  { wire: 'call_form_result', action: 'setCallData', given: talk, params: { data: { reason: 'billing' } } },
  { wire: 'faxsend', action: 'xivo.fax', release: NEW, params: { destination: '+12025550199', filename: 'a.pdf', data: 'JVBERi0=' } },
  { wire: 'faxsend', action: 'xivo.announceFax', release: OLD, params: { destination: '+12025550199' }, holds: (result) => assert.match(String(data(result).fileid), /^\d+$/) },
  { wire: 'filetransfer', action: 'xivo.announceFile', release: OLD, params: { fileid: '123456', socketref: '192.0.2.1:5010' } },
  { wire: 'logfromclient', action: 'xivo.log', release: OLD, params: { level: 'info', method: 'flow', message: 'hello' } },
  { wire: 'invite_confroom', action: 'xivo.inviteToRoom', release: OLD, params: { invitee: '1003' } },
  { wire: 'ipbxcommand/listen', action: 'request', params: (stage) => ({ message: { class: 'ipbxcommand', command: 'listen', destination: `xivo/${stage.face.site.ids.id('agent', 'agent-erin')}` } }) }
]

/** Sent by the session itself at each start. */
const OF_SESSION = ['login_id', 'login_pass', 'login_capas', 'subscribe/current_calls', 'subscribe/meetme_update', 'subscribe/queueentryupdate', 'subscribetoqueuesstats', 'getipbxlist', 'keepalive']
const pattern = (wire: string): RegExp => {
  const [name = '', detail] = wire.split('/')
  const word = name === 'subscribe' ? 'message' : name === 'ipbxcommand' ? 'command' : 'function'
  return new RegExp(`^\\{"class":"${name}"${detail === undefined ? '' : `[^\\n]*"${word}":"${detail}"`}`, 'm')
}

for (const release of [OLD, NEW]) {
  describe(`the requests of the protocol, to a server of release ${release}`, () => {
    let stage: Stage
    beforeEach(async () => { stage = await Stage.open({ release, liftAfterMs: 1 }, { login: 'bob', presence: 'berightback', serverRelease: release }) })
    afterEach(() => stage.close())
    const perform = (sample: Sample): Promise<ActionResult> => {
      // The PBX's own time has to pass for what it does by itself.
      const pulse = setInterval(() => { stage.clock.advance(20) }, 5)
      const given = typeof sample.params === 'function' ? sample.params(stage) : sample.params
      return stage.session.perform({ timeoutMs: 3000, ...given, action: sample.action } as ActionRequest).finally(() => { clearInterval(pulse) })
    }
    const alive = async (): Promise<void> => {
      await stage.perform('xivo.keepalive')
      assert.equal(stage.events.filter(({ event }) => event === 'connection.offline').length, 0, 'the server dropped the line')
    }

    it('are those of a log-in, and of what a session subscribes for', () => {
      for (const wire of OF_SESSION) assert.ok(stage.sent(pattern(wire)) > 0, wire)
    })

    for (const sample of SAMPLES.filter((one) => one.release === undefined || one.release === release)) {
      it(`${sample.wire} is sent by ${sample.action}${sample.refused === undefined ? '' : `, and the server says no: ${sample.refused}`}`, async () => {
        await sample.given?.(stage)
        const before = stage.sent(pattern(sample.wire))
        if (sample.refused === undefined) {
          const result = await perform(sample)
          await sample.holds?.(result, stage)
        } else await assert.rejects(perform(sample), { code: sample.refused })
        await alive()
        assert.ok(stage.sent(pattern(sample.wire)) > before, 'not sent')
      })
    }

    for (const sample of SAMPLES.filter((one) => one.release !== undefined && one.release !== release && one.refused === undefined && !SAMPLES.some((other) => other.action === one.action && other.release !== one.release))) {
      it(`${sample.wire} is not sent by ${sample.action}: the server has no such thing, and its version is named`, async () => {
        if (sample.action === 'request') return
        const given = typeof sample.params === 'function' ? { uniqueid: 'x', channel: 'x', source: 'x', source_entry_id: 'x', contact_infos: infos, list: 'users', ids: ['7'], favorite: true } : sample.params
        const before = stage.sent(pattern(sample.wire))
        if (sample.given === talk) await talk(stage)
        await assert.rejects(stage.session.perform({ ...given, action: sample.action } as ActionRequest), (error: CtiError) => error.code === 'CTI_UNSUPPORTED' && error.message.includes(release))
        await alive()
        assert.equal(stage.sent(pattern(sample.wire)), before)
      })
    }
  })
}
