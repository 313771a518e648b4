/** Facts of calls as channels begin, ring, talk and end: one row a fact type (xivo-cti.md 4.4, 9). */
import { type Connection, type Fact } from '../../pbx/types'
import { type Channel } from '../channels'
import { type Site } from '../site'
import { pushChannel, pushGone, pushPhone, pushPhoneChannels } from './pushes'
import { makeSheet, pushSheet } from './sheets'

export type FactRow = (site: Site, fact: Fact) => void
export type FactTable = Partial<Record<Fact['type'], FactRow>>

function begin (site: Site, connection: Connection, deviceKey?: string): Channel {
  const channel = site.channels.open(connection, deviceKey)
  if (deviceKey !== undefined) pushPhoneChannels(site, deviceKey)
  pushChannel(site, channel)
  return channel
}

/** The channel that talks, of several that ring the first. */
function channelOf (site: Site, connection: Connection | undefined): Channel | undefined {
  const all = site.channels.of(connection?.key)
  return all.find(({ deviceKey }) => deviceKey === connection?.deviceKey) ?? all[0]
}

function stamp (site: Site, channel: Channel): void {
  channel.status.timestamp = site.pbx.now() / 1000
}

/** Who waits while a connection rings: of an offer of a queue it is the caller who waits there. */
function callerOf (site: Site, fact: Fact): Connection | undefined {
  const first = site.pbx.connections.get(fact.related?.[0] ?? '')
  return first?.party.kind === 'queue' ? site.pbx.otherEnd(first) : first
}

/** Who a connection talks to from now on. What a fact carries is a copy: the PBX is asked with its own. */
function otherOf (site: Site, fact: Fact): Connection | undefined {
  const live = site.pbx.connections.get(fact.connection?.key ?? '')
  return site.pbx.connections.get(fact.related?.[0] ?? '') ?? (live && site.pbx.otherEnd(live))
}

/** A dial begins: the caller's channel, then the one that rings. One that is lent to a consultation shows nothing of it. */
function dial (site: Site, caller: Channel, called: Channel, lent = false): void {
  if (!lent) Object.assign(caller.status, { direction: 'out', commstatus: 'calling', talkingto_id: called.name, state: caller.deviceKey === undefined ? 'Ring' : 'Up' })
  Object.assign(called.status, { direction: 'in', commstatus: 'ringing', talkingto_id: caller.name, state: 'Down' })
  for (const channel of lent ? [called] : [caller, called]) {
    stamp(site, channel)
    pushChannel(site, channel)
    pushPhone(site, channel.deviceKey)
  }
  called.status.state = 'Ringing'
}

function delivered (site: Site, fact: Fact): void {
  const { connection } = fact
  if (connection?.personality !== 'terminator') return
  const devices = connection.party.kind === 'user' ? connection.alertingDevices : connection.party.kind === 'external' ? [undefined] : []
  const channels = devices.map((deviceKey) => begin(site, connection, deviceKey))
  if (site.pbx.calls.get(connection.callKey)?.did !== undefined) pushSheet(site, 'incomingdid', connection)
  pushSheet(site, 'dial', connection)
  const waiting = callerOf(site, fact)
  const caller = channelOf(site, waiting)
  if (caller !== undefined) for (const channel of channels) dial(site, caller, channel, site.channels.isLent(waiting))
}

/** What `commstatus` is after an answer; from 15.13 on only a scan at the start of the server sets it. */
function linked (site: Site, channel: Channel): string | undefined {
  if (!site.release.from('15.13')) return channel.status.direction === 'in' ? 'linked-called' : 'linked-caller'
  return site.options.commstatusLag ? undefined : 'linked'
}

/** Two channels talk: told with the status before, which changes silently (option `commstatusLag`). `lent`: the one that goes on with its held call. */
function bridge (site: Site, channels: Channel[], lent?: Channel): void {
  const [one, two] = channels
  if (one === undefined || (two !== undefined && one.bridged === two.name && two.bridged === one.name)) return
  const told = channels.filter((channel) => channel !== lent)
  for (const channel of told) {
    const other = channel === one ? two : one
    stamp(site, channel)
    channel.status.state = 'Up'
    channel.status.parked = false
    if (other === undefined) {
      delete channel.status.talkingto_id
      delete channel.status.talkingto_kind
    } else Object.assign(channel.status, { talkingto_kind: 'channel', talkingto_id: other.name })
    channel.bridged = other?.name
    const status = linked(site, channel) ?? channel.status.commstatus
    if (!site.options.commstatusLag) channel.status.commstatus = status
    pushChannel(site, channel)
    channel.status.commstatus = status
  }
  for (const channel of told) pushPhone(site, channel.deviceKey)
}

/** The caller first. */
function pair (one: Channel | undefined, two: Channel | undefined): Channel[] {
  return [one, two].flatMap((channel) => channel ?? []).sort((a, b) => Number(a.status.direction === 'in') - Number(b.status.direction === 'in'))
}

