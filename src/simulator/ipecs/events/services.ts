/** What stations set for themselves, and whether they are there (ipecs.md 4.3 to 4.5, 9.1, 9.6, 9.7). */
import { type Fact, type User } from '../../pbx/types'
import { callStatus, forwardingOf } from '../status'
import { type Site } from '../site'
import { loggedOn } from './agents'
import { acd, type FactTable, station } from './tell'

/** A station comes or goes. */
export function inService (site: Site, fact: Fact, user: User, there: boolean): void {
  const source = station(user.extension)
  acd(site, fact, there ? 84 : 82, { source })
  const agent = site.pbx.agentOf(user.key)
  if (there && user.hook === 'on') acd(site, fact, 18, { source })
  site.out.device(user.extension, there ? 'registered' : 'unregistered')
  // Clients take an agent without a station as logged off.
  if (there && agent?.loggedIn === true) loggedOn(site, fact, agent)
}

/** The station is there as long as one of the phones is. */
function registration (site: Site, fact: Fact): void {
  const user = site.pbx.users.get(fact.userKey ?? '')
  if (user === undefined) return
  const others = user.devices.some((key) => key !== fact.deviceKey && site.pbx.devices.get(key)?.registered === true)
  if (!others) inService(site, fact, user, fact.detail?.registered === true)
}

function dnd (site: Site, fact: Fact): void {
  const user = site.pbx.users.get(fact.userKey ?? '')
  if (user === undefined) return
  const on = fact.detail?.enabled === true
  acd(site, fact, on ? 19 : 20, { source: station(user.extension) })
  site.out.call(user.extension, 'dnd', { svcType: on ? 'enable' : 'disable' })
}

function mailbox (site: Site, fact: Fact): void {
  const user = site.pbx.users.get(fact.userKey ?? '')
  if (user === undefined) return
  const { newMessages, oldMessages, newUrgent, oldUrgent } = fact.detail as Record<'newMessages' | 'oldMessages' | 'newUrgent' | 'oldUrgent', number>
  site.out.call(user.extension, 'mwi', { msgStatus: String(newMessages + newUrgent > 0), newMsg: newMessages + newUrgent, oldMsg: oldMessages + oldUrgent, newUrgentMsg: newUrgent })
}

/** The hook of a station: busy is told with the call that it is for, idle with its end. */
function hook (site: Site, fact: Fact): void {
  const user = site.pbx.users.get(fact.userKey ?? '')
  if (user === undefined || fact.detail?.userChanged !== true) return
  if (fact.detail.userHook === 'off') {
    site.memory.lifted.add(user.key)
    return
  }
  site.memory.lifted.delete(user.key)
  site.burst.put('idle', () => { acd(site, fact, 18, { source: station(user.extension) }) })
}

function queueMode (site: Site, fact: Fact): void {
  acd(site, fact, 77, { source: station(attendant(site)), data1: site.numbers.bin(fact.queueKey) })
}

/** The attendant of the switch: the first supervisor, else the first station. */
export function attendant (site: Site): string {
  const stations = site.numbers.stations()
  return (stations.find(({ supervisor }) => supervisor) ?? stations[0])?.extension ?? ''
}

export const serviceRows: FactTable = { registration, dnd, mailbox, hook, queueMode }

/** Tells what differs from what was told last: forwarding, and the state of stations to those who want presence. */
export class Watch {
  private readonly touched = new Set<string>()

  constructor (private readonly site: Site) {}

  /** Something happened to a user. */
  look (userKey: string): void {
    this.touched.add(userKey)
  }

  /** What is there now counts as told. */
  learn (): void {
    this.touched.clear()
    for (const user of this.site.numbers.stations()) {
      this.site.memory.forwarding.set(user.key, JSON.stringify(forwardingOf(this.site, user)))
      this.site.memory.status.set(user.extension, callStatus(this.site, user))
    }
  }

  settle (): void {
    const { memory, pbx } = this.site
    for (const key of this.touched) {
      const user = pbx.users.get(key)
      if (user === undefined || user.devices.length === 0) continue
      const text = JSON.stringify(forwardingOf(this.site, user))
      if (memory.forwarding.get(user.key) !== text) {
        memory.forwarding.set(user.key, text)
        this.forwarded(user)
      }
      const status = callStatus(this.site, user)
      if (memory.status.get(user.extension) !== status) {
        memory.status.set(user.extension, status)
        this.site.out.presence(user.extension, 'ext', status)
      }
    }
    this.touched.clear()
    this.lines()
  }

  /** Outside lines that somebody watches. */
  private lines (): void {
    const { memory, numbers, sessions, out } = this.site
    const watched = new Set(sessions.listening().flatMap(({ presences }) => [...presences].filter((number) => numbers.isLine(number))))
    for (const number of watched) {
      const status = numbers.lineIsBusy(Number(number)) ? 'busy' : 'idle'
      if ((memory.status.get(`line ${number}`) ?? 'idle') !== status) out.presence(number, 'trk', status)
      memory.status.set(`line ${number}`, status)
    }
  }

  private forwarded (user: User): void {
    const { out, pbx } = this.site
    const { cfwdType, destNumber, code } = forwardingOf(this.site, user)
    out.call(user.extension, 'forwarding', { destination: destNumber, svcType: cfwdType })
    // The number of the type is decimal, padded as other data are: no capture shows it.
    out.acd(pbx.now(), cfwdType === 'disable' ? 22 : 21, { source: station(user.extension), ...(cfwdType === 'disable' ? {} : { data1: String(code).padStart(4, '0') }) })
  }
}
