/** The requests by account type, method and path (ipecs.md 3.2): one row each. */
import { type Route } from '../http'
import { type Right } from '../options'
import { agentRoutes } from './agents'
import { callRoutes } from './calls'
import { clickCall } from './click'
import { conferenceRoutes } from './conferences'
import { monitorRoutes } from './monitor'
import { moreRoutes } from './more-calls'
import { recordRoutes } from './records'
import { serviceRoutes } from './services'
import { checkConnection, logout } from './session'

interface RouteRow { run: Route; right?: Right }

const CTI = { ...callRoutes, ...moreRoutes, ...agentRoutes, ...monitorRoutes, ...serviceRoutes, ...conferenceRoutes }

function rows (type: string, routes: Record<string, Route>, right?: Right): [string, RouteRow][] {
  return Object.entries(routes).map(([name, run]) => [`${type} ${name}`, { run, ...(right === undefined ? {} : { right }) }])
}

export const ROUTES: Record<string, RouteRow> = Object.fromEntries([
  ...rows('server', { 'POST checkconnection': checkConnection, 'POST logout': logout }),
  ...rows('client', { 'POST checkconnection': checkConnection, 'POST logout': logout, 'POST clickcall': clickCall }),
  ...rows('client', { 'GET smdr': recordRoutes['GET smdr'] }, 'smdr'),
  ...rows('server', recordRoutes, 'smdr'),
  ...rows('server', CTI, 'cti')
])
