/** A small Five9 for tests of the line: answers what a start-up asks, and whatever a test puts in its place (five9.md 2.6). */
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

export interface Asked { readonly method: string; readonly path: string; readonly query: string; readonly headers: IncomingMessage['headers']; readonly body: unknown }
export interface Answer { readonly status?: number; readonly body?: unknown; readonly text?: string; readonly headers?: Record<string, string | string[]>; /** No answer at all. */ readonly silent?: true }
export type Handler = (asked: Asked) => Answer

export const UID = '3000001'
export const OID = '131001'
export const CALL_ID = '7C1D90E2AB5544F0B6E1D2C3F4A59687'

export const VARIABLES = [
  { id: '101', group: 'Call', name: 'ANI' }, { id: '102', group: 'Call', name: 'DNIS' }, { id: '103', group: 'Call', name: 'session_id' }, { id: '201', group: 'Order', name: 'Number' }
]
export const SKILLS = [{ id: '300000000000031', name: 'Sales' }, { id: '300000000000032', name: 'Support' }]
export const USERS = [
  { id: UID, userName: 'rosa.agent@example.com', fullName: 'Rosa Agent', extension: '0123', email: 'rosa.agent@example.com', roles: ['Agent'] },
  { id: '3000002', userName: 'ben.agent@example.com', fullName: 'Ben Agent', extension: '0124', email: 'ben.agent@example.com', roles: ['Agent'] }
]

export const refusal = (status: number, errorCode: number, message: string, context: object = {}): Answer => ({ status, body: { five9ExceptionDetail: { timestamp: 1763700300000, errorCode, message, context } } })

