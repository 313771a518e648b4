/** A listening server, plain or with TLS, that comes back on the same port and goes away at once, with every socket. */
import { type Server as HttpServer } from 'node:http'
import { type Server as HttpsServer } from 'node:https'
import { type Server, type Socket } from 'node:net'
import { type Duplex } from 'node:stream'
import { type Address } from './face'

export interface Place { readonly host: string; /** 0: any, and then the same one again. */ readonly port: number; readonly scheme?: string }

export class House {
  private server: Server | undefined
  private readonly sockets = new Set<Socket>()
  private port: number
  private address: Address | undefined
  /** Opening and closing come one after the other, however fast they are asked for. */
  private turn: Promise<unknown> = Promise.resolve()

  /** @param make builds a server that does not listen yet; called at each opening */
  constructor (private readonly place: Place, private readonly make: () => Server) {
    this.port = place.port
  }

  /** Base address; empty before the first start. */
  get url (): string {
    const { host, scheme = 'http' } = this.place
    return this.port === 0 ? '' : `${scheme}://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  /** Listens. @throws the system's error when the port is taken */
  open (): Promise<Address> {
    return this.inTurn(() => this.listen())
  }

  /** Stops listening and cuts every socket; resolves when the port is free. */
  close (): Promise<void> {
    return this.inTurn(() => this.shut())
  }

  private inTurn<T> (task: () => Promise<T>): Promise<T> {
    const done = this.turn.then(task)
    this.turn = done.catch(() => undefined)
    return done
  }

  private async listen (): Promise<Address> {
    if (this.address) return this.address
    const server = this.make()
    server.prependListener('connection', (socket: Socket) => {
      this.sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => this.sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, this.place.host, () => {
        server.removeListener('error', reject)
        resolve()
      })
    })
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('The server has no port')
    this.server = server
    this.port = bound.port
    this.address = { host: this.place.host, port: bound.port, url: this.url }
    return this.address
  }

  private async shut (): Promise<void> {
    const { server } = this
    if (!server) return
    this.server = undefined
    this.address = undefined
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of this.sockets) socket.destroy()
      this.sockets.clear()
    })
  }
}

/** Lets `take` have what came instead of HTTP (bytes written on a stream by a confused client); what it does not take ends the socket. */
export function onGarbage<HttpLike extends HttpServer | HttpsServer> (server: HttpLike, take: (socket: Duplex, bytes: Buffer) => boolean = () => false): HttpLike {
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket: Duplex) => {
    if (!take(socket, error.rawPacket ?? Buffer.alloc(0))) socket.destroy()
  })
  return server
}
