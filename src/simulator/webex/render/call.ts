/** A call as one of its parties sees it (webex-calling.md 3.2, 8). */
import { type Connection } from '../../pbx/types'
import { type Json } from '../http'
import { endpointType } from '../ids'
import { type Site } from '../site'
import { parkedAgainst, partyOf, redirectionsOf } from './party'

export type CallState = 'connecting' | 'alerting' | 'connected' | 'held' | 'remoteHeld' | 'disconnected'

/** An answered call stays connected while its far end changes; a hold by somebody outside is not seen, as the network does not tell. */
export function stateOf (connection: Connection): CallState {
  const { state, heldBy, personality, answeredAt, remote } = connection
  if (state === 'null') return 'disconnected'
  if (state === 'hold') return heldBy === 'remote' ? (remote?.kind === 'external' ? 'connected' : 'remoteHeld') : 'held'
  if (state === 'connected' || (answeredAt !== undefined && personality === 'originator')) return 'connected'
  if (personality === 'originator') return 'connecting'
  return 'alerting'
}

/** Instants are ISO 8601 in UTC with milliseconds. */
export function iso (ms: number): string {
  return new Date(ms).toISOString()
}

/** Whether the phone that talks lets itself be muted from outside. */
export function muteCapable (site: Site, connection: Connection): boolean {
  const device = site.pbx.devices.get(connection.deviceKey ?? '')
  return connection.answeredAt !== undefined && connection.state !== 'null' && device?.remoteAnswer === true
}

const RECORDING = { pending: 'pending', on: 'started', paused: 'paused', failed: 'failed' } as const

/** Fields that REST replies and events have in common, without the id. */
export function callFields (site: Site, connection: Connection): Json {
  const { personality, appearance, startedAt, answeredAt, endedAt, parkedAt, recording } = connection
  const state = stateOf(connection)
  const redirections = state === 'alerting' && personality === 'terminator' ? redirectionsOf(site, connection) : []
  const recordingState = recording === undefined ? (site.stoppedRecordings.has(connection.key) ? 'stopped' : undefined) : RECORDING[recording.state]
  return {
    callSessionId: site.ids.session(connection.callKey),
    personality,
    state,
    remoteParty: remoteParty(site, connection, state),
    ...(appearance === undefined || state === 'disconnected' ? {} : { appearance }),
    created: iso(startedAt),
    ...(answeredAt === undefined ? {} : { answered: iso(answeredAt) }),
    ...(endedAt === undefined ? {} : { disconnected: iso(endedAt) }),
    ...(redirections.length === 0 ? {} : { redirections }),
    ...(parkedAt === undefined ? {} : { recall: { type: 'park', party: parkedAgainst(site, parkedAt) } }),
    ...(recordingState === undefined ? {} : { recordingState }),
    muteCapable: muteCapable(site, connection),
    muted: connection.muted
  }
}

/** The `Call` of lists and details. */
export function callOf (site: Site, connection: Connection): Json {
  return { id: site.ids.call(connection.key), ...callFields(site, connection) }
}

/** `endpointId` and `endpointType` of the phone that rings or talks; nothing when none is tied to the call yet. */
export function endpointFields (site: Site, connection: Connection): Json {
  const device = site.pbx.devices.get(connection.deviceKey ?? connection.alertingDevices[0] ?? '')
  return device === undefined ? {} : { endpointType: endpointType(device), endpointId: site.ids.endpoint(device) }
}

/** While a queue rings, its name stands before that of the caller. */
function remoteParty (site: Site, connection: Connection, state: CallState): Json {
  const party = partyOf(site, connection.remote)
  const queue = state === 'alerting' ? site.pbx.queues.get(connection.queueKey ?? '') : undefined
  if (queue === undefined || party.privacyEnabled === true) return party
  return { ...party, name: [queue.name, party.name].filter((name) => name !== undefined).join('  -  ') }
}
