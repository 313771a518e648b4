/** Calls of an agent: lists, answer to disposition, recording, call data (five9.md 3.1, 3.2). */
import { fields } from '../bodies'
import { shown, needStation } from '../dialing'
import { badRequest, notFound, refused } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { type CallRecord, type CallState } from '../ledger'
import { type RecordingAction } from '../../pbx/recording'
import { type Connection } from '../../pbx/types'

const OWN = 'agents/:uid/interactions'
const TALKS: CallState[] = ['TALKING', 'ON_HOLD']

/** A row for one call in certain states; without a body of its own it answers 204. */
function onCall (line: string, states: CallState[], run: (call: Call, record: CallRecord) => Reply | void): Route {
  const [method = '', operation = ''] = line.split(' ')
  return route(['appsvcs'], `${method} ${OWN}/calls/:cid/${operation}`, (call) => run(call, call.site.ledger.inState(call.user.key, call.params.cid ?? '', operation, states)) ?? {})
}

const recording = (action: RecordingAction): Route => onCall(`PUT ${action}_recording`, TALKS, ({ site }, { connectionKey }) => { site.pbx.record(connectionKey, action) })

function park ({ site, user }: Call, { connectionKey }: CallRecord): void {
  const { pbx } = site
  const agent = pbx.agentOf(user.key)
  if (pbx.parkSlots.has(user.extension)) pbx.park(connectionKey, undefined, { group: true })
  else pbx.park(connectionKey)
  // After-call work begins when the call is over, not when it is parked.
  if (agent?.wrapUp?.connectionKey === connectionKey) pbx.endWrapUp(agent.key)
}

/** Takes a parked call back; it goes on as the same call, and with the after-call work that it had before. */
export function retrieve (call: Call, record: CallRecord): Connection {
  const { site: { pbx, ledger, options }, user } = call
  const parked = pbx.connections.get(record.connectionKey)
  const slot = [...pbx.parkSlots.values()].find(({ callKey, parkedBy }) => callKey === parked?.callKey && parkedBy === user.key)
  if (slot === undefined) throw notFound(`No call ${record.id}`)
  const seconds = pbx.queues.get(record.queueKey ?? '')?.wrapUpSeconds ?? (record.campaignKey === undefined ? 0 : options.campaignWrapUp)
  let made: Connection | undefined
  ledger.making(user.key, { adopts: record }, () => {
    made = pbx.retrieve(user.key, slot.number, seconds > 0 ? { wrapUpSeconds: seconds } : {})
    return made
  })
  if (made === undefined) throw refused('The call could not be retrieved')
  return made
}

function disconnect ({ site, user }: Call, { connectionKey }: CallRecord): void {
  const { pbx } = site
  const connection = pbx.connections.get(connectionKey)
  if (connection?.conferenceKey !== undefined && pbx.conferenceOf(user.key) !== undefined) pbx.leave(user.key)
  else pbx.release(connectionKey)
}

function dispose ({ site, body }: Call, record: CallRecord): Reply {
  const { dispositionId, value } = fields(body)
  const id = dispositionId ?? value
  if (id === undefined || id === null) throw badRequest('dispositionId is missing')
  const code = site.ids.dispositions.key(String(id))
  if (code === undefined) throw refused(`No disposition ${String(id)}`, { objectId: String(id) })
  const connection = site.pbx.connections.get(record.connectionKey)
  site.pbx.dispose(record.connectionKey, code)
  if (connection === undefined) throw notFound(`No call ${record.id}`)
  return { body: shown(site, record) }
}

function setVariables ({ site, body }: Call, record: CallRecord): Reply {
  if (Array.isArray(body) || body === null || typeof body !== 'object') throw badRequest('The body must be an object of variable ids')
  const connection = site.pbx.connections.get(record.connectionKey)
  const data = site.variables.data(fields(body))
  if (connection === undefined) throw notFound(`No call ${record.id}`)
  // After the talk the PBX takes no data any more; here it is still the agent's call.
  if (connection.state === 'null') {
    const kept = site.pbx.callOf(connection).data
    for (const [name, value] of Object.entries(data)) kept[name] = value
    site.update(record)
  } else site.pbx.setData(record.connectionKey, data)
  return { body: shown(site, record) }
}

function recordingBytes ({ site, user, params }: Call): Reply {
  const entry = site.pbx.history.find(({ id, userKey }) => id === params.recording && userKey === user.key)
  if (entry === undefined) throw notFound(`No recording ${params.recording ?? ''}`)
  return { raw: { contentType: 'audio/wav', bytes: SILENCE } }
}

/** A WAV file without a sound: header, and no samples. */
export const SILENCE = Buffer.from('524946462400000057415645666d74201000000001000100401f0000401f0000010008006461746100000000', 'hex')

const brief = ({ id }: CallRecord): unknown => ({ interactionId: id, channelType: 'CALL' })

export const CALL_ROUTES: Route[] = [
  route(['appsvcs'], `GET ${OWN}`, ({ site, user }) => ({ body: site.ledger.of(user.key).map(brief) })),
  // The catalogue has the singular as well, which looks like a slip of the pen.
  route(['appsvcs'], 'GET agents/:uid/interaction', ({ site, user }) => ({ body: site.ledger.of(user.key).map(brief) })),
  route(['appsvcs'], `GET ${OWN}/calls`, ({ site, user }) => ({ body: site.ledger.of(user.key).flatMap((record) => shown(site, record) ?? []) })),
  route(['appsvcs'], `GET ${OWN}/calls/:cid`, ({ site, user, params }) => ({ body: shown(site, site.ledger.find(user.key, params.cid ?? '')) })),
  onCall('PUT answer', ['OFFERED'], ({ site, session }, { connectionKey }) => {
    needStation(session)
    site.pbx.answer(connectionKey, { byCti: true })
  }),
  onCall('PUT reject', ['OFFERED'], ({ site, user }, { connectionKey }) => {
    if (!site.people.permissions(user).includes('CAN_REJECT_CALLS')) throw refused('The user has no permission CAN_REJECT_CALLS')
    site.pbx.reject(connectionKey)
  }),
  onCall('PUT hold', ['TALKING'], ({ site, user }, { connectionKey }) => {
    if (!site.people.permissions(user).includes('CAN_PLACE_CALL_ON_HOLD')) throw refused('The user has no permission CAN_PLACE_CALL_ON_HOLD')
    site.pbx.hold(connectionKey)
  }),
  onCall('PUT unhold', ['ON_HOLD'], ({ site }, { connectionKey }) => { site.pbx.resume(connectionKey) }),
  onCall('PUT park', TALKS, park),
  onCall('PUT retrieve', ['PARKED'], (call, record) => { retrieve(call, record) }),
  onCall('PUT disconnect', ['OFFERED', 'RINGING_ON_OTHER_SIDE', ...TALKS], disconnect),
  // On a live call it is refused; the older SOAP interface would have hung up first (five9.md 11).
  onCall('PUT dispose', ['WRAP_UP'], dispose),
  recording('start'), recording('pause'), recording('resume'), recording('stop'),
  // Three names in three generations of clients; which a data centre has is not told (five9.md 11).
  ...['variables_2', 'call_variables', 'variables'].map((name) => onCall(`PUT ${name}`, [...TALKS, 'OFFERED', 'RINGING_ON_OTHER_SIDE', 'WRAP_UP'], setVariables)),
  // The catalogue has it beside the calls, working clients fetch it from the streams.
  route(['appsvcs', 'strsvcs'], 'GET agents/:uid/recordings/:recording', recordingBytes)
]
