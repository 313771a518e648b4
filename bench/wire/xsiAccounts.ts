/** A process of its own: sessions without Node-RED, for what an account costs in memory and what an action costs in time. */
import http from 'node:http'
import https from 'node:https'
import type * as Sessions from '../../src/session'
import type { TelephonySession } from '../../src/session/types'
import type * as Xsi from '../../src/xsi/session'
import { load } from './built'
import { serve } from './rpc'

interface Place { url: string; ca: string }

const sessions: TelephonySession[] = []
/** ms after which a connection that is not used is gone. */
const IDLE_MS = 4000
const WIDTH = 10

function open ({ url, ca }: Place, name: string): TelephonySession {
  const { Session } = load<typeof Sessions>('src/session/index')
  const { createXsiDriver } = load<typeof Xsi>('src/xsi/session')
  const driver = createXsiDriver({
    host: url, auth: { kind: 'basic', username: name, password: 'secret' }, packages: ['Advanced Call'], applicationId: `app-${name}`, channelSetId: `set-${name}`, initialEventMs: 1,
    ...(url.startsWith('https:') ? { tls: { ca } } : {})
  })
  const session = new Session({ accountId: name, account: name, driver })
  session.join({})
  return session
}

async function openMany (place: Place, count: number): Promise<void> {
  for (let n = 0; n < count; n += WIDTH) {
    const fresh = Array.from({ length: Math.min(WIDTH, count - n) }, () => open(place, `user-${sessions.length + Math.random()}`))
    sessions.push(...fresh)
    await Promise.all(fresh.map((session) => session.whenOnline(20_000)))
  }
}

async function settled (): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  for (let n = 0; n < 3; n++) globalThis.gc?.()
  return process.memoryUsage.rss()
}

/** ms of one request on a kept connection. */
function request (agent: http.Agent, { url, ca }: Place, path: string): Promise<number> {
  const started = process.hrtime.bigint()
  return new Promise((resolve, reject) => {
    const sent = (url.startsWith('https:') ? https : http).request(`${url}${path}`, { agent, ca, headers: { Authorization: `Basic ${Buffer.from('bare:secret').toString('base64')}` } }, (response) => {
      response.resume()
      response.once('end', () => resolve(Number(process.hrtime.bigint() - started) / 1e6))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** ms of each of `count` actions and of as many bare requests for the same document, in turn and as fast as the account's pace allows. */
async function actions ({ place, count }: { place: Place; count: number }): Promise<{ ours: number[]; bare: number[] }> {
  const session = sessions[0] ?? open(place, 'actions')
  sessions[0] = session
  await session.whenOnline(20_000)
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  const path = '/v2.0/user/actions/profile'
  const ours: number[] = []
  const bare: number[] = []
  for (let n = 0; n < count + 2; n++) {
    bare.push(await request(agent, place, `/com.broadsoft.xsi-actions${path}`))
    const started = process.hrtime.bigint()
    await session.perform({ action: 'request', path })
    ours.push(Number(process.hrtime.bigint() - started) / 1e6)
    await new Promise((resolve) => setTimeout(resolve, 110))
  }
  agent.destroy()
  // The first ones make the connections.
  return { ours: ours.slice(2), bare: bare.slice(2) }
}

serve({
  /** Bytes that each further account adds. */
  memory: async ({ place, warm, count }: { place: Place; warm: number; count: number }) => {
    await openMany(place, warm)
    const before = await settled()
    await openMany(place, count)
    return (await settled() - before) / count
  },
  actions
})
