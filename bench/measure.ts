/** What a bench gives and how it is timed: two ways of doing the same work, interleaved, so that a busy machine slows both. */

export interface Bench {
  /** `G3` and what is compared. */
  name: string
  /** The ratio must be at least this; with `atMost`, at most. */
  goal: number
  atMost?: boolean
  /** One repetition. @returns the ratio of ours to what it is compared with (or the figure that the goal is about) */
  run (): Promise<number>
  /** Repetitions of which the median counts. Default 7. */
  repetitions?: number
  /** Releases what the bench holds (servers, files). */
  close? (): Promise<void>
}

export interface Result { name: string; goal: number; atMost: boolean; median: number; min: number; max: number; met: boolean }

export function median (values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** @param share 0..1 */
export function percentile (values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = Math.floor(at)
  return sorted[below] + (sorted[Math.ceil(at)] - sorted[below]) * (at - below)
}

/** Milliseconds that `work` takes. */
export function timed (work: () => void): number {
  const started = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - started) / 1e6
}

/** One measurement read by several benches: each reader gets every measurement once, and the first to ask for a new one makes it. */
export function shared<T> (measure: () => Promise<T>): (reader: string) => Promise<T> {
  let current: Promise<T> | undefined
  const readers = new Set<string>()
  return (reader) => {
    if (current === undefined || readers.has(reader)) {
      readers.clear()
      current = measure()
    }
    readers.add(reader)
    return current
  }
}

export function summarize (bench: Bench, ratios: readonly number[]): Result {
  const middle = median(ratios)
  const atMost = bench.atMost === true
  return {
    name: bench.name, goal: bench.goal, atMost, median: middle, min: Math.min(...ratios), max: Math.max(...ratios), met: atMost ? middle <= bench.goal : middle >= bench.goal
  }
}
