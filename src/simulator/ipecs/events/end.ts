/** Calls end, go elsewhere or change hands (ipecs.md 9.2 to 9.7). */
import { cause, CAUSE, networkCause, RELEASED } from '../codes'
import { type Connection, type Fact, type Party } from '../../pbx/types'
import { makeRecord } from '../records'
import { type Site } from '../site'
import { type Mode } from './burst'
import { CONFERENCE } from './talk'
import { acd, call, endOf, type FactTable, otherOf, refOf, station, stationOf } from './tell'

const TRANSFERS: Record<string, [callType: string, causeCode: number]> = {
  blind: ['blind', CAUSE.blind], attended: ['screened', CAUSE.screened], early: ['unscreened', CAUSE.unscreened]
}

function modeOf (fact: Fact): Mode {
  const { connection } = fact
  if (fact.type === 'transferred') return 'transfer'
  if (connection?.party.kind !== 'external') return 'local'
  return connection.direction === 'outbound' && connection.answeredAt === undefined ? 'abandon' : 'remote'
}

/** Other legs of the same station under the same reference: a conference goes on without this one. */
function goesOn (site: Site, connection: Connection): boolean {
  const user = site.pbx.users.get(connection.party.userKey ?? '')
  return user !== undefined && site.numbers.legs(user, refOf(site, connection)).some(({ key }) => key !== connection.key)
}

/** A leg of a station is over. */
function released (site: Site, fact: Fact, causeCode: number, asc: boolean): void {
  const { connection } = fact
  const device = stationOf(site, connection)
  if (connection === undefined || device === undefined || !site.memory.told.has(connection.key) || goesOn(site, connection)) return
  const ref = refOf(site, connection)
  if (!site.burst.once(`${device} ${ref}`)) return
  const other = site.numbers.dn(fact.before?.remote ?? connection.remote)
  const both = site.options.releasedAsc === 'both'
  site.burst.put('released', () => {
    if (asc) call(site, connection, 'releasedasc', { releasedAscDN: other, ...cause(causeCode) }, ref)
    if (!asc || both) call(site, connection, 'released', { releasedDN: device, ...cause(causeCode) }, ref)
  })
  // Who only rang was never off-hook: the end of the ringing makes the station idle.
  if (fact.before?.state === 'alerting' && connection.personality === 'terminator' && site.pbx.users.get(connection.party.userKey ?? '')?.hook === 'on') idle(site, fact, device)
}

function idle (site: Site, fact: Fact, device: string): void {
  site.burst.put('idle', () => { acd(site, fact, 18, { source: station(device) }) })
}

/** The end of a call, told once: by the station that was in it. */
function disconnect (site: Site, fact: Fact, connection: Connection): void {
  const ref = refOf(site, connection)
  if (connection.answeredAt === undefined && connection.direction === 'inbound') return
  if (!site.burst.once(`end ${ref}`)) return
  // Of a call between somebody outside and a mailbox the line tells it.
  const line = site.pbx.calls.get(connection.callKey)?.connections.find((key) => site.numbers.hasLine(key))
  const source = endOf(site, connection) ?? endOf(site, site.pbx.connections.get(line ?? ''))
  const inConference = [...site.pbx.conferences.values()].some(({ connections }) => connections.some((key) => {
    const member = site.pbx.connections.get(key)
    return member !== undefined && refOf(site, member) === ref
  }))
  const { code, abnormal } = networkCause(connection.cause)
  site.burst.put('disconnect', () => {
    acd(site, fact, 44, { ref, source, data1: inConference ? '0003' : abnormal ? '0001' : '0000', ...(abnormal && !inConference ? { data2: code.toString(16).toUpperCase().padStart(2, '0') } : {}) })
  })
}

function cleared (site: Site, fact: Fact): void {
  const { connection, before } = fact
  if (connection === undefined) return
  site.burst.begin(modeOf(fact))
  if (connection.party.kind === 'external') outside(site, fact, connection)
  else {
    const talked = before?.state === 'connected' || before?.state === 'hold'
    if (before?.state !== 'fail' && !goesOn(site, connection)) disconnect(site, fact, connection)
    released(site, fact, RELEASED[connection.cause ?? 'normal'] ?? CAUSE.normal, talked && connection.releasedBy === 'remote')
  }
  over(site, fact, connection)
}

