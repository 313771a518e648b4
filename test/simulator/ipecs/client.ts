/** A bare client of the iPECS Web API: requests out, answers and frames in, nothing understood. */
import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, request as plain } from 'node:http'
import { type Agent, request as secure } from 'node:https'
import { WebSocket } from 'ws'
import { type DemoLogin } from '../../../src/simulator/face'

export interface Answer { status: number; headers: IncomingHttpHeaders; raw: string[]; text: string; body: Record<string, unknown> }
export type Frame = Record<string, unknown>
export interface Ask { body?: unknown; text?: string; headers?: Record<string, string>; agent?: Agent; path?: string }

/** One request; a new connection each time unless an agent is given. */
export function ask (login: Pick<DemoLogin, 'url' | 'ca'>, method: string, path: string, { body, text, headers = {}, agent }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const go = login.url.startsWith('https') ? secure : plain
    const all = { ...(content === undefined ? {} : { 'Content-type': 'application/json', 'Content-Length': String(Buffer.byteLength(content)) }), ...(agent === undefined ? { Connection: 'close' } : {}), ...headers }
    const sent = go(login.url + path, { method, ca: login.ca, headers: all, agent: agent ?? false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, raw: response.rawHeaders, text: answer, body: answer.startsWith('{') ? JSON.parse(answer) as Record<string, unknown> : {} })
      })
    })
    sent.on('error', reject)
    sent.end(content)
  })
}

export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

export class RawClient {
  token = ''
  type = 'server'
  /** Frames that came and were not asked for yet. */
  readonly frames: Frame[] = []
  /** Texts that are no JSON. */
  readonly garbage: string[] = []
  closed: number | undefined
  private socket: WebSocket | undefined
  private readonly waiters = new Set<() => void>()
  private transaction = 0

  constructor (readonly place: DemoLogin, readonly user = place.username, readonly password = place.password) {}

  base (resource: string): string {
    return `/ipxapi/${this.type}/v1/users/${encodeURIComponent(this.user)}/${resource}`
  }

  async login (): Promise<Answer> {
    const answer = await ask(this.place, 'GET', this.base('login'), { headers: { Authorization: basic(this.user, this.password), Accept: '*/*', 'Content-type': 'application/json', 'Cache-Control': 'no-cache' } })
    if (answer.status === 200) this.token = String(answer.body.token)
    return answer
  }

  request (method: string, resource: string, options: Ask = {}): Promise<Answer> {
    return ask(this.place, method, this.base(resource), { ...options, headers: { Authorization: `Bearer ${this.token}`, ...options.headers } })
  }

  /** A command in its envelope; fails unless it is answered 200 with the same transaction. Returns the data. */
  async order (method: string, resource: string, data: Record<string, unknown>): Promise<Record<string, unknown>> {
    const transactionID = ++this.transaction
    const answer = await this.request(method, resource, { body: { transactionID, data } })
    assert.equal(answer.status, 200, `${method} ${resource} ${answer.text}`)
    assert.equal(answer.body.transactionID, transactionID)
    return answer.body.data as Record<string, unknown>
  }

  post (command: string, data: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.order('POST', `call/${command}`, data)
  }

  /** A command that is refused: status, code and message. */
  async refused (method: string, resource: string, data?: Record<string, unknown>): Promise<string> {
    const answer = await this.request(method, resource, data === undefined ? {} : { body: { transactionID: 1, data } })
    const { code, message } = answer.body.error as { code: number; message: string }
    return `${answer.status} ${code} ${message}`
  }

