/** XiVO lines from the wire to a function node, against Node-RED's own way with the same messages (performance.md G5). */
import { join } from 'node:path'
import type { Bench } from './measure'
import { Worker } from './wire/rpc'
import type { Taken } from './wire/sink'
import type { Dialect } from './wire/xivoServer'

const EVENTS = 18_000

/** ms from now to the last message: lines are read in such big pieces that the first message comes late. */
async function until (receiver: Worker, sent: Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint()
  await Promise.all([receiver.ask<Taken>('taken'), sent])
  return Number(process.hrtime.bigint() - started) / 1e6
}

class XivoRig {
  private workers: Promise<{ server: Worker; receiver: Worker }> | undefined

  constructor (private readonly dialect: Dialect) {}

  /** Wire, and then the same messages injected. @returns ms of each */
  async run (): Promise<{ wire: number; injected: number }> {
    this.workers ??= this.start()
    const { server, receiver } = await this.workers
    const wire = await this.send(server, receiver)
    await receiver.ask('collect')
    await receiver.ask('arm', EVENTS)
    return { wire, injected: await until(receiver, receiver.ask('inject', EVENTS)) }
  }

  async close (): Promise<void> {
    const workers = await this.workers
    this.workers = undefined
    await Promise.all([workers?.server.close(), workers?.receiver.close()])
  }

  private async start (): Promise<{ server: Worker; receiver: Worker }> {
    const server = new Worker(join(__dirname, 'wire/xivoServer.js'), `xivo-server-${this.dialect}`)
    const receiver = new Worker(join(__dirname, 'wire/xivoClient.js'), `xivo-${this.dialect}`)
    await receiver.ask('start', { port: await server.ask<number>('start', this.dialect), dialect: this.dialect })
    await this.send(server, receiver)
    return { server, receiver }
  }

  private async send (server: Worker, receiver: Worker): Promise<number> {
    await server.ask('prepare', EVENTS)
    await receiver.ask('collect')
    await receiver.ask('arm', EVENTS)
    return until(receiver, server.ask('go'))
  }
}

function bench (dialect: Dialect, lines: string): Bench {
  const rig = new XivoRig(dialect)
  return {
    name: `G5 XiVO ${dialect} wire to a function node (${lines}), against the same messages injected`, goal: 0.85, repetitions: 5, close: () => rig.close(),
    async run () {
      const { wire, injected } = await rig.run()
      if (process.env.BENCH_VERBOSE) console.log(`XiVO ${dialect}: ${Math.round(EVENTS / wire * 1000)} messages/s from the wire, ${Math.round(EVENTS / injected * 1000)}/s injected`)
      return injected / wire
    }
  }
}

export const hints = bench('2.3', 'a line an event')
export const channels = bench('1.2', '11 lines for 3 events')
