/** A raw client of the XiVO protocol: lines out, lines in, nothing understood. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

export type Line = Record<string, unknown> & { class?: string }

export class RawClient {
  /** What came and was not asked for yet. */
  readonly lines: Line[] = []
  /** Bytes that are no JSON line. */
  readonly garbage: string[] = []
  closed = false
  private rest = ''
  private readonly waiters = new Set<() => void>()
  private commandId = 100

  constructor (private socket: Socket) {
    this.listen(socket)
  }

  static async open (url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname).setNoDelay(true)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RawClient(socket)
  }

  get peer (): string {
    return `${this.socket.localAddress ?? ''}:${this.socket.localPort ?? 0}`
  }

  raw (bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  send (message: Line): number {
    const commandid = typeof message.commandid === 'number' ? message.commandid : ++this.commandId
    this.raw(`${JSON.stringify({ commandid, ...message })}\n`)
    return commandid
  }

  /** The next line that fits, taken out of those that came. */
  async next (fits: (line: Line) => boolean = () => true): Promise<Line> {
    for (;;) {
      const index = this.lines.findIndex(fits)
      if (index !== -1) return this.lines.splice(index, 1)[0] as Line
      if (this.closed) assert.fail(`closed; there is ${JSON.stringify(this.lines).slice(0, 2000)}`)
      await this.change()
    }
  }

  of (name: string): Promise<Line> {
    return this.next((line) => line.class === name)
  }

  async until (test: () => boolean): Promise<void> {
    while (!test()) await this.change()
  }

  async untilClosed (): Promise<void> {
    await this.until(() => this.closed)
  }

  /** Everything that came until now and a round trip later, in order, without the time. */
  async settle (): Promise<Line[]> {
    const id = this.send({ class: 'keepalive' })
    await this.until(() => this.lines.some((line) => line.replyid === id) || this.closed)
    return this.lines.splice(0).filter((line) => line.replyid !== id).map(({ timenow, ...line }) => {
      assert.equal(typeof timenow, 'number')
      return line
    })
  }

  /** Settles and writes each line short. */
  async told (): Promise<string[]> {
    return (await this.settle()).map(brief)
  }

  /** Logs in with 1.2; returns the answer of the last step. */
  async login (userlogin: string, options: { password?: string; state?: string; version?: string } = {}): Promise<Line> {
    const { password = 'demo', state = 'berightback', version = '1.2' } = options
    this.send({ class: 'login_id', company: 'default', ident: 'test', userlogin, xivoversion: version })
    const { sessionid } = await this.of('login_id')
    this.send({ class: 'login_pass', hashedpassword: createHash('sha1').update(`${String(sessionid)}:${password}`).digest('hex') })
    const { capalist } = await this.of('login_pass')
    this.send({ class: 'login_capas', capaid: (capalist as number[])[0], loginkind: 'user', lastconnwins: false, state })
    return this.of('login_capas')
  }

  /** Logs in with 2.x. */
  async login2 (userlogin: string, options: { password?: string; state?: string; version?: string } = {}): Promise<Line> {
    const { password = 'demo', state = 'berightback', version = '2.3' } = options
    this.send({ class: 'login_id', company: 'xivo', ident: 'test', userlogin, [version === '2.3' ? 'wazoversion' : 'xivoversion']: version })
    await this.of('login_id')
    this.send({ class: 'login_pass', password })
    const { capalist } = await this.of('login_pass')
    this.send({ class: 'login_capas', capaid: (capalist as number[])[0], state })
    return this.of('login_capas')
  }

  /** TLS on the same socket. */
  async secure (): Promise<void> {
    this.socket.removeAllListeners('data')
    const socket = tlsConnect({ socket: this.socket, rejectUnauthorized: false })
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    this.socket = socket
    this.listen(socket)
  }

  close (): void {
    this.socket.destroy()
  }

  private listen (socket: Socket): void {
    socket.on('data', (bytes: Buffer) => { this.take(bytes.toString('utf8')) })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      this.wake()
    })
  }

  private take (text: string): void {
    const parts = (this.rest + text).split('\n')
    this.rest = parts.pop() ?? ''
    for (const part of parts) {
      try {
        this.lines.push(JSON.parse(part) as Line)
      } catch {
        this.garbage.push(part)
      }
    }
    this.wake()
  }

  private wake (): void {
    for (const waiter of this.waiters) waiter()
  }

  private change (): Promise<void> {
    return new Promise((resolve) => {
      const waiter = (): void => {
        this.waiters.delete(waiter)
        resolve()
      }
      this.waiters.add(waiter)
    })
  }
}

/** A line in short: `updatestatus phones 7 {"hintstatus":"8"}`. */
export function brief (line: Line): string {
  const { class: name, function: what, listname, tid, config, status, list, ...rest } = line
  if (name !== 'getlist') return `${String(name)} ${JSON.stringify(rest)}`
  return `${String(what)} ${String(listname)} ${typeof tid === 'number' ? '#' : ''}${String(tid ?? '')} ${JSON.stringify(config ?? status ?? list)}`
}
