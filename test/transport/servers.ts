/** Servers for the tests of the transport: http and https on free ports, and an HTTP proxy that tunnels. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { certificateFor, type Certificate } from '../../src/simulator/certificate'

export interface TestServer {
  readonly server: net.Server
  readonly url: string
  readonly port: number
  /** Connections accepted so far. */
  connections: () => number
  close (): Promise<void>
}

async function listening (server: net.Server, scheme: string): Promise<TestServer> {
  const sockets = new Set<net.Socket>()
  let count = 0
  server.on('connection', (socket: net.Socket) => {
    count++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    server, port, url: `${scheme}://127.0.0.1:${port}`, connections: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      if (server.listening) await once(server, 'close')
    }
  }
}

export function httpServer (handler: http.RequestListener): Promise<TestServer> {
  return listening(http.createServer(handler), 'http')
}

/** Self-signed, for `localhost` and 127.0.0.1. */
export function certificate (): Promise<Certificate> {
  return certificateFor('127.0.0.1')
}

export async function httpsServer (handler: http.RequestListener): Promise<TestServer> {
  return listening(https.createServer(await certificate(), handler), 'https')
}

/** A server that does with the raw socket what the test wants. */
export function rawServer (accept: (socket: net.Socket) => void): Promise<TestServer> {
  return listening(net.createServer(accept), 'http')
}

/** Tunnels to any host; `asked` lists what was asked, with the credentials shown. With `login`, others get 407. */
export async function proxyServer (login?: string): Promise<TestServer & { asked: { authority: string; authorization?: string }[] }> {
  const asked: { authority: string; authorization?: string }[] = []
  const server = http.createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    const authorization = request.headers['proxy-authorization']
    asked.push({ authority: request.url ?? '', ...(authorization === undefined ? {} : { authorization }) })
    if (login !== undefined && authorization !== `Basic ${Buffer.from(login).toString('base64')}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const [host, port] = (request.url ?? '').split(':')
    const upstream = net.connect(Number(port), host)
    const end = (): void => {
      upstream.destroy()
      socket.destroy()
    }
    upstream.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    for (const side of [upstream, socket]) side.on('error', end).on('close', end)
  })
  return { ...await listening(server, 'http'), asked }
}

export async function bodyOf (request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
