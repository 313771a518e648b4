import assert from 'node:assert/strict'
import { Pair, config, when } from '../support/pair'
import type { Line } from '../support/server'
import { UUID } from '../support/world'

describe('lookups and extras on a XiVO server', () => {
  const pair = new Pair()

  afterEach(() => pair.close())

  describe('lookups', () => {
    it('lists what it knows, a page at a time', async () => {
      await pair.start()
      const first = await pair.perform({ action: 'listUsers', limit: 1 })
      assert.deepEqual([first.items?.length, first.total, first.nextCursor], [1, 2, '1'])
      assert.deepEqual((await pair.perform({ action: 'listUsers', query: 'lee' })).items, [{ id: '5', name: 'Lee Sample', number: '1009', extension: '1009' }])
      assert.deepEqual((await pair.perform({ action: 'listQueues' })).items?.map((queue) => (queue as { id: string }).id), ['queue:xivo/2'])
      assert.equal((await pair.perform({ action: 'listPhones' })).total, 2)
      assert.equal((await pair.perform({ action: 'listAgents', query: '2006' })).total, 1)
      assert.equal((await pair.perform({ action: 'agentStates', ids: ['2006'] })).total, 1)
      assert.equal((await pair.perform({ action: 'userStates' })).total, 2)
      const [profile] = (await pair.perform({ action: 'profile' })).items as [Record<string, unknown>]
      assert.deepEqual([profile.ctiProfile, profile.protocol, profile.agentId], ['Agent', '1.2', '4'])
      assert.deepEqual((await pair.perform({ action: 'voicemail' })).voicemail, { newMessages: 1, oldMessages: 4, waiting: true })
      await assert.rejects(pair.perform({ action: 'voicemail', op: 'delete' }), { code: 'CTI_UNSUPPORTED' })
    })

    it('asks for figures of a time', async () => {
      await pair.start({ answer: when('getqueuesstats', (line) => [{ class: 'getqueuesstats', replyid: line.commandid, stats: { 2: { 'Xivo-Join': '41', 'Xivo-Qos': '88', 'Xivo-Rate': '' } } }]) })
      const { items } = await pair.perform({ action: 'queueStats', ids: ['blue'], window: { seconds: 900 } })
      assert.deepEqual(items?.[0], {
        subject: { kind: 'queue', id: 'queue:xivo/2', name: 'Blue team' }, window: { kind: 'rolling', seconds: 900 }, metrics: { offered: 41, serviceLevel: 0.88, serviceLevelSeconds: 60 }, source: 'vendor',
        vendorMetrics: { 'Xivo-Join': 41, 'Xivo-Qos': 88 }
      })
      assert.equal(pair.client.names.includes('stats.updated'), false)
    })

    it('reads the history of old servers kind by kind', async () => {
      await pair.start({ answer: when('history', (line) => [{ class: 'history', mode: line.mode, history: line.mode === '1' ? [{ calldate: '2024-05-20T09:14:02', duration: 58.134744, fullname: '"Pat Placeholder" <5550142>' }] : [] }]) })
      const { items } = await pair.perform({ action: 'callHistory' })
      assert.deepEqual(items, [{ type: 'received', number: '5550142', name: 'Pat Placeholder', time: '2024-05-20T09:14:02', durationSeconds: 58.1 }])
      assert.deepEqual(pair.peer.lines.filter((line) => line.class === 'history').map((line) => line.mode), ['0', '1', '2'])
    })

    it('reads the history of new servers at once, and that of a user without a line', async () => {
      let empty = false
      await pair.start({ version: '2.3', answer: when('history', () => [empty ? {} : { class: 'history', history: [{ calldate: '2024-05-20T09:14:02', duration: 0, fullname: 'Lee Sample', extension: '1009', mode: 2 }] }]) })
      assert.deepEqual((await pair.perform({ action: 'callHistory', type: 'missed' })).items, [{ type: 'missed', number: '1009', name: 'Lee Sample', time: '2024-05-20T09:14:02', durationSeconds: 0 }])
      empty = true
      assert.deepEqual((await pair.perform({ action: 'callHistory' })).items, [])
    })

    it('searches people, or the directory of an older server', async () => {
      await pair.start({ version: '2.3', answer: when('people_search', (line) => [{
        class: 'people_search_result', term: line.pattern, column_headers: ['Name', 'Phone', 'Mobile'], column_types: ['name', 'number_office', 'number_mobile'],
        results: [{ column_values: ['Lee Sample', '1009', null], relations: { user_id: 5, source_entry_id: '5' }, source: 'internal' }]
      }]) })
      assert.deepEqual((await pair.perform({ action: 'searchDirectory', query: 'sam' })).items, [{ id: '5', name: 'Lee Sample', numbers: [{ type: 'office', number: '1009' }], userId: '5', source: 'internal' }])
    })

    it('puts a name together when the display has it in two columns', async () => {
      await pair.start({ version: '2.3', answer: when('people_search', (line) => [{
        class: 'people_search_result', term: line.pattern, column_headers: ['First name', 'Last name', 'Title', 'Phone'], column_types: [null, 'name', null, 'number_office'],
        results: [
          { column_values: ['Lee', 'Sample', 'Dr', '1009'], relations: { source_entry_id: '5' }, source: 'internal' },
          { column_values: [null, 'Front desk', null, '1000'], relations: {}, source: 'book' }
        ]
      }]) })
      assert.deepEqual((await pair.perform({ action: 'searchDirectory', query: 'sam' })).items, [
        { id: '5', name: 'Lee Sample', numbers: [{ type: 'office', number: '1009' }], source: 'internal' }, { name: 'Front desk', numbers: [{ type: 'office', number: '1000' }], source: 'book' }
      ])
    })

    it('does not trust cells that hold the separator', async () => {
      await pair.start({ answer: when('directory', (line) => [{ class: 'directory', replyid: line.commandid, status: 'ok', headers: ['Name', 'Number', 'Mobile', 'E-mail'], resultlist: ['Dana Example;1007;5550107;dana@example.com', 'A;B;1009;;x@example.com'] }]) })
      const { items, warnings } = await pair.perform({ action: 'searchDirectory', query: 'exa' })
      assert.deepEqual(items, [
        { name: 'Dana Example', numbers: [{ type: 'office', number: '1007' }, { type: 'mobile', number: '5550107' }], email: 'dana@example.com', source: 'directory' }, { name: 'A', numbers: [], source: 'directory' }
      ])
      assert.equal(warnings?.length, 1)
    })
  })

  describe('what only XiVO has', () => {
    it('writes to a colleague in the form of each version', async () => {
      await pair.start()
      assert.equal((await pair.perform({ action: 'xivo.chitchat', to: '5', text: 'call me' })).outcome, 'accepted')
      assert.equal((await pair.peer.next((line) => line.class === 'chitchat')).to, 'xivo/5')
      await pair.client.close()
      await pair.server.close()
      await pair.start({ version: '2.3' })
      await pair.perform({ action: 'xivo.chitchat', to: UUID, text: 'call me' })
      assert.deepEqual((await pair.peer.next((line) => line.class === 'chitchat')).to, [UUID, UUID])
      await assert.rejects(pair.perform({ action: 'xivo.chitchat', to: '5', text: 'x' }), { code: 'CTI_INVALID_REQUEST' })
    })

    it('asks for anything and waits for the class of the answer', async () => {
      await pair.start({ version: '2.3', answer: (line) => line.class === 'people_headers' ? [{ class: 'people_headers_result', column_headers: ['Name'], column_types: ['name'] }] : undefined })
      assert.equal(((await pair.perform({ action: 'xivo.peopleHeaders' })).data as Line).class, 'people_headers_result')
      const result = await pair.perform({ action: 'request', message: { class: 'people_headers' }, reply: 'people_headers_result' })
      assert.deepEqual(((result.data as { body: Line }).body).column_types, ['name'])
      assert.equal(((await pair.perform({ action: 'request', message: { class: 'getipbxlist' } })).data as { body: Line }).body.class, 'getipbxlist')
      await assert.rejects(pair.perform({ action: 'request', message: { class: 'login_pass', password: 'x' } }), { code: 'CTI_INVALID_REQUEST' })
      await assert.rejects(pair.perform({ action: 'request', message: { class: 'answer' } }), { code: 'CTI_INVALID_REQUEST' })
      await assert.rejects(pair.perform({ action: 'request', message: {} }), { code: 'CTI_INVALID_REQUEST' })
    })

    it('reads any list, and registers for states of another server', async () => {
      await pair.start({ version: '2.3' })
      assert.deepEqual(((await pair.perform({ action: 'xivo.listIds', list: 'queues' })).data as Line).list, ['2'])
      const read = pair.perform({ action: 'xivo.listConfig', list: 'phones', id: '9' })
      pair.peer.send(config('phones', '7', { number: '1007' }))
      assert.equal(((await read).data as Line).tid, '9')
      await assert.rejects(pair.perform({ action: 'xivo.listConfig', list: 'channels', id: '9' }), { code: 'CTI_INVALID_REQUEST' })
      await pair.perform({ action: 'xivo.register', list: 'phones', ids: ['7', '9'], xivoUuid: UUID.replace('1', '2') })
      await pair.perform({ action: 'request', message: { class: 'getipbxlist' } })
      assert.deepEqual(pair.peer.lines.filter((line) => line.class === 'register_endpoint_status_update').at(-1)?.endpoint_ids, [[UUID.replace('1', '2'), 7], [UUID.replace('1', '2'), 9]])
    })

    it('names what an older server lacks', async () => {
      await pair.start({}, { serverRelease: '14.06' })
      for (const action of ['xivo.favorites', 'xivo.peopleSearch', 'xivo.relations', 'xivo.fax'] as const) {
        await assert.rejects(pair.perform({ action, pattern: 'x', destination: '1', filename: 'f', data: 'AAAA' }), (told: { code: string; message: string }) => told.code === 'CTI_UNSUPPORTED' && /14\.06/.test(told.message))
      }
      assert.deepEqual(pair.client.session.capability('startRecording'), { can: true })
    })

    it('gives up when the server is silent', async () => {
      await pair.start({ version: '2.3' })
      await assert.rejects(pair.perform({ action: 'xivo.peopleHeaders', timeoutMs: 100 }), { code: 'CTI_TIMEOUT' })
      await assert.rejects(pair.perform({ action: 'xivo.createPersonalContact', contact_infos: {}, timeoutMs: 100 }), { code: 'CTI_UNKNOWN_OUTCOME' })
    })

    it('waits as long as the caller wants', async () => {
      let beats = 0
      await pair.start({ version: '2.3', answer: (line) => {
        beats = line.class === 'people_headers' ? 0 : beats + 1
        // The answer comes with the tenth keepalive, 200 ms later: twice the account's own time limit.
        return line.class === 'keepalive' && beats === 10 ? [{ class: 'people_headers_result', column_headers: [] }] : undefined
      } }, { keepaliveMs: 20 }, 100)
      assert.equal((await pair.perform({ action: 'xivo.peopleHeaders', timeoutMs: 60_000 })).outcome, 'completed')
    })

    it('tells those who wait that the line was cut', async () => {
      await pair.start({ version: '2.3' })
      const waiting = pair.perform({ action: 'xivo.peopleHeaders' })
      await pair.peer.next((line) => line.class === 'people_headers')
      pair.peer.socket.destroy()
      await assert.rejects(waiting, { code: 'CTI_NOT_CONNECTED' })
    })
  })
})
