/** All rows of the request tables; the first that fits wins. */
import { type Route } from '../http'
import { CALLBACK_ROUTES } from './callbacks'
import { CALL_ROUTES } from './calls'
import { CONTACT_ROUTES } from './contacts'
import { DESK_ROUTES } from './desk'
import { DIAL_ROUTES } from './dialing'
import { DOMAIN_ROUTES } from './domain'
import { LOGIN_ROUTES } from './login'
import { PRESENCE_ROUTES } from './presence'
import { SUPERVISOR_ROUTES } from './supervisor'
import { TRANSFER_ROUTES } from './transfers'
import { VOICEMAIL_ROUTES } from './voicemails'

export const ROUTES: Route[] = [
  ...LOGIN_ROUTES, ...DIAL_ROUTES, ...CALL_ROUTES, ...TRANSFER_ROUTES, ...CONTACT_ROUTES, ...PRESENCE_ROUTES, ...DOMAIN_ROUTES,
  ...CALLBACK_ROUTES, ...VOICEMAIL_ROUTES, ...DESK_ROUTES, ...SUPERVISOR_ROUTES
]
