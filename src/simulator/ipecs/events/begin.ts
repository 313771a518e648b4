/** Calls begin: dialling, ringing, waiting in a group (ipecs.md 9.2, 9.3, 9.5). */
import { cause, CAUSE } from '../codes'
import { type Connection, type Fact } from '../../pbx/types'
import { type Site } from '../site'
import { acd, busy, call, callerOf, endOf, type FactTable, type Moment, otherOf, refOf, shownRinging, station, stationOf } from './tell'

/** Ringing types of code 3 (ipecs.md 4.3). */
const RINGS_PHONES = '0002'
const RINGS_GROUP = '0005'
const DID_DIGITS = 7
const NUMBER_DIGITS = 18
const NAME_LETTERS = 24
const DIALLED_DIGITS = 32

/** Number and name of a caller from outside, and the number that he called, to the station that is about to ring. */
export function introduce (site: Site, fact: Moment, caller: Connection, target: string, again = false): void {
  const { ani, aniName, did } = site.pbx.calls.get(caller.callKey) ?? {}
  const ends = { ref: refOf(site, caller), source: endOf(site, caller), dest: station(target) }
  acd(site, fact, 72, { ...ends, data1: site.numbers.dn({ kind: 'external', number: ani }).slice(0, NUMBER_DIGITS), data2: (caller.party.name ?? aniName ?? '').slice(0, NAME_LETTERS) })
  if (!again && did !== undefined) acd(site, fact, 71, { ...ends, data1: did.slice(-DID_DIGITS) })
}

/** Somebody is rung. */
function ring (site: Site, fact: Fact, called: Connection, caller: Connection | undefined): void {
  const { memory, numbers, burst } = site
  const device = stationOf(site, called)
  if (device === undefined) return
  const shown = shownRinging(site, called, caller)
  const ref = refOf(site, called)
  const again = memory.rung.has(called.callKey)
  memory.shown.set(called.key, shown)
  memory.rung.set(called.callKey, device)
  memory.told.set(called.key, ref)
  burst.put('ring', () => {
    const bin = called.queueKey === undefined ? '0000' : numbers.bin(called.queueKey)
    const source = endOf(site, caller)
    const outside = caller?.party.kind === 'external' && caller.direction === 'outbound'
    if (called.recall !== undefined) acd(site, fact, 50, { ref, source: station(device), dest: source })
    else if (called.queueKey !== undefined && outside) acd(site, fact, 3, { ref, source, dest: station(device), data1: bin, data2: RINGS_GROUP })
    else if (outside && caller !== undefined && !again) introduce(site, fact, caller, device)
    else if (caller?.party.kind === 'user' && !again) acd(site, fact, 41, { ref, source, dest: station(device) })
    acd(site, fact, 66, { ref, source: station(device), dest: source, data1: bin, data2: bin })
    call(site, called, 'ringing', { ...shown }, ref)
    if (called.queueKey !== undefined && outside && caller !== undefined) introduce(site, fact, caller, device, true)
  })
}

function delivered (site: Site, fact: Fact): void {
  const { connection } = fact
  if (connection === undefined) return
  if (connection.personality === 'terminator') {
    if (connection.party.kind === 'external') seize(site, fact, connection)
    else if (connection.queueConnection !== undefined) ring(site, fact, connection, callerOf(site, connection))
    // Others ring when the one who waits for them has been told.
    return
  }
  const called = site.pbx.connections.get(fact.related?.[0] ?? '')
  alert(site, fact, connection, called)
  if (called?.party.kind === 'user') ring(site, fact, called, connection)
}

/** An outside line is taken for somebody who calls out. */
function seize (site: Site, fact: Fact, far: Connection): void {
  const caller = site.pbx.connections.get(fact.related?.[0] ?? '')
  const line = endOf(site, far)
  acd(site, fact, 41, { ref: refOf(site, far), source: endOf(site, caller), dest: line })
  acd(site, fact, 1, { ref: refOf(site, far), source: line, dest: endOf(site, caller) })
}

/** The far end rings: the caller is told. */
function alert (site: Site, fact: Fact, caller: Connection, called: Connection | undefined): void {
  const { memory, numbers, options } = site
  const device = stationOf(site, caller)
  if (device === undefined) return
  // What was dialled leads to the first who is rung, not to those that the call is sent on to.
  const dialled = fact.before?.state === 'initiated' ? memory.dialled.get(caller.key) : undefined
  const consulting = memory.consults.has(caller.callKey)
  const shown = { callingDN: device, calledDN: dialled ?? numbers.dn(called?.party), ...cause(consulting ? CAUSE.consultation : CAUSE.newCall) }
  const ref = refOf(site, caller)
  memory.shown.set(caller.key, shown)
  site.burst.put('ring', () => { call(site, caller, 'alerting', shown, ref) })
  if (called?.party.kind !== 'external' || dialled === undefined) return
  const line = endOf(site, called)
  const tell = (): void => { site.out.acd(site.pbx.now(), 67, { ref, source: station(device), dest: line, data2: dialled.slice(0, DIALLED_DIGITS) }) }
  if (options.numberDialedMs > 0) site.later(options.numberDialedMs, tell)
  else site.burst.put('ring', tell)
}

