/** Forwarding, do not disturb, mailbox (ipecs.md 3.2, 7.1, 7.2; model.md 7). */
import { CtiError, samePlain, type Condition, type Forwarding, type Rule } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { mailboxOf, userOf } from '../deviceMapping'
import { text } from '../read'
import { readForwarding } from '../snapshot'
import { EMPTY_ANSWER, actorOf, command, conflict, invalid, numberOf, withCti, type Access, type Confirm, type Run } from './tools'

async function currentForwarding (access: Access, context: ActionContext, device: string): Promise<Forwarding> {
  return readForwarding(device, (await command(access, context, 'getForwarding', { device, number: device })).values)
}

const getForwarding = (access: Access): Run => async (request, context) => ({ forwarding: await currentForwarding(access, context, actorOf(access, request)) })

const KINDS: Readonly<Record<string, string>> = { '': 'disable', always: 'uncondition', busy: 'busy', noAnswer: 'no_answer', 'busy noAnswer': 'busy_noans' }

/** The switch has one rule at a time: what is wanted as its kind and target. @throws CtiError CTI_CONFLICT for what it cannot hold, CTI_INVALID_REQUEST */
function oneRule (wanted: Partial<Record<Condition, Rule>>): { kind: string; to?: string } {
  const active = (['always', 'busy', 'noAnswer'] as const).filter((condition) => wanted[condition]?.enabled === true)
  const kind = KINDS[active.join(' ')]
  if (kind === undefined) throw conflict('The switch has one forwarding at a time: either always, or busy and no answer. Switch the other off in the same request.')
  const targets = new Set(active.map((condition) => wanted[condition]?.to))
  if (targets.size > 1) throw conflict('The switch has one target for busy and no answer: give both the same "to".')
  const [to] = targets
  if (active.length > 0 && to === undefined) throw invalid('"to" is missing: where calls shall go.')
  return { kind, ...(to === undefined ? {} : { to }) }
}

function wantedOf (access: Access, request: Parameters<Run>[0], before: Forwarding): Partial<Record<Condition, Rule>> {
  const { condition, enabled, to, toVoicemail } = request
  const asked = (request.rules ?? { [condition as Condition]: { enabled, ...(to === undefined ? {} : { to }), ...(toVoicemail === undefined ? {} : { toVoicemail }) } }) as Partial<Record<Condition, Rule>>
  const wanted: Partial<Record<Condition, Rule>> = {}
  const stored = Object.values(before.rules).find((rule) => rule.to !== undefined)?.to
  for (const name of ['always', 'busy', 'noAnswer', 'notReachable'] as const) {
    const rule = asked[name]
    if (rule?.enabled === true && name === 'notReachable') throw CtiError.unsupported('setForwarding', 'ipecs', 'there is no forwarding for phones that cannot be reached', [])
    if (rule?.toVoicemail === true) throw CtiError.unsupported('setForwarding', 'ipecs', 'a target must be a number: give that of the voice mail group in "to"', [])
    if (name === 'notReachable') continue
    const target = rule?.to ?? before.rules[name]?.to ?? stored
    wanted[name] = rule === undefined ? before.rules[name] ?? { enabled: false } : { enabled: rule.enabled === true, ...(rule.enabled === true && target !== undefined ? { to: numberOf(access, target) } : {}) }
  }
  return wanted
}

const setForwarding = (access: Access): Run => async (request, context) => {
  const device = actorOf(access, request)
  const before = await currentForwarding(access, context, device)
  await command(access, context, 'setForwarding', { device, number: device, ...oneRule(wantedOf(access, request, before)) })
  const forwarding = await currentForwarding(access, context, device)
  // Nothing changes, so no event will come.
  return { forwarding, ...(samePlain(before.rules, forwarding.rules) ? { outcome: 'completed' as const } : {}) }
}

async function dndOf (access: Access, context: ActionContext, device: string): Promise<boolean> {
  return text((await command(access, context, 'getDnd', { device, number: device })).values.service) === 'enable'
}

const getDnd = (access: Access): Run => async (request, context) => ({ dnd: { enabled: await dndOf(access, context, actorOf(access, request)) } })

const setDnd = (access: Access): Run => async (request, context) => {
  const device = actorOf(access, request)
  const enabled = request.enabled === true
  const known = context.picture.dnd(device)?.enabled
  await command(access, context, 'setDnd', { device, number: device, service: enabled ? 'enable' : 'disable' })
  return { dnd: { enabled }, ...(known === enabled ? { outcome: 'completed' as const } : {}) }
}

/** The switch tells counters only (ipecs.md 7.2). */
const voicemail = (access: Access): Run => async (request, context) => {
  if (request.op !== undefined && request.op !== 'summary') throw CtiError.unsupported('voicemail', 'ipecs', 'the switch tells the numbers of messages only (op "summary")', [])
  const { data } = await command(access, context, 'mailbox', { device: actorOf(access, request) })
  return { voicemail: mailboxOf(data) }
}

function ofUser (access: Access, name: string): Confirm {
  return ({ event, user }, request) => event === name && user?.id === userOf(actorOf(access, request)).id
}

export function serviceActions (access: Access): ActionTable {
  const available = withCti(access)
  return {
    getForwarding: { available, run: getForwarding(access) },
    setForwarding: { available, ...EMPTY_ANSWER, confirm: ofUser(access, 'forwarding.changed'), run: setForwarding(access) },
    getDnd: { available, run: getDnd(access) },
    setDnd: { available, ...EMPTY_ANSWER, confirm: ofUser(access, 'dnd.changed'), run: setDnd(access) },
    voicemail: { available, lacks: ['messageId'], run: voicemail(access) }
  }
}
