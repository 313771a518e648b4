/** Ready and not ready: the PBX knows one routing of an agent, Five9 a list of channels (five9.md 3.3). */
import { type Agent, type User } from '../pbx/types'
import { fields } from './bodies'
import { badRequest, refused } from './errors'
import { type Site } from './site'

export interface PresenceState { readyChannels: string[]; notReadyReasonCodeId: string }
interface Presence { currentState: PresenceState; pendingState: PresenceState | null; currentStateTime: number; pendingStateDelayTime: number; gracefulModeOn: boolean }

const NO_REASON = '0'
const CALL = 'CALL'

/** Channels that a user is licensed for. */
export function channelsOf (user: User): string[] {
  return user.features.voicemail ? [CALL, 'VOICE_MAIL'] : [CALL]
}

/** What the agents chose and the PBX does not keep. */
export class Presences {
  private readonly chosen = new Map<string, string[]>()
  private readonly since = new Map<string, { shape: string; at: number }>()

  constructor (private readonly site: Pick<Site, 'pbx' | 'ids' | 'clock'>) {}

  /** Presence of an agent; of a user who is none it is not ready. */
  of (user: User): Presence {
    const agent = this.site.pbx.agentOf(user.key)
    const currentState = this.state(user, agent?.routing ?? 'notReady', agent?.reason)
    const pendingState = agent?.pending === undefined ? null : this.state(user, agent.pending.routing, agent.pending.reason)
    return { currentState, pendingState, currentStateTime: this.timed(user.key, JSON.stringify(currentState)), pendingStateDelayTime: 0, gracefulModeOn: pendingState !== null }
  }

  /** Channels other than calls that an agent who takes no calls is ready for. */
  choose (user: User, channels: string[]): void {
    this.chosen.set(user.key, channels)
  }

  private state (user: User, routing: Agent['routing'] | 'loggedOut', reason: string | undefined): PresenceState {
    const chosen = this.chosen.get(user.key)
    if (routing === 'ready') return { readyChannels: chosen?.includes(CALL) === true ? chosen : channelsOf(user), notReadyReasonCodeId: NO_REASON }
    return { readyChannels: chosen?.includes(CALL) === false ? chosen : [], notReadyReasonCodeId: reason === undefined ? NO_REASON : this.site.ids.reasons.id(reason) }
  }

  private timed (userKey: string, shape: string): number {
    const known = this.since.get(userKey)
    if (known?.shape === shape) return known.at
    const at = this.site.clock.now()
    this.since.set(userKey, { shape, at })
    return at
  }
}

/**
 * Sets what a client asks for; during a call or its after-call work it waits for the end.
 * @returns whether it waits
 * @throws Five9Error 400 without a list of channels, 435 for a channel or reason that is not there
 */
export function setPresence (site: Site, user: User, body: unknown, by: 'self' | 'supervisor'): boolean {
  const { readyChannels, notReadyReasonCodeId, notReadyReasonCode } = fields(fields(body).currentState ?? body)
  if (!Array.isArray(readyChannels)) throw badRequest('currentState.readyChannels must be an array')
  const agent = site.pbx.agentOf(user.key)
  if (agent === undefined) throw refused('The user is no agent')
  if (!agent.loggedIn) throw refused('The agent is not logged in')
  const allowed = channelsOf(user)
  const channels = readyChannels.map(String)
  for (const channel of channels) if (!allowed.includes(channel)) throw refused(`Channel ${channel} is not available`)
  const given = String(notReadyReasonCodeId ?? notReadyReasonCode ?? NO_REASON)
  const reason = given === '' || given === NO_REASON ? undefined : site.ids.reasons.key(given)
  if (reason === undefined && given !== '' && given !== NO_REASON) throw refused(`No reason code ${given}`, { objectId: given })
  if (reason === undefined && channels.length === 0 && site.options.forceReason) throw refused('A reason code is required')
  site.presences.choose(user, channels)
  site.pbx.setRouting(agent.key, channels.includes(CALL) ? 'ready' : 'notReady', reason, by, { afterWrapUp: true })
  return agent.pending !== undefined
}
