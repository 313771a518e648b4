/** Ids that only this face knows: call halves, tracking ids (xsi.md 1). */
import { type Pbx } from '../pbx/pbx'
import { type IdBook } from '../pbx/ids'
import { uuidOf } from '../random'

const FIRST_HALF = 1200
const FIRST_TRACKING = 309

const MAKERS: Record<string, (n: number) => string> = {
  half: (n) => `callhalf-${FIRST_HALF + n}:0`,
  tracking: (n) => `${FIRST_TRACKING + n}:1`,
  session: (n) => uuidOf('session', String(n)),
  network: (n) => `BW${(7_000_000 + n * 7919).toString(16)}@192.0.2.10`
}

export class XsiIds {
  private readonly book: IdBook

  /**
   * The book belongs to the PBX, which empties it when it restarts.
   * @param uuids tracking ids are uuids, as on Webex Calling (webex-calling.md 7.4)
   */
  constructor (pbx: Pick<Pbx, 'idBook'>, private readonly uuids = false) {
    this.book = pbx.idBook('xsi', (kind, n) => MAKERS[kind]?.(n) ?? `${kind}-${n}`)
  }

  /** `callId` of a connection. */
  callId (connectionKey: string): string {
    return this.book.id('half', connectionKey)
  }

  /** Connection of a `callId`. */
  connectionKey (callId: string): string | undefined {
    return this.book.keyOf('half', callId)
  }

  /** `extTrackingId`, shared by the halves of one call. */
  trackingId (callKey: string): string {
    return this.uuids ? this.sessionUuid(callKey) : this.book.id('tracking', callKey)
  }

  /** What Webex Calling knows a call by. */
  sessionUuid (callKey: string): string {
    return this.book.id('session', callKey)
  }

  /** SIP Call-ID towards the network. */
  networkId (connectionKey: string): string {
    return this.book.id('network', connectionKey)
  }
}
