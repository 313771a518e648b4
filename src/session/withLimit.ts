import { CtiError } from '../model'
import type { Clock } from './types'

/**
 * Runs something of a driver, at most so long. What it throws at once is a rejection too; what it does after the time is over is not waited for.
 * @param what completes "could not ... within"
 * @param signal ends the waiting early, with its reason
 * @throws CtiError CTI_TIMEOUT, or whatever `run` rejects with
 */
export function withLimit<T> (clock: Clock, ms: number, what: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new CtiError('CTI_TIMEOUT', `Could not ${what} within ${Math.round(ms / 1000)} s.`, { retryable: true })), ms)
    const stop = (): void => {
      clock.clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
    Promise.resolve().then(run).then(resolve, reject).finally(() => {
      clock.clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    })
  })
}
