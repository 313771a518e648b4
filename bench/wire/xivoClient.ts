/** A process of its own: a XiVO account in a whole Node-RED, with a function node at its events. */
import type { NodeMessage } from 'node-red'
import { join } from 'node:path'
import { DIST } from './built'
import { serve } from './rpc'
import { startNodeRed } from './runtime'
import { Sink, SINK } from './sink'
import type { Dialect } from './xivoServer'

/** Messages of a flow, kept to be injected again. */
const KEPT = 1000
/** Messages injected in one turn of the event loop: what one read of the wire gives. */
const TURN = 34

const sink = new Sink()
const kept: NodeMessage[] = []
let events: { send (message: NodeMessage): void } | undefined

function take (message: NodeMessage): void {
  if (kept.length < KEPT) kept.push(message)
  sink.take()
}

async function start ({ port, dialect }: { port: number; dialect: Dialect }): Promise<void> {
  (globalThis as unknown as Record<symbol, unknown>)[SINK] = take
  const red = await startNodeRed([join(DIST, 'nodes'), join(__dirname, 'nodes')], [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'account', type: 'cti-xivo-account', name: 'bench', version: 1, connectTo: 'system', host: '127.0.0.1', port: String(port), dialect, starttls: 'off', clearPassword: true, scope: 'all', settleMs: '0', country: 'US' },
    { id: 'events', type: 'cti-xivo-events', z: 'tab', version: 1, account: 'account', vendorEvent: true, events: ['call.ringing', 'call.answered', 'call.ended'], wires: [['middle']] },
    { id: 'middle', type: 'function', z: 'tab', func: 'msg.phone = msg.payload.call.device.id\nreturn msg', outputs: 1, wires: [['sink']] },
    { id: 'sink', type: 'bench-sink', z: 'tab', wires: [] }
  ], { account: { username: 'bench', password: 'secret' } })
  const account = red.node<{ sessionStatus: { state: string; error?: Error } }>('account')
  for (let waited = 0; account.sessionStatus.state !== 'online'; waited += 20) {
    if (waited > 20_000) throw new Error(`The account is ${account.sessionStatus.state}: ${String(account.sessionStatus.error)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  events = red.node<{ send (message: NodeMessage): void }>('events')
}

/** The messages of the wire once more, without the wire. */
async function inject (count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += TURN) {
    for (let n = sent; n < Math.min(count, sent + TURN); n++) events?.send({ ...kept[n % kept.length] })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

serve({
  start,
  inject,
  arm: (count: number) => { sink.arm(count) },
  taken: () => sink.taken(),
  collect: () => { globalThis.gc?.() }
})
