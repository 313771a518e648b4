import assert from 'node:assert/strict'
import type { NodeAPI } from 'node-red'
import forwarding from '../../nodes/actions/forwarding'
import lookup from '../../nodes/actions/lookup'
import type { ActionResult, Agent, Call, UserRef } from '../../src/model'
import { arrival, collect, node, on, until } from './support/flows'
import { withSimulator } from './support/onSimulator'

const BOB = 'bob@example.com'
const SUPPORT = 'support@example.com'
const CAROL = '+12025550199'

interface Parts { id: string; type: string; count: number; len: number; index: number; parts?: unknown }

describe('the lookup node', function () {
  this.timeout(20_000)
  const fixed = { vendor: 'xsi', xsi: 'acc' }
  const stage = withSimulator([lookup, forwarding, require('@node-red/nodes/core/sequence/17-split') as (RED: NodeAPI) => void], [
    on('any', 'cti-lookup', { ...fixed, action: '' }), on('result', 'cti-lookup', { ...fixed, action: '', output: 'result' }), on('each', 'cti-lookup', { ...fixed, action: '', output: 'each' }),
    on('follow', 'cti-lookup', { vendor: 'msg', action: '', output: 'result' }), on('calls', 'cti-lookup', { vendor: 'msg', action: 'listCalls' }),
    on('states', 'cti-lookup', { vendor: 'msg', action: 'agentStates' }), on('reasons', 'cti-lookup', { vendor: 'msg', action: 'reasonCodes' }),
    on('codes', 'cti-lookup', { vendor: 'msg', action: 'dispositions' }), on('search', 'cti-lookup', { ...fixed, action: 'searchDirectory', user: BOB, userType: 'str' }),
    on('pages', 'cti-lookup', { ...fixed, action: 'listUsers', limit: '2', limitType: 'num', output: 'result' }),
    on('join', 'join', { mode: 'auto' }), on('dnd', 'cti-forwarding', { vendor: 'msg', action: 'getDnd', user: 'payload.id', userType: 'msg' })
  ])
  const items = async (id: string, payload: unknown): Promise<unknown[]> => {
    const { payload: answer } = await stage().run(id, payload)
    assert.ok(Array.isArray(answer))
    return answer
  }
  const ids = (list: unknown[]): unknown[] => list.map((item) => (item as { id?: unknown }).id)

  it('puts the items into the payload and the rest of the result beside them', async () => {
    const msg = await stage().run('any', { action: 'listUsers' }, { topic: 'mine' })
    assert.ok(ids(msg.payload as unknown[]).includes(BOB))
    const cti = msg.cti as ActionResult
    assert.deepEqual([cti.action, cti.outcome, cti.accountId, 'items' in cti], ['listUsers', 'completed', 'acc', false])
    assert.deepEqual([msg.request, msg.topic, 'parts' in msg], [{ action: 'listUsers' }, 'mine', false])
  })

  it('gives the whole result if asked', async () => {
    const result = (await stage().run('result', { action: 'profile', user: BOB })).payload as ActionResult
    assert.equal((result.items as UserRef[])[0]?.extension, '1002')
    assert.equal(result.action, 'profile')
  })

  it('sends a message an item, which a join node puts together again', async () => {
    const sent = collect('done')
    node('each').receive({ payload: { action: 'reasonCodes' }, parts: { id: 'outer', index: 0, count: 1 } })
    await until(() => sent.length === 4)
    const parts = sent.map((msg) => msg.parts as Parts)
    assert.deepEqual(sent.map((msg) => (msg.payload as { id: string }).id), ['BREAK', 'LUNCH', 'MEETING', 'TRAINING'])
    assert.deepEqual(parts.map(({ type, count, len, index }) => [type, count, len, index]), [0, 1, 2, 3].map((index) => ['array', 4, 1, index]))
    assert.equal(new Set(parts.map(({ id }) => id)).size, 1)
    assert.deepEqual(parts[0]?.parts, { id: 'outer', index: 0, count: 1 })
    assert.notEqual(sent[0]?.cti, sent[1]?.cti, 'each message is the receiver\'s own')
    assert.deepEqual([(sent[0]?.cti as ActionResult).accountId, sent[3]?.request], ['acc', { action: 'reasonCodes' }])
    const joined = arrival('done')
    for (const msg of [...sent]) node('join').receive(msg)
    assert.deepEqual(ids((await joined).payload as unknown[]), ['BREAK', 'LUNCH', 'MEETING', 'TRAINING'])
  })

  it('sends nothing for an empty list item by item, and is done', async () => {
    const sent = collect('done')
    node('each').receive({ payload: { action: 'listCalls', user: BOB } })
    await stage().run('any', { action: 'listCalls', user: BOB })
    await stage().run('any', { action: 'profile', user: BOB })
    assert.deepEqual(sent.map((msg) => (msg.cti as ActionResult).action), ['listCalls', 'profile'])
    assert.deepEqual(sent[0]?.payload, [])
  })

  it('leads an item to the next node with the account of the look-up', async () => {
    const [first] = [await stage().run('any', { action: 'listUsers', query: 'Keller' })]
    const msg = await stage().run('dnd', (first.payload as UserRef[])[0], { cti: first.cti })
    assert.equal((msg.payload as ActionResult).dnd?.enabled, false)
  })

  it('goes through pages, by cursor or by its own result', async () => {
    const all = ids(await items('any', { action: 'listUsers' }))
    const found: unknown[] = []
    let payload: object = {}
    for (let page = 0; page < 10; page++) {
      const result = (await stage().run('pages', payload)).payload as ActionResult
      assert.ok((result.items?.length ?? 0) <= 2)
      found.push(...ids(result.items ?? []))
      if (result.nextCursor === undefined) break
      payload = page % 2 === 0 ? result : { cursor: result.nextCursor }
    }
    assert.deepEqual(found, all)
    assert.ok(all.length > 4)
    assert.equal((await stage().fail('pages', { cursor: 'elsewhere' })).code, 'CTI_INVALID_REQUEST')
    const other = { action: 'searchDirectory', outcome: 'completed', tookMs: 1, accountId: 'acc', nextCursor: '3' }
    assert.deepEqual(ids(((await stage().run('pages', other)).payload as ActionResult).items ?? []), all.slice(0, 2), 'the page of another list is no page of this one')
  })

  it('searches the directory for a text', async () => {
    const found = await items('search', 'Martin') as { name: string; source: string }[]
    assert.deepEqual(found.map(({ name, source }) => [name, source]), [['Alice Martin', 'company']])
  })

  it('answers whole what is no list', async () => {
    stage().simulator.pbx.leaveVoicemail('bob', { number: CAROL, name: 'Carol Diaz', kind: 'external' }, 4000)
    const counted = (await stage().run('any', { action: 'voicemail', user: BOB })).payload as ActionResult
    assert.equal(counted.voicemail?.newMessages, 1)
    const [message] = await items('any', { action: 'voicemail', user: BOB, op: 'list' }) as { id: string; number: string; read: boolean }[]
    assert.deepEqual([message?.number, message?.read], [CAROL, false])
    await stage().run('any', { action: 'voicemail', user: BOB, op: 'markRead', messageId: message?.id })
    assert.equal(stage().simulator.pbx.users.get('bob')?.mailbox.messages[0]?.read, true)
  })

  it('asks about whom and what an event is about', async () => {
    const { pbx } = stage().simulator
    for (const key of ['agent-erin', 'agent-frank']) if (pbx.agents.get(key)?.loggedIn === true) pbx.signOut(key, { force: true })
    if (pbx.agents.get('agent-bob')?.loggedIn !== true) pbx.signIn('agent-bob')
    pbx.setRouting('agent-bob', 'ready')
    pbx.inbound({ from: CAROL, to: '1050' })
    const ringing = await stage().event('call.ringing', (event) => event.call?.queue?.id === SUPPORT)
    const calls = await items('calls', ringing) as Call[]
    assert.deepEqual(ids(calls), [ringing.call?.id], 'the calls of the user who is rung, not those of the queue')
    assert.deepEqual(ids(await items('states', ringing) as Agent[]), [BOB])
    assert.ok(ids(await items('codes', ringing)).includes('SALE'))
    assert.ok(ids(await items('reasons', ringing)).includes('LUNCH'), 'the queue of the event is no filter here')
  })

  it('lists agents, queues, waiting calls, states and history', async () => {
    const { pbx } = stage().simulator
    assert.ok(ids(await items('any', { action: 'listAgents' })).includes(BOB))
    assert.ok(ids(await items('any', { action: 'listQueues' })).includes(SUPPORT))
    assert.deepEqual((await items('any', { action: 'userStates', user: { id: BOB } }) as { user: UserRef }[]).map(({ user }) => user.id), [BOB])
    assert.deepEqual(ids(await items('any', { action: 'agentStates', user: `1002` })), [BOB])
    for (const key of pbx.agents.keys()) if (pbx.agents.get(key)?.loggedIn === true) pbx.signOut(key, { force: true })
    pbx.inbound({ from: CAROL, to: '1050' })
    assert.equal((await items('any', { action: 'listCalls', queue: SUPPORT })).length, 1)
    pbx.release(pbx.inbound({ from: CAROL, to: '1002' })!.key)
    await stage().event('call.ended')
    const [call] = await items('any', { action: 'callHistory', user: BOB, limit: '1' }) as { number: string }[]
    assert.equal(call?.number, CAROL)
  })

  it('has refusals at the Catch node', async () => {
    const cases: [string, unknown, string][] = [
      ['any', { action: 'reasonCodes', kind: 'logout' }, 'CTI_UNSUPPORTED'], ['any', { action: 'dispositions', campaign: 'spring' }, 'CTI_UNSUPPORTED'], ['any', { action: 'searchDirectory' }, 'CTI_INVALID_REQUEST'],
      ['any', { action: 'profile', user: 'nobody@example.com' }, 'CTI_NOT_FOUND'], ['any', { action: 'listUsers', limit: 'many' }, 'CTI_INVALID_REQUEST'], ['any', { action: 'setDnd' }, 'CTI_INVALID_REQUEST'],
      ['any', ['a'], 'CTI_INVALID_REQUEST'], ['follow', { action: 'listUsers' }, 'CTI_INVALID_REQUEST']
    ]
    for (const [id, payload, code] of cases) {
      const error = await stage().fail(id, payload)
      assert.equal(error.code, code, `${JSON.stringify(payload)}: ${error.message}`)
    }
  })
})
