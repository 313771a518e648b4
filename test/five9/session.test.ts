/** Log-in, sockets and cuts over real sockets against a server that does what the test wants. */
import assert from 'node:assert/strict'
import { onFakeServer } from './harness'
import { call, CALL_ID, eventually, type FakeFive9, refusal, UID } from './server'

const LEG = `${UID}/${CALL_ID}`

describe('Five9: the line', () => {
  let server: FakeFive9
  const desk = onFakeServer((fresh) => { server = fresh })
  const { open } = desk

  describe('log-in', () => {
    it('logs in, works, reads lists, opens the socket, in that order, with token, farm and cookies', async () => {
      await open().online()
      const steps = server.asked.map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`)
      assert.deepEqual(steps.slice(0, 5), ['POST auth/login', 'GET auth/metadata', `GET ${UID}/login_state`, `PUT ${UID}/session_start`, `GET ${UID}/login_state`])
      assert.deepEqual(server.asked[0]?.body, { passwordCredentials: { username: 'rosa.agent@example.com', password: 'secret' }, appKey: 'node-red-cti', policy: 'AttachExisting' })
      assert.deepEqual(server.asked.find(({ path }) => path.endsWith('session_start'))?.body, { stationId: '', stationType: 'SOFTPHONE' })
      const { headers } = server.asked[1]!
      assert.equal(headers.authorization, 'Bearer-token-1')
      assert.equal(headers.farmid, '149')
      assert.match(headers.cookie ?? '', /Authorization=token-1/)
      assert.match(server.sockets[0]!.path, /^\/appsvcs\/ws\/.+_agent$/)
      assert.equal(server.sockets[0]!.headers.authorization, 'Bearer-token-1')
    })

    it('takes over a running session only when told to, and joins in later attempts', async () => {
      await open({ policy: 'takeOver' }).online()
      assert.equal((server.asked[0]?.body as { policy: string }).policy, 'ForceIn')
      assert.equal(server.asked.find(({ path }) => path.endsWith('session_start'))?.query, 'force=true')
      server.token = 'token-2'
      server.on('GET auth/metadata', ({ headers }) => headers.authorization === 'Bearer-token-2' ? { body: server.loginReply() } : refusal(401, 401, 'User is not logged in'))
      server.socket.terminate()
      await desk.line.until(() => desk.line.names.includes('connection.offline'), 'the loss')
      await desk.line.online()
      assert.deepEqual(server.asked.filter(({ path }) => path.endsWith('auth/login')).map(({ body }) => (body as { policy: string }).policy), ['ForceIn', 'AttachExisting'])
    })

    it('waits while the new session is not known everywhere', async () => {
      let left = 2
      server.on('GET auth/metadata', () => left-- > 0 ? refusal(401, 401, 'User is not logged in') : { body: server.loginReply() })
      await open().online()
      assert.equal(server.count('POST', 'auth/login'), 1)
      assert.equal(server.count('GET', 'auth/metadata'), 3)
    })

    it('tries without Authorization where the cookies alone are taken, and stays with it', async () => {
      server.on('GET auth/metadata', ({ headers }) => headers.authorization === undefined ? { body: server.loginReply() } : refusal(401, 401, 'User is not logged in'))
      await open().online()
      assert.equal(server.asked.at(-1)?.headers.authorization, undefined)
    })

    it('is refused for good by a wrong password, and keeps it out of everything that is told', async () => {
      server.on('POST auth/login', () => refusal(401, 401, 'Wrong credentials'))
      open()
      await desk.line.until(() => desk.line.states.includes('refused'), 'refusal')
      assert.equal(desk.line.error?.code, 'CTI_UNAUTHORIZED')
      assert.equal(server.count('POST', 'auth/login'), 1)
      assert.ok(!JSON.stringify([desk.line.error, desk.line.error?.message, desk.line.error?.cause]).includes('secret'))
    })

    it('comes again when the login gets a web page or truncated JSON', async () => {
      const pages = [{ status: 200, text: '<html>busy</html>', headers: { 'Content-Type': 'text/html' } }, { status: 503, text: '<h1>down</h1>' }, { status: 200, text: '{"tokenId":"x"' }]
      server.on('POST auth/login', () => pages.shift() ?? { body: server.loginReply() })
      await open().online()
      assert.equal(server.count('POST', 'auth/login'), 4)
    })

    it('tells a user without the role that it is not allowed', async () => {
      server.on('PUT session_start', () => refusal(403, 403, 'The user has no role Agent'))
      open()
      await desk.line.until(() => desk.line.states.includes('refused'), 'refusal')
      assert.equal(desk.line.error?.code, 'CTI_FORBIDDEN')
      assert.equal(desk.line.error?.cause.loginState, 'SELECT_STATION')
    })

    it('follows a farm that it is told of at the start, and comes again after a refusal of the moment', async () => {
      let left = 1
      server.on('GET auth/metadata', ({ headers }) => headers.farmid === '150' ? { body: { ...server.loginReply(), context: { farmId: '150' } } } : refusal(435, 5001, 'Service migrated', { farmId: 150 }))
      server.on('GET login_state', () => left-- > 0 ? refusal(435, 17, 'Not now') : { body: server.states.agents })
      await open().online()
      assert.equal(server.asked.at(-1)?.headers.farmid, '150')
      assert.ok(desk.line.states.includes('waiting'))
    })

    it('tells a duplicate login as such and goes on trying', async () => {
      server.on('PUT session_start', () => refusal(435, 3, 'Duplicate', { contextCode: 'DUPLICATE_LOGIN' }))
      open()
      await desk.line.until(() => desk.line.states.includes('waiting'), 'the next try')
      assert.equal(desk.line.error?.code, 'CTI_CONFLICT')
      assert.match(desk.line.error?.message ?? '', /elsewhere/)
    })

    it('names the state in which a half stays', async () => {
      server.on('GET login_state', () => ({ body: 'SELECT_SKILLS' }))
      open({ skills: ['Nothing such'] })
      await desk.line.until(() => desk.line.error !== undefined, 'the failure')
      assert.equal(desk.line.error?.cause.loginState, 'SELECT_SKILLS')
      assert.match(desk.line.error?.message ?? '', /Nothing such/)
    })

    it('chooses the skills of the account, also none', async () => {
      for (const [skills, sent] of [[['support'], ['300000000000032']], [[], []], [undefined, ['300000000000031', '300000000000032']]] as const) {
        server.states.agents = 'SELECT_SKILLS'
        server.on('PUT active_skills', ({ body }) => {
          server.states.agents = 'WORKING'
          server.activeSkills = body as string[]
          return {}
        })
        await open(skills === undefined ? {} : { skills }).online()
        assert.deepEqual(server.activeSkills, sent)
        await desk.line.close()
      }
    })

    it('waits out a rate limit as long as it is told', async () => {
      server.on('POST auth/login', () => refusal(429, 429, 'Too many'))
      server.handlers.set('POST auth/login', () => ({ ...refusal(429, 429, 'Too many'), headers: { 'Retry-After': '7' } }))
      open()
      await desk.line.until(() => desk.line.states.includes('waiting'), 'the pause')
      assert.equal(desk.line.error?.code, 'CTI_RATE_LIMITED')
      assert.equal(desk.line.error?.cause.retryAfterMs, 7000)
    })

    it('goes online without a list that the role may not read', async () => {
      server.on('GET users', () => refusal(403, 403, 'No permission'))
      server.on('GET dispositions', () => ({ status: 200, text: '<html>' }))
      server.on('GET campaigns', () => refusal(404, 404, 'none'))
      server.handlers.delete('GET dispositions')
      await open().online()
      assert.ok(desk.line.warnings.includes('reference.users'))
      assert.ok(desk.line.warnings.includes('reference.campaigns'))
    })
  })

  describe('close', () => {
    it('ends the half that it began, and not the other one, which may be in use', async () => {
      await open().online()
      await desk.line.close()
      assert.equal(server.count('PUT', 'session_stop'), 1)
      assert.equal(server.count('POST', 'auth/logout'), 0)
    })

    it('leaves a session that it only joined, unless it is told to end it', async () => {
      for (const [logout, logouts] of [['own', 0], ['always', 1], ['never', 1]] as const) {
        server.states.agents = 'WORKING'
        await open({ logout }).online()
        await desk.line.close()
        assert.equal(server.count('POST', 'auth/logout'), logouts, logout)
      }
      assert.equal(server.count('PUT', 'session_start'), 0)
    })

    it('is over within two seconds when the server is dead', async () => {
      await open().online()
      server.on('PUT session_stop', () => ({ silent: true }))
      const began = Date.now()
      await desk.line.close()
      assert.ok(Date.now() - began < 2500)
    })
  })

  describe('sockets', () => {
    it('takes another name when its own is in use', async () => {
      let first = true
      const welcome = server.welcome
      server.welcome = JSON.stringify({ context: { eventId: '1020' }, payLoad: null })
      const again = setInterval(() => {
        if (!first || server.sockets.length === 0) return
        first = false
        server.welcome = welcome
        server.socket.close(3000)
      }, 1)
      try {
        await open({ appKey: 'desk' }).online()
      } finally {
        clearInterval(again)
      }
      const names = server.sockets.map(({ path }) => path.split('/').at(-1))
      assert.equal(names[0], 'desk_agent')
      assert.equal(names.length, new Set(names).size)
    })

    it('is lost after two pings without an answer, and comes back', async () => {
      await open({ pingMs: 20 }).online()
      server.answersPing = false
      await desk.line.until(() => desk.line.names.includes('connection.offline'), 'the loss')
      server.answersPing = true
      const from = desk.line.events.length
      await desk.line.event('connection.online', from)
      assert.equal(server.count('POST', 'auth/login'), 1, 'the session is joined again')
    })

    it('stays while pings are answered', async () => {
      await open({ pingMs: 10 }).online()
      await new Promise((resolve) => { setTimeout(resolve, 120) })
      assert.ok(!desk.line.names.includes('connection.offline'))
    })

    it('survives frames that are none: HTML, truncated JSON, arrays, numbers, no payload, hostile keys', async () => {
      await open().online()
      for (const text of ['<html>', '{"context":', '[]', '12', 'null', '{}', '{"context":{"eventId":"4"}}', '{"context":{"eventId":3},"payLoad":"x"}', '{"context":{"eventId":"constructor"},"payLoad":{}}',
        '{"context":{"eventId":"12"},"payLoad":[]}', '{"context":{"eventId":"5012"},"payLoad":[null,{"dataSource":"AGENT_STATE","added":{},"updated":"x","removed":[1,null]}]}', '{"context":{"eventId":"5000"},"payLoad":{}}',
        '{"context":{"eventId":"4","timeStamp":"soon"},"payLoad":{"id":7,"state":4,"variables":{"__proto__":"x","constructor":{}}}}', '{"context":{"eventId":"99999"}}', '{"__proto__":{"a":1},"context":{"eventId":"17"}}']) server.socket.send(text)
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      assert.equal(desk.line.session.counters.badDrafts ?? 0, 0)
      assert.ok((desk.line.session.counters['warning.frame'] ?? 0) >= 5)
      assert.equal(({} as Record<string, unknown>).a, undefined)
    })

    for (const [id, what] of [['1000', 'the call server is lost'], ['1003', 'events cannot be delivered']] as const) {
      it(`comes again when ${what}`, async () => {
        await open().online()
        server.send(id, null)
        await desk.line.event('connection.offline')
        await desk.line.event('connection.online', desk.line.names.indexOf('connection.offline'))
      })
    }

    it('comes again when the upgrade is refused for a moment', async () => {
      server.refuseUpgrade = 401
      open()
      await eventually(() => server.count('GET', 'login_state') >= 2, 'the log-in')
      setTimeout(() => { server.refuseUpgrade = undefined }, 30)
      await desk.line.online()
      assert.equal(server.count('POST', 'auth/login'), 1)
    })
  })

  describe('a cut in the middle of a call', () => {
    const cut = async (after: () => void): Promise<number> => {
      await open().online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      const from = desk.line.events.length
      after()
      server.socket.terminate()
      await desk.line.event('connection.online', from)
      return from
    }

    it('says nothing of a call that is as it was', async () => {
      const from = await cut(() => { server.calls = [call('TALKING')] })
      assert.deepEqual(desk.line.calls(from), [])
      assert.equal(desk.line.session.picture.call(LEG)?.state, 'active')
    })

    it('ends a call that is gone as lost, with its times uncertain', async () => {
      const from = await cut(() => { server.calls = [] })
      const ended = await desk.line.event('call.ended', from)
      assert.equal(ended.reason, 'lost')
      assert.equal(ended.resynced, true)
      assert.deepEqual(ended.call?.uncertain, ['endedAt', 'endReason'])
    })

    it('tells a call in another state by one event', async () => {
      const from = await cut(() => { server.calls = [call('ON_HOLD')] })
      const held = await desk.line.event('call.held', from)
      assert.equal(held.resynced, true)
      assert.deepEqual(desk.line.calls(from), ['call.held'])
    })

    it('ends a call that went into wrap-up, and lets it be disposed', async () => {
      const from = await cut(() => { server.calls = [call('WRAP_UP')] })
      const ended = await desk.line.event('call.ended', from)
      assert.equal(ended.call?.dispositionDue, true)
      server.on('PUT dispose', ({ body }) => ({ body: call('FINISHED', body as object) }))
      const result = await desk.line.perform('setDisposition', { callId: LEG, code: 'sale' })
      assert.deepEqual(result.disposition, { id: '300000000000143', name: 'Sale' })
      assert.deepEqual(server.asked.at(-1)?.body, { dispositionId: '300000000000143' })
    })

    it('disposes a call that was in wrap-up before it began, under each of its names', async () => {
      server.calls = [call('WRAP_UP')]
      server.states.agents = 'WORKING'
      await open().online()
      const [agent] = [...desk.line.session.picture.agents()]
      assert.deepEqual([agent?.state, agent?.wrapUp?.callId], ['wrapUp', LEG])
      server.on('PUT dispose', ({ body }) => ({ body: call('FINISHED', body as object) }))
      for (const callId of [LEG, CALL_ID, undefined]) {
        const { outcome, disposition } = await desk.line.perform('setDisposition', { ...(callId === undefined ? {} : { callId }), code: 'sale', confirm: 'completed' })
        assert.deepEqual([outcome, disposition?.name], ['completed', 'Sale'])
      }
      assert.equal(server.asked.filter(({ path }) => path.endsWith(`/${CALL_ID}/dispose`)).length, 3)
      await assert.rejects(desk.line.perform('setDisposition', { callId: 'nobody/none', code: 'sale' }), { code: 'CTI_NOT_FOUND' })
    })

    it('tells a call that began meanwhile', async () => {
      const other = { ...call('OFFERED'), id: 'B'.repeat(32), variables: { 103: 'ABCD' } }
      const from = await cut(() => { server.calls = [call('TALKING'), other] })
      assert.deepEqual(desk.line.calls(from), ['call.ringing'])
      assert.equal((await desk.line.event('call.ringing', from)).call?.vendorId, other.id)
    })

    it('knows no call to be lost when the list cannot be read', async () => {
      const from = await cut(() => { server.on('GET calls', () => refusal(435, 7, 'Not now')) })
      assert.deepEqual(desk.line.calls(from), [])
      assert.equal(desk.line.session.picture.call(LEG)?.state, 'active')
    })
  })
})
