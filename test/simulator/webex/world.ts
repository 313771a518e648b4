/** A simulator on a clock that tests move by hand, a bare client of its Webex face, and a receiver of webhooks. */
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { type DemoLogin } from '../../../src/simulator/face'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Pbx } from '../../../src/simulator/pbx/pbx'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/simulator'

export type Json = Record<string, unknown>
export interface Answer { status: number; headers: IncomingHttpHeaders; text: string; body: Json }

/** A value inside a document, by names and indices. */
export function at (value: unknown, ...path: (string | number)[]): unknown {
  let found = value
  for (const name of path) found = (found as Record<string | number, unknown> | undefined)?.[name]
  return found
}

/** A list inside a document. */
export function list (value: unknown, ...path: (string | number)[]): Json[] {
  return (at(value, ...path) ?? []) as Json[]
}

/** One request, with the bytes as they come. A `form` goes as such, a `body` as JSON, `raw` as it is. */
export function ask (url: string, options: { method?: string; token?: string; headers?: Record<string, string>; body?: unknown; form?: Record<string, string>; raw?: string } = {}): Promise<Answer> {
  const { method = 'GET', token, headers = {}, body, form, raw } = options
  const text = raw ?? (form !== undefined ? new URLSearchParams(form).toString() : body === undefined ? '' : JSON.stringify(body))
  const type = form !== undefined ? 'application/x-www-form-urlencoded' : 'application/json;charset=utf-8'
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...(text === '' ? {} : { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) }), ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks).toString('utf8')
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: whole, body: isJson && whole !== '' ? JSON.parse(whole) as Json : {} })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

export interface Delivered { path: string; headers: IncomingHttpHeaders; raw: string; event: Json }

function readable (raw: string): Json {
  try {
    return JSON.parse(raw) as Json
  } catch {
    return { unreadable: raw }
  }
}

/** Takes webhooks. `answer` is the status it gives; undefined: none at all. */
export class Receiver {
  readonly got: Delivered[] = []
  answer: number | undefined = 200
  private constructor (private readonly server: Server) {}

  static async open (): Promise<Receiver> {
    const server = createServer()
    const receiver = new Receiver(server)
    server.on('request', (incoming, response) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', () => response.destroy())
      incoming.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8')
        receiver.got.push({ path: incoming.url ?? '', headers: incoming.headers, raw, event: readable(raw) })
        if (receiver.answer !== undefined) response.writeHead(receiver.answer).end()
      })
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    return receiver
  }

  get url (): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Events so far at a path, taken away. */
  take (path?: string): Delivered[] {
    const taken = this.got.filter((each) => path === undefined || each.path === path)
    for (const each of taken) this.got.splice(this.got.indexOf(each), 1)
    return taken
  }

  close (): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => { resolve() })
      this.server.closeAllConnections()
    })
  }
}

export const CAROL = '+12025550199'

export interface World {
  simulator: Simulator
  pbx: Pbx
  clock: VirtualClock
  login: DemoLogin
  receiver: Receiver
  /** Request as a demo person (or with a whole token) under `/v1`. */
  api: (who: string, line: string, body?: unknown) => Promise<Answer>
  /** A webhook for all events of calls that ends at `/<who>` of the receiver. */
  listen: (who: string, more?: Json) => Promise<Json>
  /** Waits until all deliveries are over. */
  settle: () => Promise<void>
  /** Moves the clock in steps that deliveries can follow. */
  pass: (ms: number) => Promise<void>
  personId: (user: string) => Promise<string>
  /** First call in the list of a person. */
  callId: (who: string) => Promise<string>
  close: () => Promise<void>
}

export async function openWorld (options: Omit<SimulatorOptions, 'clock'> = {}): Promise<World> {
  const clock = new VirtualClock()
  const simulator = await startSimulator({ ...options, clock })
  const login = simulator.demoLogin('webex')
  const receiver = await Receiver.open()
  const tokenOf = (who: string): string => simulator.pbx.users.has(who) ? `demo-token-${who}` : who
  const api: World['api'] = (who, line, body) => {
    const [method = '', path = ''] = line.split(' ')
    return ask(`${login.url}/v1${path}`, { method, token: tokenOf(who), body })
  }
  const settle = async (): Promise<void> => {
    do await new Promise((resolve) => { setImmediate(resolve) })
    while ((simulator.face('webex').figures().waiting ?? 0) > 0)
  }
  const world: World = {
    simulator, pbx: simulator.pbx, clock, login, receiver, api, settle,
    listen: async (who, more = {}) => (await api(who, 'POST /webhooks', { name: `test ${who}`, targetUrl: `${receiver.url}/${who}`, resource: 'telephony_calls', event: 'all', ...more })).body,
    pass: async (ms) => {
      await settle()
      clock.advance(ms)
      await settle()
    },
    personId: async (user) => String((await api(user, 'GET /people/me')).body.id),
    callId: async (who) => String(at((await api(who, 'GET /telephony/calls')).body, 'items', 0, 'id')),
    close: async () => {
      await simulator.close()
      await receiver.close()
    }
  }
  return world
}

/** Event, kind, personality and state of deliveries, in one word each. */
export function story (deliveries: Delivered[]): string[] {
  return deliveries.map(({ event }) => [event.event, at(event, 'data', 'eventType'), at(event, 'data', 'personality'), at(event, 'data', 'state')].join(' '))
}
