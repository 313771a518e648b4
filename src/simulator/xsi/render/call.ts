/** The Call element: one connection of the PBX as its user sees it, children in the order of the schema (xsi.md 4.9). */
import { type CauseName, type Connection } from '../../pbx/types'
import { type Site } from '../site'
import { type El, el, flag, text, typed } from '../tree'
import { acdCallInfo } from './acd'
import { partyContent, redirectEl, redirectionsEl } from './party'

/** What an event knows beyond the connection. */
export interface CallView {
  /** State and personality to show instead of those derived. */
  state?: string
  personality?: string
  /** Where the local user sent the call. */
  redirect?: { to?: string; cause?: CauseName; at: number }
  detachedAt?: number
  releasedAt?: number
  /** Shown as it was dialled, before the server looked the number up. */
  unresolved?: boolean
  /** Without phone: endpoint, appearance and permissions are not known yet. */
  bare?: boolean
  /** With the id of the call in the network. */
  network?: boolean
  /** Treatment before the release. */
  releaseCause?: CauseName
  recording?: { controls: string; state?: string; recorded: boolean }
}

const STATES: Partial<Record<Connection['state'], string>> = { initiated: 'Alerting', alerting: 'Alerting', connected: 'Active', hold: 'Held', queued: 'Alerting', fail: 'Active', null: 'Released' }
const PERSONALITIES = { originator: 'Originator', terminator: 'Terminator', clickToDial: 'Click-to-Dial' } as const

/** Vendor's state of a connection. */
function stateOf (connection: Connection): string {
  if (connection.state === 'hold' && connection.heldBy === 'remote') return 'Remote Held'
  return STATES[connection.state] ?? 'Idle'
}

interface ReleaseCause { internal: string; q850?: number; sip?: number; cdr: string }
const RELEASE_CAUSES: Partial<Record<CauseName, ReleaseCause>> = {
  busy: { internal: 'Busy', q850: 17, sip: 486, cdr: '017' },
  invalidNumber: { internal: 'User Not Found', cdr: '111' },
  notReachable: { internal: 'Temporarily Unavailable', q850: 20, sip: 480, cdr: '020' },
  noAnswer: { internal: 'Request Timeout', q850: 19, sip: 408, cdr: '019' },
  rejected: { internal: 'Forbidden', q850: 21, sip: 403, cdr: '021' },
  doNotDisturb: { internal: 'Temporarily Unavailable', q850: 17, sip: 480, cdr: '017' }
}

function releaseCauseEl (cause: CauseName | undefined): El | undefined {
  const known = cause && RELEASE_CAUSES[cause]
  return known && el('releaseCause', text('internalReleaseCause', known.internal), text('q850Cause', known.q850), text('sipStatus', known.sip), text('cdrTerminationCause', known.cdr))
}

const RECALLS = { park: 'Call Park Recall', transfer: 'Call Transfer Recall', push: 'Executive-Assistant Call Push Recall' } as const

/** Recording elements of a call: what may be done depends on the mode of the user (xsi.md 3.2, 9.8). */
function recordingEls (site: Site, connection: Connection, view: CallView): (El | undefined)[] {
  if (view.recording) return [flag('recorded', view.recording.recorded), text('allowedRecordingControls', view.recording.controls), text('recordingState', view.recording.state)]
  const recording = connection.recording
  if (!recording) return []
  return [flag('recorded', recording.recorded), text('allowedRecordingControls', controlsOf(site, connection)), text('recordingState', RECORDING_STATES[recording.state])]
}

export const RECORDING_STATES = { pending: 'Pending', on: 'Started', paused: 'Paused', failed: 'Failed' } as const

/** Recording verbs that the user's mode and the state of the recording permit. */
export function controlsOf (site: Site, connection: Connection): string {
  const mode = site.pbx.users.get(connection.party.userKey ?? '')?.features.recording ?? 'never'
  const state = connection.recording?.state
  if (mode === 'never' || mode === 'always') return 'none'
  const canStop = mode === 'on-demand-user-start'
  if (state === 'on') return canStop ? 'pause-stop' : 'pause'
  if (state === 'paused') return canStop ? 'resume-stop' : 'resume'
  if (state === 'pending') return canStop ? 'stop' : 'none'
  return mode === 'always-pause-resume' ? 'none' : 'record'
}

