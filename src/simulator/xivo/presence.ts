/** Choosing a presence does what its profile says besides (xivo-cti.md 2.5, 3.4). */
import { type User } from '../pbx/types'
import { allowed, pauseAll } from './agent-work'
import { PRESENCES, type PresenceAction } from './profiles'
import { type Site } from './site'

const ACTIONS: Record<PresenceAction, (site: Site, user: User, value: string) => void> = {
  enablednd: (site, user, value) => { site.pbx.setDnd(user.key, value === 'true') },
  queuepause_all: (site, user) => { pauseAll(site, user.agentKey, true) },
  queueunpause_all: (site, user) => { pauseAll(site, user.agentKey, false) },
  agentlogoff: (site, user) => {
    const agent = site.pbx.agents.get(user.agentKey ?? '')
    if (agent?.loggedIn === true) allowed(() => { site.pbx.signOut(agent.key, { force: true }) })
  }
}

/** Sets a presence with its actions; one that the profile has not got is ignored. */
export function applyPresence (site: Site, user: User, name: string): void {
  const presence = Object.hasOwn(PRESENCES, name) ? PRESENCES[name] : undefined
  if (presence === undefined) return
  for (const [action, value] of Object.entries(presence.actions)) ACTIONS[action as PresenceAction](site, user, value)
  site.pbx.setPresence(user.key, name)
}
