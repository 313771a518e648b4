/** From a parsed document of the event stream to what it means (xsi.md 4.3, 4.6). */
import { EVENT_KINDS, type XsiDocument, type XsiNode, type XsiValue } from './protocol'
import { child, defined, number, text, typeOf } from './read'

const EMPTY: XsiNode = Object.freeze({})

function readEvent (node: XsiNode): XsiDocument {
  const kind = typeOf(node)
  if (kind === EVENT_KINDS.terminated) {
    return defined({ kind: 'terminated' as const, channelId: text(node, 'channelId'), reason: text(node, 'reason') ?? 'unknown' }) as XsiDocument
  }
  if (kind === EVENT_KINDS.error) return defined({ kind: 'error' as const, code: text(node, 'errorCode'), text: text(node, 'errorMessage') }) as XsiDocument
  const eventId = text(node, 'eventID')
  const subscriptionId = text(node, 'subscriptionId')
  const data = child(node, 'eventData')
  const type = typeOf(data)
  if (eventId === undefined || subscriptionId === undefined || data === undefined || type === undefined) return defined({ kind: 'unknown' as const, root: 'Event', eventId }) as XsiDocument
  return {
    kind: 'event',
    event: {
      eventId,
      subscriptionId,
      type,
      data,
      raw: node,
      sequence: number(node, 'sequenceNumber'),
      channelId: text(node, 'channelId'),
      targetId: text(node, 'targetId')
    }
  }
}

/**
 * Says what a document of the stream is. Roots are compared without regard to case: the specification spells the heartbeat in two ways.
 * @param root local name of the root element
 * @param value the root element as parsed
 */
export function readDocument (root: string, value: XsiValue): XsiDocument {
  const node = typeof value === 'object' && !Array.isArray(value) ? value as XsiNode : EMPTY
  if (root === 'Event') return readEvent(node)
  switch (root.toLowerCase()) {
    case 'channelheartbeat': return { kind: 'heartbeat' }
    case 'event': return readEvent(node)
    case 'channel': {
      const channelId = text(node, 'channelId')
      return channelId === undefined ? { kind: 'unknown', root } : { kind: 'channel', channelId, expires: number(node, 'expires') }
    }
    case 'errorinfo':
      return { kind: 'error', code: text(node, 'errorCode'), text: text(node, 'summaryEnglish') ?? text(node, 'summary') }
    default: return { kind: 'unknown', root }
  }
}
