/** The state of an agent as `agentACDState` (webex-calling.md 3.8, 8). */
import { type Site } from '../site'

export type AcdState = 'SIGN_IN' | 'SIGN_OUT' | 'AVAILABLE' | 'UNAVAILABLE' | 'WRAP_UP'

/** What was asked for during a call is shown at once. */
export function acdStateOf ({ pbx }: Site, agentKey: string): AcdState {
  const agent = pbx.agents.get(agentKey)
  if (agent === undefined || !agent.loggedIn) return 'SIGN_OUT'
  if (agent.wrapUp !== undefined) return 'WRAP_UP'
  const asked = agent.pending?.routing ?? agent.routing
  return asked === 'loggedOut' ? 'SIGN_OUT' : asked === 'ready' ? 'AVAILABLE' : 'UNAVAILABLE'
}
