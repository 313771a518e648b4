/** Data source AGENT_STATE: what an agent is and since when (five9.md 4.5, 4.6). */
import { type Connection, type User } from '../../pbx/types'
import { channelsOf, type PresenceState } from '../presence'
import { type Site } from '../site'
import { type Row } from './row'

type AgentStateName = 'LOGGED_OUT' | 'NOT_READY' | 'READY' | 'RINGING' | 'ON_CALL' | 'ACW'

/** Open connections that a supervisor sees: no monitoring, no tone of failure. */
function visible ({ pbx }: Site, user: User): Connection[] {
  return pbx.connectionsOf(user.key).filter(({ state, monitor }) => state !== 'fail' && monitor === undefined)
}

const talks = ({ state }: Connection): boolean => state === 'connected' || state === 'hold'

/** The state by which supervisors see an agent; a call that he dials shows when it is answered (five9.md 9.2). */
export function agentStateOf (site: Site, user: User): AgentStateName {
  const agent = site.pbx.agentOf(user.key)
  if (agent?.loggedIn !== true) return 'LOGGED_OUT'
  const calls = visible(site, user)
  if (calls.some(talks)) return 'ON_CALL'
  if (calls.some(({ state, personality }) => state === 'alerting' && personality === 'terminator')) return 'RINGING'
  if (agent.wrapUp !== undefined) return 'ACW'
  return agent.routing === 'ready' ? 'READY' : 'NOT_READY'
}

/** Since when each agent is what he is. Asked after every fact about him. */
export class StateTimes {
  private readonly known = new Map<string, { state: AgentStateName; at: number }>()

  constructor (private readonly site: Site) {
    for (const user of site.pbx.users.values()) if (user.agentKey !== undefined) this.of(user)
  }

  of (user: User): { state: AgentStateName; at: number } {
    const state = agentStateOf(this.site, user)
    const known = this.known.get(user.key)
    if (known?.state === state) return known
    const entered = { state, at: this.site.clock.now() }
    this.known.set(user.key, entered)
    return entered
  }
}

/** The row of an agent, with every field of the recording; the last five only while he is logged in. */
export function agentStateRow (site: Site, user: User, times: StateTimes): Row {
  const { pbx, ids, presences, recorded } = site
  const { state, at } = times.of(user)
  const since = (name: AgentStateName): number => state === name ? at : 0
  const agent = pbx.agentOf(user.key)
  const calls = visible(site, user)
  const call = calls.find(({ state: own }) => own === 'connected') ?? calls.find(talks) ?? calls.find(({ state: own }) => own === 'alerting')
  const record = state === 'ON_CALL' || state === 'RINGING' || state === 'ACW' ? site.ledger.byKey(call?.key ?? agent?.wrapUp?.connectionKey ?? '') : undefined
  const held = calls.filter(talks).every(({ heldBy }) => heldBy === 'local' || heldBy === 'both') ? calls.find(talks)?.heldAt ?? 0 : 0
  const slots = [...pbx.parkSlots.values()].filter(({ parkedBy }) => parkedBy === user.key)
  const presence = presences.of(user)
  const shown = ({ readyChannels, notReadyReasonCodeId }: PresenceState): unknown => ({ readyChannels, notReadyReasonCode: Number(notReadyReasonCodeId) })
  const reason = presence.currentState.notReadyReasonCodeId
  const licensed = channelsOf(user)
  const availability = (channel: 'CALL' | 'VOICE_MAIL'): unknown => ({
    current: channel === 'CALL' && state === 'ON_CALL' ? 1 : 0, max: licensed.includes(channel) ? 1 : 0,
    status: !licensed.includes(channel) ? 'not-enabled' : state !== 'LOGGED_OUT' && presence.currentState.readyChannels.includes(channel) ? 'ready' : 'not-ready'
  })
  const off = { current: 0, max: 0, status: 'not-enabled' }
  return {
    id: ids.users.id(user.key), callType: record?.callType ?? null,
    campaignId: record?.campaignKey === undefined ? null : ids.campaigns.id(record.campaignKey), customer: state === 'ON_CALL' || state === 'RINGING' ? call?.remote?.name ?? null : null,
    mediaAvailability: state === 'READY' ? 'AVAILABLE' : 'NOT_AVAILABLE', parkedCallsCount: slots.length,
    reasonCodeId: reason, state, stateSince: at, stateDuration: 0, onHoldStateSince: held, onHoldStateDuration: 0, onParkStateSince: slots[0]?.at ?? 0, onParkStateDuration: 0,
    reasonCodeSince: reason === '0' ? 0 : presence.currentStateTime, reasonCodeDuration: 0, afterCallWorkStateSince: since('ACW'), afterCallWorkStateDuration: 0,
    loggedOutStateSince: since('LOGGED_OUT'), loggedOutStateDuration: 0, notReadyStateSince: since('NOT_READY'), notReadyStateDuration: 0,
    onCallStateSince: since('ON_CALL'), onCallStateDuration: 0, readyStateSince: since('READY'), readyStateDuration: 0,
    permanentRecording: user.features.recording.startsWith('always'), sessionRecording: recorded.has(user.key) || calls.some(({ recording }) => recording?.state === 'on'),
    presence: {
      pendingState: shown(presence.pendingState ?? presence.currentState), currentState: shown(presence.currentState), onVoice: state === 'ON_CALL', onSCC: false,
      changeTimestamp: presence.currentStateTime, nextStateChangeTimestamp: 0, gracefulModeOn: presence.gracefulModeOn
    },
    channelAvailability: {
      Video: off, Chat: off, Voice: availability('CALL'), Voicemail: availability('VOICE_MAIL'),
      Total: { current: state === 'ON_CALL' ? 1 : 0, max: licensed.length, status: presence.currentState.readyChannels.length > 0 && state !== 'LOGGED_OUT' ? 'ready' : 'not-ready' }
    },
    ...(state === 'LOGGED_OUT' ? {} : { currentVideoChatsCount: 0, currentEmailsCount: 0, currentCasesCount: 0, currentChatsCount: 0, readyChannels: `[${presence.currentState.readyChannels.join(', ')}]` })
  }
}
