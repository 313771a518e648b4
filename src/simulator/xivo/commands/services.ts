/** Presence and services of a user, keepalive, log-out (xivo-cti.md 2.8, 3.4). */
import { type Condition, type User } from '../../pbx/types'
import { Drop, type Message, need } from '../codec'
import { applyPresence } from '../presence'
import { FORWARDS } from '../render/lists'
import { type Site } from '../site'
import { type Call, type Handlers, UNWRITTEN } from './types'

/** A JSON boolean, or the number that equals it; anything else matches nothing. */
function toggle (value: unknown): boolean | undefined {
  if (value === true || value === 1) return true
  return value === false || value === 0 ? false : undefined
}

type Feature = (call: Call, value: boolean) => void

const FEATURES: Record<string, Feature> = {
  enablednd: ({ site, user }, value) => { site.pbx.setDnd(user.key, value) },
  incallfilter: ({ site, user }, value) => { site.pbx.setFeature(user.key, 'callFilter', value) },
  enablerecording: ({ site, message }, value) => {
    const target = site.ids.key('user', message.target)
    if (target !== undefined) site.pbx.setFeature(target, 'recording', value ? 'always' : 'on-demand-user-start')
  }
}

function forward (site: Site, user: User, value: unknown): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Drop('value is no object')
  const rules = value as Message
  for (const [condition, { enable, dest }] of Object.entries(FORWARDS) as [Condition, { enable: string; dest: string }][]) {
    if (rules[enable] === undefined) continue
    const to = need(rules, dest)
    const number = typeof to === 'string' ? to : ''
    const enabled = toggle(rules[enable])
    if (enabled !== undefined) site.pbx.setForwarding(user.key, condition, { enabled: enabled && number !== '', to: number })
  }
}

export const serviceCommands: Handlers = {
  keepalive: ({ ack }) => { ack(UNWRITTEN) },
  // The socket stays open: the client closes it.
  logout: ({ site, user }) => { applyPresence(site, user, 'disconnected') },
  availstate: ({ site, user, message }) => {
    const state = need(message, 'availstate')
    if (typeof state === 'string') applyPresence(site, user, state)
  },
  featuresput: (call) => {
    const { site, user, message } = call
    const name = need(message, 'function')
    const value = need(message, 'value')
    if (name === 'fwd') return forward(site, user, value)
    const on = toggle(value)
    if (on !== undefined && typeof name === 'string' && Object.hasOwn(FEATURES, name)) FEATURES[name]?.(call, on)
  }
}
