/** From facts of the PBX to pushes, in the order of the real server (xivo-cti.md 9). */
import { type Fact } from '../pbx/types'
import { callRows, type FactTable } from './events/calls'
import { serviceRows } from './events/services'
import { Watch } from './events/watch'
import { type Site } from './site'

const TABLES: FactTable[] = [callRows, serviceRows]
/** Facts that end a call, and those that follow from it: Asterisk tells the hint when all of them are through. */
const ENDS = new Set<Fact['type']>(['cleared', 'diverted', 'parked', 'dequeued'])
const FOLLOW = new Set<Fact['type']>(['hook', 'agent', 'membership', 'conferenceChanged', 'mailbox'])

export class Publisher {
  private readonly watch: Watch
  private readonly unsubscribe: () => void
  private ending = false

  /** @param lost called when the PBX lost its memory */
  constructor (private readonly site: Site, private readonly lost: () => void) {
    this.watch = new Watch(site)
    this.unsubscribe = site.pbx.facts.on((fact) => { this.take(fact) })
    site.out.beforeFlush = () => { this.settle() }
    site.retell = () => { this.watch.learn() }
  }

  close (): void {
    this.unsubscribe()
    this.site.out.beforeFlush = () => {}
  }

  /** The server starts anew: what it sees now is what it tells from. */
  learn (): void {
    this.watch.learn()
  }

  private take (fact: Fact): void {
    if (fact.type === 'reset') return this.lost()
    const ends = ENDS.has(fact.type) || (fact.type === 'transferred' && fact.detail?.role === 'transferor')
    if (this.ending && !ends && !FOLLOW.has(fact.type)) this.settle()
    // A line without the call comes before its channels go (xivo-cti.md 9.1).
    if (ends) this.watch.direct(fact)
    for (const table of TABLES) table[fact.type]?.(this.site, fact)
    if (!ends) this.watch.direct(fact)
    this.watch.note(fact, ends)
    this.ending ||= ends
    if (!this.ending) this.watch.settle()
    this.site.out.schedule()
  }

  private settle (): void {
    this.ending = false
    this.watch.settle()
  }
}
