import { type Core } from './core'
import { type Connection, type Device, type Party, Refusal } from './types'

/** How a user's own side of a call begins. */
export interface OwnLegOptions {
  /** The user's phones ring first; lifting one dials. */
  clickToDial?: boolean
  /** Phone to use; without it one that is off-hook, else the first registered one. */
  deviceKey?: string
  /** With clickToDial: the phone lifts by itself. */
  autoAnswer?: boolean
  /** Number to show instead of the user's own. */
  callerId?: string
  info?: string
  data?: Record<string, string>
  /** Wrap-up that follows when it was answered and the caller is an agent, s. */
  wrapUpSeconds?: number
}

/** The user's own side: which phones ring, lifting one of them, hooks. */
export class Phones {
  private readonly whenLifted = new Map<string, (connection: Connection) => void>()

  constructor (private readonly core: Core) {}

  /**
   * Begins a call from a user's phone; `dial` goes on from there once a phone is off-hook.
   * @param shown the other party, as far as it is known before anything is dialled
   * @throws Refusal `notAssigned` without any phone, `notAllowed` without a registered one, `full` without a free line
   */
  begin (userKey: string, dialed: string, shown: Party | undefined, options: OwnLegOptions, dial: (connection: Connection) => void): Connection {
    const user = this.core.user(userKey)
    const device = this.choose(userKey, options.deviceKey)
    this.checkRoom(userKey)
    const inUse = user.hook === 'off'
    const ring = options.clickToDial === true && options.autoAnswer !== true && !inUse
    const call = this.core.newCall({
      dialed, ani: options.callerId ?? user.numbers[0] ?? user.extension, aniName: `${user.first} ${user.last}`, data: { ...options.data },
      ...(options.info === undefined ? {} : { info: options.info })
    })
    const connection = this.core.open(call, this.core.numbering.partyOfUser(user), {
      personality: options.clickToDial === true ? 'clickToDial' : 'originator', state: 'initiated', appearance: this.appearance(userKey),
      alertingDevices: ring ? (options.deviceKey === undefined ? this.registered(userKey).map(({ key }) => key) : [device.key]) : [],
      ...(shown === undefined ? {} : { remote: shown }),
      ...(options.wrapUpSeconds === undefined ? {} : { wrapUpSeconds: options.wrapUpSeconds })
    })
    if (options.clickToDial === true) this.core.tell({ type: 'serviceInitiated', cause: 'clickToDial' }, connection)
    this.whenLifted.set(connection.key, dial)
    if (ring) {
      this.core.timers.set(connection.key, 'noAnswer', this.core.house.timers.noAnswer * 1000, () => { this.core.parts.endings.finish(connection, { cause: 'noAnswer', releasedBy: 'system' }) })
      this.tellRinging(connection)
    } else this.lift(connection, device.key, options.clickToDial !== true)
    return connection
  }

  /** A phone is lifted for a call that rings its own user first, or (`fresh`) to dial. */
  lift (connection: Connection, deviceKey: string, fresh = false): void {
    const dial = this.whenLifted.get(connection.key)
    this.whenLifted.delete(connection.key)
    this.core.timers.clear(connection.key, 'noAnswer')
    this.holdOthers(connection)
    this.seize(deviceKey)
    if (fresh) this.core.tell({ type: 'originated' }, Object.assign(connection, { deviceKey }))
    else this.core.change(connection, { personality: 'originator', state: 'initiated', alertingDevices: [], deviceKey }, { type: 'originated' })
    dial?.(connection)
  }

  forget (connection: Connection): void {
    this.whenLifted.delete(connection.key)
  }

  reset (): void {
    this.whenLifted.clear()
  }

  /** Phones that can be reached now. */
  registered (userKey: string): Device[] {
    return this.core.user(userKey).devices.map((key) => this.core.device(key)).filter((device) => device.registered)
  }

  /** Says which phones ring and whether one of them may be answered from outside. */
  tellRinging (connection: Connection): void {
    const devices = connection.alertingDevices.map((key) => this.core.device(key))
    if (devices.length === 0) return
    this.core.tell({ type: 'callInformation', detail: { changed: ['devices'], remoteAnswer: devices.some((device) => device.remoteAnswer) } }, connection)
  }

  /** Smallest line appearance that is free, from 1. */
  appearance (userKey: string): number {
    const used = new Set(this.core.connectionsOf(userKey).map((connection) => connection.appearance))
    let free = 1
    while (used.has(free)) free++
    return free
  }

  hasRoom (userKey: string): boolean {
    const lines = this.registered(userKey).reduce((most, device) => Math.max(most, device.appearances), 0)
    return this.core.connectionsOf(userKey).length < lines
  }

  /** The phone goes off-hook. */
  seize (deviceKey: string): void {
    const device = this.core.device(deviceKey)
    if (device.hook === 'on') this.setHook(device, 'off')
  }

  /** Phones that serve no call any more go on-hook. */
  replace (userKey: string): void {
    const used = new Set(this.core.connectionsOf(userKey).map((connection) => connection.deviceKey))
    for (const key of this.core.user(userKey).devices) {
      const device = this.core.device(key)
      if (device.hook === 'off' && !used.has(key)) this.setHook(device, 'on')
    }
  }

  /** A person talks to one party at a time: whatever else he has is put on hold. */
  holdOthers (connection: Connection): void {
    const { userKey } = connection.party
    if (connection.party.kind !== 'user' || userKey === undefined) return
    for (const other of this.core.connectionsOf(userKey)) {
      const talks = other.state === 'connected' || (other.state === 'hold' && other.heldBy === 'remote')
      if (other === connection || !talks || sameConference(other, connection)) continue
      if (other.monitor !== undefined) this.core.parts.endings.hangUp(other)
      else if (other.conferenceKey !== undefined) this.core.parts.conferences.hold(userKey)
      else this.core.parts.talking.hold(other)
    }
  }

  private choose (userKey: string, wanted?: string): Device {
    const user = this.core.user(userKey)
    if (user.devices.length === 0) throw new Refusal('notAssigned', `${userKey} has no phone`)
    const registered = this.registered(userKey)
    if (wanted !== undefined && !user.devices.includes(wanted)) throw new Refusal('unknownDevice', `${wanted} is no phone of ${userKey}`)
    const device = wanted === undefined ? registered.find(({ hook }) => hook === 'off') ?? registered[0] : registered.find(({ key }) => key === wanted)
    if (device === undefined) throw new Refusal('notAllowed', `no phone of ${userKey} is registered`)
    return device
  }

  private checkRoom (userKey: string): void {
    if (!this.hasRoom(userKey)) throw new Refusal('full', `${userKey} has no free line`)
  }

  private setHook (device: Device, hook: 'on' | 'off'): void {
    const user = this.core.user(device.userKey)
    device.hook = hook
    const now = user.devices.some((key) => this.core.device(key).hook === 'off') ? 'off' : 'on'
    const userChanged = now !== user.hook
    user.hook = now
    this.core.tell({ type: 'hook', userKey: user.key, deviceKey: device.key, detail: { hook, userHook: now, userChanged } })
  }
}

function sameConference (one: Connection, other: Connection): boolean {
  return one.conferenceKey !== undefined && one.conferenceKey === other.conferenceKey
}
