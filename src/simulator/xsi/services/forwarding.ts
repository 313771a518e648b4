/** Forwarding, do not disturb, remote office: services that the PBX acts upon (xsi.md 3.3). */
import { type Condition, type Rule } from '../../pbx/types'
import { badRequest } from '../errors'
import { type Values } from '../settings'
import { bool } from './fields'
import { type Field, type Service } from './types'

const ACTIVE: Field = { name: 'active', kind: 'boolean' }
const TARGET: Field = { name: 'forwardToPhoneNumber', kind: 'phone', nil: true }
const SPLASH: Field = { name: 'ringSplash', kind: 'boolean' }
const RINGS: Field = { name: 'numberOfRings', kind: 'integer', min: 0, max: 20, except: 1 }

function given<T> (values: Values, name: string, present: T, read: (value: string) => T): T {
  return Object.hasOwn(values, name) && values[name] !== undefined ? read(values[name]) : present
}

function ruleOf (present: Rule, values: Values): Rule {
  const to = Object.hasOwn(values, 'forwardToPhoneNumber') ? values.forwardToPhoneNumber : present.to
  const enabled = given(values, 'active', present.enabled, (value) => value === 'true')
  if (enabled && to === undefined) throw badRequest('forwardToPhoneNumber is needed to activate')
  return { ...present, enabled, to, rings: given(values, 'numberOfRings', present.rings, Number), ringSplash: given(values, 'ringSplash', present.ringSplash, (value) => value === 'true') }
}

const DEFAULT_RINGS = 3

function forwarding (condition: Condition, name: string, path: string, more: Field[], withEvent: boolean): Service {
  return {
    name,
    path,
    fields: [ACTIVE, TARGET, ...more],
    read: (_site, user) => {
      const rule = user.forwarding[condition]
      return { active: bool(rule.enabled), forwardToPhoneNumber: rule.to, numberOfRings: String(rule.rings ?? DEFAULT_RINGS), ringSplash: bool(rule.ringSplash ?? false) }
    },
    write: (site, user, values) => { site.pbx.setForwarding(user.key, condition, ruleOf(user.forwarding[condition], values)) },
    event: withEvent ? { package: name, type: path } : undefined
  }
}

export const forwardingServices: Service[] = [
  forwarding('always', 'Call Forwarding Always', 'CallForwardingAlways', [SPLASH], true),
  forwarding('busy', 'Call Forwarding Busy', 'CallForwardingBusy', [], true),
  forwarding('noAnswer', 'Call Forwarding No Answer', 'CallForwardingNoAnswer', [RINGS], true),
  // There is no event package for this one (xsi.md 4.8).
  forwarding('notReachable', 'Call Forwarding Not Reachable', 'CallForwardingNotReachable', [], false),
  {
    name: 'Do Not Disturb',
    path: 'DoNotDisturb',
    fields: [ACTIVE, SPLASH],
    read: (_site, user) => ({ active: bool(user.dnd.enabled), ringSplash: bool(user.dnd.ringSplash) }),
    write: (site, user, values) => {
      site.pbx.setDnd(user.key, given(values, 'active', user.dnd.enabled, (value) => value === 'true'), given(values, 'ringSplash', user.dnd.ringSplash, (value) => value === 'true'))
    },
    event: { package: 'Do Not Disturb', type: 'DoNotDisturb' }
  },
  {
    name: 'Remote Office',
    path: 'RemoteOffice',
    fields: [ACTIVE, { name: 'remoteOfficeNumber', kind: 'phone', nil: true }],
    read: (_site, user) => ({ active: bool(user.features.remoteOffice.enabled), remoteOfficeNumber: user.features.remoteOffice.number }),
    write: (site, user, values) => {
      const present = user.features.remoteOffice
      const number = Object.hasOwn(values, 'remoteOfficeNumber') ? values.remoteOfficeNumber : present.number
      const enabled = given(values, 'active', present.enabled, (value) => value === 'true')
      if (enabled && number === undefined) throw badRequest('remoteOfficeNumber is needed to activate')
      site.pbx.setFeature(user.key, 'remoteOffice', { enabled, number })
    },
    event: { package: 'Remote Office', type: 'RemoteOffice' }
  }
]
