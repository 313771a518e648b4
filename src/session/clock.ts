import type { Clock } from './types'

/** The time of the machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout)
}

let lastMs = Number.NaN
let lastText = ''

/** ms since 1970 as ISO 8601 in UTC. Remembers the last answer: events of one burst share their millisecond. */
export function isoTime (ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}