function originated (site: Site, fact: Fact): void {
  const { connection } = fact
  if (connection?.party.kind === 'external') return arrive(site, fact, connection)
  const device = stationOf(site, connection)
  const { memory, numbers, options } = site
  if (connection === undefined || device === undefined) return
  const doing = memory.doing?.userKey === connection.party.userKey ? memory.doing : undefined
  // A pickup and the like are no call of their own: they show with the call that they take.
  if (doing?.kind === 'feature') return
  if (doing?.kind === 'consultation' && doing.heldKey !== undefined) memory.consults.set(connection.callKey, doing.heldKey)
  const dialled = doing?.dialled ?? numbers.digits(site.pbx.calls.get(connection.callKey)?.dialed ?? '')
  memory.dialled.set(connection.key, dialled)
  if (options.analogue.includes(device)) call(site, connection, 'dialing', {})
  call(site, connection, 'proceeding', { dialDigit: dialled })
  busy(site, fact, connection.party.userKey, refOf(site, connection))
}

/** Somebody outside calls. */
function arrive (site: Site, fact: Fact, caller: Connection): void {
  const source = endOf(site, caller)
  const ref = refOf(site, caller)
  acd(site, fact, 3, { ref, source, data2: RINGS_PHONES })
  acd(site, fact, 1, { ref, source, dest: station('') })
}

/** Own phone rings before anything is dialled: told only when it is a call back, as nobody knows of the call yet. */
function initiated (site: Site, { connection }: Fact): void {
  const { userKey } = connection?.party ?? {}
  const device = stationOf(site, connection)
  if (connection === undefined || device === undefined || site.memory.doing?.kind !== 'callBack') return
  const target = site.pbx.users.get(site.memory.callbacks.get(userKey ?? '') ?? '')
  call(site, connection, 'ringing', { callingDN: target?.extension ?? '', calledDN: device, ...cause(CAUSE.callBack) })
}

/** A call is in the line of a group: whether it waits is known when nobody was found for it. */
function queued (site: Site, { connection }: Fact): void {
  if (connection?.party.kind === 'queue') site.memory.entering = { entry: connection, again: false }
}

/** Somebody is free for the call that just came, or (`agentExtension` absent) nobody is. */
export function entered (site: Site, fact: Moment, agentExtension?: string): void {
  const { memory, numbers } = site
  const { entering } = memory
  memory.entering = undefined
  const caller = otherOf(site, entering?.entry)
  const queue = site.pbx.queues.get(entering?.entry.queueKey ?? '')
  if (entering === undefined || caller === undefined || queue === undefined) return
  const group = numbers.groupNumber(queue)
  const ref = refOf(site, caller)
  const source = endOf(site, caller)
  if (!entering.again && caller.party.kind === 'user') acd(site, fact, 59, { ref, source, dest: { type: '', number: group }, data1: numbers.bin(queue.key), data2: '0000' })
  if (!entering.again && caller.party.kind === 'external') introduce(site, fact, caller, agentExtension ?? '')
  if (agentExtension !== undefined) return
  acd(site, fact, 62, { ref, source, data1: numbers.bin(queue.key) })
  const waits = {
    callingDN: numbers.dn(caller.party), calledDN: group, qCount: queue.entries.length, primaryAgentId: '', primaryAcdGroup: group, secondaryAgentId: '', secondaryAcdGroup: '',
    ...cause(CAUSE.noAgents)
  }
  const { callingDN, calledDN, ...rest } = waits
  const [from] = entering.entry.redirections
  site.out.call(group, 'queueing', { callingDN, calledDN, diversionNum: from === undefined ? '' : numbers.dn(from.party), ...rest })
  const device = stationOf(site, caller)
  if (device !== undefined) site.out.call(device, 'queued', waits)
}

function offered (site: Site, fact: Fact): void {
  const agent = site.pbx.agents.get(fact.agentKey ?? '')
  if (site.memory.entering?.entry.key === fact.connection?.key) entered(site, fact, site.pbx.users.get(agent?.userKey ?? '')?.extension)
}

export const beginRows: FactTable = { serviceInitiated: initiated, originated, delivered, queued, offered }
