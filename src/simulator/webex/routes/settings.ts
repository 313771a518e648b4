/** Forwarding, do not disturb, voicemail, intercept, recording: of others for administrators, and the own ones (webex-calling.md 3.6). */
import { type Condition, type Rule, type User, type UserFeatures } from '../../pbx/types'
import { CONFIG_READ, CONFIG_WRITE } from '../auth/scopes'
import { badRequest } from '../errors'
import { type Call, flag, type Json, part } from '../http'
import { route, type Route } from '../router'
import { type Site } from '../site'
import { person, self } from './whose'

const READ = { admin: ['spark-admin:people_read'], own: ['spark:people_read'] }
const WRITE = { admin: ['spark-admin:people_write'], own: ['spark:people_write'] }
const MOST_RINGS = 20
const DEFAULT_RINGS = 3
/** A destination's voicemail is reached by this code and its extension. */
const MAILBOX = /^\*98(\d+)$/

interface Setting { read: (site: Site, user: User) => Json; write?: (call: Call, user: User) => void; /** Only administrators have it. */ adminOnly?: boolean }

const SETTINGS: Record<string, Setting> = {
  callForwarding: { read: forwarding, write: setForwarding },
  doNotDisturb: {
    read: ({ settings }, user) => ({ enabled: user.dnd.enabled, ringSplashEnabled: user.dnd.ringSplash, webexGoOverrideEnabled: settings.get(user.key, 'dndExtras').webexGoOverrideEnabled ?? false }),
    write: (call, user) => {
      call.site.settings.set(user.key, 'dndExtras', { webexGoOverrideEnabled: flag(call, 'webexGoOverrideEnabled') ?? false })
      call.site.pbx.setDnd(user.key, flag(call, 'enabled') ?? false, flag(call, 'ringSplashEnabled') ?? false)
    }
  },
  voicemail: {
    read: (site, user) => ({ ...merged(VOICEMAIL, site.settings.get(user.key, 'voicemail')), enabled: user.features.voicemail }),
    write: (call, user) => {
      const { enabled, ...rest } = call.body
      call.site.settings.set(user.key, 'voicemail', merged(call.site.settings.get(user.key, 'voicemail'), rest))
      if (typeof enabled === 'boolean' && enabled !== user.features.voicemail) call.site.pbx.setFeature(user.key, 'voicemail', enabled)
    }
  },
  intercept: {
    adminOnly: true, read: (site, user) => merged(INTERCEPT, site.settings.get(user.key, 'intercept')),
    write: (call, user) => { call.site.settings.set(user.key, 'intercept', merged(call.site.settings.get(user.key, 'intercept'), call.body)) }
  },
  callRecording: { read: (_site, user) => RECORDING[user.features.recording] }
}

export const SETTING_ROUTES: Route[] = Object.entries(SETTINGS).flatMap(([name, { read, write, adminOnly }]) => [
  route(`GET /v1/people/:personId/features/${name}`, [...READ.admin, ...READ.own], (call) => ({ body: read(call.site, person(call, READ)) })),
  ...(write === undefined ? [] : [route(`PUT /v1/people/:personId/features/${name}`, [...WRITE.admin, ...WRITE.own], (call) => {
    write(call, person(call, WRITE))
    return {}
  })]),
  ...(adminOnly === true ? [] : [route(`GET /v1/telephony/config/people/me/settings/${name}`, CONFIG_READ, (call) => ({ body: read(call.site, self(call)) }))]),
  ...(adminOnly === true || write === undefined ? [] : [route(`PUT /v1/telephony/config/people/me/settings/${name}`, CONFIG_WRITE, (call) => {
    write(call, self(call))
    return {}
  })])
])

function forwarding (_site: Site, { forwarding: { always, busy, noAnswer, notReachable } }: User): Json {
  return {
    callForwarding: {
      always: { ...target(always), ringReminderEnabled: always.ringSplash ?? false },
      busy: target(busy),
      noAnswer: { ...target(noAnswer), numberOfRings: noAnswer.rings ?? DEFAULT_RINGS, systemMaxNumberOfRings: MOST_RINGS }
    },
    businessContinuity: target(notReachable)
  }
}

