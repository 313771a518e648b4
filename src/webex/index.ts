/** Webex Calling for the host program: driver, authorisation, webhook inbox, and what an XSI account may borrow. */
export { accountOfState, type Authorised, type Authorizer, type CallbackQuery, type Holder } from './authorizer'
export type { DeviceGrant } from './oauth'
export { DEFAULT_BASE_URL, FEATURES, scopesOf, type Feature, type OAuthClient, type WebexAuth, type WebexOptions } from './options'
export { testPublicUrl, type PublicUrlTest } from './publicUrl'
export { createWebexDriver, WebexDriver } from './session'
export { MAX_DELIVERY_BYTES, WebhookInbox, type InboxHeaders } from './webhookInbox'
export type { XsiPlace, XsiProvider } from './xsiAccess'
