/** Services whose settings are plain elements: some the PBX acts upon, the others are kept as they are (xsi.md 3.3). */
import { type User, type UserFeatures } from '../../pbx/types'
import { type Values } from '../settings'
import { type Site } from '../site'
import { bool } from './fields'
import { type Field, type Service } from './types'

const ACTIVE: Field = { name: 'active', kind: 'boolean' }
const SPLASH: Field = { name: 'ringSplash', kind: 'boolean' }

/** A service that this PBX does not act upon. */
function kept (name: string, path: string, fields: Field[], defaults: Values, more: Partial<Service> = {}): Service {
  return {
    name, path, fields,
    read: (site, user) => site.settings.get(user.key, path, defaults),
    write: (site, user, values) => {
      site.settings.put(user.key, path, values)
      if (more.event) site.changed(user.key, more.event.package)
    },
    ...more
  }
}

const event = (name: string, type: string, empty = false): Partial<Service> => ({ event: { package: name, type, empty } })

const MODES = ['always', 'never', 'on-demand', 'always-pause-resume', 'on-demand-user-start'] as const
const PRESENCES = ['None', 'Business Trip', 'Gone for the Day', 'Lunch', 'Meeting', 'Out Of Office', 'Temporarily Out', 'Training', 'Unavailable', 'Vacation'] as const

/** Presence words of the PBX and of the service. */
function presenceName (user: User): string {
  return PRESENCES.find((word) => word.toLowerCase() === user.presence.toLowerCase()) ?? 'None'
}

function writePresence (site: Site, user: User, values: Values): void {
  const { active, presence, ...rest } = values
  site.settings.put(user.key, 'PersonalAssistant', rest)
  if (active === 'false') site.pbx.setPresence(user.key, 'available')
  else if (presence !== undefined) site.pbx.setPresence(user.key, presence === 'None' ? 'available' : presence)
  else site.changed(user.key, 'Personal Assistant')
}

const personalAssistant: Service = {
  name: 'Personal Assistant', path: 'PersonalAssistant',
  fields: [
    ACTIVE, { name: 'presence', kind: 'text', oneOf: PRESENCES }, { name: 'enableExpirationTime', kind: 'boolean' }, { name: 'expirationTime', kind: 'text', nil: true }, { name: 'enableTransferToAttendant', kind: 'boolean' },
    { name: 'attendantNumber', kind: 'phone', nil: true }, SPLASH, { name: 'alertMeFirst', kind: 'boolean' }, { name: 'numberOfRings', kind: 'integer', min: 0, max: 20 }
  ],
  read: (site, user) => {
    const presence = presenceName(user)
    return site.settings.get(user.key, 'PersonalAssistant', { active: bool(presence !== 'None'), presence, enableExpirationTime: 'false', enableTransferToAttendant: 'false', ringSplash: 'false', alertMeFirst: 'false', numberOfRings: '3' })
  },
  write: writePresence,
  event: { package: 'Personal Assistant', type: 'PersonalAssistant' }
}

const recording: Service = {
  name: 'Call Recording', path: 'CallRecording',
  fields: [{ name: 'recordingMode', kind: 'text', oneOf: MODES }, { name: 'pauseResumeNotifyMethod', kind: 'text', oneOf: ['none', 'beep', 'playAnnouncement'] }],
  read: (site, user) => site.settings.get(user.key, 'CallRecording', { recordingMode: user.features.recording, pauseResumeNotifyMethod: 'none' }),
  write: (site, user, { recordingMode, ...rest }) => {
    site.settings.put(user.key, 'CallRecording', rest)
    if (recordingMode !== undefined) site.pbx.setFeature(user.key, 'recording', recordingMode as UserFeatures['recording'])
  }
}

const callWaiting: Service = {
  name: 'Call Waiting', path: 'CallWaiting', fields: [ACTIVE],
  read: (_site, user) => ({ active: bool(user.features.callWaiting) }),
  write: (site, user, { active }) => { if (active !== undefined) site.pbx.setFeature(user.key, 'callWaiting', active === 'true') },
  ...event('Call Waiting', 'CallWaiting')
}

const flags = (...names: string[]): Field[] => names.map((name) => ({ name, kind: 'boolean' }))