function target ({ enabled, to = '' }: Rule): Json {
  const mailbox = MAILBOX.exec(to)?.[1]
  return { enabled, destination: mailbox ?? to, destinationVoicemailEnabled: mailbox !== undefined }
}

/** What the body leaves out is off afterwards (trap 14). */
function setForwarding (call: Call, user: User): void {
  const given = part(call.body, 'callForwarding')
  const rules: [Condition, Partial<Rule>][] = [
    ['always', { ...rule(call, part(given, 'always')), ringSplash: part(given, 'always').ringReminderEnabled === true }],
    ['busy', rule(call, part(given, 'busy'))],
    ['noAnswer', { ...rule(call, part(given, 'noAnswer')), rings: rings(part(given, 'noAnswer').numberOfRings) }],
    ['notReachable', rule(call, part(call.body, 'businessContinuity'))]
  ]
  for (const [condition, change] of rules) call.site.pbx.setForwarding(user.key, condition, change)
}

function rule ({ site }: Call, given: Json): Partial<Rule> {
  const enabled = given.enabled === true
  const destination = typeof given.destination === 'string' ? given.destination : ''
  if (enabled && destination === '') throw badRequest('A forwarding needs a destination')
  const owner = given.destinationVoicemailEnabled === true ? site.pbx.users.get(site.pbx.resolve(destination).key ?? '') : undefined
  const to = owner === undefined ? destination : `*98${owner.extension}`
  return { enabled, to: to === '' ? undefined : to }
}

function rings (given: unknown): number {
  if (given === undefined) return DEFAULT_RINGS
  if (typeof given !== 'number' || !Number.isInteger(given) || given < 0 || given > MOST_RINGS) throw badRequest(`numberOfRings is a number from 0 to ${MOST_RINGS}`)
  return given
}

const RECORDING: Record<UserFeatures['recording'], Json> = {
  never: recording('Never'),
  always: recording('Always'),
  'always-pause-resume': recording('Always with Pause/Resume'),
  'on-demand': recording('On Demand with User Initiated Start'),
  'on-demand-user-start': recording('On Demand with User Initiated Start')
}

function recording (record: string): Json {
  return { enabled: record !== 'Never', record, recordVoicemailEnabled: false, startStopAnnouncementEnabled: false, notification: { enabled: false, type: 'None' }, repeat: { enabled: false, interval: 15 }, serviceProvider: 'Simulated recorder' }
}

const VOICEMAIL: Json = {
  sendAllCalls: { enabled: false },
  sendBusyCalls: { enabled: true, greeting: 'DEFAULT', greetingUploaded: false },
  sendUnansweredCalls: { enabled: true, greeting: 'DEFAULT', greetingUploaded: false, numberOfRings: DEFAULT_RINGS, systemMaxNumberOfRings: MOST_RINGS },
  notifications: { enabled: false },
  transferToNumber: { enabled: false },
  emailCopyOfMessage: { enabled: false },
  messageStorage: { mwiEnabled: true, storageType: 'INTERNAL' },
  faxMessage: { enabled: false },
  voiceMessageForwardingEnabled: false
}

const INTERCEPT: Json = {
  enabled: false,
  incoming: { type: 'INTERCEPT_ALL', voicemailEnabled: false, announcements: { greeting: 'DEFAULT', newNumber: { enabled: false }, zeroTransfer: { enabled: false } } },
  outgoing: { type: 'INTERCEPT_ALL', transferEnabled: false }
}

/** Objects are merged member by member, everything else is replaced. */
function merged (base: Json, change: Json): Json {
  const result: Json = { ...base }
  for (const [name, value] of Object.entries(change)) {
    const inner = value !== null && typeof value === 'object' && !Array.isArray(value)
    result[name] = inner ? merged(part(base, name), value as Json) : value
  }
  return result
}
