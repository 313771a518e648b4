/** What published systems and recordings do beside the sheet's main line: each was met outside of this project. */
import assert from 'node:assert/strict'
import type { Five9Options } from '../../src/five9'
import { settingsOf } from '../../src/five9/options'
import { Memory } from '../../src/five9/memory'
import { Reader } from '../../src/five9/reader'
import { CtiError } from '../../src/model'
import type { Link } from '../../src/session/types'
import { ManualClock } from '../support/manualClock'
import { Line } from './harness'
import { FakeFive9, OID, refusal, UID } from './server'

/** One shared by all frames below: recordings were edited by hand, and a system may number as it likes. */
const MESSAGE = { messageId: '41207:3:4:5:149:882', timeStamp: 1763700100200, userId: null, broadCast: true, tenantId: OID }
const incremental = (payLoad: object[]): string => `${JSON.stringify({ context: { eventId: '5012', eventReason: 'UPDATED', correlationId: null, userName: null, ...MESSAGE }, payLoad }, undefined, '\t')}\n`
const LOGGED_OUT = {
  id: UID, callType: null, campaignId: null, customer: null, mediaAvailability: 'NOT_AVAILABLE', parkedCallsCount: 0, reasonCodeId: '0', state: 'LOGGED_OUT', stateSince: 1763600000000, stateDuration: 0,
  loggedOutStateSince: 1763600000000, presence: { pendingState: { readyChannels: [], notReadyReasonCode: 0 }, currentState: { readyChannels: [], notReadyReasonCode: 0 }, changeTimestamp: 0 }
}

describe('Five9: as it is met elsewhere', () => {
  let server: FakeFive9
  let line: Line | undefined
  beforeEach(async () => {
    server = await new FakeFive9().start()
    server.handlers.set('PUT request_full_statistics', () => {
      server.send('5000', ['AGENT_STATE', 'ACD_STATUS', 'AGENT_STATISTIC'].map((dataSource) => ({ dataSource, data: [] })))
      return {}
    })
  })
  afterEach(async () => {
    await line?.close()
    line = undefined
    await server.close()
  })
  const open = (options: Partial<Five9Options> = {}): Promise<Line> => {
    line = new Line({ baseUrl: server.url, username: 'rosa.agent@example.com', password: 'secret', role: 'supervisor', ...options })
    return line.online()
  }

  it('takes frames for different that share an id and a time but not their content, and a repeated one for the same', async () => {
    const { events } = await open()
    const from = events.length
    const added = incremental([{ dataSource: 'AGENT_STATE', added: [], updated: [LOGGED_OUT], removed: [] }])
    for (const text of [added, added, incremental([{ dataSource: 'AGENT_STATE', added: [], removed: [UID, 'nobody'], updated: [] }])]) server.sockets.at(-1)?.socket.send(text)
    await line?.until(() => line?.names.at(-1) === 'agent.updated', 'the agent to be gone')
    assert.deepEqual(line?.names.slice(from), ['agent.loggedOut', 'agent.updated'])
    assert.deepEqual(line?.events.slice(from).map(({ agent }) => agent?.state), ['loggedOut', 'unknown'])
  })

  it('does without a list that the server cannot give, and asks for it again', async () => {
    server.handlers.set('GET dispositions', () => ({ status: 500, text: '<html>Internal error</html>' }))
    await open()
    assert.ok(line?.warnings.includes('reference.dispositions'))

    const clock = new ManualClock()
    const memory = new Memory(settingsOf({ username: 'rosa', password: 'x', role: 'supervisor' }))
    memory.credentials.learn({ tokenId: 't', userId: UID, orgId: OID, context: { farmId: '149' } })
    const told: string[] = []
    let down = true
    const link = { clock, warn: (code: string) => told.push(code), receive: () => told.push('changed'), signal: new AbortController().signal } as unknown as Link
    const reader = new Reader(link, memory, async ({ path = '' }) => {
      if (down && path.endsWith('/dispositions')) throw new CtiError('CTI_UNAVAILABLE', 'Internal error', { httpStatus: 503, retryable: true })
      return { status: 200, headers: {}, body: [{ id: '7', name: 'Sale' }], text: '' }
    })
    await reader.lists()
    assert.deepEqual([told, memory.reference.has('dispositions')], [['reference.dispositions'], false])
    down = false
    await clock.advance(60_000)
    assert.deepEqual([[...new Set(told)], memory.reference.name('dispositions', '7')], [['reference.dispositions', 'changed'], 'Sale'])
    reader.stop()
  })

  it('goes on where the metadata are not there and the filter fails, and meets a socket that waits to be spoken to', async () => {
    server.handlers.set('GET auth/metadata', () => ({ status: 404, text: 'nothing here' }))
    server.handlers.set('GET stats_filter_settings', () => ({ status: 500 }))
    server.welcome = undefined
    await open()
    assert.equal(line?.session.status.state, 'online')
  })

  it('asks once for the rights of the user, and does not need the answer', async () => {
    server.handlers.set('GET permissions', () => refusal(403, 403, 'No permission'))
    await open()
    assert.deepEqual(server.asked.filter(({ path }) => path.endsWith(`/users/${UID}/permissions`)).map(({ method, path }) => `${method} ${path}`), [`GET /supsvcs/rs/svc/users/${UID}/permissions`])
  })

  it('works at the address of the log-in when the metadata name hosts that this machine cannot be', async () => {
    server.handlers.set('GET auth/metadata', () => ({
      body: { tokenId: 't', userId: UID, orgId: OID, context: { farmId: '149' }, metadata: { dataCenters: [{ active: true, apiUrls: [{ host: 'app-dc1.five9.example.com', port: '443', routeKey: 'K', version: '13.0.183' }] }] } }
    }))
    await open()
    assert.equal(server.sockets.length, 1)
  })
})