export class FakeFive9 {
  readonly asked: Asked[] = []
  readonly handlers = new Map<string, Handler>()
  readonly sockets: { readonly path: string; readonly socket: WebSocket; readonly headers: IncomingMessage['headers'] }[] = []
  /** Refuses upgrades with this status. */
  refuseUpgrade: number | undefined
  /** Sent first on a new socket. */
  welcome: string | undefined = frame('1010', null)
  answersPing = true
  token = 'token-1'
  farmId = '149'
  states: Record<'agents' | 'supervisors', string> = { agents: 'SELECT_STATION', supervisors: 'SELECT_STATION' }
  calls: object[] = []
  presence: Record<string, unknown> = { currentState: { readyChannels: [], notReadyReasonCodeId: '0' }, pendingState: null, currentStateTime: 1763700000000, pendingStateDelayTime: 0, gracefulModeOn: false }
  activeSkills: string[] = [SKILLS[0]!.id]
  /** Where the metadata send the client; itself when absent. */
  host: FakeFive9 | undefined
  private readonly server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [path = '', query = ''] = (request.url ?? '').split('?')
      const text = Buffer.concat(chunks).toString()
      const asked: Asked = { method: request.method ?? '', path, query, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) as unknown }
      this.asked.push(asked)
      const answer = this.answer(asked)
      if (answer.silent === true) return
      const body = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body))
      response.writeHead(answer.status ?? (body === '' ? 204 : 200), { 'Content-Type': 'application/json', ...answer.headers })
      response.end(body)
    })
  })

  private readonly upgrades = new WebSocketServer({ noServer: true })

  async start (): Promise<this> {
    this.server.on('upgrade', (request, socket, head) => {
      if (this.refuseUpgrade !== undefined) return void socket.end(`HTTP/1.1 ${this.refuseUpgrade} Refused\r\nContent-Length: 0\r\n\r\n`)
      this.upgrades.handleUpgrade(request, socket, head, (client) => {
        this.sockets.push({ path: request.url ?? '', socket: client, headers: request.headers })
        client.on('message', (data: Buffer) => { if (data.toString() === 'ping' && this.answersPing) client.send(frame('1202', 'pong')) })
        client.on('error', () => undefined)
        if (this.welcome !== undefined) client.send(this.welcome)
      })
    })
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return this
  }

  get port (): number { return (this.server.address() as AddressInfo).port }
  get url (): string { return `http://127.0.0.1:${this.port}` }
  get socket (): WebSocket { return this.sockets.at(-1)!.socket }

  /** Requests of one kind so far. */
  count (method: string, end: string): number {
    return this.asked.filter((asked) => asked.method === method && asked.path.endsWith(end)).length
  }

  /** @param key `METHOD end-of-path` */
  on (key: string, handler: Handler): void {
    this.handlers.set(key, handler)
  }

  send (id: string, payload: unknown, more: object = {}): void {
    for (const { socket } of this.sockets) if (socket.readyState === socket.OPEN) socket.send(frame(id, payload, more))
  }

  loginReply (): object {
    const { port } = this.host ?? this
    return {
      tokenId: this.token, sessionId: 'f00d', orgId: OID, userId: UID, context: { farmId: this.farmId },
      metadata: { dataCenters: [{ name: 'Old', apiUrls: [{ host: '127.0.0.1', port: '1', routeKey: 'X' }], active: false }, { name: 'Atlanta', apiUrls: [{ host: '127.0.0.1', port: String(port), routeKey: 'K', version: '13.0.183' }], active: true }] }
    }
  }

  async close (): Promise<void> {
    for (const { socket } of this.sockets) socket.terminate()
    this.upgrades.close()
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  private answer (asked: Asked): Answer {
    for (const [key, handler] of this.handlers) {
      const [method, end] = key.split(' ')
      if (asked.method === method && asked.path.endsWith(end ?? '')) return handler(asked)
    }
    return this.usual(asked)
  }

  private usual ({ method, path, body }: Asked): Answer {
    const half = path.includes('/supervisors/') ? 'supervisors' as const : 'agents' as const
    const last = path.split('/').at(-1) ?? ''
    if (path.endsWith('/auth/login')) return { body: this.loginReply(), headers: { 'Set-Cookie': [`Authorization=${this.token}; Path=/`, 'farmId=149; Path=/'] } }
    if (path.endsWith('/auth/metadata')) return { body: this.loginReply() }
    if (last === 'login_state') return { body: this.states[half] }
    if (last === 'session_start' || last === 'session_restart') {
      this.states[half] = 'WORKING'
      return {}
    }
    if (last === 'call_variables') return { body: VARIABLES }
    if (last === 'skills') return { body: SKILLS }
    if (last === 'users') return { body: USERS }
    if (last === 'campaigns') return { body: [{ id: '300000000000100', name: 'Inbound' }] }
    if (last === 'dispositions') return { body: [{ id: '300000000000143', name: 'Sale' }] }
    if (last === 'not_ready_reason_codes') return { body: [{ id: '401101', name: 'Lunch', selectable: true }] }
    if (last === 'logout_reason_codes') return { body: [{ id: '401201', name: 'End of shift', selectable: true }] }
    if (last === 'presence') {
      if (method === 'PUT') this.presence = body as Record<string, unknown>
      return { body: this.presence }
    }
    if (last === 'station') return { body: { stationId: '', stationType: 'SOFTPHONE', state: 'CONNECTED' } }
    if (last === 'active_skills') {
      if (method === 'PUT') this.activeSkills = body as string[]
      return { body: this.activeSkills }
    }
    if (last === 'calls') return { body: this.calls }
    if (last === 'stats_filter_settings') return { body: { skillsSelectionType: 'MY', range: 'CURRENT_DAY' } }
    return method === 'GET' ? refusal(404, 404, 'Not found') : {}
  }
}

/** Resolves when it holds of a server, where nothing tells when to look. */
export async function eventually (holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 4000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}

let messages = 0
export function frame (id: string, payload: unknown, more: object = {}): string {
  return JSON.stringify({
    context: { eventId: id, eventReason: 'UPDATED', messageId: id === '1010' || id === '1202' ? null : `m${++messages}`, userId: UID, correlationId: null, userName: null, timeStamp: Date.now(), tenantId: OID, broadCast: false, ...more },
    payLoad: payload
  })
}

/** A call object as far as it is attested. */
export function call (state: string, more: object = {}): Record<string, unknown> {
  return {
    id: CALL_ID, state, callType: 'INBOUND', campaignId: '300000000000100', skillId: '300000000000031', remoteNumber: '5550100142', variables: { 101: '5550100142', 102: '5550100100', 103: '9F1A', 201: '' }, ...more
  }
}
