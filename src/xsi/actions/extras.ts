/** What only XSI has: actions under its own name (xsi.md 3.2, 3.3). */
import { CtiError, type ActionSpec, type To } from '../../model'
import type { ActionTable } from '../../session/types'
import { children, defined, text } from '../read'
import { addressOf, command, subjectOf, userPath, type Access, type Run } from './tools'

const ORIGINATE_MS = 15_000
const LOOKUP_MS = 5000

const CALL_ME_NOW: ActionSpec = { group: 'originate', subject: 'user', params: { to: { kind: 'to', required: true } }, repeatable: false, timeoutMs: ORIGINATE_MS }
const FEATURE_CODES: ActionSpec = { group: 'lookup', subject: 'user', params: {}, repeatable: true, timeoutMs: LOOKUP_MS }

/** The server calls the outside party and the user, and connects them. The passcode is there only when the user's settings ask for one. */
const callMeNow = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const { node } = await command(access, context, 'POST', userPath(access, owner, 'calls', 'CallMeNow'), { address: addressOf(access, request.to as To) })
  return { data: defined({ passcode: text(node, 'passcode') }) }
}

const featureCodes = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const { node } = await command(access, context, 'GET', userPath(access, owner, 'profile', 'Fac'))
  return { items: children(node, 'featureAccessCode').map((code) => defined({ name: text(code, 'codeName'), code: text(code, 'code'), alternate: text(code, 'alternateCode') })) }
}

/** Going on as another kind of supervisor in a call that is being listened to. */
const MONITOR_MODES: Readonly<Record<string, string>> = { listen: 'SilentMonitor', whisper: 'SupervisorCoach', bargeIn: 'BargeIn' }
const MONITOR_MODE: ActionSpec = {
  group: 'call', subject: 'user', params: { mode: { kind: 'string', required: true, values: Object.keys(MONITOR_MODES) } }, repeatable: true, timeoutMs: LOOKUP_MS
}

const monitorMode = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const verb = MONITOR_MODES[request.mode as string]
  if (verb === undefined) throw new CtiError('CTI_INVALID_REQUEST', `"mode" must be one of ${Object.keys(MONITOR_MODES).join(', ')}.`, { vendor: 'xsi', retryable: false })
  await command(access, context, 'PUT', userPath(access, owner, 'calls', 'Conference', verb))
  return {}
}

export function extraActions (access: Access): ActionTable {
  return {
    'xsi.callMeNow': { spec: CALL_ME_NOW, run: callMeNow(access) },
    'xsi.featureCodes': { spec: FEATURE_CODES, run: featureCodes(access) },
    'xsi.monitorMode': { spec: MONITOR_MODE, run: monitorMode(access) }
  }
}
