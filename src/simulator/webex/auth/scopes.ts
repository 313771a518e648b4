/** Who may ask for what (webex-calling.md 2.4). */
const USER = [
  'calls_read', 'calls_write', 'telephony_config_read', 'telephony_config_write', 'people_read', 'people_write', 'kms', 'messages_read', 'messages_write', 'rooms_read', 'rooms_write',
  'memberships_read', 'memberships_write', 'webrtc_calling', 'xsi', 'all', 'organizations_read'
].map((name) => `spark:${name}`)
const ADMIN = [
  'calls_read', 'calls_write', 'telephony_config_read', 'telephony_config_write', 'people_read', 'people_write', 'organizations_read', 'licenses_read', 'locations_read', 'locations_write',
  'calling_cdr_read', 'workspaces_read', 'workspaces_write'
].map((name) => `spark-admin:${name}`)
const BOT = ['messages_read', 'messages_write', 'rooms_read', 'rooms_write', 'memberships_read', 'memberships_write', 'people_read'].map((name) => `spark:${name}`)

export const GRANTABLE = { user: USER, admin: [...USER, ...ADMIN, 'identity:people_rw', 'identity:people_read', 'audit:events_read'], bot: BOT, service: ADMIN }

export const CALLS_READ = ['spark:calls_read']
export const CALLS_WRITE = ['spark:calls_write']
export const ADMIN_CALLS_READ = ['spark-admin:calls_read']
export const ADMIN_CALLS_WRITE = ['spark-admin:calls_write']
export const CONFIG_READ = ['spark:telephony_config_read']
export const CONFIG_WRITE = ['spark:telephony_config_write']
export const ADMIN_CONFIG_READ = ['spark-admin:telephony_config_read']
export const ADMIN_CONFIG_WRITE = ['spark-admin:telephony_config_write']
export const PEOPLE_READ = ['spark:people_read', 'spark-admin:people_read']
export const MESSAGES_READ = ['spark:messages_read']
export const MESSAGES_WRITE = ['spark:messages_write']
export const ROOMS_READ = ['spark:rooms_read']
export const ROOMS_WRITE = ['spark:rooms_write']

/** Whether one of the needed scopes is there; `spark:all` stands for all that a user can do. No needed scope: any token will do. */
export function allows (granted: ReadonlySet<string>, needed: readonly string[]): boolean {
  return needed.length === 0 || needed.some((scope) => granted.has(scope) || (scope.startsWith('spark:') && granted.has('spark:all')))
}
