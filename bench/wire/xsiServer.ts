/** A process of its own: an XSI server that only writes bytes which were made before, so that the client is what is measured. */
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import { type AddressInfo } from 'node:net'
import { serve } from './rpc'
import { asChunk, eventXml, STAMP_DIGITS, STAMP_MARK } from './xsiEvents'

const PIECE = 32
const XML = { 'Content-Type': 'application/xml; charset=UTF-8' }
const NS = 'xmlns="http://schema.broadsoft.com/xsi"'
const HEARTBEAT = asChunk('<ChannelHeartBeat xmlns="http://schema.broadsoft.com/xsi"/>')

/** One client, told apart by its user name. */
interface Stream { socket?: net.Socket; sent: number; prepared: Buffer[]; acknowledged: number }

const streams = new Map<string, Stream>()
const servers: net.Server[] = []
let acknowledge = true
let requests = 0

function streamOf (name: string): Stream {
  let stream = streams.get(name)
  if (stream === undefined) streams.set(name, stream = { sent: 0, prepared: [], acknowledged: 0 })
  return stream
}

function userOf (request: http.IncomingMessage): string {
  const [, token = ''] = (request.headers.authorization ?? '').split(' ')
  return Buffer.from(token, 'base64').toString().split(':')[0]
}

function reply (response: http.ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { ...XML, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

function openChannel (name: string, response: http.ServerResponse): void {
  const stream = streamOf(name)
  response.writeHead(200, { ...XML, 'Transfer-Encoding': 'chunked' })
  response.flushHeaders()
  const { socket } = response
  if (socket === null) return
  stream.socket = socket
  stream.sent = 0
  socket.on('error', () => undefined)
  socket.write(asChunk(`<?xml version="1.0" encoding="UTF-8"?>\n<Channel ${NS}><channelId>channel-${name}</channelId><expires>7200</expires></Channel>`))
}

function answer (request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = request.url ?? ''
  const { method } = request
  const name = userOf(request)
  if (url.endsWith('/channel/eventresponse')) {
    if (acknowledge) {
      streamOf(name).acknowledged++
      response.writeHead(200, { 'Content-Length': 0 })
      response.end()
    }
    return
  }
  requests++
  if (method === 'DELETE') return reply(response, '')
  if (url.includes('/profile')) return reply(response, `<Profile ${NS}><details><userId>${name}</userId><firstName>Bench</firstName><lastName>User</lastName></details></Profile>`)
  if (url.endsWith('/heartbeat')) {
    streamOf(name).socket?.write(HEARTBEAT)
    return reply(response, '')
  }
  if (method === 'POST' && url.endsWith('/v2.0/channel')) return openChannel(name, response)
  if (method === 'POST') return reply(response, `<Subscription ${NS}><subscriptionId>sub-${name}</subscriptionId><expires>86400</expires></Subscription>`)
  if (url.includes('/calls')) return reply(response, `<Calls ${NS}/>`)
  return reply(response, `<Empty ${NS}/>`)
}

function onRequest (request: http.IncomingMessage, response: http.ServerResponse): void {
  request.resume()
  request.once('end', () => answer(request, response))
}

const room = (socket: net.Socket): Promise<void> => new Promise((resolve) => {
  const done = (): void => {
    socket.off('drain', done)
    socket.off('close', done)
    resolve()
  }
  socket.on('drain', done)
  socket.on('close', done)
})

async function flood (stream: Stream): Promise<void> {
  const { socket, prepared } = stream
  if (socket === undefined) throw new Error('no event channel')
  for (const piece of prepared) {
    if (!socket.write(piece) && !socket.destroyed) await room(socket)
  }
}

/** As many a second as asked, each with the time of its sending in its id. */
async function pace (stream: Stream, perSecond: number): Promise<void> {
  const { socket, prepared } = stream
  if (socket === undefined) throw new Error('no event channel')
  const started = process.hrtime.bigint()
  let next = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Number(process.hrtime.bigint() - started) / 1e9 * perSecond
      for (; next < due && next < prepared.length; next++) {
        const chunk = prepared[next]
        chunk.write(String(process.hrtime.bigint() / 1000n).padStart(STAMP_DIGITS, '0'), chunk.indexOf(STAMP_MARK) + STAMP_MARK.length, 'latin1')
        socket.write(chunk)
      }
      if (next < prepared.length) return
      clearInterval(timer)
      resolve()
    }, 1)
  })
}

async function listen (server: net.Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

serve({
  start: async (certificate: { key: string; cert: string }) => {
    // Short: what is idle for longer is closed, as with any server, and an idle account has no more than its stream.
    const keepAliveTimeout = 3000
    const plain = http.createServer({ keepAliveTimeout }, onRequest)
    const secure = https.createServer({ keepAliveTimeout, ...certificate }, onRequest)
    return { plain: await listen(plain), secure: await listen(secure) }
  },
  /** Makes the next events of a stream; the time that takes is nobody's. */
  prepare: ({ name, events, pieces = PIECE }: { name: string; events: number; pieces?: number }) => {
    const stream = streamOf(name)
    const place = { subscriptionId: `sub-${name}`, channelId: `channel-${name}` }
    const chunks = Array.from({ length: events }, () => asChunk(eventXml(stream.sent++, place)))
    stream.prepared = []
    for (let at = 0; at < chunks.length; at += pieces) stream.prepared.push(Buffer.concat(chunks.slice(at, at + pieces)))
    stream.acknowledged = 0
  },
  go: async ({ name, perSecond }: { name: string; perSecond?: number }) => {
    const stream = streamOf(name)
    await (perSecond === undefined ? flood(stream) : pace(stream, perSecond))
    stream.prepared = []
  },
  acknowledged: (name: string) => streamOf(name).acknowledged,
  setAcknowledge: (on: boolean) => { acknowledge = on },
  requests: () => requests
})
