/** The processes of the wire benches: one server, and one receiver of each kind, started when first needed and kept for all repetitions. */
import { join } from 'node:path'
import { certificateFor } from '../../src/simulator/certificate'
import { Worker } from './rpc'
import type { Taken } from './sink'
import type { Mode } from './xsiClient'

const WARM_EVENTS = 8000

/** `perSecond` left out: as fast as they are taken. `us`: work of the last node on each message. */
export interface How { perSecond?: number; us?: number }

class XsiRig {
  private server: Promise<Worker> | undefined
  private readonly receivers = new Map<Mode, Promise<Worker>>()
  plain = ''
  secure = ''
  ca = ''

  /** The server; `plain` and `secure` are its addresses from then on. */
  ready (): Promise<Worker> {
    this.server ??= this.startServer()
    return this.server
  }

  /** A receiver, online and warm. */
  receiver (mode: Mode): Promise<Worker> {
    let receiver = this.receivers.get(mode)
    if (receiver === undefined) this.receivers.set(mode, receiver = this.startReceiver(mode))
    return receiver
  }

  /** Sends events to one receiver. */
  async run (mode: Mode, events: number, how: How = {}): Promise<Taken> {
    return this.send(await this.receiver(mode), mode, events, how)
  }

  /** Ends all processes; may be called by every bench that uses them. */
  async close (): Promise<void> {
    const all = [...this.receivers.values(), ...(this.server === undefined ? [] : [this.server])]
    this.receivers.clear()
    this.server = undefined
    await Promise.all(all.map(async (worker) => (await worker).close()))
  }

  private async send (receiver: Worker, mode: Mode, events: number, { perSecond, us }: How = {}): Promise<Taken> {
    const server = await this.ready()
    await server.ask('prepare', { name: mode, events, ...(perSecond === undefined ? {} : { pieces: 1 }) })
    await receiver.ask('collect')
    await receiver.ask('arm', { events, withStamps: perSecond !== undefined, us })
    const [taken] = await Promise.all([receiver.ask<Taken>('taken'), server.ask('go', { name: mode, perSecond })])
    return taken
  }

  private async startServer (): Promise<Worker> {
    const server = new Worker(join(__dirname, 'wire/xsiServer.js'), 'xsi-server')
    const own = await certificateFor('127.0.0.1')
    this.ca = own.cert
    const { plain, secure } = await server.ask<{ plain: number; secure: number }>('start', own)
    this.plain = `http://127.0.0.1:${plain}`
    this.secure = `https://127.0.0.1:${secure}`
    return server
  }

  private async startReceiver (mode: Mode): Promise<Worker> {
    await this.ready()
    const receiver = new Worker(join(__dirname, 'wire/xsiClient.js'), `xsi-${mode}`)
    await receiver.ask('start', { mode, url: this.plain, name: mode })
    await this.send(receiver, mode, WARM_EVENTS)
    return receiver
  }
}

export const rig = new XsiRig()