function timesEls (connection: Connection, view: CallView): (El | undefined)[] {
  const held = connection.state === 'hold' && connection.heldAt !== undefined
  return [
    text('startTime', connection.startedAt),
    text('answerTime', connection.answeredAt),
    held && connection.heldBy !== 'remote' ? text('heldTime', connection.heldAt) : undefined,
    connection.totalHeldMs > 0 ? text('totalHeldTime', connection.totalHeldMs) : undefined,
    text('detachedTime', view.detachedAt),
    text('releaseTime', view.releasedAt)
  ]
}

/** The line of a connection's phone; undefined for a party that is no user. */
export function endpointEl (site: Site, connection: Connection): El | undefined {
  const user = site.pbx.users.get(connection.party.userKey ?? '')
  return user && typed(el('endpoint', text('addressOfRecord', site.names.addressOfRecord(user, connection.deviceKey ?? connection.alertingDevices[0]))), 'AccessEndpoint')
}

/** The phone of the connection, once one took part. */
function phoneEls (site: Site, connection: Connection, state: string, view: CallView): (El | undefined)[] {
  const user = site.pbx.users.get(connection.party.userKey ?? '')
  const over = state === 'Released' || state === 'Detached'
  const device = connection.deviceKey ?? connection.alertingDevices[0]
  if (!user || view.bare || (device === undefined && connection.answeredAt === undefined)) return []
  if (over && connection.answeredAt === undefined && connection.personality === 'terminator') return []
  const remoteAnswer = connection.alertingDevices.some((key) => site.pbx.devices.get(key)?.remoteAnswer)
  const alertsHere = state === 'Alerting' && connection.personality !== 'originator'
  return [
    endpointEl(site, connection),
    over ? undefined : text('appearance', connection.appearance ?? 1),
    flag('allowAnswer', alertsHere && remoteAnswer),
    flag('allowRetrieve', state === 'Held')
  ]
}

/** Children of `call`. */
export function callContent (site: Site, connection: Connection, view: CallView = {}): (El | undefined)[] {
  const state = view.state ?? stateOf(connection)
  const unanswered = connection.answeredAt === undefined && connection.personality === 'terminator'
  const failed = connection.answeredAt === undefined && connection.personality !== 'terminator'
  const call = site.pbx.calls.get(connection.callKey)
  const released = state === 'Released'
  return [
    text('callId', site.ids.callId(connection.key)),
    text('extTrackingId', site.ids.trackingId(connection.callKey)),
    view.network && connection.remote?.kind === 'external' ? text('networkCallId', site.ids.networkId(connection.key)) : undefined,
    text('personality', view.personality ?? PERSONALITIES[connection.personality]),
    text('state', state),
    view.releaseCause !== undefined || (released && failed) ? releaseCauseEl(view.releaseCause ?? connection.cause) : undefined,
    released ? text('releasingParty', connection.releasedBy === 'local' ? 'localRelease' : 'remoteRelease') : undefined,
    el('remoteParty', partyContent(site, connection.remote, { unresolved: view.unresolved })),
    unanswered ? redirectionsEl(site, connection) : undefined,
    view.redirect ? redirectEl(view.redirect.to, view.redirect.cause, view.redirect.at) : undefined,
    ...phoneEls(site, connection, state, view),
    unanswered && connection.queueKey !== undefined && connection.party.kind === 'user' && !released ? text('huntGroupUserId', site.names.queueIdOf(connection.queueKey)) : undefined,
    connection.recall ? text('recallType', RECALLS[connection.recall]) : undefined,
    ...timesEls(connection, view),
    connection.party.kind === 'user' ? acdCallInfo(site, connection) : undefined,
    ...recordingEls(site, connection, view),
    text('clientSessionInfo', call?.info)
  ]
}

/** The element as it stands in events and in `calls` lists. */
export function callEl (site: Site, connection: Connection, view?: CallView, name = 'call'): El {
  return el(name, callContent(site, connection, view))
}