function established (site: Site, fact: Fact): void {
  const { connection } = fact
  if (connection === undefined) return
  const used = connection.deviceKey
  if (used !== undefined) {
    for (const channel of site.channels.of(connection.key)) if (channel.deviceKey !== used) pushGone(site, channel)
    if (site.channels.of(connection.key).length === 0) begin(site, connection, used)
  }
  // Who listens (ChanSpy) runs an application on his own channel: the one that he hears does not show it (xivo-cti.md 3.7).
  const other = connection.monitor === undefined ? otherOf(site, fact) : undefined
  if (connection.party.kind === 'user' && connection.direction === 'inbound') pushSheet(site, 'link', connection)
  const lent = [connection, other].find((one) => site.channels.isLent(one))
  bridge(site, pair(channelOf(site, connection), channelOf(site, other)), channelOf(site, lent))
}

function originated (site: Site, fact: Fact): void {
  const { connection } = fact
  if (connection?.party.kind === 'external') begin(site, connection)
  if (connection?.party.kind !== 'user' || connection.deviceKey === undefined || site.channels.share(connection)) return
  const { deviceKey } = connection
  for (const channel of site.channels.of(connection.key)) if (channel.deviceKey !== deviceKey) pushGone(site, channel)
  const channel = channelOf(site, connection) ?? begin(site, connection, deviceKey)
  channel.status.state = fact.before?.personality === 'clickToDial' ? 'Up' : 'Ring'
}

/** The own phone rings before anything is dialled. */
function initiated (site: Site, { connection }: Fact): void {
  for (const deviceKey of connection?.alertingDevices ?? []) if (connection !== undefined) begin(site, connection, deviceKey).status.state = 'Ringing'
}

function parkedAt (site: Site, { connection, detail }: Fact): void {
  const channel = channelOf(site, connection)
  if (channel === undefined) return
  stamp(site, channel)
  Object.assign(channel.status, { talkingto_kind: 'parking', talkingto_id: `${String(detail?.slot ?? '')}@default`, parked: true })
  delete channel.bridged
  pushChannel(site, channel)
}

/** Only the channel of the phone that holds shows it. */
function hold (site: Site, fact: Fact, holded: boolean): void {
  if (fact.detail?.by !== 'local') return fact.cause === 'parked' ? parkedAt(site, fact) : undefined
  const channel = channelOf(site, fact.connection)
  if (channel === undefined) return
  stamp(site, channel)
  channel.status.holded = holded
  pushChannel(site, channel)
}

function transferred (site: Site, fact: Fact): void {
  const { connection, detail } = fact
  if (connection === undefined) return
  if (detail?.role === 'transferor') return ended(site, fact)
  const other = otherOf(site, fact)
  if (other === undefined || other.state === 'queued') return
  const channels = pair(channelOf(site, connection), channelOf(site, other))
  const rings = [connection, other].some(({ state }) => state === 'alerting')
  if (!rings) return bridge(site, channels)
  const [caller, called] = channels
  if (connection.personality === 'originator' && caller !== undefined && called !== undefined) dial(site, caller, called)
}

/** A leg is over: its phone, the list, the form. */
function ended (site: Site, fact: Fact): void {
  const { connection, before } = fact
  if (connection === undefined) return
  site.memory.consults.delete(connection.key)
  if (site.channels.part(connection)) return
  const heir = fact.type === 'transferred' ? undefined : site.pbx.connections.get(site.channels.inherit(connection) ?? '')
  if (heir !== undefined) return heir.state === 'null' ? undefined : bridge(site, pair(channelOf(site, heir), channelOf(site, site.pbx.otherEnd(heir))))
  // The forms name a channel: they are made before it is gone.
  const rang = connection.party.kind === 'user' && before?.alertedAt !== undefined
  const served = rang && connection.queueKey !== undefined && connection.answeredAt !== undefined
  const sheets = [...(rang ? [makeSheet(site, 'hangup', connection)] : []), ...(served ? [makeSheet(site, 'unlink', connection)] : [])]
  for (const channel of site.channels.of(connection.key)) pushGone(site, channel)
  for (const push of sheets) push()
}

/** Phones that stopped ringing because they went away; names that came late are in the next push. */
function information (site: Site, fact: Fact): void {
  const { connection, detail, cause } = fact
  // Somebody who was held already is parked.
  if (cause === 'parked' && detail?.slot !== undefined) return parkedAt(site, fact)
  if (connection === undefined || !Array.isArray(detail?.changed) || !detail.changed.includes('devices')) return
  for (const channel of site.channels.of(connection.key)) if (channel.deviceKey !== undefined && !connection.alertingDevices.includes(channel.deviceKey) && connection.deviceKey === undefined) pushGone(site, channel)
}

/** The target of an own consultation answered (xivo-cti.md 4.7). */
function consultAnswered (site: Site, { connection }: Fact): void {
  const { userKey } = connection?.party ?? {}
  if (connection === undefined || userKey === undefined || !site.memory.consults.has(connection.key)) return
  site.out.toUser(userKey, { class: 'current_call_attended_transfer_answered', line: site.ids.line(connection.deviceKey ?? '').toLowerCase() })
}

export const callRows: FactTable = {
  serviceInitiated: initiated,
  originated,
  delivered,
  established: (site, fact) => {
    established(site, fact)
    consultAnswered(site, fact)
  },
  held: (site, fact) => { hold(site, fact, true) },
  retrieved: (site, fact) => { hold(site, fact, false) },
  transferred,
  callInformation: information,
  diverted: ended,
  parked: ended,
  cleared: ended,
  dequeued: ended
}
