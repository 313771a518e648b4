/** Events of services: forwarding, do not disturb, remote office, park, mailbox, presence (xsi.md 4.10). */
import { type Party } from '../../pbx/types'
import { type FactContext, type FactEvent, type FactTable } from '../events'
import { partyContent } from '../render/party'
import { SERVICE_EVENTS, serviceInfo } from '../render/services'
import { messageSummary } from '../render/voicemail'
import { el } from '../tree'

const FORWARDING: Record<string, string> = { always: 'Call Forwarding Always', busy: 'Call Forwarding Busy', noAnswer: 'Call Forwarding No Answer' }
const FEATURES: Record<string, string> = { remoteOffice: 'Remote Office', callWaiting: 'Call Waiting', voicemail: 'Voice Messaging' }

/** The event of a service's package with the settings as they are now. */
export function serviceChanged (site: FactContext['site'], userKey: string | undefined, packageName: string | undefined): FactEvent[] {
  const user = site.pbx.users.get(userKey ?? '')
  const stem = packageName === undefined ? undefined : SERVICE_EVENTS[packageName]
  if (!user || packageName === undefined || stem === undefined) return []
  return [{ userKey: user.key, type: `${stem}Event`, data: serviceInfo(site, user, packageName) }]
}

function named ({ fact }: FactContext, key: string): string {
  const value = fact.detail?.[key]
  return typeof value === 'string' ? value : ''
}

function changed ({ site, fact }: FactContext, packageName: string | undefined): FactEvent[] {
  return serviceChanged(site, fact.userKey, packageName)
}

function mailbox ({ site, fact }: FactContext): FactEvent[] {
  const user = site.pbx.users.get(fact.userKey ?? '')
  return user ? [{ userKey: user.key, type: 'VoiceMailMessageSummaryEvent', data: [messageSummary(user, 'messageSummary')] }] : []
}

/** Told to the person whose extension a call is parked against; empty when it is free again. */
function parkedAgainst (context: FactContext, present: boolean): FactEvent[] {
  const { site, fact } = context
  const userKey = named(context, 'against')
  const party = fact.detail?.party as Party | undefined
  if (userKey === '') return []
  return [{ userKey, type: 'CallParkedAgainstEvent', data: present ? [el('parkedParty', partyContent(site, party))] : [] }]
}

export const serviceEvents: FactTable = {
  forwarding: (context) => changed(context, FORWARDING[named(context, 'condition')]),
  dnd: (context) => changed(context, 'Do Not Disturb'),
  feature: (context) => changed(context, FEATURES[named(context, 'feature')]),
  presence: (context) => changed(context, 'Personal Assistant'),
  mailbox,
  parked: (context) => parkedAgainst(context, true),
  unparked: (context) => parkedAgainst(context, false)
}
