/** All commands of the face. Literal paths stand before those with parameters. */
import { type Route } from '../router'
import { callCenterRoutes } from './callcenter'
import { callRoutes } from './calls'
import { channelRoutes } from './channel'
import { conferenceRoutes } from './conference'
import { directoryRoutes } from './directories'
import { logRoutes } from './logs'
import { moreCallRoutes } from './more-calls'
import { profileRoutes } from './profile'
import { serviceRoutes } from './services'
import { subscriptionRoutes } from './subscription'

export const ROUTES: Route[] = [
  ...profileRoutes, ...moreCallRoutes, ...conferenceRoutes, ...callRoutes, ...callCenterRoutes, ...serviceRoutes, ...directoryRoutes, ...logRoutes, ...channelRoutes, ...subscriptionRoutes
]
