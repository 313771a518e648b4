import type { NodeAPI } from 'node-red'
import type { ActionResult } from '../../src/model'
import type { Deliver } from './actionNode'
import { toText } from './coerce'

type Output = (RED: NodeAPI, items: unknown[], frame: Omit<ActionResult, 'items'>) => Deliver

const OUTPUTS: Readonly<Record<string, Output>> = {
  array: (_RED, items, frame) => (msg, _result, send) => {
    send(Object.assign(msg, { payload: items, cti: frame }))
  },
  // As core's split parts an array, so that join puts it together again; parts that came in are kept beneath.
  each: (RED, items, frame) => (msg, _result, send) => {
    const before = 'parts' in msg ? { parts: msg.parts } : {}
    const id = RED.util.generateId()
    const common = Object.assign(msg, { payload: undefined, cti: frame })
    items.forEach((payload, index) => {
      send(Object.assign(RED.util.cloneMessage(common), { payload, parts: { ...before, id, type: 'array', count: items.length, len: 1, index } }))
    })
  }
}

/**
 * How a look-up goes out, by the node's `output`: `array` (default) has the items in `msg.payload` and the result without them in `msg.cti`; `each` sends a
 * message an item, none for an empty list; `result` has the result as `msg.payload`. So has a look-up that answers with no list, whatever was chosen.
 */
export function deliverLookup (RED: NodeAPI, def: Readonly<Record<string, unknown>>): Deliver {
  const wanted = toText(def.output) || 'array'
  return (msg, result, send) => {
    const { items, ...frame } = result
    if (items !== undefined && Object.hasOwn(OUTPUTS, wanted)) OUTPUTS[wanted]?.(RED, items, frame)(msg, result, send)
    else send(Object.assign(msg, { payload: result }))
  }
}