const voiceMessaging = kept('Voice Messaging User', 'VoiceMessaging', [
  ACTIVE, { name: 'processing', kind: 'text', oneOf: ['Unified Voice and Email Messaging', 'Deliver To Email Address Only'] },
  ...flags('usePhoneMessageWaitingIndicator', 'sendVoiceMessageNotifyEmail', 'sendCarbonCopyVoiceMessage', 'transferOnZeroToPhoneNumber', 'alwaysRedirectToVoiceMail', 'busyRedirectToVoiceMail', 'noAnswerRedirectToVoiceMail')
], {
  active: 'true', processing: 'Unified Voice and Email Messaging', usePhoneMessageWaitingIndicator: 'true', sendVoiceMessageNotifyEmail: 'false', sendCarbonCopyVoiceMessage: 'false',
  transferOnZeroToPhoneNumber: 'false', alwaysRedirectToVoiceMail: 'false', busyRedirectToVoiceMail: 'true', noAnswerRedirectToVoiceMail: 'true'
}, { ...event('Voice Messaging', 'VoiceMessaging'), assigned: (user) => user.features.voicemail })

const hotelingGuest = kept('Hoteling Guest', 'HotelingGuest', [
  ACTIVE, { name: 'enableAssociationLimit', kind: 'boolean' }, { name: 'associationLimitHours', kind: 'integer', min: 1, max: 999 }, { name: 'hostUserId', kind: 'text', nil: true }
], { active: 'false', enableAssociationLimit: 'true', associationLimitHours: '12' }, event('Hoteling Guest', 'HotelingGuest'))

export const plainServices: Service[] = [
  kept('Anonymous Call Rejection', 'AnonymousCallRejection', [ACTIVE], { active: 'false' }),
  recording,
  callWaiting,
  kept('Call Me Now', 'CallMeNow', [ACTIVE, { name: 'answerConfirmation', kind: 'text', oneOf: ['None', 'Any Key', 'Passcode'] }], { active: 'true', answerConfirmation: 'None' }),
  kept('CommPilot Express', 'CommPilotExpress', [{ name: 'profile', kind: 'text', nil: true, oneOf: ['Available In Office', 'Available Out Of Office', 'Busy', 'Unavailable'] }], {}, event('CommPilot Express', 'CommPilotExpress')),
  hotelingGuest,
  kept('Hoteling Host', 'HotelingHost', [ACTIVE, { name: 'enforceAssociationLimit', kind: 'boolean' }, { name: 'associationLimitHours', kind: 'integer', min: 1, max: 999 }, { name: 'accessLevel', kind: 'text', oneOf: ['Enterprise', 'Group'] }], { active: 'false', enforceAssociationLimit: 'true', associationLimitHours: '24', accessLevel: 'Group' }),
  kept('Music On Hold User', 'MusicOnHold', [ACTIVE], { active: 'true' }, event('Music On Hold', 'MusicOnHold')),
  personalAssistant,
  kept('Sequential Ring', 'SequentialRing', [...flags('ringBaseLocationFirst'), { name: 'baseLocationNumberOfRings', kind: 'integer', min: 0, max: 20 }, ...flags('continueIfBaseLocationIsBusy', 'callerMayStopSearch')],
    { ringBaseLocationFirst: 'true', baseLocationNumberOfRings: '3', continueIfBaseLocationIsBusy: 'true', callerMayStopSearch: 'true' }, event('Sequential Ring', 'SequentialRing')),
  kept('Silent Alerting', 'SilentAlerting', [ACTIVE], { active: 'false' }, event('Silent Alerting', 'SilentAlerting')),
  kept('Simultaneous Ring Personal', 'SimultaneousRingPersonal', [ACTIVE, { name: 'incomingCalls', kind: 'text', oneOf: ['Ring for all Incoming Calls', 'Do not Ring if on a Call'] }], { active: 'false', incomingCalls: 'Do not Ring if on a Call' }, event('Simultaneous Ring Personal', 'SimultaneousRingPersonal')),
  voiceMessaging
]

/** Services without settings of their own: listed without an address. */
export const BARE_SERVICES: { name: string; event?: Service['event']; assigned?: (user: User) => boolean }[] = [
  { name: 'Basic Call Logs' },
  { name: 'Call Transfer', event: { package: 'Call Transfer', type: 'CallTransfer', empty: true } },
  { name: 'Directed Call Pickup with Barge-in', assigned: (user) => user.supervisor },
  { name: 'Last Number Redial', event: { package: 'Last Number Redial', type: 'LastNumberRedial', empty: true } },
  { name: 'N-Way Call', event: { package: 'N-Way Call', type: 'N-WayCall', empty: true } },
  { name: 'Three-Way Call', event: { package: 'Three-Way Call', type: 'ThreeWayCall', empty: true } }
]
