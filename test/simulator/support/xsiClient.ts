/** A client of the XSI face for tests: bare sockets for the stream, so that every byte can be seen. Shares nothing with the simulator. */
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { XMLParser } from 'fast-xml-parser'

export const EVENTS = '/com.broadsoft.xsi-events/v2.0'
export const ACTIONS = '/com.broadsoft.xsi-actions/v2.0'
export const CHANNEL = '/com.broadsoft.async/com.broadsoft.xsi-events/v2.0/channel'
const NAMESPACE = 'xmlns="http://schema.broadsoft.com/xsi"'

export interface Answer { status: number; headers: Record<string, string | string[] | undefined>; text: string; json: () => Record<string, unknown>; xml: () => Record<string, unknown> }
export interface XsiEvent { raw: string; kind: string; id: string; sequence: number; subscription: string; target: string | undefined; type: string; data: Record<string, unknown> }

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: false, parseTagValue: false, parseAttributeValue: false, isArray: (name) => name === 'xsi:call' || name === 'call' })

/** Parses a document with attributes as `@name`, without looking at values. */
export function parse (text: string): Record<string, unknown> {
  return parser.parse(text) as Record<string, unknown>
}

/** Value at a path of keys; `call` lists give their first entry. */
export function at (node: unknown, ...path: (string | number)[]): unknown {
  let here = node
  for (const step of path) {
    if (Array.isArray(here) && typeof step === 'string') here = here[0]
    here = (here as Record<string | number, unknown> | undefined)?.[step]
  }
  if (here !== null && typeof here === 'object' && '#text' in here) return (here as Record<string, unknown>)['#text']
  return here
}

export class XsiClient {
  private readonly port: number
  readonly authorization: string
  private readonly channels: ChannelReader[] = []

  constructor (url: string, user: string, password = 'demo') {
    this.port = Number(new URL(url).port)
    this.authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }

  /** One command. */
  request (method: string, path: string, options: { body?: string; headers?: Record<string, string>; anonymous?: boolean } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { ...(options.anonymous ? {} : { Authorization: this.authorization }), ...options.headers }
      if (options.body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(options.body))
      const call = httpRequest({ host: '127.0.0.1', port: this.port, method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const latin = /ISO-8859-1/i.test(String(response.headers['content-type']))
          const text = Buffer.concat(chunks).toString(latin ? 'latin1' : 'utf8')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) as Record<string, unknown>, xml: () => parse(text) })
        })
      })
      call.on('error', reject)
      call.end(options.body)
    })
  }

  /** A command of Actions below a user. */
  user (method: string, user: string, path: string, options: { body?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    return this.request(method, `${ACTIONS}/user/${user}${path}`, options)
  }

  /** Opens a channel; resolves when the Channel document is there. Acknowledges with 200 unless told otherwise. */
  async open (options: { set: string; expires?: number; priority?: number; applicationId?: string; acknowledge?: boolean; headers?: string[] }): Promise<ChannelReader> {
    const { set, expires = 7200, priority = 1, applicationId } = options
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Channel ${NAMESPACE}><channelSetId>${set}</channelSetId><priority>${priority}</priority><weight>50</weight><expires>${expires}</expires>${applicationId === undefined ? '' : `<applicationId>${applicationId}</applicationId>`}</Channel>`
    const reader = new ChannelReader(this, connect(this.port, '127.0.0.1'), options.acknowledge ?? true)
    this.channels.push(reader)
    reader.socket.write([`POST ${CHANNEL} HTTP/1.1`, 'Host: xsp1.example.com', `Authorization: ${this.authorization}`, ...(options.headers ?? []), `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'))
    await reader.until(() => reader.documents.length > 0 || reader.ended)
    return reader
  }

  /** Subscribes; `path` such as `user/bob@example.com`. Returns the id. */
  async subscribe (path: string, packageName: string, set: string, applicationId = 'test'): Promise<string> {
    const answer = await this.trySubscribe(path, packageName, set, applicationId)
    if (answer.status !== 200) throw new Error(`subscribe: ${answer.status} ${answer.text}`)
    return String(at(answer.xml(), 'Subscription', 'subscriptionId'))
  }

  trySubscribe (path: string, packageName: string, set: string, applicationId = 'test'): Promise<Answer> {
    return this.request('POST', `${EVENTS}/${path}`, { body: `<Subscription ${NAMESPACE}><event>${packageName}</event><expires>7200</expires><channelSetId>${set}</channelSetId><applicationId>${applicationId}</applicationId></Subscription>` })
  }

  acknowledge (eventId: string, status = 200): Promise<Answer> {
    return this.request('POST', `${EVENTS}/channel/eventresponse`, { body: `<EventResponse ${NAMESPACE}><eventID>${eventId}</eventID><statusCode>${status}</statusCode><reason>test</reason></EventResponse>` })
  }

  close (): void {
    for (const channel of this.channels) channel.socket.destroy()
  }
}

