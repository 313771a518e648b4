/** Forwarding, do not disturb, remote office, recording mode (xsi.md 3.3; model.md 7). */
import { CONDITIONS, CtiError, type Condition, type Dnd, type Feature, type Forwarding, type Rule } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { mapDnd, mapRule } from '../serviceMapping'
import { boolean, defined, text } from '../read'
import { targetFor } from '../scope'
import { plainNumber } from '../snapshot'
import { settings } from './bodies'
import { addressOf, command, invalid, subjectOf, userPath, type Access, type Run } from './tools'

const SERVICES: Readonly<Record<Condition, string>> = {
  always: 'CallForwardingAlways', busy: 'CallForwardingBusy', noAnswer: 'CallForwardingNoAnswer', notReachable: 'CallForwardingNotReachable'
}
/** Seconds of one ring where only the other is known (model.md 7). */
const RING_SECONDS = 6
/** 1 is invalid (xsi.md 3.3). */
const MOST_RINGS = 20
const RECORDING_MODES: ReadonlySet<string> = new Set(['always', 'never', 'on-demand', 'always-pause-resume', 'on-demand-user-start'])

const isMissing = (error: unknown): boolean => {
  const { code } = CtiError.from(error, 'xsi')
  return code === 'CTI_NOT_FOUND' || code === 'CTI_FORBIDDEN'
}

/** All four conditions; one that is not assigned to the user is left out. When none can be read, the first refusal is the error. */
async function readForwarding (access: Access, owner: string, context: ActionContext): Promise<Forwarding> {
  const rules: Forwarding['rules'] = {}
  let refusal: unknown
  await Promise.all(CONDITIONS.map(async (condition) => {
    try {
      const { node } = await command(access, context, 'GET', userPath(access, owner, 'services', SERVICES[condition]))
      rules[condition] = mapRule(node)
    } catch (error) {
      if (!isMissing(error)) throw error
      refusal ??= error
    }
  }))
  if (Object.keys(rules).length === 0 && refusal !== undefined) throw refusal
  const { user } = targetFor(owner, access.connection().reduceContext())
  return { user: { ...user, id: owner }, rules, complete: true }
}

function ringsOf (rule: Partial<Rule>, context: ActionContext): number | undefined {
  if (rule.rings === undefined && rule.ringSeconds === undefined) return undefined
  if (rule.rings === undefined) context.warn(`XSI counts rings: ${rule.ringSeconds} s became ${Math.round((rule.ringSeconds as number) / RING_SECONDS)} rings.`)
  const rings = rule.rings ?? Math.round((rule.ringSeconds as number) / RING_SECONDS)
  if (!Number.isInteger(rings) || rings < 0 || rings > MOST_RINGS) throw invalid(`"rings" must be 0 or 2 to ${MOST_RINGS}.`)
  if (rings !== 1) return rings
  context.warn('One ring is not possible; 2 were set.')
  return 2
}

async function writeRule (access: Access, owner: string, condition: Condition, rule: Partial<Rule>, context: ActionContext): Promise<void> {
  if (rule.toVoicemail === true) throw CtiError.unsupported('setForwarding', 'xsi', 'forwarding to the mailbox is a setting of voice messaging there', [])
  if (rule.enabled === undefined) throw invalid(`"enabled" is missing for ${condition}.`)
  const at = userPath(access, owner, 'services', SERVICES[condition])
  const to = rule.to === undefined || rule.to === '' ? undefined : addressOf(access, rule.to)
  if (rule.enabled && to === undefined) {
    const stored = mapRule((await command(access, context, 'GET', at)).node).to
    if (stored === undefined) throw invalid(`No destination is stored for ${condition}: say where with "to".`)
  }
  const own = condition === 'noAnswer' ? { numberOfRings: ringsOf(rule, context) } : condition === 'always' ? { ringSplash: rule.ringSplash } : {}
  await command(access, context, 'PUT', at, undefined, settings(SERVICES[condition], { active: rule.enabled, forwardToPhoneNumber: to, ...own }))
}

const setForwarding = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const given = request.rules as Partial<Record<string, Partial<Rule>>> | undefined
  const { condition, enabled, to, toVoicemail, rings, ringSeconds } = request as Partial<Rule> & { condition?: Condition }
  const rules = given ?? (condition === undefined ? {} : { [condition]: { enabled, to, toVoicemail, rings, ringSeconds } })
  const entries = Object.entries(rules)
  if (entries.length === 0) throw invalid('Say which forwarding with "condition" and "enabled", or with "rules".')
  for (const [name, rule] of entries) {
    const known = CONDITIONS.find((one) => one === name)
    if (known === undefined) throw invalid(`"${name.slice(0, 40)}" is no condition: ${CONDITIONS.join(', ')} are.`)
    await writeRule(access, owner, known, rule ?? {}, context)
  }
  return { forwarding: await readForwarding(access, owner, context) }
}

async function readDnd (access: Access, owner: string, context: ActionContext): Promise<Dnd> {
  return mapDnd((await command(access, context, 'GET', userPath(access, owner, 'services', 'DoNotDisturb'))).node)
}

const setDnd = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const body = settings('DoNotDisturb', { active: request.enabled as boolean, ringSplash: request.ringSplash as boolean | undefined })
  await command(access, context, 'PUT', userPath(access, owner, 'services', 'DoNotDisturb'), undefined, body)
  return { dnd: await readDnd(access, owner, context) }
}

const setRemoteOffice = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const at = userPath(access, owner, 'services', 'RemoteOffice')
  const number = request.number as string | undefined
  await command(access, context, 'PUT', at, undefined, settings('RemoteOffice', { active: request.enabled as boolean, remoteOfficeNumber: number === undefined ? undefined : addressOf(access, number) }))
  const { node } = await command(access, context, 'GET', at)
  return { feature: defined({ name: 'remoteOffice', enabled: boolean(node, 'active'), value: plainNumber(text(node, 'remoteOfficeNumber')) }) as Feature }
}

const setCallRecording = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const at = userPath(access, owner, 'services', 'CallRecording')
  const mode = (request.mode as string | undefined) ?? (request.enabled === true ? 'always' : 'never')
  if (!RECORDING_MODES.has(mode)) throw invalid(`"mode" must be one of ${[...RECORDING_MODES].join(', ')}.`)
  await command(access, context, 'PUT', at, undefined, settings('CallRecording', { recordingMode: mode }))
  const told = text((await command(access, context, 'GET', at)).node, 'recordingMode')
  return { feature: defined({ name: 'callRecording', enabled: told === undefined ? undefined : told !== 'never', value: told }) as Feature }
}

export function settingsActions (access: Access): ActionTable {
  return {
    getForwarding: { run: async (request, context) => ({ forwarding: await readForwarding(access, subjectOf(access, request, context), context) }) },
    setForwarding: { supports: ['rings', 'ringSeconds'], run: setForwarding(access) },
    getDnd: { run: async (request, context) => ({ dnd: await readDnd(access, subjectOf(access, request, context), context) }) },
    setDnd: { supports: ['ringSplash'], run: setDnd(access) },
    setRemoteOffice: { run: setRemoteOffice(access) },
    setCallRecording: { lacks: ['number'], supports: ['mode'], run: setCallRecording(access) }
  }
}