  /** Opens the event channel; rejects with the refusal's status. */
  async open (options: { path?: string; headers?: Record<string, string> } = {}): Promise<void> {
    const headers = options.headers ?? { Authorization: `Bearer ${this.token}` }
    const socket = new WebSocket(this.place.url.replace(/^http/, 'ws') + (options.path ?? this.base('login')), { ca: this.place.ca, headers, perMessageDeflate: false })
    this.closed = undefined
    socket.on('message', (data) => { this.take(String(data)) })
    socket.on('close', (code) => {
      this.closed = code
      this.wake()
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => { resolve() })
      socket.once('unexpected-response', (_request, response) => {
        reject(new Error(String(response.statusCode)))
        response.destroy()
      })
      socket.once('error', reject)
    })
    socket.on('error', () => {})
    this.socket = socket
  }

  /** Login, channel, monitors. */
  async ready (...monitored: string[]): Promise<this> {
    assert.equal((await this.login()).status, 200)
    await this.open()
    if (monitored.length > 0) await this.request('POST', 'call/monitor', { body: { deviceNumber: monitored } })
    return this
  }

  async until (test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => { this.waiters.add(resolve) })
  }

  async next (fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const index = this.frames.findIndex(fits)
      if (index !== -1) return this.frames.splice(index, 1)[0] as Frame
      if (this.closed !== undefined) assert.fail(`closed; there is ${this.frames.map(brief).join('\n')}`)
      await new Promise<void>((resolve) => { this.waiters.add(resolve) })
    }
  }

  /** Everything that came until now and a round trip later. */
  async settle (): Promise<Frame[]> {
    const { socket } = this
    if (socket !== undefined && this.closed === undefined) {
      let answered = false
      socket.once('pong', () => {
        answered = true
        this.wake()
      })
      socket.ping()
      await this.until(() => answered || this.closed !== undefined)
    }
    return this.frames.splice(0)
  }

  /** Settles and writes each frame short; call records are left out unless asked for. */
  async told (records = false): Promise<string[]> {
    return (await this.settle()).filter(({ event }) => records || event !== 'smdr').map(brief)
  }

  close (): void {
    this.socket?.terminate()
  }

  private take (text: string): void {
    try {
      this.frames.push(JSON.parse(text) as Frame)
    } catch {
      this.garbage.push(text)
    }
    this.wake()
  }

  private wake (): void {
    const all = [...this.waiters]
    this.waiters.clear()
    for (const waiter of all) waiter()
  }
}

/** Fields that have a place of their own in the short form, or say nothing more. */
const SHOWN = new Set(['type', 'deviceNumber', 'serviceDN', 'evtSerialNum', 'causeCode', 'causeMsg', 'callRefID'])

/** A frame in short: `A 3 ref214 CO/0006>Station/1001 0008 0005`, `C ringing 1001 ref214 callingDN=2025550123 cause=65`. */
export function brief (frame: Frame): string {
  const data = (frame.data ?? frame) as Record<string, unknown>
  const ref = data.callRefID === undefined ? '' : ` ref${String(data.callRefID)}`
  if (frame.event === 'acd') {
    const end = (name: string): string => `${String(data[`${name}Type`])}/${String(data[`${name}Number`]).trim()}`
    return `A ${String(data.eventCode)}${ref} ${end('source')}>${end('dest')} ${String(data.data1).trim() || '-'} ${String(data.data2).trim() || '-'}`
  }
  const { type, deviceNumber, serviceDN = deviceNumber, evtSerialNum, causeCode } = data
  assert.equal(typeof (frame.event === 'smdr' ? 0 : evtSerialNum), 'number')
  assert.equal(serviceDN, deviceNumber)
  const fields = Object.entries(data).filter(([name]) => !SHOWN.has(name)).map(([name, value]) => ` ${name}=${Array.isArray(value) ? value.map((each) => typeof each === 'object' ? JSON.stringify(each) : String(each)).join(',') : String(value)}`).join('')
  return `${frame.event === 'smdr' ? 'R' : 'C'} ${String(type ?? '')}${deviceNumber === undefined ? '' : ` ${String(deviceNumber)}`}${ref}${fields}${causeCode === undefined ? '' : ` cause=${String(causeCode)}`}`
}
