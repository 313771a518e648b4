/** Call events as a BroadWorks server writes them (xsi.md 4.9), about 1.9 kB each: what a busy channel carries. */

const NAMESPACES = 'xmlns:xsi="http://schema.broadsoft.com/xsi" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance"'

function event (index: number, name: string): string {
  const tags: [string, string][] = [
    ['eventID', `0f7a2f5c-6b9e-4b7d-8d0d-${String(index).padStart(12, '0')}`], ['sequenceNumber', String(index)], ['userId', 'cti-admin@example.com'], ['externalApplicationId', 'nodered-xsi-flow1'],
    ['subscriptionId', 'd3f1c2aa-5b0a-4f6c-8a77-2c1f0f4b7e10'], ['channelId', '6a1d7b1e-8a55-4a6e-9a2f-0d7b7c1c9e01'], ['targetId', 'bob@example.com']
  ]
  const head = tags.map(([tag, text]) => `<xsi:${tag}>${text}</xsi:${tag}>`).join('')
  const party = `<xsi:name>${name}</xsi:name><xsi:address countryCode="1">tel:+12025550199</xsi:address><xsi:callType>Network</xsi:callType>`
  const call = `<xsi:callId>callhalf-${index}:0</xsi:callId><xsi:extTrackingId>${index}:1</xsi:extTrackingId><xsi:personality>Terminator</xsi:personality><xsi:state>Active</xsi:state>`
    + `<xsi:remoteParty>${party}</xsi:remoteParty><xsi:endpoint xsi1:type="xsi:AccessEndpoint"><xsi:addressOfRecord>12025550102@sip.example.com</xsi:addressOfRecord></xsi:endpoint>`
    + '<xsi:appearance>1</xsi:appearance><xsi:allowAnswer/><xsi:startTime>1767261600000</xsi:startTime><xsi:answerTime>1767261604500</xsi:answerTime>'
    + '<xsi:acdCallInfo><xsi:acdUserId>support@example.com</xsi:acdUserId><xsi:acdName>Support</xsi:acdName><xsi:acdNumber countryCode="1">tel:+12025550150</xsi:acdNumber>'
    + `<xsi:numCallsInQueue>0</xsi:numCallsInQueue><xsi:waitTime>5</xsi:waitTime><xsi:callingPartyInfo>${party}</xsi:callingPartyInfo></xsi:acdCallInfo>`
  return `<?xml version="1.0" encoding="UTF-8"?><xsi:Event ${NAMESPACES} xsi1:type="xsi:SubscriptionEvent">${head}`
    + `<xsi:eventData xsi1:type="xsi:CallAnsweredEvent"><xsi:call>${call}</xsi:call></xsi:eventData></xsi:Event>`
}

const NAMES = ['Carol Diaz', 'Alice Martin', 'Dan O&apos;Brien', 'Žofie Nováková']

/** @returns `count` different events */
export function sampleEvents (count: number): string[] {
  return Array.from({ length: count }, (_, index) => event(index + 1, NAMES[index % NAMES.length]))
}