/** An outside line is free again. */
function outside (site: Site, fact: Fact, connection: Connection): void {
  const { numbers, options, memory, burst } = site
  if (!numbers.hasLine(connection.key)) return
  const line = endOf(site, connection)
  const ref = refOf(site, connection)
  const extra = (code: number): { ref?: number } => options.extraRefs.includes(code) ? { ref } : {}
  if (connection.direction === 'outbound' && connection.answeredAt === undefined) {
    const rung = memory.rung.get(connection.callKey)
    burst.put('disconnect', () => { acd(site, fact, 43, { ...extra(43), source: line, ...(rung === undefined ? {} : { dest: station(rung) }) }) })
    burst.once(`end ${ref}`)
  }
  burst.put('line', () => { acd(site, fact, 2, { ...extra(2), source: line }) })
  burst.after(() => { numbers.freeLine(connection.key) })
}

/** The record of a leg, and what is not needed any more. */
function over (site: Site, fact: Fact, connection: Connection): void {
  const { memory, numbers, pbx } = site
  const made = makeRecord(site, fact)
  if (made !== undefined) {
    site.burst.put('record', () => {
      const { line } = made
      if (line !== undefined) acd(site, fact, 69, { ref: made.record.callRefID as number, source: station(String(made.record.StationNumber)), dest: { type: 'CO', number: line }, data1: made.duration, data2: String(made.record.DialedNumber1) })
      site.out.record(made.record)
    })
  }
  memory.holding.delete(`${connection.party.userKey ?? ''} ${refOf(site, connection)}`)
  memory.recalling.delete(connection.key)
  const call = pbx.calls.get(connection.callKey)
  site.burst.after(() => {
    memory.forget(connection)
    if (call !== undefined && call.endedAt === undefined) return
    memory.forgetCall(connection.callKey)
    numbers.forgetCall(connection.callKey)
  })
}

/** It goes on elsewhere, unanswered. */
function diverted (site: Site, fact: Fact): void {
  const { connection, before, detail, cause: why } = fact
  const device = stationOf(site, connection)
  if (connection === undefined || device === undefined) return
  site.burst.begin('local')
  const calledDN = site.numbers.dn(detail?.to as Party | undefined)
  const ref = refOf(site, connection)
  if (why === 'deflected' || why === 'voicemail') {
    site.burst.put('first', () => { call(site, connection, 'rerouting', { calledDN, reroutingDN: device, ...cause(CAUSE.reroute) }, ref) })
  } else if (why !== 'pickedUp') {
    const dest = site.numbers.station(calledDN) === undefined ? undefined : station(calledDN)
    site.burst.put('first', () => { acd(site, fact, 48, { ref, source: station(device), dest }) })
  }
  if (before?.alertedAt !== undefined) released(site, fact, why === 'voicemail' ? CAUSE.reroute : RELEASED[why ?? 'normal'] ?? CAUSE.normal, false)
  over(site, fact, connection)
}

