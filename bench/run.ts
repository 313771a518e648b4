/**
 * Prints each goal with median, least and greatest ratio (`npm run bench`, `npm run bench -- G3` for some). Repetitions of all benches are interleaved.
 * Ends with 1 when a goal is missed. Benches are listed in `benches.ts`. They are bundled first, as module borders cost time in tight loops; the processes
 * of the wire benches load a copy of `dist`, so that a build beside them changes nothing.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build } from 'tsup'
import { type Bench, type Result, summarize } from './measure'

const REPETITIONS = 7
const OUT = resolve(__dirname, '../.tmp/bench')
const ENTRIES: Readonly<Record<string, string>> = {
  benches: 'benches.ts',
  'wire/xsiServer': 'wire/xsiServer.ts',
  'wire/xsiClient': 'wire/xsiClient.ts',
  'wire/xsiAccounts': 'wire/xsiAccounts.ts',
  'wire/xivoServer': 'wire/xivoServer.ts',
  'wire/xivoClient': 'wire/xivoClient.ts',
  'wire/nodes/bench-sink': 'wire/benchSink.ts'
}

async function measured (benches: readonly Bench[]): Promise<Result[]> {
  const ratios = new Map(benches.map((bench) => [bench, [] as number[]]))
  const most = Math.max(...benches.map((bench) => bench.repetitions ?? REPETITIONS))
  for (let round = 0; round < most; round++) {
    for (const bench of benches) if (round < (bench.repetitions ?? REPETITIONS)) ratios.get(bench)?.push(await bench.run())
  }
  return benches.map((bench) => summarize(bench, ratios.get(bench) ?? []))
}

function table (results: readonly Result[]): string {
  const rows = results.map(({ name, goal, atMost, median, min, max, met }) => [name, `${atMost ? '<=' : '>='} ${goal}`, median.toFixed(2), min.toFixed(2), max.toFixed(2), met ? 'met' : 'missed'])
  const all = [['', 'goal', 'median', 'min', 'max', ''], ...rows]
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)))
  return all.map((row) => row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join('  ')).join('\n')
}

async function bundled (): Promise<readonly Bench[]> {
  const entry = Object.fromEntries(Object.entries(ENTRIES).map(([name, source]) => [name, resolve(__dirname, source)]))
  await build({ config: false, entry, outDir: OUT, format: ['cjs'], target: 'node20', platform: 'node', external: ['node-red'], sourcemap: 'inline', silent: true, clean: true })
  await mkdir(resolve(OUT, 'wire/nodes'), { recursive: true })
  // Node-RED takes a node for one only when a page for the editor stands beside it.
  await writeFile(resolve(OUT, 'wire/nodes/bench-sink.html'), '')
  await cp(resolve(__dirname, '../dist'), resolve(OUT, 'dist'), { recursive: true })
  const loaded = await import(resolve(OUT, 'benches.js')) as { BENCHES?: readonly Bench[]; default?: { BENCHES: readonly Bench[] } }
  return loaded.BENCHES ?? loaded.default?.BENCHES ?? []
}

async function main (names: readonly string[]): Promise<void> {
  const chosen = (await bundled()).filter((bench) => names.length === 0 || names.some((name) => `${bench.name.toLowerCase()} `.includes(`${name.toLowerCase()} `)))
  if (chosen.length === 0) throw new Error(`No bench is called ${names.join(', ')}`)
  try {
    const results = await measured(chosen)
    console.log(table(results))
    if (results.some((result) => !result.met)) process.exitCode = 1
  } finally {
    for (const bench of chosen) await bench.close?.()
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
