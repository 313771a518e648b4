/** Calls that talk: answer, hold and retrieve, conference, digits, names (ipecs.md 9.2 to 9.5). */
import { cause, CAUSE } from '../codes'
import { type Conference, type Connection, type Fact } from '../../pbx/types'
import { type Site } from '../site'
import { introduce } from './begin'
import { acd, agentFields, busy, call, endOf, type FactTable, otherOf, refOf, shownRinging, station, stationOf } from './tell'

/** Data of code 45. */
export const CONFERENCE = { over: '0001', entered: '0002', left: '0003' }

function established (site: Site, fact: Fact): void {
  const { connection, before } = fact
  if (connection === undefined) return
  const { memory } = site
  const other = otherOf(site, connection)
  const ref = refOf(site, connection)
  if (connection.party.kind === 'voicemail') {
    const owner = site.pbx.users.get(connection.party.userKey ?? '')
    acd(site, fact, 63, { ref, source: station(owner?.extension ?? ''), data1: String(site.options.voicemailBin).padStart(4, '0'), data2: '0000' })
  }
  const device = stationOf(site, connection)
  if (device === undefined) return
  const old = memory.told.get(connection.key)
  // A feature that was dialled begins as a call of its own and goes on as the one that it took.
  if (old !== undefined && before !== undefined && before.callKey !== connection.callKey) call(site, connection, 'released', { releasedDN: device, ...cause(CAUSE.pickup) }, old)
  const acted = connection.direction === 'inbound' || before?.callKey !== connection.callKey
  const ends = { ref, source: endOf(site, other), dest: station(device) }
  const picked = memory.doing?.pickup === true && memory.doing.userKey === connection.party.userKey
  if (acted && !picked && connection.monitor === undefined) acd(site, fact, 42, ends)
  busy(site, fact, connection.party.userKey, ref)
  call(site, connection, 'connected', { ...shownTalking(site, connection, other) }, ref)
  if (picked) acd(site, fact, 57, { source: station(device), dest: endOf(site, other) })
  if (!acted && other?.party.kind === 'external') acd(site, fact, 42, ends)
  tellBusy(site, connection, device)
}

/** `connected` says what `ringing` or `alerting` said; who took a call in another way shows that way. */
function shownTalking (site: Site, connection: Connection, other: Connection | undefined): Record<string, unknown> {
  const { memory, numbers } = site
  const known = memory.shown.get(connection.key)
  const device = stationOf(site, connection) ?? ''
  const shown = known ?? (connection.direction === 'inbound'
    ? shownRinging(site, connection, other)
    : { callingDN: numbers.dn(other?.party ?? connection.remote), calledDN: device, ...cause(connection.monitor !== undefined ? CAUSE.monitoring : memory.doing?.pickup === true ? CAUSE.pickup : CAUSE.newCall) })
  memory.shown.set(connection.key, shown)
  return { ...shown }
}

function tellBusy (site: Site, connection: Connection, device: string): void {
  const agent = site.pbx.agentOf(connection.party.userKey ?? '')
  if (agent?.loggedIn !== true || site.memory.busy.has(agent.key)) return
  site.memory.busy.add(agent.key)
  site.out.call(device, 'agent_busy', agentFields(site, agent))
}

function held (site: Site, fact: Fact): void {
  const { connection, detail, cause: why } = fact
  if (connection === undefined || why === 'parked') return
  const ref = refOf(site, connection)
  const { memory } = site
  const local = detail?.by === 'local'
  const holder = local ? connection : otherOf(site, connection)
  if (local) {
    // All legs of a conference are one.
    if (memory.holding.has(`${connection.party.userKey ?? ''} ${ref}`)) return
    memory.holding.add(`${connection.party.userKey ?? ''} ${ref}`)
    call(site, connection, 'hold', { holdDN: stationOf(site, connection) ?? '' }, ref)
    recallLater(site, connection)
  } else if (connection.conferenceKey === undefined) call(site, connection, 'held', { holdDN: site.numbers.dn(holder?.party ?? connection.remote) }, ref)
  // The record comes when both stations were told; somebody outside is told nothing.
  const follows = local ? otherOf(site, connection)?.party.kind === 'user' : connection.party.kind !== 'user'
  const code = memory.doing?.kind === 'consultation' && memory.doing.userKey === holder?.party.userKey ? 58 : 49
  if (!follows) acd(site, fact, code, { ref, source: endOf(site, holder), dest: endOf(site, local ? otherOf(site, connection) : connection) })
}

/** The station that holds too long rings (ipecs.md 9.4). */
function recallLater (site: Site, connection: Connection): void {
  const { holdRecallMs } = site.options
  if (holdRecallMs <= 0) return
  site.later(holdRecallMs, () => {
    const live = site.pbx.connections.get(connection.key)
    if (live?.state !== 'hold' || live.heldBy === 'remote' || live.heldAt !== connection.heldAt) return
    const other = otherOf(site, live)
    const device = stationOf(site, live) ?? ''
    site.memory.recalling.add(live.key)
    site.out.acd(site.pbx.now(), 50, { ref: refOf(site, live), source: station(device), dest: endOf(site, other) })
    call(site, live, 'ringing', { callingDN: site.numbers.dn(other?.party), calledDN: device, ...cause(CAUSE.recall) })
  })
}

