/** A wire between a client and a face that a test can spoil: cut, frozen, chopped. Knows nothing of what it carries. */
import net from 'node:net'
import { once } from 'node:events'
import { Rng } from '../../../src/simulator/pbx/rng'

export interface Place { readonly host: string; readonly port: number }
interface Pair { readonly client: net.Socket; readonly server: net.Socket; frozen: boolean; waiting: Buffer[]; pumping: boolean }

/** Bytes of the client that are kept for `count`. */
const KEPT_BYTES = 4 * 1024 * 1024
const BIGGEST_PIECE = 300

export class Relay {
  /** Connections that clients made so far. */
  opened = 0
  /** What clients sent, newest last. */
  private heard = ''
  private readonly pairs = new Set<Pair>()
  private readonly server = net.createServer((socket) => this.accept(socket))
  private frozen = false
  private away = false
  private awayTimer: NodeJS.Timeout | undefined
  private rng: Rng | undefined

  private constructor (private readonly target: () => Place) {}

  /** @param target asked at each connection: a face comes back on its port, but not always on the same */
  static async open (target: () => Place): Promise<Relay> {
    const relay = new Relay(target)
    relay.server.listen(0, '127.0.0.1')
    await once(relay.server, 'listening')
    return relay
  }

  get place (): Place {
    return { host: '127.0.0.1', port: (this.server.address() as net.AddressInfo).port }
  }

  /** Connections that are open now. */
  get size (): number {
    return this.pairs.size
  }

  /** How often clients sent this. */
  count (pattern: RegExp): number {
    return this.heard.match(new RegExp(pattern, `${pattern.flags.replace('g', '')}g`))?.length ?? 0
  }

  /** Every connection breaks; new ones are let through. */
  cut (): void {
    for (const pair of [...this.pairs]) this.end(pair)
  }

  /** Every connection breaks, and new ones break at once for so long, as where somebody restarts a router. */
  cutFor (ms: number): void {
    this.away = true
    this.cut()
    clearTimeout(this.awayTimer)
    this.awayTimer = setTimeout(() => { this.away = false }, ms)
  }

  /** Half open: connections stay and are accepted, bytes are taken, none come back. */
  freeze (): void {
    this.frozen = true
    for (const pair of this.pairs) pair.frozen = true
  }

  /** Those who were frozen break; new ones are let through. */
  thaw (): void {
    this.frozen = false
    for (const pair of [...this.pairs]) if (pair.frozen) this.end(pair)
  }

  /** From now on bytes to the client come in pieces that have nothing to do with messages; undefined ends it. */
  chop (seed: number | undefined): void {
    this.rng = seed === undefined ? undefined : new Rng(seed)
  }

  async close (): Promise<void> {
    clearTimeout(this.awayTimer)
    this.cut()
    if (!this.server.listening) return
    this.server.close()
    await once(this.server, 'close')
  }

  private accept (client: net.Socket): void {
    this.opened++
    if (this.away) {
      client.destroy()
      return
    }
    const pair: Pair = { client, server: net.connect(this.target()), frozen: this.frozen, waiting: [], pumping: false }
    this.pairs.add(pair)
    for (const socket of [client, pair.server]) {
      socket.setNoDelay(true)
      socket.on('error', () => this.end(pair))
      // A frozen line tells nobody of an end either, but a client that goes is gone.
      socket.on('close', () => { if (socket === client || !pair.frozen) this.endSoon(pair) })
    }
    client.on('data', (bytes) => {
      if (this.heard.length < KEPT_BYTES) this.heard += bytes.toString('latin1')
      if (!pair.frozen && !pair.server.destroyed) pair.server.write(bytes)
    })
    pair.server.on('data', (bytes) => {
      if (pair.frozen) return
      pair.waiting.push(bytes)
      this.pump(pair)
    })
  }

  private pump (pair: Pair): void {
    if (pair.pumping) return
    const { rng } = this
    if (rng === undefined) {
      for (const bytes of pair.waiting.splice(0)) if (!pair.client.destroyed) pair.client.write(bytes)
      return
    }
    const all = Buffer.concat(pair.waiting.splice(0))
    if (all.length === 0) return
    const size = rng.integer(1, BIGGEST_PIECE)
    if (all.length > size) pair.waiting.push(all.subarray(size))
    if (!pair.client.destroyed) pair.client.write(all.subarray(0, size))
    pair.pumping = true
    setImmediate(() => {
      pair.pumping = false
      this.pump(pair)
    })
  }

  /** What the server said before it closed still arrives. */
  private endSoon (pair: Pair): void {
    if (!this.pairs.has(pair)) return
    if (pair.waiting.length > 0 && !pair.client.destroyed) setImmediate(() => this.endSoon(pair))
    else this.end(pair)
  }

  private end (pair: Pair): void {
    this.pairs.delete(pair)
    pair.client.destroy()
    pair.server.destroy()
  }
}
