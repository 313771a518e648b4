/** Forwarding, do not disturb, call filter, recording flag (xivo-cti.md 3.4; model.md 7). */
import type { ActionRequest, Condition, Rule } from '../../model'
import type { ActionEntry, ActionTable } from '../../session/types'
import type { Desk } from '../desk'
import { IPBX, type XivoMessage } from '../protocol'
import { flag, isFields, text } from '../read'
import { dndOf, FORWARD_KEYS, forwardingOf } from '../userMapping'
import { byEffect, invalid, notFound, ownUser, unsupported, userOf, type Proof } from './common'

/** Reads a user's configuration when it is not known yet. */
async function known<T> (desk: Desk, user: string, read: () => T | undefined, signal: AbortSignal): Promise<T> {
  const cached = read()
  if (cached !== undefined) return cached
  const fits = (message: XivoMessage): boolean => message.class === 'getlist' && message.function === 'updateconfig' && message.listname === 'users' && text(message.tid) === user
  await desk.ask({ message: { class: 'getlist', function: 'updateconfig', listname: 'users', tid: user, tipbxid: IPBX }, reply: fits, signal })
  const told = read()
  if (told === undefined) throw notFound(`The server tells no settings of user ${user}.`)
  return told
}

function getForwarding (desk: Desk): ActionEntry {
  return {
    run: async (request, { signal }) => {
      const user = userOf(desk, request.user)
      return { forwarding: await known(desk, user, () => forwardingOf(desk.tables, user), signal) }
    }
  }
}

function getDnd (desk: Desk): ActionEntry {
  return {
    run: async (request, { signal }) => {
      const user = userOf(desk, request.user)
      return { dnd: await known(desk, user, () => dndOf(desk.tables, user), signal) }
    }
  }
}

/** The rules of a request, in either of its two forms. */
function rulesOf (request: ActionRequest): [Condition, Partial<Rule>][] {
  if (isFields(request.rules)) return Object.entries(request.rules).filter(([, rule]) => isFields(rule)) as [Condition, Partial<Rule>][]
  const rule: Partial<Rule> = { enabled: request.enabled as boolean }
  if (text(request.to) !== undefined) rule.to = text(request.to) as string
  return [[request.condition as Condition, rule]]
}

/** The destination goes along also when switching off: without it the server drops the line. */
function forwardValue (desk: Desk, request: ActionRequest): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  const stored = forwardingOf(desk.tables, desk.tables.userId)?.rules
  for (const [condition, rule] of rulesOf(request)) {
    const keys = FORWARD_KEYS[condition]
    if (keys === undefined) throw unsupported('setForwarding', `XiVO has no forwarding on "${condition}"`)
    if (rule.toVoicemail === true) throw unsupported('setForwarding', 'XiVO forwards to numbers only')
    if (typeof rule.enabled !== 'boolean') throw invalid(`The rule "${condition}" needs "enabled".`)
    const to = rule.to ?? stored?.[condition]?.to ?? ''
    if (rule.enabled && to === '') throw invalid(`The rule "${condition}" needs "to": no number is stored.`)
    value[keys[0]] = rule.enabled
    value[keys[1]] = to
  }
  if (Object.keys(value).length === 0) throw invalid('"setForwarding" has no rule.')
  return value
}

function setForwarding (desk: Desk): ActionEntry {
  const done: Proof = (seen, request) => seen.event === 'forwarding.changed' && seen.forwarding?.user.id === desk.tables.userId
    && rulesOf(request).every(([condition, rule]) => seen.forwarding?.rules[condition]?.enabled === rule.enabled)
  return byEffect(desk, done, (request) => {
    ownUser(desk, request)
    const stored = forwardingOf(desk.tables, desk.tables.userId)?.rules
    const already = rulesOf(request).every(([condition, rule]) => stored?.[condition]?.enabled === rule.enabled && (rule.to === undefined || stored?.[condition]?.to === rule.to))
    return { message: { class: 'featuresput', function: 'fwd', value: forwardValue(desk, request) }, already }
  }, { lacks: ['toVoicemail'] })
}

function setDnd (desk: Desk): ActionEntry {
  const done: Proof = (seen, request) => seen.event === 'dnd.changed' && seen.user?.id === desk.tables.userId && seen.dnd?.enabled === request.enabled
  return byEffect(desk, done, (request) => {
    const already = dndOf(desk.tables, ownUser(desk, request))?.enabled === request.enabled
    return { message: { class: 'featuresput', function: 'enablednd', value: request.enabled }, already }
  })
}

function setFeature (desk: Desk, wire: string, feature: string, anybody: boolean): ActionEntry {
  const subject = (request: ActionRequest): string => anybody ? userOf(desk, request.user) : ownUser(desk, request)
  const done: Proof = (seen, request) => seen.event === 'feature.changed' && seen.feature?.name === feature && seen.user?.id === subject(request) && seen.feature.enabled === request.enabled
  return byEffect(desk, done, (request) => {
    const user = subject(request)
    // Without a target nobody's recording is switched (xivo-cti.md 3.4).
    const already = flag(desk.tables.row('users', user).config[wire]) === request.enabled
    return { message: { class: 'featuresput', function: wire, value: request.enabled, ...(anybody ? { target: user } : {}) }, already }
  }, { lacks: ['number', 'mode'] })
}

export function serviceActions (desk: Desk): ActionTable {
  return {
    getForwarding: getForwarding(desk),
    setForwarding: setForwarding(desk),
    getDnd: getDnd(desk),
    setDnd: setDnd(desk),
    setCallFilter: setFeature(desk, 'incallfilter', 'callFilter', false),
    setCallRecording: setFeature(desk, 'enablerecording', 'callRecording', true)
  }
}
