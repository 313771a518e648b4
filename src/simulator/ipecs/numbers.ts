/** What the switch calls things: stations, groups and their bins, agents' ids, outside lines, call references (ipecs.md 1, 4). */
import { type IdBook } from '../pbx/ids'
import { type Pbx } from '../pbx/pbx'
import { type Agent, type Connection, type Party, type Queue, type User } from '../pbx/types'
import { type IpecsOptions } from './options'

export class Numbers {
  private readonly book: IdBook
  private readonly bins = new Map<string, number>()
  /** Outside lines in use, by connection of the party outside. */
  private readonly taken = new Map<string, number>()
  /** Calls that became part of another one, with the reference of the call that they joined. */
  private readonly joined = new Map<string, number>()

  constructor (private readonly pbx: Pbx, private readonly options: IpecsOptions) {
    this.book = pbx.idBook('ipecs', (_kind, n) => String(options.firstCallRef + n - 1))
    const used = new Set(Object.values(options.bins))
    let next = options.firstBin
    for (const key of pbx.queues.keys()) {
      while (options.bins[key] === undefined && used.has(next)) next++
      const bin = options.bins[key] ?? next
      used.add(bin)
      this.bins.set(key, bin)
    }
  }

  /** `callRefID` of a call. */
  ref (callKey: string): number {
    return this.joined.get(callKey) ?? Number(this.book.id('ref', callKey))
  }

  /** A call goes on under the reference of another one: members of a conference. */
  join (callKey: string, into: string): void {
    if (callKey !== into) this.joined.set(callKey, this.ref(into))
  }

  /** A call leaves a conference that goes on: it has a reference of its own again. */
  split (callKey: string): void {
    if (!this.joined.delete(callKey)) this.joined.set(callKey, Number(this.book.id('ref', `${callKey} again`)))
  }

  /** A call is over. */
  forgetCall (callKey: string): void {
    this.joined.delete(callKey)
  }

  /** Open connections of a user under a reference; a conference has several. */
  legs (user: User, ref: number): Connection[] {
    return this.pbx.connectionsOf(user.key).filter((connection) => this.ref(connection.callKey) === ref)
  }

  /** The station of a number: a user with a phone. */
  station (deviceNumber: string): User | undefined {
    const user = this.pbx.userByExtension(deviceNumber)
    return user !== undefined && user.devices.length > 0 ? user : undefined
  }

  stations (): User[] {
    return [...this.pbx.users.values()].filter(({ devices }) => devices.length > 0)
  }

  inService (user: User): boolean {
    return user.devices.some((key) => this.pbx.devices.get(key)?.registered === true)
  }

  groupNumber (queue: Queue): string {
    return queue.extension ?? bare(queue.number)
  }

  group (number: string): Queue | undefined {
    return [...this.pbx.queues.values()].find((queue) => this.groupNumber(queue) === number)
  }

  /** Internal index of a group, four digits. */
  bin (queueKey: string | undefined): string {
    return pad4(this.bins.get(queueKey ?? '') ?? 0)
  }

  agentId (agent: Agent): string {
    return this.options.agentIds[agent.key] ?? bare(agent.number).slice(-4).padStart(4, '0')
  }

  /** The outside line of a party outside, taken now when it has none. */
  line (connectionKey: string): string {
    const known = this.taken.get(connectionKey)
    if (known !== undefined) return pad4(known)
    const used = new Set(this.taken.values())
    let line = this.options.firstLine
    while (used.has(line)) line++
    this.taken.set(connectionKey, line)
    return pad4(line)
  }

  hasLine (connectionKey: string): boolean {
    return this.taken.has(connectionKey)
  }

  freeLine (connectionKey: string): void {
    this.taken.delete(connectionKey)
  }

  /** Lines in use. */
  get busyLines (): number {
    return this.taken.size
  }

  lineIsBusy (line: number): boolean {
    return [...this.taken.values()].includes(line)
  }

  /** A number that stands for a line and not for a station: they share one space. */
  isLine (number: string): boolean {
    const line = Number(number)
    return /^\d{1,4}$/.test(number) && this.station(number) === undefined && line >= this.options.firstLine && line < this.options.firstLine + this.options.lines
  }

  /** How a party is shown: stations and groups by extension, people outside by their national number. */
  dn (party: Party | undefined): string {
    if (party === undefined) return ''
    const user = this.pbx.users.get(party.userKey ?? '')
    if (user !== undefined) return user.extension
    const queue = this.pbx.queues.get(party.queueKey ?? '')
    if (queue !== undefined) return this.groupNumber(queue)
    if (party.kind === 'park') return this.parkingLoc(party.number ?? '')?.toString() ?? ''
    const digits = bare(party.number ?? '')
    return this.pbx.country === 'US' && digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits
  }

  /** Digits as one dials them at a station. */
  digits (dialled: string): string {
    const { kind, number } = this.pbx.resolve(dialled)
    return kind === 'external' && number.startsWith('+') ? this.options.trunkPrefix + bare(number) : bare(dialled)
  }

  /** What the PBX dials for digits: the prefix for outside lines and park locations are this switch's own. */
  dialable (digits: string): string {
    const { trunkPrefix } = this.options
    const slot = this.slot(Number(digits))
    if (this.pbx.resolve(digits).kind !== 'invalid') return digits
    if (slot !== undefined && /^\d+$/.test(digits)) return slot
    return trunkPrefix !== '' && digits.startsWith(trunkPrefix) ? digits.slice(trunkPrefix.length) : digits
  }

  /** `parkingLoc` of a park slot; undefined for an extension that something is parked at. */
  parkingLoc (slot: string): number | undefined {
    const index = this.pbx.parkNumbers.indexOf(slot)
    return index === -1 ? undefined : this.options.parkStart + index
  }

  slot (parkingLoc: number): string | undefined {
    return this.pbx.parkNumbers[parkingLoc - this.options.parkStart]
  }

  /** The PBX lost its calls. */
  reset (): void {
    this.taken.clear()
    this.joined.clear()
  }
}

export function pad4 (value: number | string): string {
  return String(value).padStart(4, '0')
}

function bare (number: string): string {
  return number.replace(/^\+/, '')
}
