/** Keeping and ending a session (ipecs.md 2.6, 2.7). */
import { type Route } from '../http'

/** The session lives on, as with every request. */
export const checkConnection: Route = () => ({ plain: {} })

/** The answer is empty. The socket is closed with it, which nobody has said. */
export const logout: Route = ({ site, session }) => {
  site.sessions.end(session, true)
  return { empty: true }
}
