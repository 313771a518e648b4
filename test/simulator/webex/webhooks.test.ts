import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { at, CAROL, list, openWorld, story, type World } from './world'

/** Webhooks: management, delivery, health (webex-calling.md 4). */
describe('simulator/webex: webhooks', () => {
  let world: World
  afterEach(() => world.close())
  const settled = async (path?: string): Promise<ReturnType<World['receiver']['take']>> => {
    await world.settle()
    return world.receiver.take(path)
  }
  const ring = (to = '1001'): string => world.pbx.inbound({ from: CAROL, to })?.key ?? ''

  describe('management', () => {
    beforeEach(async () => { world = await openWorld() })

    it('creates, shows, changes and deletes one, with exactly the documented keys', async () => {
      const made = await world.listen('alice', { filter: null, secret: null, ownedBy: null })
      assert.deepEqual(Object.keys(made).sort(), ['appId', 'created', 'createdBy', 'event', 'id', 'name', 'orgId', 'ownedBy', 'resource', 'status', 'targetUrl'])
      assert.equal(Buffer.from(String(made.appId), 'base64url').toString(), `ciscospark://us/APPLICATION/${world.login.clientId ?? ''}`)
      assert.equal(made.createdBy, await world.personId('alice'))
      assert.deepEqual((await world.api('alice', `GET /webhooks/${String(made.id)}`)).body, made)
      const changed = await world.api('alice', `PUT /webhooks/${String(made.id)}`, { name: 'other', targetUrl: `${world.receiver.url}/other`, secret: 's', resource: 'messages', status: 'inactive' })
      assert.deepEqual([changed.status, changed.body.name, changed.body.resource, changed.body.status, changed.body.secret], [200, 'other', 'telephony_calls', 'active', 's'])
      assert.equal((await world.api('alice', `PUT /webhooks/${String(made.id)}`, { status: 'active' })).status, 400, 'name and targetUrl are needed')
      assert.equal((await world.api('alice', `DELETE /webhooks/${String(made.id)}`)).status, 204)
      assert.equal((await world.api('alice', `GET /webhooks/${String(made.id)}`)).status, 404)
      ring()
      assert.deepEqual(await settled(), [])
    })

    it('lists those of the person with the application only, in pages with a Link', async () => {
      for (let n = 0; n < 5; n++) await world.listen('alice')
      const foreign = await world.listen('bob')
      const first = await world.api('alice', 'GET /webhooks?max=2')
      assert.equal(list(first.body, 'items').length, 2)
      const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? ''
      assert.ok(next.startsWith(`${world.login.url}/v1/webhooks?max=2&cursor=`))
      const seen = [...list(first.body, 'items')]
      let page = await world.api('alice', `GET ${next.slice(`${world.login.url}/v1`.length)}`)
      seen.push(...list(page.body, 'items'))
      page = await world.api('alice', `GET ${String(page.headers.link).slice(1).split('>')[0]?.slice(`${world.login.url}/v1`.length) ?? ''}`)
      seen.push(...list(page.body, 'items'))
      assert.equal(page.headers.link, undefined)
      assert.equal(new Set(seen.map(({ id }) => id)).size, 5)
      assert.equal((await world.api('alice', `GET /webhooks/${String(foreign.id)}`)).status, 404)
      assert.equal((await world.api('alice', `DELETE /webhooks/${String(foreign.id)}`)).status, 404)
    })

    it('refuses what the platform refuses', async () => {
      const good = { name: 'x', targetUrl: 'https://hooks.example.com/x', resource: 'telephony_calls', event: 'all' }
      const refused = async (change: object, status: number, who = 'alice'): Promise<void> => {
        const answer = await world.api(who, 'POST /webhooks', { ...good, ...change })
        assert.equal(answer.status, status, `${JSON.stringify(change)} ${answer.text}`)
      }
      await refused({ name: '' }, 400)
      await refused({ targetUrl: 'ftp://hooks.example.com' }, 400)
      await refused({ resource: 'telephony_dreams' }, 400)
      await refused({ resource: 'constructor' }, 400)
      await refused({ event: 'sometimes' }, 400)
      await refused({ ownedBy: 'org' }, 400)
      await refused({ resource: 'messages', event: 'created', ownedBy: 'org' }, 403)
      await refused({ resource: 'all', event: 'created' }, 400)
      await refused({}, 403, world.login.botToken)
      await refused({ resource: 'messages', event: 'created' }, 200, world.login.botToken)
    })
  })

  describe('delivery', () => {
    beforeEach(async () => { world = await openWorld() })

    it('repeats the webhook and signs the bytes of the body', async () => {
      const hook = await world.listen('alice', { secret: 'demo-secret' })
      ring()
      const [first] = await settled()
      const { secret: _secret, ...shown } = hook
      assert.equal(_secret, 'demo-secret')
      assert.deepEqual(first?.event, { ...shown, event: 'created', actorId: hook.createdBy, data: first?.event.data })
      assert.equal(first?.headers['content-type'], 'application/json')
      assert.equal(first?.headers['x-spark-signature'], createHmac('sha1', 'demo-secret').update(first?.raw ?? '').digest('hex'))
      assert.equal(createHmac('sha1', 'demo-secret').update('{"a":1}').digest('hex'), '76d8e401a7758b8ec5057f7cdff8a8dea49726bc', 'the vector of the sheet')
      assert.equal(first?.headers['x-webex-signature'], undefined)
    })

    it('sends no signature without a secret, and only own calls to a person', async () => {
      await world.listen('alice')
      await world.listen('bob')
      ring('1002')
      const [first] = await settled('/bob')
      assert.equal(first?.headers['x-spark-signature'], undefined)
      assert.deepEqual(await settled('/alice'), [])
    })

    it('brings the calls of everybody to the service app, with `actorId` of whose call it is', async () => {
      await world.listen(world.login.serviceToken ?? '', { targetUrl: `${world.receiver.url}/all` })
      world.pbx.originate('alice', '1002')
      const actors = new Set((await settled('/all')).map(({ event }) => event.actorId))
      assert.deepEqual(actors, new Set([await world.personId('alice'), await world.personId('bob')]))
    })

    it('obeys the event and the filter', async () => {
      await world.listen('alice', { event: 'deleted' })
      await world.listen('alice', { targetUrl: `${world.receiver.url}/filtered`, filter: 'state=connected&callType=external' })
      const key = ring()
      world.pbx.answer(key)
      world.pbx.release(key)
      assert.deepEqual(story(await settled('/alice')), ['deleted disconnected terminator disconnected'])
      assert.deepEqual(story(await settled('/filtered')), ['updated answered terminator connected'])
    })

    it('tells conferences, mailboxes and recordings', async () => {
      for (const resource of ['telephony_conference', 'telephony_mwi', 'convergedRecordings']) await world.listen('alice', { resource, targetUrl: `${world.receiver.url}/${resource}` })
      const one = ring()
      world.pbx.answer(one)
      const two = world.pbx.originate('alice', '1002')
      world.pbx.answer(world.pbx.connectionsOf('bob')[0]?.key ?? '')
      world.pbx.conferenceStart('alice', [one, two.key])
      world.pbx.record(two.key, 'start')
      world.pbx.release(two.key)
      world.pbx.leaveVoicemail('alice', { kind: 'external', number: CAROL }, 4000)
      await world.settle()
      const conference = world.receiver.take('/telephony_conference').map(({ event }) => [event.event, at(event, 'data', 'state'), list(event, 'data', 'participants').length])
      assert.deepEqual(conference, [['created', 'connected', 2], ['deleted', 'disconnected', 1]])
      assert.deepEqual(world.receiver.take('/telephony_mwi').map(({ event }) => [event.event, at(event, 'data', 'newMessages')]), [['updated', 1]])
      assert.deepEqual(world.receiver.take('/convergedRecordings').map(({ event }) => [event.event, typeof at(event, 'data', 'id')]), [['created', 'string']])
    })

    it('sends gated events only while an interest is registered', async () => {
      const PATH = '/telephony/webhookInterestRegistrations'
      await world.listen('cti-admin', { resource: 'telephony_queue', targetUrl: `${world.receiver.url}/queue` })
      assert.equal((await world.api('cti-admin', `GET ${PATH}`)).status, 404)
      assert.equal((await world.api('alice', `POST ${PATH}`, { interests: [{ resource: 'Queue' }] })).status, 403)
      ring('1050')
      assert.deepEqual(await settled(), [])
      assert.equal((await world.api('cti-admin', `POST ${PATH}`, { interests: [{ resource: 'Queue' }], duration: 1 })).status, 204)
      assert.equal((await world.api('cti-admin', `GET ${PATH}`)).body.expiresAt, new Date(world.clock.now() + 86_400_000).toISOString())
      ring('1060')
      const [queued] = await settled()
      assert.deepEqual([queued?.event.event, at(queued?.event, 'data', 'queueName'), at(queued?.event, 'data', 'remoteParty', 'number')], ['created', 'Billing', CAROL])
      world.clock.advance(86_400_000)
      await settled()
      ring('1060')
      assert.deepEqual(await settled(), [])
      assert.equal((await world.api('cti-admin', `POST ${PATH}`, { interests: [{ resource: 'Weather' }] })).status, 400)
    })

    it('tells agents, hooks and settings under the same condition', async () => {
      for (const resource of ['telephony_agent', 'telephony_hookstatus', 'telephony_services']) await world.listen('bob', { resource, targetUrl: `${world.receiver.url}/${resource}` })
      await world.api('cti-admin', 'POST /telephony/webhookInterestRegistrations', { interests: ['Agent', 'Hook Status', 'Services'].map((resource) => ({ resource })) })
      world.pbx.signIn('agent-bob', { routing: 'ready' })
      world.pbx.originate('bob', '1001')
      world.pbx.setDnd('bob', true)
      world.pbx.setDnd('alice', true)
      await world.settle()
      const told = (name: string, field: string): unknown[] => world.receiver.take(`/${name}`).map(({ event }) => at(event, 'data', field))
      assert.deepEqual([told('telephony_agent', 'agentACDState'), told('telephony_hookstatus', 'hookStatus'), told('telephony_services', 'service')], [['AVAILABLE'], ['offHook'], ['doNotDisturb']])
    })

    it('plays lost, doubled, swapped, late and broken deliveries', async () => {
      await world.listen('alice')
      const { faults } = world.simulator
      faults.inject({ kind: 'lose', face: 'webex', times: 1 })
      ring()
      assert.deepEqual(story(await settled()), ['updated updated terminator alerting'])
      faults.inject({ kind: 'duplicate', face: 'webex', times: 1 })
      ring()
      assert.deepEqual(story(await settled()), ['created received terminator alerting', 'created received terminator alerting', 'updated updated terminator alerting'])
      faults.inject({ kind: 'swap', face: 'webex', times: 1 })
      ring()
      assert.deepEqual(story(await settled()), ['updated updated terminator alerting', 'created received terminator alerting'])
      faults.inject({ kind: 'noEvents', face: 'webex', times: 2 })
      ring()
      assert.deepEqual(await settled(), [])
      world.pbx.release(world.pbx.connectionsOf('alice')[0]?.key ?? '')
      await settled()
      faults.inject({ kind: 'delay', face: 'webex', times: 1, ms: 3000 })
      ring()
      assert.deepEqual(await settled(), [])
      world.clock.advance(3000)
      assert.equal((await settled()).length, 2)
      faults.inject({ kind: 'malformed', face: 'webex', times: 1 })
      faults.inject({ kind: 'split', face: 'webex', times: 1 })
      world.pbx.release(world.pbx.connectionsOf('alice')[0]?.key ?? '')
      const broken = await settled()
      assert.equal(broken.length, 1, 'a body is never cut into two requests')
      assert.ok('unreadable' in (broken[0]?.event ?? {}))
    })
  })

  describe('health', () => {
    it('becomes inactive after too many failures, loses what happens meanwhile, and comes back by PUT', async () => {
      world = await openWorld({ webex: { webhookFailures: 3 } })
      const hook = await world.listen('alice')
      const status = async (): Promise<unknown> => (await world.api('alice', `GET /webhooks/${String(hook.id)}`)).body.status
      world.receiver.answer = 500
      ring()
      await settled()
      assert.equal(await status(), 'active')
      world.pbx.release(world.pbx.connectionsOf('alice')[0]?.key ?? '')
      assert.equal((await settled()).length, 1)
      assert.equal(await status(), 'inactive')
      world.receiver.answer = 204
      ring()
      assert.deepEqual(await settled(), [])
      assert.equal((await world.api('alice', `PUT /webhooks/${String(hook.id)}`, { name: hook.name, targetUrl: hook.targetUrl, status: 'active' })).body.status, 'active')
      world.pbx.release(world.pbx.connectionsOf('alice')[0]?.key ?? '')
      assert.equal((await settled()).length, 1)
    })

    it('forgets failures that are older than the window, and repeats a delivery where that is asked for', async () => {
      world = await openWorld({ webex: { webhookFailures: 2, webhookWindowMs: 60_000, webhookAttempts: 2 } })
      const hook = await world.listen('alice', { event: 'created' })
      world.receiver.answer = 503
      ring()
      await world.settle()
      world.receiver.answer = 200
      await world.pass(1000)
      assert.equal(world.receiver.take().length, 2)
      world.clock.advance(60_000)
      world.receiver.answer = 503
      ring()
      await world.settle()
      world.receiver.answer = 200
      await world.pass(1000)
      assert.equal((await world.api('alice', `GET /webhooks/${String(hook.id)}`)).body.status, 'active')
    })

    it('counts silence as failure, and a receiver that is gone, and a line that is down', async () => {
      world = await openWorld({ webex: { webhookTimeoutMs: 30 } })
      await world.listen('alice', { event: 'created' })
      const failed = (): number => world.simulator.face('webex').figures().failed ?? 0
      world.receiver.answer = undefined
      ring()
      await settled()
      assert.equal(failed(), 1)
      await world.listen('bob', { event: 'created', targetUrl: 'http://127.0.0.1:9/nobody' })
      ring('1002')
      await settled()
      assert.equal(failed(), 2)
      world.receiver.answer = 200
      await world.simulator.face('webex').line(false)
      ring()
      await world.settle()
      assert.equal(failed(), 3)
      await world.simulator.face('webex').line(true)
      ring()
      assert.equal((await settled()).length, 1)
      assert.equal(failed(), 3)
    })

    it('can use other names of events, and mark what a caller of a queue gave up as completed elsewhere', async () => {
      world = await openWorld({ webex: { eventTypes: { received: 'alerting' }, elsewhereWhenAbandoned: true } })
      await world.listen('bob')
      world.pbx.signIn('agent-bob', { routing: 'ready' })
      world.pbx.external(ring('1050')).hangUp()
      const events = await settled('/bob')
      assert.deepEqual(events.map(({ event }) => at(event, 'data', 'eventType')), ['alerting', 'updated', 'disconnected'])
      assert.equal(at(events[2]?.event, 'data', 'completedElsewhere'), true)
    })

    it('signs in the newer form too where a client wants that', async () => {
      world = await openWorld({ webex: { newSignature: 'sha256=' } })
      await world.listen('alice', { secret: 's' })
      ring()
      const [first] = await settled()
      assert.equal(first?.headers['x-webex-signature'], `sha256=${createHmac('sha256', 's').update(first?.raw ?? '').digest('hex')}`)
    })

    it('can name another region in events than in REST, where the last part stays the same', async () => {
      world = await openWorld({ webex: { region: 'urn:TEAM:us-west-2_r', eventRegion: 'us' } })
      await world.listen('alice')
      ring()
      const decode = (id: unknown): string => Buffer.from(String(id), 'base64url').toString()
      const [first] = await settled()
      const [inEvent, inRest] = [decode(at(first?.event, 'data', 'callId')), decode(await world.callId('alice'))]
      assert.deepEqual([inEvent.split('/')[2], inRest.split('/')[2]], ['us', 'urn:TEAM:us-west-2_r'])
      assert.equal(inEvent.split('/').at(-1), inRest.split('/').at(-1))
      assert.equal((await world.api('alice', `GET /telephony/calls/${String(at(first?.event, 'data', 'callId'))}`)).status, 200)
    })

    it('ends subscriptions on command, keeps them over a restart, and closes all at the end', async () => {
      world = await openWorld()
      const hook = await world.listen('alice')
      await world.simulator.restartFace('webex')
      ring()
      assert.equal((await settled()).length, 2)
      const face = world.simulator.face('webex')
      assert.deepEqual(face.connections().map(({ id, peer }) => [id, peer]), [[hook.id, hook.targetUrl]])
      assert.equal(face.act('endSubscriptions', String(hook.id)), 1)
      ring()
      assert.deepEqual(await settled(), [])
    })
  })
})
