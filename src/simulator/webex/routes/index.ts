/** All that the face answers. */
import { OAUTH_ROUTES } from '../auth/oauth'
import { type Route } from '../router'
import { CALL_ROUTES } from './calls'
import { CONFERENCE_ROUTES } from './conference'
import { ENDPOINT_ROUTES } from './endpoints'
import { MESSAGE_ROUTES } from './messages'
import { PEOPLE_ROUTES } from './people'
import { QUEUE_ROUTES } from './queues'
import { SETTING_ROUTES } from './settings'
import { VOICE_ROUTES } from './voice'
import { WEBHOOK_ROUTES } from './webhooks'

export const ROUTES: Route[] = [
  ...OAUTH_ROUTES, ...CALL_ROUTES, ...CONFERENCE_ROUTES, ...VOICE_ROUTES, ...ENDPOINT_ROUTES, ...SETTING_ROUTES, ...QUEUE_ROUTES, ...PEOPLE_ROUTES, ...WEBHOOK_ROUTES, ...MESSAGE_ROUTES
]
