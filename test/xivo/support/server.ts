import { createHash } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { CAPAS, UUID, world, type World } from './world'

export type Line = Record<string, unknown>
export interface ServerOptions {
  version: '1.2' | '2.0' | '2.1' | '2.2' | '2.3'
  password?: string
  /** Channels in lists, as up to 15.18. */
  channels?: boolean
  /** TLS key and certificate: STARTTLS is offered. */
  tls?: { key: string; cert: string } & tls.SecureContextOptions
  /** A line that goes out in clear right behind the confirmation of STARTTLS. */
  inject?: Line
  /** TLS from the first byte. */
  direct?: boolean
  /** Turns of the event loop after which the offer goes out; undefined = at once. */
  lateOffer?: boolean
  /** Close without the error line, as servers of 1.2 often do. */
  swallowLoginErrors?: boolean
  /** Answers a class in another way; undefined falls back to the usual answer. `close` ends the line. */
  answer?: (line: Line, session: Peer) => Line[] | 'close' | 'silence' | undefined
}

/** One client as the server sees it. */
export class Peer {
  readonly lines: Line[] = []
  private waiting: { fits: (line: Line) => boolean; found: (line: Line) => void }[] = []
  private rest = ''
  sessionId = 'Zk3QpLw8Ra'
  secure = false
  offered = false

  constructor (public socket: net.Socket, private readonly receive: (line: Line, peer: Peer) => void) {
    this.listen(socket)
  }

  send (...lines: object[]): void {
    this.socket.write(lines.map((line) => JSON.stringify({ ...line, timenow: Date.now() / 1000 }) + '\n').join(''))
  }

  raw (bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  /** The first line that fits, seen already or yet to come. */
  async next (fits: (line: Line) => boolean): Promise<Line> {
    const seen = this.lines.find(fits)
    if (seen !== undefined) return seen
    return new Promise((resolve) => { this.waiting.push({ fits, found: resolve }) })
  }

  listen (socket: net.Socket): void {
    this.socket = socket
    socket.on('error', () => socket.destroy())
    socket.on('data', this.onData)
  }

  readonly onData = (chunk: Buffer): void => {
    this.rest += chunk.toString('utf8')
    for (let end = this.rest.indexOf('\n'); end >= 0; end = this.rest.indexOf('\n')) {
      const line = JSON.parse(this.rest.slice(0, end)) as Line
      this.rest = this.rest.slice(end + 1)
      this.lines.push(line)
      this.receive(line, this)
      for (const entry of this.waiting.filter(({ fits }) => fits(line))) {
        this.waiting = this.waiting.filter((other) => other !== entry)
        entry.found(line)
      }
    }
  }
}

/** A scripted server: logs in, answers lists from a small world, is silent otherwise like the real one. */
export class TestServer {
  readonly peers: Peer[] = []
  readonly world: World
  private readonly server = net.createServer((socket) => this.accept(socket))
  private joined: { count: number; found: (peer: Peer) => void }[] = []

  constructor (readonly options: ServerOptions) {
    this.world = world(options.channels === true)
  }

