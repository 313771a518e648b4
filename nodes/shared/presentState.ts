import type { TelephonyEvent } from '../../src/model'
import type { SessionStatus } from '../../src/session/types'
import type { AccountNode } from './account'

/**
 * Tells an event node with `initial` what was there already, once: when its account gets online, or, when it is online already, as soon as the flow's other
 * nodes are there. It comes from the session's picture at that moment, so it is complete, however much of the log-in the node has heard.
 */
export class PresentState {
  /** From now on, what the session finds and marks `initial` is news: somebody who was not watched before. */
  isTold = false
  private isJoining = true
  private turn: NodeJS.Immediate | undefined
  private state: SessionStatus['state'] = 'closed'

  /**
   * @param account undefined: nothing is ever told
   * @param failed gets what the account or `tell` throws
   */
  constructor (
    private readonly account: Pick<AccountNode, 'presentState'> | undefined,
    private readonly tell: (event: TelephonyEvent) => void,
    private readonly failed: (error: unknown) => void
  ) {}

  heard ({ state }: SessionStatus): void {
    this.state = state
    // The session tells of itself next: the connection is left out here.
    if (state === 'online' && !this.isJoining) this.tellOnce(({ connection }) => connection === undefined)
  }

  /** Joining is over: until then the nodes behind may not have been made yet. */
  joined (): void {
    this.isJoining = false
    if (this.state === 'online') this.turn = setImmediate(() => { this.tellOnce(() => true) })
  }

  close (): void {
    clearImmediate(this.turn)
  }

  private tellOnce (fits: (event: TelephonyEvent) => boolean): void {
    if (this.account === undefined || this.isTold) return
    this.isTold = true
    try {
      for (const event of this.account.presentState()) if (fits(event)) this.tell(event)
    } catch (error) {
      this.failed(error)
    }
  }
}
