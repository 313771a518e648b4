/** Conference groups: a station calls all members, and who answers is in its conference (ipecs.md 3.2, 3.3). */
import { type Connection, type Fact, Refusal, type User } from '../pbx/types'
import { type Site } from './site'

interface Member { index: number; dn: string; leg?: string; busy: boolean }
interface Group { index: number; userKey: string; members: Map<number, Member> }

export class ConferenceGroups {
  /** By user key: a station has one group at a time. */
  private readonly active = new Map<string, Group>()

  /** @throws Refusal `full` when the station has no line for the first member */
  start (site: Site, user: User, index: number, members: string[]): void {
    const group: Group = { index, userKey: user.key, members: new Map(members.map((dn, n) => [n + 1, { index: n + 1, dn, busy: false }])) }
    this.active.set(user.key, group)
    let called = 0
    for (const member of group.members.values()) {
      try {
        this.ring(site, user, member)
        called++
      } catch (error) {
        // A station has so many lines: who does not fit is not called.
        if (!(error instanceof Refusal) || called === 0) throw error
      }
    }
  }

  of (userKey: string, index: number): Group | undefined {
    const group = this.active.get(userKey)
    return group?.index === index ? group : undefined
  }

  /** Calls one more member. @throws Refusal */
  add (site: Site, user: User, group: Group, index: number, dn: string): void {
    const member: Member = { index, dn, busy: false }
    this.ring(site, user, member)
    group.members.set(index, member)
  }

  /** Ends a group with all its calls. */
  cancel (site: Site, userKey: string): boolean {
    const group = this.active.get(userKey)
    if (group === undefined) return false
    for (const { leg } of group.members.values()) if (open(site, leg)) site.pbx.release(leg ?? '')
    this.active.delete(userKey)
    return true
  }

  /** The station's leg to a member. */
  leg (site: Site, group: Group, index: number): Connection | undefined {
    const key = group.members.get(index)?.leg
    return open(site, key) ? site.pbx.connections.get(key ?? '') : undefined
  }

  /** Who answered joins, who is gone is idle. */
  follow (site: Site, fact: Fact): void {
    const group = this.active.get(fact.userKey ?? '')
    const member = group === undefined ? undefined : [...group.members.values()].find(({ leg }) => leg === fact.connection?.key)
    if (group === undefined || member === undefined) return
    if (fact.type === 'established') this.joined(site, group, member)
    if (fact.connection?.state !== 'null') return
    if (member.busy) this.tell(site, group, member, false)
    if (![...group.members.values()].some(({ leg }) => open(site, leg))) this.active.delete(group.userKey)
  }

  clear (): void {
    this.active.clear()
  }

  private ring (site: Site, user: User, member: Member): void {
    const leg = site.memory.while({ userKey: user.key, dialled: member.dn }, () => site.pbx.originate(user.key, site.numbers.dialable(member.dn)))
    member.leg = leg.key
  }

  private joined (site: Site, group: Group, member: Member): void {
    this.tell(site, group, member, true)
    const legs = [...group.members.values()].filter(({ busy, leg }) => busy && open(site, leg)).map(({ leg }) => leg ?? '')
    if (site.pbx.conferenceOf(group.userKey) !== undefined) site.pbx.conferenceAdd(group.userKey, member.leg ?? '')
    else if (legs.length > 1) site.pbx.conferenceStart(group.userKey, legs)
  }

  private tell (site: Site, group: Group, member: Member, busy: boolean): void {
    member.busy = busy
    site.burst.put('agent', () => {
      site.out.toAll('confgroupmember', { groupIndex: group.index, groupUsage: 'true', memberIndex: member.index, memberDN: member.dn, memberState: busy ? 'busy' : 'idle' })
    })
  }
}

function open (site: Site, key: string | undefined): boolean {
  return (site.pbx.connections.get(key ?? '')?.state ?? 'null') !== 'null'
}
