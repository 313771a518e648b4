/**
 * Campaigns: an inbound one for each queue, whose state is the queue's day or night service, and one that agents call out in.
 * The PBX has no campaigns of its own; calls that come in by a queue carry the queue's.
 */
import { type Pbx } from '../pbx/pbx'
import { type PbxClock } from '../pbx/clock'
import { notFound } from './errors'
import { type Five9Ids, OUTBOUND } from './ids'

export interface Campaign { key: string; id: string; name: string; type: 'INBOUND' | 'OUTBOUND'; running: boolean; since: number }

export class Campaigns {
  private running = true
  private readonly since = new Map<string, number>()
  private readonly begun: number
  /** Set by the publisher: a campaign was started, stopped or reset. */
  changed: (key: string) => void = () => {}

  constructor (private readonly needs: { pbx: Pbx; ids: Five9Ids; clock: PbxClock }) {
    this.begun = needs.clock.now()
  }

  list (): Campaign[] {
    return [...this.needs.pbx.queues.keys(), OUTBOUND].map((key) => this.of(key))
  }

  /** The campaign with a key, which is that of its queue. */
  of (key: string): Campaign {
    const queue = this.needs.pbx.queues.get(key)
    return {
      key, id: this.needs.ids.campaigns.id(key), name: queue === undefined ? 'Outbound' : `${queue.name} inbound`, type: queue === undefined ? 'OUTBOUND' : 'INBOUND',
      running: queue === undefined ? this.running : !queue.night.enabled, since: this.since.get(key) ?? this.begun
    }
  }

  /** @throws Five9Error 404 */
  byId (id: string): Campaign {
    const key = this.needs.ids.campaigns.key(id)
    if (key === undefined) throw notFound(`No campaign ${id}`)
    return this.of(key)
  }

  /** Starts or stops one: a queue whose campaign is stopped has night service. */
  setRunning (campaign: Campaign, running: boolean): void {
    if (campaign.running === running) return
    this.since.set(campaign.key, this.needs.clock.now())
    if (campaign.key === OUTBOUND) this.running = running
    else this.needs.pbx.setNight(campaign.key, !running)
    this.changed(campaign.key)
  }
}
