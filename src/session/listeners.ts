import { copyPlain, type TelephonyEvent } from '../model'
import type { SessionListener, SessionStatus } from './types'

/** The users of a session. A listener that throws harms neither the session nor the other listeners; it is counted. */
export class Listeners {
  private readonly all: SessionListener[] = []

  /** @param failed told of a listener that threw */
  constructor (private readonly failed: (error: unknown) => void) {}

  get size (): number {
    return this.all.length
  }

  add (listener: SessionListener): void {
    this.all.push(listener)
  }

  /** Takes out exactly this one entry; the same object may have joined twice. */
  remove (listener: SessionListener): void {
    const index = this.all.indexOf(listener)
    if (index >= 0) this.all.splice(index, 1)
  }

  /** The first that wants events gets the object itself, each other one a copy that was made before anybody could change it. */
  event (event: TelephonyEvent, vendorEvent: unknown): void {
    if (this.all.length === 1) return this.call(this.all[0]!, (listener) => listener.event?.(event, vendorEvent))
    const readers = this.all.filter((listener) => listener.event !== undefined)
    for (let i = 1; i < readers.length; i++) {
      this.call(readers[i]!, (listener) => listener.event?.(copyPlain(event), copyPlain(vendorEvent)))
    }
    if (readers[0] !== undefined) this.call(readers[0], (listener) => listener.event?.(event, vendorEvent))
  }

  status (status: SessionStatus): void {
    for (const listener of [...this.all]) this.call(listener, () => listener.status?.(status))
  }

  warning (code: string, text: string): void {
    for (const listener of [...this.all]) this.call(listener, () => listener.warning?.(code, text))
  }

  private call (listener: SessionListener, run: (listener: SessionListener) => void): void {
    try {
      run(listener)
    } catch (error) {
      this.failed(error)
    }
  }
}