function transferred (site: Site, fact: Fact): void {
  const { connection, detail } = fact
  if (connection === undefined) return
  const { memory, numbers, burst } = site
  const [callType, causeCode] = TRANSFERS[String(detail?.kind)] ?? ['screened', CAUSE.screened]
  const ref = refOf(site, connection)
  const device = stationOf(site, connection)
  const partyDN = (party: unknown): string => numbers.dn(party as Party | undefined)
  if (memory.left !== undefined) return left(site, fact, connection)
  if (detail?.role === 'transferor') {
    burst.begin('transfer')
    // The consultation call of the one who transfers ends without a word (ipecs.md 7.1).
    if (detail.second === true) {
      memory.told.delete(connection.key)
    } else if (memory.doing?.kind === 'reroute') {
      burst.put('first', () => { call(site, connection, 'rerouting', { calledDN: partyDN(detail.to), reroutingDN: device, ...cause(CAUSE.reroute) }, ref) })
      released(site, fact, CAUSE.reroute, false)
    } else {
      const fields = { transferedDN: partyDN(detail.party), transferToDN: partyDN(detail.to), transferorDN: device, callType }
      burst.put('first', () => { call(site, connection, 'transferring', fields, ref) })
      released(site, fact, causeCode, false)
    }
    over(site, fact, connection)
    if (fact.before?.conferenceKey !== undefined && goesOn(site, connection)) numbers.split(connection.callKey)
    return
  }
  if (memory.doing?.kind === 'reroute') {
    if (device !== undefined) burst.put('transferred', () => { call(site, connection, 'rerouted', { calledDN: partyDN(detail?.to), reroutingDN: partyDN(detail?.by), ...cause(CAUSE.reroute) }, ref) })
    return
  }
  const target = detail?.role === 'target'
  const fields = { transferToDN: target ? numbers.dn(connection.party) : partyDN(detail?.to), transferorDN: partyDN(detail?.by) }
  memory.shown.delete(connection.key)
  // Whoever held it talks to somebody else now, or rings: his next hold is news.
  if (connection.state !== 'hold') memory.holding.delete(`${connection.party.userKey ?? ''} ${ref}`)
  if (device !== undefined) burst.put('transferred', () => { call(site, connection, 'transferred', fields, ref) })
  if (target && connection.party.kind !== 'queue') {
    const source = endOf(site, otherOf(site, connection))
    const dest = endOf(site, connection)
    burst.put('complete', () => { acd(site, fact, 70, { ref, source, dest }) })
  }
}

/** The master leaves his conference, the others stay in it. */
function left (site: Site, fact: Fact, connection: Connection): void {
  if (fact.detail?.role !== 'transferor') return
  site.burst.begin('local')
  if (fact.detail.second !== true) {
    const ref = refOf(site, connection)
    const source = endOf(site, connection)
    released(site, fact, CAUSE.conference, false)
    site.burst.put('disconnect', () => {
      acd(site, fact, 45, { ref, source, data1: CONFERENCE.left })
      acd(site, fact, 44, { ref, source, data1: '0003' })
    })
  }
  over(site, fact, connection)
}

function parked (site: Site, fact: Fact): void {
  const { connection, detail } = fact
  if (connection === undefined) return
  site.burst.begin('local')
  const ref = refOf(site, connection)
  const source = endOf(site, connection)
  const dest = endOf(site, site.pbx.connections.get(fact.related?.[0] ?? ''))
  const location = site.numbers.parkingLoc(String(detail?.slot))
  released(site, fact, CAUSE.normal, false)
  site.burst.put('disconnect', () => { acd(site, fact, 55, { ref, source, dest, data1: String(location ?? 0).padStart(4, '0') }) })
  over(site, fact, connection)
}

/** A call left the line of a group for another one or a station. */
function dequeued (site: Site, fact: Fact): void {
  const { connection, cause: why } = fact
  if (connection === undefined || (why !== 'overflowTime' && why !== 'overflowSize')) return
  const waits = site.pbx.calls.get(connection.callKey)?.connections.map((key) => site.pbx.connections.get(key)).find((each) => each?.direction === 'outbound' && each.state !== 'null')
  acd(site, fact, 61, { source: endOf(site, waits), data1: site.numbers.bin(connection.queueKey) })
}

/** Nobody can be had: the caller hears a tone, and may ask for a service of it. */
function failed (site: Site, fact: Fact): void {
  const { connection, cause: why } = fact
  const device = stationOf(site, connection)
  if (connection === undefined || device === undefined) return
  const { memory, numbers } = site
  const ref = refOf(site, connection)
  const shown = memory.shown.get(connection.key)
  const busySvcList = why === 'busy' && connection.remote?.kind === 'user' ? { busySvcList: ['intrude', 'callback', 'callwait'] } : {}
  const calledDN = shown?.calledDN ?? memory.dialled.get(connection.key) ?? numbers.dn(connection.remote)
  call(site, connection, 'fail', { callingDN: device, calledDN, ...busySvcList, ...cause(RELEASED[why ?? 'normal'] ?? CAUSE.normal) }, ref)
  acd(site, fact, 43, { ...(site.options.extraRefs.includes(43) ? { ref } : {}), source: station(device), ...(connection.remote?.kind === 'user' ? { dest: station(numbers.dn(connection.remote)) } : {}) })
}

export const endRows: FactTable = { cleared, diverted, transferred, parked, dequeued, failed }
