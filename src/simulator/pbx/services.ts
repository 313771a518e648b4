import { type Core } from './core'
import { type Condition, Refusal, type Rule, type UserFeatures } from './types'

const MOST_RINGS = 20

/** What a user sets for himself: forwarding, do not disturb, presence, features; and which phones are there. */
export class Services {
  constructor (private readonly core: Core) {}

  /** Changes one forwarding; what is left out stays, what is given as undefined (or as an empty target) is taken away. Enabling needs a target, given now or stored. Rings: 0 to 20. */
  setForwarding (userKey: string, condition: Condition, change: Partial<Rule>): Rule {
    const user = this.core.user(userKey)
    const rule = { ...user.forwarding[condition], ...change }
    if (rule.enabled && (rule.to === undefined || rule.to === '')) throw new Refusal('invalidValue', `forwarding ${condition} needs a target`)
    if (rule.to !== undefined && rule.to !== '' && this.core.numbering.resolve(rule.to).kind === 'invalid') throw new Refusal('invalidNumber', `${rule.to} cannot be dialled`)
    if (rule.rings !== undefined && (!Number.isInteger(rule.rings) || rule.rings < 0 || rule.rings > MOST_RINGS)) throw new Refusal('invalidValue', `rings must be 0 to ${MOST_RINGS}`)
    if (rule.to === '' || rule.to === undefined) delete rule.to
    if (rule.rings === undefined) delete rule.rings
    user.forwarding[condition] = rule
    this.core.tell({ type: 'forwarding', userKey, detail: { condition, rule: { ...rule } } })
    return { ...rule }
  }

  setDnd (userKey: string, enabled: boolean, ringSplash?: boolean): void {
    const user = this.core.user(userKey)
    user.dnd = { enabled, ringSplash: ringSplash ?? user.dnd.ringSplash }
    this.core.tell({ type: 'dnd', userKey, detail: { ...user.dnd } })
    this.core.parts.queues.look()
  }

  setPresence (userKey: string, presence: string): void {
    if (presence === '') throw new Refusal('invalidValue', 'a presence has a name')
    this.core.user(userKey).presence = presence
    this.core.tell({ type: 'presence', userKey, detail: { presence } })
  }

  setFeature<Name extends keyof UserFeatures> (userKey: string, name: Name, value: UserFeatures[Name]): void {
    const { features } = this.core.user(userKey)
    if (!(name in features)) throw new Refusal('invalidValue', `no feature ${name}`)
    if (typeof value !== typeof features[name]) throw new Refusal('invalidValue', `feature ${name} is a ${typeof features[name]}`)
    features[name] = value
    this.core.tell({ type: 'feature', userKey, detail: { feature: name, value: structuredClone(value) } })
  }

  /** A phone comes or goes. A call that rang only there goes the way of a user who cannot be reached; calls that talk go on. */
  setRegistered (deviceKey: string, registered: boolean): void {
    const device = this.core.device(deviceKey)
    if (device.registered === registered) return
    device.registered = registered
    this.core.tell({ type: 'registration', userKey: device.userKey, deviceKey, detail: { registered } })
    if (registered) {
      this.core.parts.queues.look()
      return
    }
    for (const connection of this.core.connectionsOf(device.userKey)) {
      if (!connection.alertingDevices.includes(deviceKey)) continue
      this.core.change(connection, { alertingDevices: connection.alertingDevices.filter((key) => key !== deviceKey) }, { type: 'callInformation', detail: { changed: ['devices'] } })
      if (connection.alertingDevices.length > 0) continue
      if (connection.personality === 'clickToDial') this.core.parts.endings.finish(connection, { cause: 'notReachable', releasedBy: 'system' })
      else this.core.parts.calls.passOn(connection, 'notReachable')
    }
  }
}
