/** Whom an account trusts: HTTPS and the web socket of the simulator's switch. */
import assert from 'node:assert/strict'
import tls from 'node:tls'
import { IpecsDriver, type IpecsOptions } from '../../src/ipecs'
import { Session } from '../../src/session'
import { IpecsFace } from '../../src/simulator/ipecs/face'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'

const shownBy = (url: string): Promise<string> => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(url)
  const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().fingerprint256)
    socket.destroy()
  })
  socket.on('error', reject)
})

describe('iPECS: the certificate of the switch', () => {
  let simulator: Simulator
  let leave: (() => void) | undefined
  let session: Session
  const warnings: string[] = []
  beforeEach(async () => { simulator = await startSimulator() })
  afterEach(async () => {
    leave?.()
    await session.close('removed')
    await simulator.close()
  })

  function connect (trust: IpecsOptions['tls']): Promise<void> {
    const { url, username, password } = simulator.demoLogin('ipecs')
    session = new Session({ accountId: 'acc', account: 'Switch', driver: new IpecsDriver({ baseUrl: url, username, password, ...(trust === undefined ? {} : { tls: trust }) }), random: () => 1 })
    leave = session.join({ warning: (code) => { warnings.push(code) } })
    return session.whenOnline(4000)
  }
  const waits = async (): Promise<string> => {
    const online = connect(trusted).then(() => 'online', () => '')
    for (let i = 0; i < 400 && session.status.state !== 'waiting'; i++) await new Promise((resolve) => { setTimeout(resolve, 5) })
    const text = session.status.error?.message ?? ''
    leave?.()
    await session.close('removed')
    assert.notEqual(await online, 'online')
    return text
  }
  let trusted: IpecsOptions['tls']

  it('is taken by its fingerprint, and no other is', async () => {
    const fingerprint256 = await shownBy(simulator.demoLogin('ipecs').url)
    await connect({ fingerprint256 })
    leave?.()
    await session.close('removed')
    trusted = { fingerprint256: fingerprint256.replace(/^../, fingerprint256.startsWith('00') ? '11' : '00') }
    assert.match(await waits(), /not the pinned one/)
  })

  it('is not taken any more when it has changed, and says so', async () => {
    const { ca } = simulator.demoLogin('ipecs')
    await connect({ ca: ca ?? '' })
    const face = simulator.face('ipecs')
    assert.ok(face instanceof IpecsFace)
    await face.restart({ newCertificate: true })
    for (let i = 0; i < 800 && !/certificate was not accepted/.test(session.status.error?.message ?? ''); i++) await new Promise((resolve) => { setTimeout(resolve, 5) })
    assert.match(session.status.error?.message ?? '', /certificate was not accepted/)
    assert.equal(session.status.state, 'waiting')
    leave?.()
    await session.close('removed')
    await connect({ ca: simulator.demoLogin('ipecs').ca ?? '' })
  })

  it('is refused when nobody vouches for it, and taken without a look only with a warning', async () => {
    trusted = undefined
    assert.match(await waits(), /certificate was not accepted/)
    await connect({ rejectUnauthorized: false })
    assert.ok(warnings.includes('notVerified'))
  })
})
