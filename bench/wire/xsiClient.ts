/** A process of its own: one receiver of an XSI event stream, from "frames only" to a whole Node-RED. */
import { XMLParser } from 'fast-xml-parser'
import type { NodeMessage } from 'node-red'
import { join } from 'node:path'
import type * as Http from '../../src/transport/http'
import type * as Xml from '../../src/transport/xml'
import { load, DIST, replace } from './built'
import { serve } from './rpc'
import { startNodeRed } from './runtime'
import { Sink, SINK } from './sink'
import { STAMP_DIGITS, STAMP_MARK } from './xsiEvents'

/**
 * - bare: the stream's bytes, nothing else
 * - framing: the stream cut into documents of text
 * - node: the package in Node-RED, one wire to one node; it acknowledges every event
 * - quiet: the same without acknowledgements
 * - function: `quiet`, with a function node in between
 * - general: `quiet`, with fast-xml-parser in place of our parser
 */
export type Mode = 'bare' | 'framing' | 'node' | 'quiet' | 'function' | 'general'
export interface Start { mode: Mode; url: string; name: string; ca?: string }

const sink = new Sink()
const delays: number[] = []
let stamps = false

/** From the sending to here; both processes read the same monotonic clock. */
function stamped (digits: string): void {
  delays.push(Number(process.hrtime.bigint() / 1000n - BigInt(digits)))
}

async function openStream ({ url, name }: Start, data: (chunk: Buffer) => void): Promise<void> {
  const client = load<typeof Http>('src/transport/http').createHttpClient()
  const authorization = `Basic ${Buffer.from(`${name}:secret`).toString('base64')}`
  const stream = await client.openStream({ method: 'POST', url: `${url}/com.broadsoft.async/com.broadsoft.xsi-events/v2.0/channel`, headers: { Authorization: authorization }, body: '<Channel/>' })
  await new Promise<void>((resolve) => {
    stream.listen({
      data: (chunk) => {
        // The first piece is the channel document.
        resolve()
        data(chunk)
      },
      end: () => process.exit(0)
    })
  })
}

const STAMP = Buffer.from(STAMP_MARK)
const CLOSING = Buffer.from('</xsi:Event>')

/** The end of the last piece, in which an end tag may have begun. */
let rest = Buffer.alloc(0)

function bare (piece: Buffer): void {
  const chunk = Buffer.concat([rest, piece])
  rest = chunk.subarray(Math.max(0, chunk.length - CLOSING.length + 1))
  if (stamps) {
    const at = chunk.indexOf(STAMP)
    if (at >= 0) stamped(chunk.toString('latin1', at + STAMP.length, at + STAMP.length + STAMP_DIGITS))
  }
  for (let at = chunk.indexOf(CLOSING); at >= 0; at = chunk.indexOf(CLOSING, at + CLOSING.length)) sink.take()
}

function framing (): (chunk: Buffer) => void {
  const { XmlDocumentSplitter } = load<typeof Xml>('src/transport/xml/index')
  const splitter = new XmlDocumentSplitter({ onDocument: () => sink.take(), onFault: (kind, detail) => { throw new Error(`${kind}: ${detail}`) } })
  return (chunk) => splitter.push(chunk)
}

function withoutAcknowledgements (): void {
  replace('src/xsi/acknowledger', { Acknowledger: class { received (): void { /* nothing is sent */ } unknownSubscription (): void { /* nothing is sent */ } } })
}

function withGeneralParser (): void {
  const parser = new XMLParser({
    ignoreAttributes: false, attributeNamePrefix: '@', textNodeName: '$', removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false, trimValues: false, ignoreDeclaration: true
  })
  replace('src/transport/xml/index', {
    parseXml: (text: string) => {
      const document = parser.parse(text) as Record<string, unknown>
      const root = Object.keys(document).find((key) => !key.startsWith('$')) ?? ''
      return { root, value: document[root] }
    }
  })
}

interface Message extends NodeMessage { vendorEvent?: { eventID?: string } }
interface Events { status: (...looks: unknown[]) => void; send (message: Message): void }

/** Messages of a flow, kept to be injected again. */
const KEPT = 1000
/** Messages injected in one turn of the event loop: what one read of the wire gives. */
const TURN = 34
const kept: Message[] = []
let events: Events | undefined
let statuses = 0
/** us that the node at the end works on each message. */
let workUs = 0

function work (): void {
  const until = process.hrtime.bigint() + BigInt(workUs) * 1000n
  while (process.hrtime.bigint() < until);
}

function take (message: Message): void {
  if (stamps) stamped(message.vendorEvent?.eventID?.slice(2, 2 + STAMP_DIGITS) ?? '0')
  if (kept.length < KEPT) kept.push(message)
  if (workUs > 0) work()
  sink.take()
}

async function nodeRed ({ url, name }: Start, through: readonly object[] = []): Promise<void> {
  (globalThis as unknown as Record<symbol, unknown>)[SINK] = take
  const red = await startNodeRed([join(DIST, 'nodes'), join(__dirname, 'nodes')], [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'account', type: 'cti-xsi-account', name: 'bench', version: 1, connectTo: 'system', host: url, auth: 'basic', scope: 'user', packages: 'Advanced Call', country: 'US' },
    {
      id: 'events', type: 'cti-xsi-events', z: 'tab', version: 1, account: 'account', vendorEvent: true, wires: [[through.length > 0 ? 'middle' : 'sink']],
      events: ['call.ringing', 'call.answered', 'call.held', 'call.resumed', 'call.ended', 'call.updated']
    },
    ...through as { id: string; type: string }[],
    { id: 'sink', type: 'bench-sink', z: 'tab', wires: [] }
  ], { account: { username: name, password: 'secret' } })
  const account = red.node<{ sessionStatus: { state: string; error?: Error } }>('account')
  for (let waited = 0; account.sessionStatus.state !== 'online'; waited += 20) {
    if (waited > 20_000) throw new Error(`The account is ${account.sessionStatus.state}: ${String(account.sessionStatus.error)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  events = red.node<Events>('events')
  const write = events.status.bind(events)
  events.status = (...looks) => {
    statuses++
    write(...looks)
  }
}

/** The messages of the wire once more, without the wire. */
async function inject (count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += TURN) {
    for (let n = sent; n < Math.min(count, sent + TURN); n++) events?.send({ ...kept[n % kept.length] })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const STARTS: Readonly<Record<Mode, (start: Start) => Promise<void>>> = {
  bare: (start) => openStream(start, bare),
  framing: (start) => openStream(start, framing()),
  node: (start) => nodeRed(start),
  function: (start) => {
    withoutAcknowledgements()
    return nodeRed(start, [{ id: 'middle', type: 'function', z: 'tab', func: 'msg.caller = msg.payload.call.from.number\nreturn msg', outputs: 1, wires: [['sink']] }])
  },
  quiet: (start) => {
    withoutAcknowledgements()
    return nodeRed(start)
  },
  general: (start) => {
    withoutAcknowledgements()
    withGeneralParser()
    return nodeRed(start)
  }
}

serve({
  start: (start: Start) => STARTS[start.mode](start),
  arm: ({ events: count, withStamps = false, us = 0 }: { events: number; withStamps?: boolean; us?: number }) => {
    stamps = withStamps
    workUs = us
    statuses = 0
    delays.length = 0
    sink.arm(count)
  },
  inject,
  statuses: () => statuses,
  taken: () => sink.taken(),
  delays: () => delays,
  collect: () => { globalThis.gc?.() }
})
