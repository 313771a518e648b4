import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { certificate } from '../transport/servers'
import { TestClient } from './support/client'
import { TestServer, type Line, type Peer, type ServerOptions } from './support/server'
import type { CtiError } from '../../src/model'
import type { XivoOptions } from '../../src/xivo'

describe('a XiVO session', () => {
  let server: TestServer | undefined
  let client: TestClient | undefined

  async function start (options: ServerOptions, account: Partial<XivoOptions> = {}, timeoutMs?: number): Promise<{ server: TestServer; client: TestClient; peer: () => Promise<Peer> }> {
    server = new TestServer(options)
    const port = await server.listen()
    client = new TestClient(port, account, timeoutMs)
    const own = server
    return { server, client, peer: () => own.peer() }
  }

  async function refused (options: ServerOptions, account: Partial<XivoOptions> = {}): Promise<CtiError> {
    const { client } = await start(options, account)
    await assert.rejects(client.online())
    const { error, state } = client.session.status
    assert.equal(state, 'refused')
    assert.ok(error !== undefined)
    return error
  }

  afterEach(async () => {
    await client?.close()
    await server?.close()
    client = server = undefined
  })

  it('logs in to 1.2 with a hashed password, reads its lists and is online', async () => {
    const { client, server } = await start({ version: '1.2', channels: true })
    await client.online()
    const { lines } = await server.peer()
    assert.deepEqual(lines.slice(0, 3).map((line) => line.class), ['login_id', 'login_pass', 'login_capas'])
    assert.equal(lines[1]?.hashedpassword, '648bb8df96d189042030c4ac63389038617b70e1')
    assert.deepEqual([lines[2]?.loginkind, lines[2]?.lastconnwins, lines[2]?.capaid, lines[2]?.state], ['user', false, 2, 'available'])
    const initial = client.events.filter(({ initial }) => initial)
    assert.deepEqual(initial.filter(({ event }) => event.startsWith('agent.')).map(({ event, agent }) => [event, agent?.id]), [['agent.loggedOut', '4'], ['agent.ready', '6']])
    assert.deepEqual(client.warnings, [])
  })

  it('sends a clear password to 2.x only when that is chosen', async () => {
    const { client, server } = await start({ version: '2.3' }, { protocol: '2.3', allowClearPassword: true })
    await client.online()
    const { lines } = await server.peer()
    assert.equal(lines[1]?.password, 's3cr3t')
    assert.equal('loginkind' in (lines[2] ?? {}), false)
    assert.ok(lines.some((line) => line.class === 'register_endpoint_status_update'))
  })

  it('never sends a clear password over an open line by itself', async () => {
    const error = await refused({ version: '2.1' }, { protocol: '2.1' })
    assert.equal(error.code, 'CTI_UNSUPPORTED')
    assert.ok((await server?.peer())?.lines.every((line) => line.class !== 'login_pass'))
  })

  for (const version of ['1.2', '2.0', '2.2'] as const) {
    it(`finds out by itself that the server speaks ${version}, and remembers it`, async () => {
      const { client, server } = await start({ version, channels: version === '1.2' }, { protocol: 'auto', allowClearPassword: true })
      await client.online()
      assert.equal(server.peers.length, 2)
      const first = server.peers[0]?.lines[0]
      assert.deepEqual([first?.wazoversion, first?.xivoversion], ['2.3', '2.3'])
      server.peers[1]?.socket.destroy()
      await client.next('connection.offline')
      await server.peer(3)
      await client.online()
      assert.equal(server.peers.length, 3)
    })
  }

  it('names both versions when the one set by hand is wrong', async () => {
    const error = await refused({ version: '2.2' }, { protocol: '1.2' })
    assert.equal(error.code, 'CTI_UNSUPPORTED')
    assert.match(error.message, /1\.2.*2\.2/)
  })

  it('tries a wrong password once', async () => {
    const error = await refused({ version: '1.2' }, { password: 'wrong' })
    assert.equal(error.code, 'CTI_UNAUTHORIZED')
    assert.equal(server?.peers.length, 1)
    assert.doesNotMatch(JSON.stringify(error.cause) + error.message, /wrong-?pass|"wrong"/)
  })

  it('takes a close without a word at the password for a wrong password', async () => {
    const error = await refused({ version: '1.2', swallowLoginErrors: true }, { password: 'wrong' })
    assert.equal(error.code, 'CTI_UNAUTHORIZED')
    assert.equal(server?.peers.length, 1)
  })

  it('takes a wrong password of 2.x from its error line', async () => {
    assert.equal((await refused({ version: '2.3' }, { protocol: '2.3', password: 'wrong', allowClearPassword: true })).code, 'CTI_UNAUTHORIZED')
  })

  it('tries again later when the authentication service is down', async () => {
    const { client } = await start({
      version: '2.3', answer: (line) => line.class === 'login_pass' ? [{ class: 'login_pass', error_string: 'xivo_auth_error' }] : undefined
    }, { protocol: '2.3', allowClearPassword: true })
    await client.state('waiting')
    assert.equal(client.session.status.error?.code, 'CTI_UNAVAILABLE')
  })

  for (const [step, error, code] of [
    ['login_pass', 'capaid_undefined', 'CTI_FORBIDDEN'],
    ['login_pass', 'missing:hashedpassword', 'CTI_PROTOCOL'],
    ['login_capas', 'wrong cti_profile_id', 'CTI_FORBIDDEN'],
    ['login_capas', 'missing:state', 'CTI_PROTOCOL']
  ] as const) {
    it(`is refused with ${code} when ${step} is answered by ${error}`, async () => {
      const told = await refused({ version: '1.2', answer: (line) => line.class === step ? [{ class: step, error_string: error, replyid: line.commandid }] : undefined })
      assert.equal(told.code, code)
      assert.equal(told.cause.retryable, false)
    })
  }

  it('refuses a profile that is not offered, naming those that are', async () => {
    const error = await refused({ version: '1.2' }, { profile: '9' })
    assert.equal(error.code, 'CTI_FORBIDDEN')
    assert.deepEqual(error.cause.profiles, ['2'])
  })

  it('takes the profile, the presence and the agent that the account asks for', async () => {
    const { client, server } = await start({ version: '1.2' }, { profile: '2', presence: 'away', lastConnWins: true, agent: { number: '1007' } })
    await client.online()
    const { lines } = await server.peer()
    assert.deepEqual(
      { ...lines[2], commandid: 0 },
      { class: 'login_capas', commandid: 0, capaid: 2, state: 'away', loginkind: 'agent', agentphonenumber: '1007', lastconnwins: true }
    )
    const login = await (await server.peer()).next((line) => line.command === 'agentlogin')
    assert.equal(login.agentphonenumber, '1007')
  })

  it('warns, and stays online, when the agent cannot be logged in', async () => {
    const { client } = await start({
      version: '1.2', answer: (line) => line.command === 'agentlogin' ? [{ class: 'ipbxcommand', error_string: 'agent_login_exten_in_use' }] : undefined
    }, { agent: { number: '1007' } })
    await client.online()
    await client.warning('agentLogin')
    assert.equal(client.session.status.state, 'online')
  })

  it('ignores what is broadcast before the log-in, and keeps what comes right behind it', async () => {
    const { client } = await start({
      version: '1.2',
      answer: (line, from) => {
        if (line.class !== 'login_capas') return undefined
        // In one write with the last step.
        from.send({ class: 'login_capas', replyid: line.commandid, ipbxid: 'xivo', userid: '3', capas: {} }, { class: 'chitchat', to: 'xivo/3', from: 'xivo/5', text: 'hello' })
        return []
      }
    })
    const peer = await server?.peer()
    peer?.send({ class: 'getlist', function: 'updatestatus', listname: 'users', tid: '5', status: { availstate: 'away' } })
    await client.online()
    assert.equal(client.events.filter(({ event }) => event === 'vendor.chitchat').length, 1)
  })

  it('keeps the line alive, and comes back with a full resync when it is cut', async () => {
    const { client, server } = await start({ version: '1.2', channels: true }, { keepaliveMs: 20 })
    await client.online()
    const first = await server.peer()
    await first.next((line) => line.class === 'keepalive' && Number(line.commandid) > 130)
    first.socket.destroy()
    const offline = await client.next('connection.offline')
    assert.equal(offline.connection?.state, 'waiting')
    await client.online()
    const resync = await client.next('connection.resync')
    assert.equal(resync.connection?.resync?.scope, 'full')
  })

  it('counts silence after a keepalive as a lost line', async () => {
    let deaf = false
    const { client } = await start({ version: '1.2', answer: () => deaf ? 'silence' : undefined }, { keepaliveMs: 30, deadAfterMs: 40 })
    await client.online()
    deaf = true
    const offline = await client.next('connection.offline')
    assert.equal(offline.connection?.state, 'waiting')
  })

  it('takes its presence back when another session of the user closes', async () => {
    const { client, server } = await start({ version: '1.2' })
    await client.online()
    const peer = await server.peer()
    peer.send({ class: 'getlist', function: 'updatestatus', listname: 'users', tid: '3', status: { availstate: 'outtolunch' } })
    peer.send({ class: 'getlist', function: 'updatestatus', listname: 'users', tid: '3', status: { availstate: 'disconnected' } })
    assert.equal((await peer.next((line) => line.class === 'availstate')).availstate, 'outtolunch')
    // A second session that insists must not begin a quarrel.
    peer.send({ class: 'getlist', function: 'updatestatus', listname: 'users', tid: '3', status: { availstate: 'disconnected' } })
    await client.session.perform({ action: 'request', message: { class: 'getipbxlist' } })
    assert.equal(peer.lines.filter((line) => line.class === 'availstate').length, 1)
  })

  it('logs out when the account is removed, and only ends the line otherwise', async () => {
    const { client, server } = await start({ version: '1.2' })
    await client.online()
    const peer = await server.peer()
    await client.session.close('removed')
    assert.equal((await peer.next((line) => line.class === 'logout')).stopper, 'disconnect')
  })

  it('closes within two seconds when the server does not read', async () => {
    const { client, server } = await start({ version: '1.2' })
    await client.online()
    const peer = await server.peer()
    peer.socket.pause()
    const before = Date.now()
    await client.session.close('removed')
    assert.ok(Date.now() - before < 2000)
  })

  it('can be closed in the middle of logging in', async () => {
    const { client, server } = await start({ version: '1.2', answer: (line) => line.class === 'login_pass' ? 'silence' : undefined })
    await (await server.peer()).next((line) => line.class === 'login_pass')
    await client.session.close('restart')
    assert.equal(client.session.status.state, 'closed')
  })

  it('reads only what is its own when told so', async () => {
    const { client, server } = await start({ version: '1.2', channels: true }, { watch: { users: 'own', phones: 'own', agents: 'own', queues: ['blue'] } })
    await client.online()
    const { lines } = await server.peer()
    const asked = lines.filter((line) => line.class === 'getlist').map((line) => `${String(line.function)} ${String(line.listname)} ${String(line.tid)}`)
    assert.equal(asked.some((line) => line.startsWith('updateconfig users 5')), false)
    assert.ok(asked.includes('updatestatus phones 7'))
    const peer = await server.peer()
    peer.send(
      { class: 'getlist', function: 'updatestatus', listname: 'users', tid: '5', status: { availstate: 'outtolunch' } },
      { class: 'getlist', function: 'updatestatus', listname: 'users', tid: '3', status: { availstate: 'away' } }
    )
    const presence = await client.next('user.presence')
    assert.equal(presence.user?.id, '3')
  })

  it('goes online when the server does not tell the presence of people', async () => {
    const { client } = await start({
      version: '2.3', answer: (line) => line.function === 'updatestatus' && line.listname === 'users' ? 'silence' : undefined
    }, { protocol: '2.3', allowClearPassword: true }, 200)
    await client.online()
    assert.ok(client.warnings.includes('noStatus'))
  })

  it('does not wait for lists and acknowledgements that the server leaves out', async () => {
    const left = (line: Line): boolean => ['getipbxlist', 'keepalive'].includes(String(line.class))
      || (line.class === 'getlist' && ['agents', 'voicemails'].includes(String(line.listname))) || (line.class === 'getlist' && line.tid === '7')
    const { client } = await start({ version: '1.2', channels: true, answer: (line) => left(line) ? 'silence' : undefined }, {}, 60_000)
    await client.online()
    assert.deepEqual(client.warnings, ['noList.phones', 'noList.agents', 'noList.voicemails', 'noStatus'])
    assert.ok(client.events.some(({ event, initial }) => initial && event.startsWith('user.')))
  })

  it('goes online with a server that answers nothing twice and does not tell the own row', async () => {
    const seen = new Set<string>()
    const known = ({ class: name, function: what, listname, tid }: Line): boolean => {
      const key = [name, what, listname, tid].join()
      return seen.has(key) || seen.add(key).size === 0 || key === 'getlist,updateconfig,users,3' || key === 'getlist,listid,voicemails,'
    }
    const { client } = await start({ version: '1.2', channels: true, answer: (line) => known(line) ? 'silence' : undefined }, {}, 100)
    await client.online()
    assert.ok(client.warnings.includes('noList.voicemails'))
    assert.ok(client.events.some(({ event, initial }) => initial && event.startsWith('agent.')))
  })

  it('does not go online with a server that tells nothing at all', async () => {
    const { client } = await start({ version: '1.2', answer: (line) => ['getlist', 'getipbxlist', 'keepalive'].includes(String(line.class)) ? 'silence' : undefined }, {}, 100)
    await client.state('waiting')
    assert.equal(client.session.status.error?.code, 'CTI_TIMEOUT')
  })

  describe('with STARTTLS', () => {
    let material: Awaited<ReturnType<typeof certificate>>
    let trusting: { ca: string; servername: string }
    before(async () => {
      material = await certificate()
      trusting = { ca: material.cert, servername: 'localhost' }
    })

    it('takes the offer and goes on in TLS, also with the clear password of 2.x', async () => {
      const { client, server } = await start({ version: '2.3', tls: material }, { protocol: '2.3', tls: 'auto', tlsOptions: trusting })
      await client.online()
      const peer = await server.peer()
      assert.equal(peer.secure, true)
      assert.deepEqual(peer.lines.slice(0, 2).map((line) => line.class), ['starttls', 'login_id'])
    })

    it('forgets what came in clear before the handshake', async () => {
      const { client, server } = await start({ version: '1.2', tls: material, inject: { class: 'login_id', sessionid: 'chosen by somebody else' } }, { tls: 'auto', tlsOptions: trusting })
      await client.online()
      assert.equal((await server.peer()).lines[2]?.hashedpassword, '648bb8df96d189042030c4ac63389038617b70e1')
    })

    it('connects once more when the offer comes too late to be taken', async () => {
      const { client, server } = await start({ version: '1.2', tls: material, lateOffer: true }, { tls: 'auto', tlsOptions: trusting, offerMs: 300 })
      await client.online()
      assert.equal(server.peers.length, 2)
      assert.ok(server.peers[0]?.lines.every((line) => line.class !== 'login_pass'))
    })

    it('does not send a password to a server whose certificate is not trusted', async () => {
      const { client, server } = await start({ version: '1.2', tls: material }, { tls: 'auto' })
      await client.state('waiting')
      assert.match(client.session.status.error?.message ?? '', /certificate/)
      assert.ok((await server.peer()).lines.every((line) => line.class === 'starttls'))
    })

    it('takes the pinned certificate, and no other', async () => {
      const fingerprint256 = new X509Certificate(material.cert).fingerprint256
      const { client } = await start({ version: '1.2', tls: material }, { tls: 'require', tlsOptions: { fingerprint256 } })
      await client.online()
      await client.close()
      await server?.close()
      const other = await start({ version: '1.2', tls: material }, { tls: 'require', tlsOptions: { fingerprint256: fingerprint256.replaceAll('A', 'B') } })
      await other.client.state('waiting')
      assert.match(other.client.session.status.error?.message ?? '', /pinned/)
    })

    it('is refused when encryption is required and the server offers none', async () => {
      const error = await refused({ version: '1.2' }, { tls: 'require', offerMs: 50 })
      assert.equal(error.code, 'CTI_UNSUPPORTED')
      assert.deepEqual((await server?.peer())?.lines, [])
    })

    it('speaks TLS from the first byte when told so', async () => {
      const { client, server } = await start({ version: '1.2', tls: material, direct: true }, { tls: 'direct', tlsOptions: trusting })
      await client.online()
      assert.equal((await server.peer()).lines[0]?.class, 'login_id')
    })

    it('agrees on TLS 1.0 only when that is chosen', async () => {
      const old = { ...material, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
      const { client } = await start({ version: '1.2', tls: old }, { tls: 'auto', tlsOptions: trusting })
      await client.state('waiting')
      await client.close()
      await server?.close()
      const legacy = await start({ version: '1.2', tls: old }, { tls: 'auto', tlsOptions: trusting, legacyTls: true })
      await legacy.client.online()
    })

    it('stays in clear when told so, though the server offers', async () => {
      const { client, server } = await start({ version: '1.2', tls: material }, { tls: 'off' })
      await client.online()
      assert.equal((await server.peer()).secure, false)
    })
  })
})
