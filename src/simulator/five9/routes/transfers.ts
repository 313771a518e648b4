/** A call changes hands, or more people join it (five9.md 3.1, 3.7, 9.3). */
import { flag, needed } from '../bodies'
import { needStation, shown } from '../dialing'
import { refused } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { type CallRecord, type CallState } from '../ledger'
import { type Connection } from '../../pbx/types'
import { type TargetKind, TARGETS } from '../targets'
import { retrieve } from './calls'

const OWN = 'agents/:uid/interactions/calls/:cid'
const TALKS: CallState[] = ['TALKING', 'ON_HOLD']
const KINDS: [kind: TargetKind, transfer: string, conference: string][] = [
  ['agent', 'transfer_to_agent', 'add_agent_to_conference'], ['skill', 'transfer_to_skill', 'add_skill_to_conference'], ['external', 'transfer_to_external_number', 'add_external_to_conference'],
  ['campaign', 'transfer_to_campaign', 'add_campaign_to_conference'], ['speed_dial', 'transfer_to_speed_dial', 'add_speed_dial_to_conference']
]

function onCall (line: string, states: CallState[], run: (call: Call, record: CallRecord) => Reply | void): Route {
  const [method = '', operation = ''] = line.split(' ')
  return route(['appsvcs'], `${method} ${OWN}/${operation}`, (call) => run(call, call.site.ledger.inState(call.user.key, call.params.cid ?? '', operation, states)) ?? {})
}

/** Holds a call and calls somebody else for it; the switch between warm and blind has no public name (`warm`). */
function consult ({ site, session, user }: Call, record: CallRecord, number: string, purpose: 'transfer' | 'conference', joins = false): void {
  needStation(session)
  if (record.consult !== undefined) throw refused(`Call ${record.id} has a consultation already`)
  site.ledger.making(user.key, { consultOf: record, consult: { purpose, joins } }, () => site.pbx.originate(user.key, number))
  site.update(record)
}

function transfer (kind: TargetKind): (call: Call, record: CallRecord) => void {
  return (call, record) => {
    const number = TARGETS[kind](call, 'TRANSFER')
    if (flag(call.body, 'warm') === true) consult(call, record, number, 'transfer')
    else {
      call.site.ledger.sendAway(call.user.key, call.site.pbx.connections.get(record.connectionKey)?.callKey ?? '')
      call.site.pbx.blindTransfer(record.connectionKey, number)
    }
  }
}

function conference (kind: TargetKind): (call: Call, record: CallRecord) => Reply {
  return (call, record) => {
    consult(call, record, TARGETS[kind](call, 'CREATE_CONFERENCE'), 'conference', flag(call.body, 'warm') !== true)
    return { body: shown(call.site, record) }
  }
}

/** The two calls of a consultation; the request may name either. */
function both ({ site }: Call, record: CallRecord): { first: CallRecord; second: CallRecord } {
  const first = record.consultOf === undefined ? record : site.ledger.get(record.consultOf) ?? record
  const second = first.consult === undefined ? undefined : site.ledger.get(first.consult.recordId)
  if (second === undefined) throw refused(`Call ${record.id} has no consultation`)
  return { first, second }
}

function complete (call: Call, record: CallRecord): void {
  const { first, second } = both(call, record)
  call.site.pbx.completeTransfer(first.connectionKey, second.connectionKey)
}

function cancel (call: Call, record: CallRecord): void {
  const { pbx } = call.site
  const { first, second } = both(call, record)
  pbx.release(second.connectionKey)
  const held = pbx.connections.get(first.connectionKey)
  if (held?.state === 'hold' && held.heldBy !== 'remote') pbx.resume(held.key)
}

/** Everybody in the consultation and the first call hears each other. */
function join (call: Call, record: CallRecord): Reply {
  const { site, user } = call
  const { first, second } = both(call, record)
  if (second.state !== 'TALKING' && second.state !== 'ON_HOLD') throw refused(`Improper call state ${second.state} while calling complete_warm_conference`)
  if (site.pbx.conferenceOf(user.key) === undefined) site.pbx.conferenceStart(user.key, [first.connectionKey, second.connectionKey])
  else site.pbx.conferenceAdd(user.key, second.connectionKey)
  return { body: shown(site, first) }
}

/** A parked call is taken back and joined with the one in the path. */
function toCall (call: Call, record: CallRecord): void {
  const { site, user, body } = call
  const parked = site.ledger.inState(user.key, needed(body, 'callId'), 'transfer_to_call', ['PARKED'])
  site.pbx.completeTransfer(record.connectionKey, retrieve(call, parked).key)
}

function addParked (call: Call, record: CallRecord): void {
  const { site: { pbx, ledger }, user } = call
  const talking = ledger.of(user.key).find(({ state }) => state === 'TALKING') ?? ledger.of(user.key).find(({ state }) => state === 'ON_HOLD')
  if (talking === undefined) throw refused('The agent talks in no call')
  const back: Connection = retrieve(call, record)
  if (pbx.conferenceOf(user.key) === undefined) pbx.conferenceStart(user.key, [talking.connectionKey, back.key])
  else pbx.conferenceAdd(user.key, back.key)
}

function dropOne ({ site, user, body }: Call): void {
  const id = needed(body, 'participantId')
  const leg = site.ledger.find(user.key, id)
  if (site.pbx.connections.get(leg.connectionKey)?.conferenceKey === undefined) throw refused(`Call ${id} is in no conference`)
  site.pbx.release(leg.connectionKey)
}

const others = ({ site, user }: Call): Reply => ({
  body: [...site.pbx.users.values()].filter((other) => other.agentKey !== undefined && other.key !== user.key && site.pbx.agentOf(other.key)?.loggedIn === true).map((other) => ({
    id: site.ids.users.id(other.key), userName: other.email, fullName: `${other.first} ${other.last}`, extension: other.extension, ready: site.pbx.agentState(other.agentKey ?? '') === 'ready'
  }))
})

export const TRANSFER_ROUTES: Route[] = [
  ...KINDS.map(([kind, path]) => onCall(`PUT ${path}`, TALKS, transfer(kind))),
  ...KINDS.map(([kind, , path]) => onCall(`POST ${path}`, TALKS, conference(kind))),
  onCall('PUT transfer_to_call', TALKS, toCall),
  onCall('PUT complete_transfer', TALKS, complete),
  onCall('PUT cancel_transfer', [...TALKS, 'OFFERED', 'RINGING_ON_OTHER_SIDE'], cancel),
  onCall('POST complete_warm_conference', TALKS, join),
  onCall('PUT add_to_conference', ['PARKED'], addParked),
  onCall('PUT disconnectConferenceParticipant', TALKS, dropOne),
  onCall('PUT leave_conference', TALKS, ({ site, user }) => { site.pbx.leave(user.key) }),
  route(['appsvcs'], 'GET agents/:uid/transferable_agents', others),
  route(['appsvcs'], 'GET agents/:uid/conferee_agents', others),
  route(['appsvcs'], 'GET orgs/:oid/users/logged_in_agents', others),
  route(['supsvcs'], 'GET supervisors/:uid/transferable_agents', others)
]
