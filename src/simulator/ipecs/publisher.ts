/** From facts of the PBX to events, in the order of the switch (ipecs.md 9). */
import { type Fact, type Ms, Refusal } from '../pbx/types'
import { agentRows, unbusy } from './events/agents'
import { beginRows, entered } from './events/begin'
import { endRows } from './events/end'
import { inService, serviceRows, Watch } from './events/services'
import { talkRows } from './events/talk'
import { busy, type FactTable } from './events/tell'
import { type Site } from './site'

const TABLES: FactTable[] = [beginRows, talkRows, endRows, agentRows, serviceRows]
/** Facts that belong to an end that is being told. */
const FOLLOW = new Set<Fact['type']>(['cleared', 'diverted', 'parked', 'dequeued', 'transferred', 'moved', 'hook', 'agent', 'membership', 'conferenceChanged', 'callInformation', 'mailbox'])

export class Publisher {
  private readonly watch: Watch
  private readonly unsubscribe: () => void
  /** Time of the last fact. */
  private last: Ms = 0

  constructor (private readonly site: Site) {
    this.watch = new Watch(site)
    this.watch.learn()
    this.unsubscribe = site.pbx.facts.on((fact) => { this.take(fact) })
    site.out.beforeFlush = () => { this.settle() }
  }

  close (): void {
    this.unsubscribe()
    this.site.out.beforeFlush = () => {}
  }

  private take (fact: Fact): void {
    const { site } = this
    const { burst, memory } = site
    if (fact.type === 'reset') return this.reset(fact)
    // A clock that is moved by hand does many things in one turn.
    if (fact.at !== this.last) this.endTurn(this.last)
    this.last = fact.at
    if (memory.entering !== undefined && fact.type !== 'offered') this.endTurn(fact.at)
    if (burst.open !== undefined && !FOLLOW.has(fact.type) && !(burst.open === 'transfer' && fact.type === 'delivered')) this.endBurst()
    if (memory.left !== undefined && !FOLLOW.has(fact.type)) memory.left = undefined
    if (fact.userKey !== undefined) this.watch.look(fact.userKey)
    for (const table of TABLES) table[fact.type]?.(site, fact)
    site.groups.follow(site, fact)
    site.out.schedule()
  }

  private endBurst (): void {
    this.site.burst.flush()
    unbusy(this.site)
  }

  /** Tells what waited for facts that did not come. */
  private endTurn (at: Ms): void {
    const { site } = this
    this.endBurst()
    if (site.memory.entering !== undefined) entered(site, { at })
    site.memory.left = undefined
    for (const userKey of [...site.memory.lifted]) busy(site, { at }, userKey)
  }

  private settle (): void {
    this.endTurn(this.site.pbx.now())
    this.callBack()
    this.watch.settle()
  }

  /** Stations that asked for it are called when both are free. */
  private callBack (): void {
    const { pbx, memory } = this.site
    for (const [userKey, targetKey] of memory.callbacks) {
      const target = pbx.users.get(targetKey)
      if (target !== undefined && (pbx.connectionsOf(userKey).length > 0 || pbx.connectionsOf(targetKey).length > 0)) continue
      try {
        if (target !== undefined) memory.while({ userKey, kind: 'callBack' }, () => pbx.originate(userKey, target.extension, { clickToDial: true }))
      } catch (error) {
        // The phone of the one who waits is gone: nobody is called then.
        if (!(error instanceof Refusal)) throw error
      }
      memory.callbacks.delete(userKey)
    }
  }

  /** The switch was restarted: every station goes out of service and comes back, calls count from the beginning (ipecs.md 6). */
  private reset (fact: Fact): void {
    const { site } = this
    site.memory.reset()
    site.numbers.reset()
    site.groups.clear()
    site.rooms.clear()
    site.burst.clear()
    site.forgetLater()
    site.out.restart()
    const stations = site.numbers.stations().filter((user) => site.numbers.inService(user))
    for (const user of stations) inService(site, fact, user, false)
    for (const user of stations) inService(site, fact, user, true)
    for (const { key } of site.numbers.stations()) this.watch.look(key)
    site.out.schedule()
  }
}
