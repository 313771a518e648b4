/** What events at a steady rate cost: processor and delay; and what a flow that is too slow costs (performance.md G5, G7, G8, G10). */
import { percentile, shared, type Bench } from './measure'
import { rig } from './wire/rig'
import type { Taken } from './wire/sink'
import type { Mode } from './wire/xsiClient'

const close = (): Promise<void> => rig.close()
function bench (name: string, goal: number, atMost: boolean, run: () => Promise<number>): Bench {
  return { name, goal, atMost, repetitions: 5, run, close }
}

const BUSY_PER_SECOND = 2000
const core = async (mode: Mode): Promise<number> => {
  const { cpuMs, ms } = await rig.run(mode, BUSY_PER_SECOND * 2, { perSecond: BUSY_PER_SECOND })
  return cpuMs / ms
}
export const processor = bench('G7 share of a core at 2,000 events a second', 0.15, true, () => core('quiet'))
export const processorWithAcks = bench('G7 the same with acknowledgements', 0.15, true, () => core('node'))

const CALM = { perSecond: 1000 }
async function delays (mode: Mode): Promise<number[]> {
  await rig.run(mode, CALM.perSecond, CALM)
  return (await rig.receiver(mode)).ask<number[]>('delays')
}
const added = shared(async () => {
  const [bare, ours] = [await delays('bare'), await delays('quiet')]
  return (share: number): number => percentile(ours, share) - percentile(bare, share)
})
export const delayMiddle = bench('G8 added delay at 1,000 a second, us, p50', 80, true, async () => (await added('p50'))(0.5))
export const delayWorst = bench('G8 added delay at 1,000 a second, us, p99', 1000, true, async () => (await added('p99'))(0.99))

const EVENTS = 8000
async function injected (): Promise<Taken> {
  const receiver = await rig.receiver('function')
  await receiver.ask('collect')
  await receiver.ask('arm', { events: EVENTS })
  await receiver.ask('inject', EVENTS)
  return receiver.ask<Taken>('taken')
}
export const functionNode = bench('G5 XSI wire to a function node, against the same messages injected', 0.85, false, async () => {
  const wire = await rig.run('function', EVENTS)
  return (await injected()).ms / wire.ms
})

const slow = shared(async () => {
  const fast = await rig.run('quiet', EVENTS)
  // As much work again as the way from the wire takes: the flow is half as fast as the wire.
  const half = await rig.run('quiet', EVENTS, { us: Math.ceil(fast.ms / fast.count * 1000) })
  const statuses = await (await rig.receiver('quiet')).ask<number>('statuses')
  return { memory: half.rssPeak / fast.rssPeak, statuses: statuses / (half.ms / 1000) }
})
export const slowFlow = bench('G10 memory with a flow half as fast as the wire, against a fast one', 1.25, true, async () => (await slow('memory')).memory)
export const statuses = bench('G10 statuses a second', 2, true, async () => (await slow('statuses')).statuses)
