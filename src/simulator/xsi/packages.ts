/** Which events a package carries, and what it can be subscribed for (xsi.md 4.8). */

export type TargetKind = 'user' | 'queue' | 'collection'

const BASIC = ['CallOriginating', 'CallOriginated', 'CallCollecting', 'CallReceived', 'CallAnswered', 'CallReleasing', 'CallReleased', 'CallSubscription', 'CallSubscriptionResync', 'HookStatus']
const STANDARD = [...BASIC,
  'CallHeld', 'CallRetrieved', 'CallTransferred', 'CallMonitored', 'CallBargedIn', 'CallParkRetrieved', 'CallPickedUp', 'CallForwarded', 'CallUpdated',
  'CallRecordingStarting', 'CallRecordingStarted', 'CallRecordingPaused', 'CallRecordingResumed', 'CallRecordingStopped',
  'ConferenceStarted', 'ConferenceHeld', 'ConferenceRetrieved', 'ConferenceUpdated', 'ConferenceReleased', 'ConferenceMuted', 'ConferenceUnmuted',
  'ConferenceCallMuted', 'ConferenceCallUnMuted', 'ConferenceCallMadeDeaf', 'ConferenceCallMadeUnDeaf',
  'CallSecurityClassificationUpdated', 'CallClientSessionInfoUpdated', 'PlayMusicOnHoldFailure']
const ADVANCED = [...STANDARD, 'CallRedirected', 'CallDetached']
const QUEUE = ['ACDCallAdded', 'ACDCallOfferedToAgent', 'ACDWhisperStarted', 'ACDCallUpdated', 'ACDCallReordered', 'ACDCallPromoted', 'ACDCallBounced', 'ACDCallAnsweredByAgent',
  'ACDCallAbandoned', 'ACDCallReleased', 'ACDCallEscaped', 'ACDCallTransferred', 'ACDCallOverflowed', 'ACDCallStranded', 'ACDCallStrandedUnavailable', 'ACDCallForwarded',
  'ACDHolidayPolicyApplied', 'ACDNightPolicyApplied', 'ACDSubscription', 'ACDSubscriptionResync']

interface PackageSpec { events: string[]; targets: TargetKind[] }

const PEOPLE: TargetKind[] = ['user', 'collection']
const service = (event: string): PackageSpec => ({ events: [event], targets: PEOPLE })

const TABLE: Record<string, PackageSpec> = {
  'Basic Call': { events: BASIC, targets: PEOPLE },
  'Standard Call': { events: STANDARD, targets: PEOPLE },
  'Advanced Call': { events: ADVANCED, targets: PEOPLE },
  'Call Center Agent': { events: ['AgentState', 'AgentDispositionCodeAdded', 'ACDAgentJoinUpdate', 'AgentSubscription'], targets: PEOPLE },
  'Call Center Queue': { events: QUEUE, targets: ['queue', 'collection'] },
  'Call Center Monitoring': { events: ['CallCenterMonitoring'], targets: ['queue', 'collection'] },
  'Call Center Agent Monitoring': { events: ['CallCenterAgentMonitoring', 'CallCenterAgentOnCallAlert', 'CallCenterAgentMonitoringSubscription'], targets: PEOPLE },
  'Call Center Configuration': { events: ['ACDForcedForwarding', 'ACDHolidayService', 'ACDNightService', 'ACDConfigurationSubscription'], targets: ['queue', 'collection'] },
  'Call Forwarding Always': service('CallForwardingAlways'),
  'Call Forwarding Always Secondary': service('CallForwardingAlwaysSecondary'),
  'Call Forwarding Busy': service('CallForwardingBusy'),
  'Call Forwarding No Answer': service('CallForwardingNoAnswer'),
  'Do Not Disturb': service('DoNotDisturb'),
  'Remote Office': service('RemoteOffice'),
  'BroadWorks Anywhere': service('BroadWorksAnywhere'),
  'Call Park': service('CallParkedAgainst'),
  'Voice Mail Message Summary': { events: ['VoiceMailMessageSummary'], targets: ['user', 'queue', 'collection'] },
  'Voice Messaging': service('VoiceMessaging'),
  'Third-Party Voice Mail Support': service('ThirdPartyVoiceMailSupport'),
  'Hoteling Guest': service('HotelingGuest'),
  'Flexible Seating Guest': service('FlexibleSeatingGuest'),
  'CommPilot Express': service('CommPilotExpress'),
  'Call Transfer': service('CallTransfer'),
  'Call Waiting': service('CallWaiting'),
  'Music On Hold': service('MusicOnHold'),
  'Last Number Redial': service('LastNumberRedial'),
  'N-Way Call': service('N-WayCall'),
  'Three-Way Call': service('ThreeWayCall'),
  'Sequential Ring': service('SequentialRing'),
  'Simultaneous Ring Personal': service('SimultaneousRingPersonal'),
  'Security Classification': service('SecurityClassification'),
  'Personal Assistant': service('PersonalAssistant'),
  'Silent Alerting': service('SilentAlerting'),
  'Collaborate Room': service('CollaborateRoomSubscription'),
  // The house has neither bridges nor route points: who asks for a whole group gets the subscription, and nothing ever happens in it.
  'Route Point Queue': { events: [], targets: ['collection'] },
  'Meet Me Conference': { events: [], targets: ['collection'] },
  'Push Notification Registration': { events: [], targets: ['collection'] }
}

const EVENTS = new Map(Object.entries(TABLE).map(([name, spec]) => [name, new Set(spec.events.map((event) => `${event}Event`))]))

/** Whether the package exists and may be subscribed for such a target. */
export function fitsTarget (name: string, target: TargetKind): boolean {
  return TABLE[name]?.targets.includes(target) ?? false
}

/** Whether the package exists. */
export function isPackage (name: string): boolean {
  return name in TABLE
}

/** Whether any of the packages carries the event type (`CallReceivedEvent`). */
export function carries (packages: readonly string[], eventType: string): boolean {
  return packages.some((name) => EVENTS.get(name)?.has(eventType))
}