/** The stream: head, chunks as they were sent, documents, events. */
export class ChannelReader {
  head = ''
  readonly chunks: Buffer[] = []
  /** Documents, cut at the declaration. */
  documents: string[] = []
  ended = false
  private rest = Buffer.alloc(0)
  private readonly known = new Set<string>()
  private waiting: { test: () => boolean; resolve: () => void }[] = []
  acknowledgements = 0

  constructor (private readonly client: XsiClient, readonly socket: Socket, private readonly acknowledges: boolean) {
    socket.on('data', (data: Buffer) => this.take(data))
    socket.on('error', () => this.finish())
    socket.on('close', () => this.finish())
  }

  get id (): string {
    return String(at(parse(this.documents[0] ?? ''), 'Channel', 'channelId'))
  }

  /** Events in the order of arrival; resends are in it again. */
  get events (): XsiEvent[] {
    return this.documents.filter((document) => document.includes('<xsi:Event')).map(eventOf)
  }

  /** Resolves when the test holds; it is asked whenever something came. */
  until (test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve()
    return new Promise((resolve) => { this.waiting.push({ test, resolve }) })
  }

  /** Resolves when everything that was sent so far is here and acknowledged: the heartbeat comes back behind it. */
  async settle (): Promise<XsiEvent[]> {
    const beats = (): number => this.documents.filter((document) => document.includes('ChannelHeartBeat')).length
    const before = beats()
    await this.client.request('PUT', `${EVENTS}/channel/${this.id}/heartbeat`)
    await this.until(() => this.ended || (beats() > before && (!this.acknowledges || this.acknowledgements >= this.known.size)))
    return this.events
  }

  private take (data: Buffer): void {
    this.rest = Buffer.concat([this.rest, data])
    if (this.head === '') {
      const end = this.rest.indexOf('\r\n\r\n')
      if (end < 0) return
      this.head = this.rest.subarray(0, end + 4).toString('latin1')
      this.rest = this.rest.subarray(end + 4)
    }
    for (let chunk = this.chunk(); chunk !== undefined; chunk = this.chunk()) {
      if (chunk.length === 0) this.ended = true
      else this.chunks.push(chunk)
    }
    this.documents = Buffer.concat(this.chunks).toString('utf8').split(/(?=<\?xml )/).filter((document) => document.trim() !== '')
    this.respond()
    this.wake()
  }

  private chunk (): Buffer | undefined {
    const line = this.rest.indexOf('\r\n')
    if (line < 0) return undefined
    const size = Number.parseInt(this.rest.subarray(0, line).toString('latin1'), 16)
    if (this.rest.length < line + 2 + size + 2) return undefined
    const chunk = this.rest.subarray(line + 2, line + 2 + size)
    this.rest = this.rest.subarray(line + 2 + size + 2)
    return chunk
  }

  private respond (): void {
    if (!this.acknowledges) return
    for (const document of this.documents) {
      const id = /<xsi:eventID>([^<]+)<.*<\/xsi:Event>/s.exec(document)?.[1]
      if (id === undefined || this.known.has(id)) continue
      this.known.add(id)
      const done = (): void => {
        this.acknowledgements++
        this.wake()
      }
      // In some tests the server goes away on purpose: nothing is left to acknowledge then.
      this.client.acknowledge(id).then(done, done)
    }
  }

  private finish (): void {
    this.ended = true
    this.wake()
  }

  private wake (): void {
    const ready = this.waiting.filter(({ test }) => test())
    this.waiting = this.waiting.filter((entry) => !ready.includes(entry))
    for (const { resolve } of ready) resolve()
  }
}

function eventOf (raw: string): XsiEvent {
  const event = at(parse(raw), 'xsi:Event') as Record<string, unknown>
  const data = event['xsi:eventData'] as Record<string, unknown> | undefined
  return {
    raw, kind: String(event['@xsi1:type']).replace('xsi:', ''), id: String(event['xsi:eventID']), sequence: Number(event['xsi:sequenceNumber']), subscription: String(event['xsi:subscriptionId']),
    target: event['xsi:targetId'] as string | undefined, type: String(data?.['@xsi1:type'] ?? '').replace('xsi:', ''), data: data ?? event
  }
}

/** `CallAnsweredEvent 1202 Terminator Active`: what a timeline compares. */
export function brief (event: XsiEvent): string {
  const { data } = event
  const calls = [...((data['xsi:call'] as unknown[] | undefined) ?? []), ...((at(data, 'xsi:calls', 'xsi:call') as unknown as unknown[] | undefined) ?? [])]
  const shown = calls.map((call) => {
    const reason = at(call, 'xsi:redirect', 'xsi:reason')
    return [String(at(call, 'xsi:callId')).replace(/callhalf-|:0/g, ''), at(call, 'xsi:personality'), at(call, 'xsi:state'), ...(reason === undefined ? [] : [reason])].join(' ')
  })
  const hook = data['xsi:hookStatus']
  return [event.type.replace(/Event$/, ''), ...shown, ...(typeof hook === 'string' ? [hook] : [])].join(' ')
}
