/** XSI events from the wire to one node, against parts of that way and against other ways (performance.md G1, G2). */
import { shared, type Bench } from './measure'
import { rig } from './wire/rig'

const EVENTS = 12_000
/** The general parser is so slow that fewer say the same. */
const FEWER = 6000

async function rate (mode: 'framing' | 'node' | 'quiet' | 'general', events: number): Promise<number> {
  const { count, ms, cpuMs } = await rig.run(mode, events)
  if (process.env.BENCH_VERBOSE) console.log(`${mode}: ${Math.round(count / ms * 1000)}/s, ${Math.round(cpuMs / count * 1000)} us of processor time each`)
  return count / ms
}

const measure = shared(async () => ({
  quiet: await rate('quiet', EVENTS), framing: await rate('framing', EVENTS), node: await rate('node', EVENTS), general: await rate('general', FEWER)
}))

const close = (): Promise<void> => rig.close()
const bench = (name: string, goal: number, ratio: (rates: Awaited<ReturnType<typeof measure>>) => number): Bench => ({ name, goal, run: async () => ratio(await measure(name)), close, repetitions: 5 })

export const framing = bench('G1 XSI wire to one node, against framing only', 0.6, ({ quiet, framing }) => quiet / framing)
export const parser = bench('G1 XSI wire to one node, against the same with fast-xml-parser', 2.5, ({ quiet, general }) => quiet / general)
export const acknowledged = bench('G2 XSI with an acknowledgement for every event, against none', 0.35, ({ node, quiet }) => node / quiet)
