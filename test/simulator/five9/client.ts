/** A bare client: plain HTTP with a cookie jar of one host, and plain event sockets. */
import { request as send } from 'node:http'
import { WebSocket } from 'ws'

export type Doc = Record<string, unknown>
export interface Answer { status: number; headers: Record<string, string | string[] | undefined>; text: string; body: unknown }
export interface Event { id: string; payLoad: unknown; context: Doc }

export interface Asking { body?: unknown; raw?: string; headers?: Record<string, string>; auth?: 'both' | 'token' | 'cookie' | 'none' }

export const APP = '/appsvcs/rs/svc'
export const SUP = '/supsvcs/rs/svc'

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One HTTP request, with nothing added. */
export function ask (base: string, method: string, path: string, headers: Record<string, string> = {}, content?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(new URL(path, base), { method, headers: { ...headers, ...(content === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(content)) }) }, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) })
      })
    })
    request.on('error', reject)
    request.end(content)
  })
}

/** An event socket; keeps what came until somebody asks for it. */
export class Feed {
  readonly events: Event[] = []
  readonly raw: string[] = []
  closed: { code: number; reason: string } | undefined
  private read = 0
  private readonly waiting = new Set<() => void>()

  private constructor (readonly ws: WebSocket) {
    ws.on('message', (data) => {
      const text = String(data)
      this.raw.push(text)
      try {
        const { context, payLoad } = JSON.parse(text) as { context: Doc; payLoad: unknown }
        this.events.push({ id: String(context.eventId), payLoad, context })
      } catch {
        this.events.push({ id: 'malformed', payLoad: text, context: {} })
      }
      for (const wake of [...this.waiting]) wake()
    })
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
      for (const wake of [...this.waiting]) wake()
    })
    ws.on('error', () => {})
  }

  static async open (url: string, headers: Record<string, string>): Promise<Feed> {
    const ws = new WebSocket(url, { headers })
    const feed = new Feed(ws)
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve)
      ws.once('unexpected-response', (_request, response) => {
        response.resume()
        reject(Object.assign(new Error(`upgrade answered ${response.statusCode ?? 0}`), { status: response.statusCode }))
      })
      ws.once('error', reject)
    })
    return feed
  }

  /** The next unread event that fits; what is before it counts as read. */
  async next (wanted: string | ((event: Event) => boolean)): Promise<Event> {
    const fits = typeof wanted === 'string' ? ({ id }: Event): boolean => id === wanted : wanted
    for (;;) {
      while (this.read < this.events.length) {
        const event = this.events[this.read++]
        if (event !== undefined && fits(event)) return event
      }
      if (this.closed !== undefined) throw new Error(`closed with ${this.closed.code} while waiting for ${String(wanted)}`)
      await this.more()
    }
  }

  /** Everything unread that came up to now, with what is on its way: a ping is answered after it. */
  async settle (): Promise<Event[]> {
    const from = this.read
    this.ws.send('ping')
    await this.next('1202')
    return this.events.slice(from, this.read - 1)
  }

  async whenClosed (): Promise<{ code: number; reason: string }> {
    while (this.closed === undefined) await this.more()
    return this.closed
  }

  private more (): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake)
        resolve()
      }
      this.waiting.add(wake)
    })
  }
}

/** A user with his session. */
export class BareClient {
  cookies = new Map<string, string>()
  token = ''
  farmId = ''
  uid = ''
  oid = ''
  api: string
  readonly feeds: Feed[] = []

  constructor (readonly base: string, readonly username: string, readonly password = 'demo') {
    this.api = base
  }

  async login (policy = 'AttachExisting', context: string = APP): Promise<Answer> {
    const answer = await ask(this.base, 'POST', `${context}/auth/login`, {}, JSON.stringify({ passwordCredentials: { username: this.username, password: this.password }, appKey: 'bare', policy }))
    if (answer.status === 200) this.take(answer)
    return answer
  }

  /** Takes over what a login or metadata reply says. */
  take ({ headers, body }: Pick<Answer, 'headers' | 'body'>): void {
    const { tokenId, userId, orgId, context, metadata } = body as { tokenId: string; userId: string; orgId: string; context: { farmId: string }; metadata: { dataCenters: { active: boolean; apiUrls: { host: string; port: string }[] }[] } }
    const url = metadata.dataCenters.find(({ active }) => active)?.apiUrls[0]
    Object.assign(this, { token: tokenId, uid: userId, oid: orgId, farmId: context.farmId, api: `http://${url?.host ?? ''}:${url?.port ?? ''}` })
    for (const cookie of [headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = cookie.split(';')
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
  }

  headers (auth: Asking['auth'] = 'both'): Record<string, string> {
    const jar = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return {
      ...(auth === 'none' || auth === 'token' ? {} : { Cookie: jar }), ...(auth === 'none' || auth === 'cookie' ? {} : { Authorization: `Bearer-${this.token}` }),
      ...(auth === 'none' || auth === 'cookie' ? {} : { farmId: this.farmId })
    }
  }

  /** A request; `{uid}` and `{oid}` of the path are filled in. */
  call (method: string, path: string, { body, raw, headers = {}, auth }: Asking = {}): Promise<Answer> {
    const filled = path.replace('{uid}', this.uid).replace('{oid}', this.oid)
    return ask(this.api, method, filled, { ...this.headers(auth), ...headers }, raw ?? (body === undefined ? undefined : JSON.stringify(body)))
  }

  app (method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, `${APP}/${path}`, { body })
  }

  /** On the agent's own path. */
  mine (method: string, path: string, body?: unknown): Promise<Answer> {
    return this.app(method, `agents/{uid}/${path}`, body)
  }

  /** On the path of a call. */
  onCall (method: string, callId: string, operation: string, body?: unknown): Promise<Answer> {
    return this.mine(method, `interactions/calls/${callId}${operation === '' ? '' : `/${operation}`}`, body)
  }

  sup (method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, `${SUP}/${path}`, { body })
  }

  async state (half: 'agent' | 'supervisor' = 'agent'): Promise<unknown> {
    return (await this.call('GET', `${half === 'agent' ? APP : SUP}/${half}s/{uid}/login_state`)).body
  }

  start (half: 'agent' | 'supervisor' = 'agent', station: unknown = { stationId: '', stationType: 'SOFTPHONE' }, force = true): Promise<Answer> {
    return this.call('PUT', `${half === 'agent' ? APP : SUP}/${half}s/{uid}/session_start${force ? '?force=true' : ''}`, { body: station })
  }

  /** Opens the socket of a half and reads its first event. */
  async feed (half: 'agent' | 'supervisor' = 'agent', key = 'bare'): Promise<Feed> {
    const feed = await this.openFeed(half, key)
    await feed.next('1010')
    return feed
  }

  async openFeed (half: 'agent' | 'supervisor' = 'agent', key = 'bare', auth: Asking['auth'] = 'both'): Promise<Feed> {
    const path = half === 'agent' ? `/appsvcs/ws/${key}` : `/supsvcs/sws/${key}`
    const feed = await Feed.open(`${this.api.replace('http', 'ws')}${path}`, this.headers(auth))
    this.feeds.push(feed)
    return feed
  }

  /** Logged in, working, with its socket. */
  async work (half: 'agent' | 'supervisor' = 'agent'): Promise<Feed> {
    await this.login()
    await this.start(half)
    return this.feed(half)
  }

  close (): void {
    for (const { ws } of this.feeds) ws.terminate()
  }
}
