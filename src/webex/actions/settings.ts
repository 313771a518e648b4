/** Forwarding, do not disturb, and the settings that only Webex has (webex-calling.md 3.6; model.md 7). */
import { CtiError, type ActionRequest, type ActionSpec, type Condition, type Forwarding, type Rule } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { lineQuery, settingPaths, type Line, type Setting } from '../line'
import type { Json } from '../read'
import { targetOf } from '../scope'
import { changedForwarding, mapDnd, mapForwarding, mergeSettings, withoutReadOnly } from '../settings'
import { addressOf, invalid, lineOf, type Access, type Run } from './tools'

const REFUSED: ReadonlySet<string> = new Set(['CTI_FORBIDDEN', 'CTI_NOT_FOUND'])

interface Read { readonly node: Json; readonly at: string }

/** Reads a setting by the first path that serves. @throws CtiError the first refusal when none does */
async function read (line: Line, setting: Setting, context: ActionContext): Promise<Read> {
  let refusal: unknown
  for (const at of settingPaths(line, setting)) {
    try {
      return { node: (await line.api.get(at, context.signal, lineQuery(line))).node, at }
    } catch (error) {
      if (!REFUSED.has(CtiError.from(error).code)) throw error
      refusal ??= error
    }
  }
  throw refusal
}

async function write (line: Line, { at }: Read, body: Json, context: ActionContext): Promise<void> {
  const query = lineQuery(line)
  await line.api.send({ method: 'PUT', path: at, body, signal: context.signal, ...(query === undefined ? {} : { query }) })
}

const userOf = (access: Access, line: Line): Forwarding['user'] => targetOf(line.id, access.connection().source().context).user

const getForwarding = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  return { forwarding: mapForwarding((await read(line, 'callForwarding', context)).node, userOf(access, line)) }
}

function rulesOf (request: ActionRequest): Partial<Record<Condition, Partial<Rule>>> {
  const { rules, condition, enabled, to, toVoicemail, rings, ringSeconds } = request
  if (rules !== undefined) return rules as Partial<Record<Condition, Partial<Rule>>>
  return { [condition as Condition]: { enabled, to, toVoicemail, rings, ringSeconds } as Partial<Rule> }
}

const setForwarding = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const rules = rulesOf(request)
  if (Object.keys(rules).length === 0) throw invalid('Say which forwarding with "condition" and "enabled", or with "rules".')
  const before = await read(line, 'callForwarding', context)
  await write(line, before, changedForwarding(before.node, rules, (to) => addressOf(access, to), (warning) => context.warn(warning)), context)
  access.connection().watchOf(line.id)?.lookAtOthersSoon(0)
  return { forwarding: mapForwarding((await read(line, 'callForwarding', context)).node, userOf(access, line)) }
}

const getDnd = (access: Access): Run => async (request, context) => ({ dnd: mapDnd((await read(await lineOf(access, request, context), 'doNotDisturb', context)).node) })

const setDnd = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const before = await read(line, 'doNotDisturb', context)
  await write(line, before, { ...before.node, enabled: request.enabled, ringSplashEnabled: request.ringSplash ?? before.node.ringSplashEnabled }, context)
  access.connection().watchOf(line.id)?.lookAtOthersSoon(0)
  return { dnd: mapDnd((await read(line, 'doNotDisturb', context)).node) }
}

const LOOKUP_MS = 5000
const readSpec: ActionSpec = { group: 'forwarding', subject: 'user', params: {}, repeatable: true, timeoutMs: LOOKUP_MS }
const writeSpec: ActionSpec = { group: 'forwarding', subject: 'user', params: { value: { kind: 'object', required: true } }, repeatable: true, timeoutMs: LOOKUP_MS }

/** A setting in the vendor's own words. */
const getSetting = (access: Access, setting: Setting): Run => async (request, context) => ({ data: (await read(await lineOf(access, request, context), setting, context)).node })

/** `value` holds what shall change; the rest is written back as it was read. */
const setSetting = (access: Access, setting: Setting): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const before = await read(line, setting, context)
  await write(line, before, withoutReadOnly(mergeSettings(before.node, request.value as Json)), context)
  return { data: (await read(line, setting, context)).node }
}

export function settingsActions (access: Access): ActionTable {
  return {
    getForwarding: { run: getForwarding(access) },
    setForwarding: { supports: ['rings', 'ringSeconds'], run: setForwarding(access) },
    getDnd: { run: getDnd(access) },
    setDnd: { supports: ['ringSplash'], run: setDnd(access) },
    'webex.getIntercept': { spec: readSpec, run: getSetting(access, 'intercept') },
    'webex.setIntercept': { spec: writeSpec, run: setSetting(access, 'intercept') },
    'webex.getVoicemailSettings': { spec: readSpec, run: getSetting(access, 'voicemail') },
    'webex.setVoicemailSettings': { spec: writeSpec, run: setSetting(access, 'voicemail') },
    'webex.getCallRecording': { spec: readSpec, run: getSetting(access, 'callRecording') }
  }
}