  async listen (): Promise<number> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as net.AddressInfo).port
  }

  async close (): Promise<void> {
    for (const { socket } of this.peers) socket.destroy()
    if (!this.server.listening) return
    this.server.close()
    await once(this.server, 'close')
  }

  /** The client with this number, counted from 1. */
  peer (count = 1): Promise<Peer> {
    const peer = this.peers[count - 1]
    return peer === undefined ? new Promise((resolve) => { this.joined.push({ count, found: resolve }) }) : Promise.resolve(peer)
  }

  private accept (socket: net.Socket): void {
    socket.setNoDelay(true)
    const peer = new Peer(socket, (line, from) => this.receive(line, from))
    this.peers.push(peer)
    if (this.options.direct === true) this.encrypt(peer)
    else if (this.options.tls !== undefined && this.options.lateOffer !== true) this.offer(peer)
    for (const entry of this.joined.filter(({ count }) => count === this.peers.length)) entry.found(peer)
  }

  private offer (peer: Peer): void {
    peer.offered = true
    peer.send({ class: 'starttls' })
  }

  private receive (line: Line, peer: Peer): void {
    const special = this.options.answer?.(line, peer)
    if (special === 'silence') return
    if (special === 'close') return void peer.socket.destroy()
    const answers = special ?? this.usual(line, peer)
    if (answers.length > 0) peer.send(...answers)
  }

  private usual (line: Line, peer: Peer): Line[] {
    const reply = typeof line.commandid === 'number' && line.commandid > 0 ? { replyid: line.commandid } : {}
    switch (line.class) {
      case 'starttls': return this.startTls(line, peer)
      case 'login_id': return this.loginId(line, peer)
      case 'login_pass': return this.loginPass(line, peer, reply)
      case 'login_capas': return [{ class: 'login_capas', ...(this.isTwo ? {} : reply), ipbxid: 'xivo', userid: '3', appliname: 'Agent', capaxlets: [['identity', 'grid', '0']], capas: CAPAS }]
      case 'keepalive': return [{ class: 'keepalive', ...reply, warning_string: 'unimplemented' }]
      case 'getipbxlist': return [{ class: 'getipbxlist', ...reply, ipbxlist: ['xivo'] }]
      case 'get_relations': return this.isTwo ? [{ class: 'relations', data: { xivo_uuid: UUID, user_id: 3, endpoint_id: 7, agent_id: 4 } }] : []
      case 'getlist': return this.getlist(line)
      default: return []
    }
  }

  private get isTwo (): boolean {
    return this.options.version !== '1.2'
  }

  private startTls (line: Line, peer: Peer): Line[] {
    const { tls: material } = this.options
    if (!peer.offered || material === undefined) return []
    peer.send({ class: 'starttls', starttls: line.status === true }, ...this.options.inject === undefined ? [] : [this.options.inject])
    if (line.status !== true) return []
    this.encrypt(peer)
    return []
  }

  private encrypt (peer: Peer): void {
    const raw = peer.socket
    raw.off('data', peer.onData)
    peer.secure = true
    peer.listen(new tls.TLSSocket(raw, { isServer: true, secureContext: tls.createSecureContext(this.options.tls) }))
  }

  private loginId (line: Line, peer: Peer): Line[] {
    const { version } = this.options
    const key = version === '2.3' ? 'wazoversion' : 'xivoversion'
    if (this.options.lateOffer === true && this.peers.length === 1) this.offer(peer)
    if (line[key] !== version) return [{ class: 'login_id', error_string: `${key}_client:${String(line[key])};${version}` }]
    return [{ class: 'login_id', sessionid: peer.sessionId, [key]: version }]
  }

  private loginPass (line: Line, peer: Peer, reply: Line): Line[] {
    const { password = 's3cr3t' } = this.options
    const good = this.isTwo ? line.password === password
      : line.hashedpassword === createHash('sha1').update(`${peer.sessionId}:${password}`).digest('hex')
    if (good) return [{ class: 'login_pass', ...(this.isTwo ? {} : reply), capalist: [2] }]
    if (this.options.swallowLoginErrors !== true) peer.send({ class: 'login_pass', ...(this.isTwo ? {} : reply), error_string: 'login_password' })
    if (!this.isTwo) peer.socket.end()
    return []
  }

  private getlist (line: Line): Line[] {
    const { function: name, listname, tid } = line
    const base = { class: 'getlist', function: name, listname, tipbxid: 'xivo' }
    const list = this.world[String(listname)] ?? {}
    if (name === 'listid') return [{ ...base, list: Object.keys(list) }]
    const row = list[String(tid)]
    return [{ ...base, tid, ...(name === 'updateconfig' ? { config: row?.config ?? {} } : { status: row?.status ?? {} }) }]
  }
}
