import type { Link } from '../session/types'

/** Lets some time pass; returns at once when the connection ends. */
export async function pause ({ clock, signal }: Pick<Link, 'clock' | 'signal'>, ms: number): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      clock.clearTimeout(timer)
      resolve()
    }
    const timer = clock.setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