function retrieved (site: Site, fact: Fact): void {
  const { connection, detail } = fact
  if (connection === undefined) return
  const { memory } = site
  const ref = refOf(site, connection)
  const local = detail?.by === 'local'
  const retriever = local ? connection : otherOf(site, connection)
  const recalled = local && memory.recalling.delete(connection.key)
  if (local && !memory.holding.delete(`${connection.party.userKey ?? ''} ${ref}`)) return
  if (recalled) call(site, connection, 'connected', { ...shownTalking(site, connection, otherOf(site, connection)) }, ref)
  else if (local) call(site, connection, 'retrieve', { retrieveDN: stationOf(site, connection) ?? '' }, ref)
  else if (connection.conferenceKey === undefined) call(site, connection, 'retrieved', { retrieveDN: site.numbers.dn(retriever?.party ?? connection.remote) }, ref)
  const follows = local ? otherOf(site, connection)?.party.kind === 'user' : connection.party.kind !== 'user'
  if (!follows) acd(site, fact, 42, { ref, source: endOf(site, local ? otherOf(site, connection) : connection), dest: endOf(site, retriever) })
}

/** A parked call was taken: the one who was parked talks again. */
function unparked (site: Site, fact: Fact): void {
  const { connection, cause: why, detail } = fact
  if (connection === undefined || why !== 'unparked') return
  call(site, connection, 'retrieved', { retrieveDN: site.numbers.dn(detail?.by as Connection['party'] | undefined) })
}

/** Members of a conference, the master first. */
function members (site: Site, conference: Conference): Connection[] {
  return conference.connections.flatMap((key) => {
    const own = site.pbx.connections.get(key)
    return otherOf(site, own) ?? []
  })
}

/** Somebody new is in a conference: its calls become one, with one reference. */
function grown (site: Site, fact: Fact, conference: Conference, entered: string[]): void {
  const { numbers, pbx, memory } = site
  const master = pbx.users.get(conference.ownerUser)
  const own = conference.connections.flatMap((key) => pbx.connections.get(key) ?? [])
  const [first] = own
  if (first === undefined || master === undefined) return
  for (const { callKey } of own) numbers.join(callKey, first.callKey)
  const ref = refOf(site, first)
  const others = members(site, conference)
  const memberDN = [master.extension, ...others.map(({ party }) => numbers.dn(party))]
  for (const key of entered) {
    const newest = otherOf(site, pbx.connections.get(key))
    const newConfMemberDN = numbers.dn(newest?.party)
    call(site, first, 'conferencing', { memberDN, newConfMemberDN }, ref)
    for (const leg of own) memory.told.set(leg.key, ref)
    for (const other of others) call(site, other, 'conferenced', { memberDN, masterDN: master.extension, newConfMemberDN }, ref)
    acd(site, fact, 45, { ref, source: station(master.extension), dest: endOf(site, newest), data1: CONFERENCE.entered })
  }
}

function conferenced (site: Site, fact: Fact): void {
  const conference = fact.detail?.conference as Conference | undefined
  if (conference !== undefined) grown(site, fact, conference, conference.connections.slice(-1))
}

function conferenceChanged (site: Site, fact: Fact): void {
  const conference = fact.detail?.conference as Conference | undefined
  if (conference === undefined) return
  const { change } = fact.detail ?? {}
  const master = site.pbx.users.get(conference.ownerUser)
  if (change === 'added') return grown(site, fact, conference, fact.related ?? [])
  const gone = site.pbx.connections.get(fact.related?.[0] ?? conference.connections[0] ?? '')
  if (gone === undefined || (change !== 'removed' && change !== 'ended')) return
  // With several calls left nobody ended it: its master leaves.
  if (change === 'ended' && conference.connections.length > 1) {
    site.memory.left = conference.ownerUser
    return
  }
  const ref = refOf(site, gone)
  site.burst.put('disconnect', () => { acd(site, fact, 45, { ref, source: station(master?.extension ?? ''), data1: change === 'ended' ? CONFERENCE.over : CONFERENCE.left }) })
}

function information (site: Site, fact: Fact): void {
  const { connection, detail } = fact
  if (connection === undefined) return
  const changed = Array.isArray(detail?.changed) ? detail.changed : []
  if (typeof detail?.dtmf === 'string' && connection.party.kind === 'external') {
    for (const digit of detail.dtmf.replaceAll(',', '')) acd(site, fact, 80, { ref: refOf(site, connection), source: endOf(site, connection), data1: digit })
  }
  if (changed.includes('name') && connection.party.kind === 'external' && connection.direction === 'outbound') introduce(site, fact, connection, site.memory.rung.get(connection.callKey) ?? '', true)
  if (changed.includes('bounced')) site.memory.entering = { entry: connection, again: true }
  if (detail?.forwardedTo !== undefined && fact.cause === 'deflected') {
    const { numbers } = site
    call(site, connection, 'rerouted', { calledDN: numbers.dn(detail.forwardedTo as Connection['party']), reroutingDN: numbers.dn(fact.before?.remote), ...cause(CAUSE.reroute) })
  }
}

export const talkRows: FactTable = { established, held, retrieved, unparked, conferenced, conferenceChanged, callInformation: information }
