/** Requests that meet a refusal, and moves of the service, over real sockets against a server that does what the test wants. */
import assert from 'node:assert/strict'
import { onFakeServer } from './harness'
import { call, CALL_ID, eventually, FakeFive9, refusal, UID } from './server'

const LEG = `${UID}/${CALL_ID}`

describe('Five9: the line on a bad day', () => {
  let server: FakeFive9
  const desk = onFakeServer((fresh) => { server = fresh })
  const { open } = desk

  describe('requests that are refused', () => {
    it('finishes the log-in and sends once more when it was not finished', async () => {
      await open().online()
      server.states.agents = 'ACCEPT_NOTICE'
      server.on('GET maintenance_notices', () => ({ body: [{ id: '9001', annotation: 'Update', accepted: false }] }))
      server.on('PUT accept', () => {
        server.states.agents = 'WORKING'
        return { body: { id: '9001', accepted: false } }
      })
      let tries = 0
      server.on('POST make_external_call', () => ++tries === 1 ? refusal(435, 3, 'Improper agent login state ACCEPT_NOTICE while calling makeExternalCall. Allowed is WORKING', { contextCode: 'LOGIN' }) : { body: call('OFFERED') })
      const result = await desk.line.perform('originate', { to: '+15550100123' })
      assert.equal(result.outcome, 'accepted')
      assert.equal(tries, 2)
    })

    it('deals with a notice that comes up in the middle of the day, and not with a log-out', async () => {
      await open().online()
      server.on('GET maintenance_notices', () => ({ body: [{ id: '9001', annotation: 'Update', accepted: false }] }))
      server.on('PUT accept', () => {
        server.states.agents = 'WORKING'
        return { body: { id: '9001', accepted: false } }
      })
      server.states.agents = 'ACCEPT_NOTICE'
      server.send('17', 'ACCEPT_NOTICE')
      await desk.line.event('agent.loggedIn')
      assert.equal(server.count('PUT', 'accept'), 1)
      server.states.agents = 'SELECT_STATION'
      const from = desk.line.events.length
      server.send('17', { loginState: 'SELECT_STATION' })
      await desk.line.event('agent.loggedOut', from)
      assert.equal(server.count('PUT', 'session_start'), 1)
    })

    it('gives a business error with its words, and does not send again', async () => {
      await open().online()
      let tries = 0
      server.on('POST make_external_call', () => {
        tries++
        return refusal(435, 120, 'Number is on the DNC list')
      })
      await assert.rejects(desk.line.perform('originate', { to: '+15550100123' }), { code: 'CTI_CONFLICT', message: /Number is on the DNC list/ })
      assert.equal(tries, 1)
    })

    it('logs in again when the token has died, once, and says that the request was not carried out', async () => {
      await open().online()
      server.token = 'token-2'
      let dead = true
      server.on('GET presence', () => dead ? refusal(401, 401, 'User is not logged in') : { body: server.presence })
      server.on('GET auth/metadata', () => {
        dead = false
        return { body: server.loginReply() }
      })
      const from = desk.line.events.length
      await assert.rejects(desk.line.perform('request', { path: '/agents/{uid}/presence' }), { code: 'CTI_NOT_CONNECTED' })
      await desk.line.event('connection.online', from)
      assert.equal(server.count('POST', 'auth/login'), 2)
    })

    it('pauses everything after 429', async () => {
      await open().online()
      server.on('GET presence', () => ({ status: 429, text: '', headers: { 'Retry-After': '60' } }))
      await assert.rejects(desk.line.perform('request', { path: '/agents/{uid}/presence' }), { code: 'CTI_RATE_LIMITED' })
      const sent = server.asked.length
      await assert.rejects(desk.line.perform('listCalls'), { code: 'CTI_RATE_LIMITED' })
      assert.equal(server.asked.length, sent)
    })

    it('refuses a page of a load balancer as no answer', async () => {
      await open().online()
      server.on('GET calls', () => ({ status: 200, text: '<html>hello</html>', headers: { 'Content-Type': 'text/html' } }))
      await assert.rejects(desk.line.perform('listCalls'), { code: 'CTI_PROTOCOL' })
    })

    it('takes hanging up a call that is over for done', async () => {
      await open().online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      server.on('PUT disconnect', () => refusal(404, 404, 'No such call'))
      server.on(`GET ${CALL_ID}`, () => refusal(404, 404, 'No such call'))
      const result = await desk.line.perform('hangup', { callId: LEG })
      assert.equal(result.outcome, 'completed')
    })

    it('does not take a refusal for done while the call runs', async () => {
      await open().online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      server.on('PUT disconnect', () => refusal(435, 9, 'Not allowed by the campaign'))
      server.on(`GET ${CALL_ID}`, () => ({ body: call('TALKING') }))
      await assert.rejects(desk.line.perform('hangup', { callId: LEG }), { message: /Not allowed by the campaign/ })
    })

    it('tells a dial that fails after its reply', async () => {
      await open().online()
      server.on('POST make_external_call', () => {
        setImmediate(() => server.send('65', { number: '5550100123', message: 'All lines are busy' }))
        return { body: call('OFFERED', { callType: 'OUTBOUND' }) }
      })
      await assert.rejects(desk.line.perform('originate', { to: '+15550100123', confirm: 'completed' }), { code: 'CTI_CONFLICT', message: /All lines are busy/ })
    })

    it('sends what the advanced settings say instead of our conventions', async () => {
      await open({ advanced: { paths: { transfer_to_agent: '/agents/{uid}/calls/{callId}/xfer' }, methods: { transfer_to_agent: 'POST' }, bodies: { transfer_to_agent: { target: { user: '{agentId}' }, mode: 'BLIND-{agentId}', gone: '{nothing}' } } } }).online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      await desk.line.perform('transfer', { callId: LEG, to: { agent: 'Ben Agent' } })
      const { method, path, body } = server.asked.at(-1)!
      assert.equal(`${method} ${path}`, `POST /appsvcs/rs/svc/agents/${UID}/calls/${CALL_ID}/xfer`)
      assert.deepEqual(body, { target: { user: '3000002' }, mode: 'BLIND-3000002' })
    })
  })

  describe('moves', () => {
    const second = async (): Promise<FakeFive9> => {
      const other = await new FakeFive9().start()
      desk.others.push(other)
      other.farmId = '150'
      other.states.agents = 'RELOGIN'
      return other
    }

    it('follows a graceful move when no call is left, and loses no event', async () => {
      await open().online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      const other = await second()
      server.host = other
      server.farmId = '150'
      server.send('1001', server.loginReply())
      await desk.line.event('vendor.SWITCHOVER_GRACEFUL')
      await assert.rejects(desk.line.perform('originate', { to: '+15550100123' }), { code: 'CTI_UNAVAILABLE' })
      assert.equal(other.sockets.length, 0, 'the call is still there')
      other.calls = [{ ...call('OFFERED'), id: 'C'.repeat(32) }]
      const from = desk.line.events.length
      server.send('4', call('FINISHED'))
      const found = await desk.line.event('call.ringing', from)
      assert.equal(found.call?.vendorId, 'C'.repeat(32))
      assert.equal(found.initial, undefined)
      assert.equal(other.count('PUT', 'session_restart'), 1)
      assert.equal(other.asked[0]?.headers.farmid, '150')
      assert.ok(!desk.line.names.includes('connection.offline'))
      other.send('4', { ...call('TALKING'), id: 'C'.repeat(32) })
      await desk.line.event('call.answered', from)
    })

    it('follows when the old host lets go of the socket, calls or not', async () => {
      await open().online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      const other = await second()
      other.calls = [call('TALKING')]
      server.host = other
      server.send('1001', server.loginReply())
      server.socket.close(1000)
      await eventually(() => other.sockets.length === 1 && other.count('GET', 'calls') === 1, 'the new host')
      assert.equal(desk.line.session.picture.call(LEG)?.state, 'active')
      assert.ok(!desk.line.names.includes('connection.offline'))
    })

    it('ends the calls and goes at once when it is forced', async () => {
      await open().online()
      server.send('3', call('OFFERED'))
      server.send('4', call('TALKING'))
      await desk.line.event('call.answered')
      const other = await second()
      server.host = other
      server.send('1002', server.loginReply())
      const ended = await desk.line.event('call.ended')
      assert.equal(ended.reason, 'shutdown')
      assert.equal(ended.derived, true)
      await eventually(() => other.count('GET', 'calls') === 1, 'the new host')
    })

    it('finds out by a request, and carries it out at the new place', async () => {
      await open().online()
      const other = await second()
      server.host = other
      server.on('PUT presence', () => refusal(435, 5001, 'Service migrated', { farmId: '150' }))
      const result = await desk.line.perform('agentReady')
      assert.equal(result.outcome === 'accepted' || result.outcome === 'completed', true)
      assert.equal(other.count('PUT', 'presence'), 1)
      assert.equal(other.asked.find(({ method, path }) => method === 'PUT' && path.endsWith('presence'))?.headers.farmid, '150')
    })

    it('learns the farm that it is told', async () => {
      await open().online()
      server.farmId = '151'
      server.send('1004', { farmId: '151' })
      await eventually(() => server.count('GET', 'calls') === 2, 'the state to be read again')
      assert.equal(server.asked.at(-1)?.headers.farmid, '151')
    })

    it('logs in at the root again when the new host is not there', async () => {
      await open().online()
      const other = await second()
      server.host = other
      const reply = server.loginReply()
      await other.close()
      desk.others.splice(0)
      server.host = undefined
      server.send('1002', reply)
      await desk.line.event('connection.offline')
      await desk.line.event('connection.online', desk.line.names.indexOf('connection.offline'))
      assert.equal(server.count('POST', 'auth/login'), 2)
    })
  })
})
