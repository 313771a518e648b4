/**
 * What the API does in two steps of which nobody asks for the second: the own phone that rings for a dial is lifted (webex-calling.md 9.2.5), and a
 * mute transfer is completed when the far end answers (3.3).
 */
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Connection, type Fact, Refusal } from '../pbx/types'
import { type WebexOptions } from './options'

interface Transfer { held: string; /** The first call was put on hold for this. */ resume: boolean }

export class Lifting {
  private readonly timers = new Map<string, () => void>()
  private readonly transfers = new Map<string, Transfer>()
  private readonly unsubscribe: () => void

  constructor (private readonly pbx: Pbx, private readonly clock: PbxClock, private readonly options: Pick<WebexOptions, 'liftAfterMs'>) {
    this.unsubscribe = pbx.facts.on((fact) => { this.take(fact) })
  }

  /** The phone that rings for this call is lifted after a while, unless it stopped ringing. */
  expect ({ key, personality, alertingDevices }: Connection): void {
    const { liftAfterMs } = this.options
    if (liftAfterMs === false || personality !== 'clickToDial' || alertingDevices.length === 0) return
    this.timers.set(key, this.clock.after(liftAfterMs, () => {
      this.timers.delete(key)
      this.tried(() => { this.pbx.answer(key) })
    }))
  }

  /** Joins the two calls as soon as the second one is answered; when it ends before, the first one goes on as it was. */
  transferOnAnswer (held: Connection, consult: Connection, wasTalking: boolean): void {
    if (consult.state !== 'null') this.transfers.set(consult.key, { held: held.key, resume: wasTalking })
  }

  close (): void {
    this.unsubscribe()
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
    this.transfers.clear()
  }

  private take ({ type, connection }: Fact): void {
    if (type === 'reset') {
      for (const cancel of this.timers.values()) cancel()
      this.timers.clear()
      this.transfers.clear()
    }
    if (connection === undefined) return
    if (connection.personality !== 'clickToDial' || connection.state === 'null') this.forget(connection.key)
    const transfer = this.transfers.get(connection.key)
    if (transfer === undefined || (connection.state !== 'null' && type !== 'established')) return
    this.transfers.delete(connection.key)
    this.tried(() => {
      if (type === 'established') this.pbx.completeTransfer(transfer.held, connection.key)
      else if (transfer.resume && this.pbx.connections.get(transfer.held)?.heldBy === 'local') this.pbx.resume(transfer.held)
    })
  }

  private forget (key: string): void {
    this.timers.get(key)?.()
    this.timers.delete(key)
  }

  /** What was asked for may be over by now; then nothing is left to do. */
  private tried (act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }
}
