import type { NodeAPI } from 'node-red'
import { ACTIONS, isActionName, type ActionName } from '../../src/model'
import { registerActionNode } from '../shared/actionNode'
import type { FieldSpec } from '../shared/actionRequest'
import { deliverLookup } from '../shared/lookupOutput'
import { idFromPayload, reservedFields, type Payload } from '../shared/payload'

const LOOKUPS = (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].group === 'lookup')

type Params = Readonly<Partial<Record<string, string>>>
/** Who or what is asked for is a list of ids in these. */
const USER: Params = { userStates: 'ids', agentStates: 'ids' }
const QUEUE: Params = { queueStats: 'ids' }

/** What the author of the flow added to an event or a result. */
function said (payload: Payload, name: string): unknown {
  return reservedFields(payload).has(name) ? undefined : payload[name]
}

const isAboutUser = (action: string): boolean => isActionName(action) && ACTIONS[action].subject === 'user'

type Source = NonNullable<FieldSpec['fromFrame']>
/** A list of the whole account is not narrowed to whom an event is about; his state is. */
const userOf: Source = (payload, action) => {
  if (action === 'agentStates') return idFromPayload('agent', payload) ?? idFromPayload('user', payload)
  return action === 'userStates' || isAboutUser(action) ? idFromPayload('user', payload) : said(payload, 'user')
}
/** Calls are those of the user when the event is about one; reason codes are the same in most queues, and some systems know no others. */
const queueOf: Source = (payload, action) => {
  if (action === 'reasonCodes' || (action === 'listCalls' && idFromPayload('user', payload) !== undefined)) return said(payload, 'queue')
  return idFromPayload('queue', payload)
}
/** The result of a page leads to the next. */
const cursorOf: Source = (payload, action) => payload.cursor ?? (payload.action === action ? payload.nextCursor : undefined)

/** The *lookup* node: lists and states. A text payload is what to search for. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-lookup',
    actions: LOOKUPS,
    fields: [
      { name: 'user', param: (action) => USER[action] ?? 'user', fromFrame: userOf },
      { name: 'queue', param: (action) => QUEUE[action] ?? 'queue', fromFrame: queueOf },
      { name: 'query' },
      { name: 'limit' },
      { name: 'cursor', fromFrame: cursorOf }
    ],
    textField: 'query',
    deliver: deliverLookup
  })
}
