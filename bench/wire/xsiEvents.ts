/** Events of many simultaneous calls as a BroadWorks server writes them (xsi.md 4.9), about 1.9 kB each; every one is one neutral event. */

const NAMESPACES = 'xmlns:xsi="http://schema.broadsoft.com/xsi" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance"'
const NAMES = ['Carol Diaz', 'Alice Martin', 'Dan O&apos;Brien', 'Žofie Nováková']
/** Users with a call under way at any time. */
const USERS = 200
const STEPS = [
  { type: 'CallReceivedEvent', state: 'Alerting', answered: false, more: '<xsi:allowAnswer/>' },
  { type: 'CallAnsweredEvent', state: 'Active', answered: true, more: '' },
  { type: 'CallHeldEvent', state: 'Held', answered: true, more: '<xsi:allowRetrieve/>' },
  { type: 'CallRetrievedEvent', state: 'Active', answered: true, more: '' },
  { type: 'CallReleasedEvent', state: 'Released', answered: true, more: '<xsi:releasingParty>remoteRelease</xsi:releasingParty>' }
] as const
const BASE_MS = 1767261600000
/** Digits of the time of sending in the event id, µs. */
export const STAMP_DIGITS = 16
export const STAMP_MARK = 'eventID>b-'

export interface EventPlace { readonly subscriptionId: string; readonly channelId: string }

/** @param index from 0, counts all events of a stream: user and step follow from it */
export function eventXml (index: number, { subscriptionId, channelId }: EventPlace): string {
  const user = index % USERS
  const turn = Math.floor(index / USERS)
  const step = STEPS[turn % STEPS.length]
  const call = Math.floor(turn / STEPS.length)
  const start = BASE_MS + call * 1000
  const number = 2025550100 + user % 100
  const name = NAMES[(user + call) % NAMES.length]
  const party = `<xsi:name>${name}</xsi:name><xsi:address countryCode="1">tel:+1${number}</xsi:address><xsi:callType>Network</xsi:callType>`
  const times = `<xsi:startTime>${start}</xsi:startTime>${step.answered ? `<xsi:answerTime>${start + 400}</xsi:answerTime>` : ''}`
    + `${step.state === 'Held' ? `<xsi:heldTime>${start + 600}</xsi:heldTime>` : ''}${step.state === 'Released' ? `<xsi:releaseTime>${start + 900}</xsi:releaseTime>` : ''}`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<xsi:Event ${NAMESPACES} xsi1:type="xsi:SubscriptionEvent">`
    + `<xsi:eventID>b-${'0'.repeat(STAMP_DIGITS)}-${String(index).padStart(12, '0')}</xsi:eventID><xsi:sequenceNumber>${index + 1}</xsi:sequenceNumber>`
    + `<xsi:userId>cti-admin@example.com</xsi:userId><xsi:externalApplicationId>nodered-xsi-bench</xsi:externalApplicationId>`
    + `<xsi:subscriptionId>${subscriptionId}</xsi:subscriptionId><xsi:channelId>${channelId}</xsi:channelId><xsi:targetId>user${user}@example.com</xsi:targetId>`
    + `<xsi:eventData xsi1:type="xsi:${step.type}"><xsi:call><xsi:callId>callhalf-${user}-${call}:0</xsi:callId><xsi:extTrackingId>${user}-${call}:1</xsi:extTrackingId>`
    + `<xsi:networkCallId>BW1200000004${user}${call}@198.51.100.20</xsi:networkCallId><xsi:personality>Terminator</xsi:personality><xsi:state>${step.state}</xsi:state>`
    + `<xsi:remoteParty>${party}</xsi:remoteParty><xsi:endpoint xsi1:type="xsi:AccessEndpoint"><xsi:addressOfRecord>1${number}@sip.example.com</xsi:addressOfRecord></xsi:endpoint>`
    + `<xsi:appearance>1</xsi:appearance><xsi:diversionInhibited/>${step.more}${times}`
    + `<xsi:redirections><xsi:redirection><xsi:party><xsi:name>Front desk</xsi:name><xsi:address countryCode="1">tel:+12025550150</xsi:address><xsi:userId>desk@example.com</xsi:userId>`
    + '<xsi:userDN countryCode="1">tel:+12025550150</xsi:userDN><xsi:callType>Group</xsi:callType></xsi:party><xsi:reason>no-answer</xsi:reason></xsi:redirection></xsi:redirections>'
    + '<xsi:recordingState>Not Recording</xsi:recordingState><xsi:clientSessionInfo>account 4711, ticket 20260101-16</xsi:clientSessionInfo>'
    + '</xsi:call></xsi:eventData></xsi:Event>'
}

/** One event as one chunk of HTTP, ready for the socket. */
export function asChunk (xml: string): Buffer {
  const body = Buffer.from(xml)
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
}
