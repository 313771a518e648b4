/** Documents that commands carry; elements in the order of the schema (xsi.md 3.1). */
import { element, type XmlFragment } from '../../transport/xml'
import { NAMESPACE, SCHEMA_INSTANCE } from '../protocol'

type Value = string | number | boolean | null | undefined | XmlFragment

/** A settings document: undefined parts keep their value on the server, null clears one. */
export function settings (root: string, fields: Readonly<Record<string, Value>>): XmlFragment {
  const parts = Object.entries(fields).map(([name, value]) => {
    if (value === undefined) return undefined
    if (value === null) return element(name, undefined, { 'i:nil': 'true' })
    return element(name, value)
  })
  const nil = Object.values(fields).includes(null)
  return element(root, parts, nil ? { xmlns: NAMESPACE, 'xmlns:i': SCHEMA_INSTANCE } : { xmlns: NAMESPACE })
}

/** The start of a conference from calls of one user. */
export function startConference (callIds: readonly string[]): XmlFragment {
  return element('Conference', element('conferenceParticipantList', callIds.map((callId) => element('conferenceParticipant', element('callId', callId)))), { xmlns: NAMESPACE })
}

/** One membership to change; those left out stay as they are. */
export function membership (queueId: string, available: boolean): XmlFragment {
  return element('CallCenter', element('callCenterList', element('callCenterDetails', [element('serviceUserId', queueId), element('available', available)])), { xmlns: NAMESPACE })
}
