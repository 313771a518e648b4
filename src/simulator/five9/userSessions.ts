/** Who is logged in, as supervisors see it: sessions of this face, and agents who logged in elsewhere (five9.md 3.5, 4.6). */
import { notFound } from './errors'
import { type Site } from './site'

interface SessionRow { id: string; userId: string; userName: string; fullName: string; role: string; sessionStart: number; station: string; [field: string]: unknown }

/** Rows of USER_SESSION and of `user_sessions`. */
export function sessionRows (site: Site): SessionRow[] {
  const { sessions, pbx, ids, people } = site
  const here = sessions.list().filter(({ halves }) => halves.agent.state === 'WORKING' || halves.supervisor.state === 'WORKING')
  const elsewhere = [...pbx.agents.values()].filter((agent) => agent.loggedIn && !here.some(({ user }) => user.key === agent.userKey))
  const row = (id: string, userKey: string, sessionStart: number, station: string): SessionRow[] => {
    const user = pbx.users.get(userKey)
    return user === undefined ? [] : [{ id, userId: ids.users.id(userKey), userName: user.email, fullName: `${user.first} ${user.last}`, role: people.roles(user)[0] ?? '', sessionStart, station }]
  }
  return [
    ...here.flatMap(({ id, user, startedAt, halves }) => row(id, user.key, startedAt, halves.agent.station.stationId)),
    ...elsewhere.flatMap((agent) => row(ids.conversation(agent.key).toLowerCase(), agent.userKey, agent.loggedInAt ?? agent.since, pbx.users.get(agent.userKey)?.extension ?? ''))
  ]
}

/** Logs somebody out by the id of his session. @throws Five9Error 404 */
export function forceLogout (site: Site, id: string): void {
  const row = sessionRows(site).find((each) => each.id === id)
  if (row === undefined) throw notFound(`No session ${id}`)
  const user = site.pbx.users.get(site.ids.users.key(row.userId) ?? '')
  const agent = site.pbx.agentOf(user?.key ?? '')
  if (agent?.loggedIn === true) site.pbx.signOut(agent.key, { force: true, by: 'supervisor' })
  const session = site.sessions.of(user?.key ?? '')
  if (session?.id === id) site.sessions.end(session)
}
