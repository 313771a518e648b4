/** Event channels: the open responses on which documents are streamed (xsi.md 4.2, 4.5). */
import { type ServerResponse } from 'node:http'
import { type Duplex } from 'node:stream'
import { type Faults } from '../faults/faults'
import { Wire } from '../faults/wire'
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { uuid } from '../random'
import { CODES, XsiError } from './errors'
import { grantedExpires, NEVER, type XsiOptions } from './options'
import { type El, el, text, textOf } from './tree'
import { DECLARATION, eventXml, indented, NAMESPACE, plainXml, readXml, reprefixed } from './xml'
import { writeJson } from './json'

/** Exact bytes of a heartbeat: 97, one chunk (xsi.md 4.2). */
const HEARTBEAT = Buffer.from(`${DECLARATION}<ChannelHeartBeat xmlns="${NAMESPACE}"/>`)
const UNKNOWN = Buffer.from(`${DECLARATION}<ChannelNotice xmlns="${NAMESPACE}"><text>maintenance at night</text></ChannelNotice>`)

function filler (bytes: number): Buffer {
  const notice = 'maintenance at night; '
  return Buffer.from(`${DECLARATION}<ChannelNotice xmlns="${NAMESPACE}"><text>${notice.repeat(Math.ceil(bytes / notice.length))}</text></ChannelNotice>`)
}

export type EndReason = 'ExplicitDelete' | 'Expired' | 'NonResponsiveChannel' | 'UnknownChannel' | 'DuplicateChannelSet' | 'UserDeleted'

export interface Channel {
  id: string
  setId: string
  owner: string
  priority: number
  weight: number
  applicationId?: string
  /** ms, absolute; Infinity for never. */
  expiresAt: number
  expires: number
  peer: string
  /** Port of the server that holds the stream. */
  port: number
  response: ServerResponse
  wire: Wire
  cancelHeartbeat: () => void
  cancelExpiry: () => void
}

/** What the response to the opening of a channel is headed with. */
export interface ChannelHead { cookie?: string; contentType: string; tracking?: string }

export interface ChannelsDependencies { options: XsiOptions; clock: PbxClock; rng: Rng; faults: Faults }

export class Channels {
  private readonly channels = new Map<string, Channel>()
  /** Told when a channel is gone; its unacknowledged events must find another. */
  onGone: (channel: Channel) => void = () => {}
  /** Told of an acknowledgement that was written on a stream. */
  onResponse: (eventId: string, status: number) => void = () => {}

  constructor (private readonly needs: ChannelsDependencies) {}

  /**
   * Opens a channel on a response whose head is not yet written.
   * @throws XsiError 400 without channelSetId, 403 when the set is full or another owner's
   */
  open (request: El, owner: string, response: ServerResponse, head: ChannelHead): Channel {
    const { options, clock, rng } = this.needs
    const setId = textOf(request, 'channelSetId')
    if (setId === undefined || setId === '' || setId.length > 256) throw new XsiError(400, CODES.badRequest, 'channelSetId is missing or too long')
    const present = this.ofSet(setId)
    if (present.some((channel) => channel.owner !== owner)) throw new XsiError(403, CODES.notPermitted, 'The channel set belongs to another user')
    if (present.length >= options.channelsPerSet) throw new XsiError(403, CODES.limitReached, 'Too many channels in the set')
    const applicationId = textOf(request, 'applicationId')
    this.endRivals(setId, owner, applicationId)
    const id = uuid(rng)
    const expires = grantedExpires(textOf(request, 'expires'), options.answerExpires)
    const channel: Channel = {
      id,
      setId,
      owner,
      applicationId,
      expires,
      priority: Number(textOf(request, 'priority') ?? 1) || 1,
      weight: Number(textOf(request, 'weight') ?? 50) || 0,
      expiresAt: 0,
      peer: `${response.socket?.remoteAddress ?? '-'}:${response.socket?.remotePort ?? 0}`,
      port: response.socket?.localPort ?? 0,
      response,
      wire: new Wire((bytes) => { if (!response.writableEnded && !response.destroyed) response.write(bytes) }, { faults: this.needs.faults, where: { face: 'xsi', connection: id }, rng, clock, unknown: () => UNKNOWN, filler }),
      cancelHeartbeat: () => {},
      cancelExpiry: () => {}
    }
    this.channels.set(id, channel)
    response.on('close', () => this.forget(channel))
    this.writeHead(channel, head)
    this.armExpiry(channel, expires)
    this.armHeartbeat(channel)
    return channel
  }

  /** The channel of that id and owner. @throws XsiError 404 when it is not on the server of that port: only the one that holds the stream knows it (xsi.md 4.5) */
  get (id: string, port: number, owner?: string): Channel {
    const channel = this.channels.get(id)
    if (channel?.port !== port || (owner !== undefined && channel.owner !== owner)) throw new XsiError(404, CODES.channelUnknown, 'Channel not found')
    return channel
  }

  /** Open channels of a set. */
  ofSet (setId: string): Channel[] {
    return [...this.channels.values()].filter((channel) => channel.setId === setId)
  }

  /** All open channels. */
  list (): Channel[] {
    return [...this.channels.values()]
  }

  /** Renews the life of a channel; returns the granted seconds. */
  refresh (channel: Channel, asked: string | undefined): number {
    channel.expires = grantedExpires(asked, this.needs.options.answerExpires)
    this.armExpiry(channel, channel.expires)
    return channel.expires
  }

  /** A client's heartbeat: keeps the channel and comes back on its stream. */
  heartbeat (channel: Channel): void {
    this.armHeartbeat(channel)
    if (this.needs.faults.take('noHeartbeat', { face: 'xsi', connection: channel.id })) return
    channel.wire.send(HEARTBEAT)
  }

  /** Writes an event document as one chunk. */
  write (channel: Channel, event: El): void {
    const { faults } = this.needs
    const where = { face: 'xsi' as const, connection: channel.id }
    let document = DECLARATION + eventXml(event)
    if (faults.take('prefixes', where)) document = reprefixed(document)
    if (faults.take('pretty', where)) document = indented(document)
    channel.wire.send(Buffer.from(document))
  }

  /**
   * Bytes that a client wrote on the connection of its stream, which carries one request only (xsi.md 2.3): heartbeats
   * and acknowledgements are taken, anything else is answered by an ErrorEvent (xsi.md 4.6). False when this is no stream.
   */
  overheard (socket: Duplex, bytes: Buffer): boolean {
    const channel = this.list().find((item) => item.response.socket === socket)
    if (!channel) return false
    const written = bytes.toString('utf8')
    const document = readXml(written.slice(Math.max(0, written.indexOf('<'))).trim())
    if (document?.name.toLowerCase() === 'channelheartbeat') this.heartbeat(channel)
    else if (document?.name === 'EventResponse') this.onResponse(textOf(document, 'eventID') ?? '', Number(textOf(document, 'statusCode')))
    else this.write(channel, { ...el('Event', text('errorCode', 400), text('errorMessage', 'Unexpected content')), type: 'ErrorEvent' })
    return true
  }

  /** Says goodbye on the stream and ends the response. */
  end (channel: Channel, reason: EndReason): void {
    if (!this.channels.has(channel.id)) return
    this.write(channel, { ...el('Event', text('channelId', channel.id), text('reason', reason)), type: 'ChannelTerminatedEvent' })
    this.finish(channel)
  }

  /** Cuts the sockets under the channels without a word; returns how many. */
  drop (id?: string): number {
    const met = this.list().filter((channel) => id === undefined || channel.id === id)
    for (const channel of met) {
      channel.response.socket?.destroy()
      this.forget(channel)
    }
    return met.length
  }

  /** Element for `GET channelset`. */
  describe (channel: Channel): El {
    const left = channel.expiresAt === Infinity ? NEVER : Math.max(0, Math.round((channel.expiresAt - this.needs.clock.now()) / 1000))
    return el('channel', text('channelId', channel.id), text('channelSetId', channel.setId), text('priority', channel.priority), text('weight', channel.weight), text('expires', left), text('applicationId', channel.applicationId))
  }

  private writeHead (channel: Channel, head: ChannelHead): void {
    const { response } = channel
    response.sendDate = false
    const headers: string[] = []
    if (head.tracking !== undefined) headers.push('TrackingID', head.tracking)
    if (head.cookie !== undefined) headers.push('Set-Cookie', head.cookie)
    headers.push('Expires', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Content-Type', `${head.contentType};charset=UTF-8`, 'Transfer-Encoding', 'chunked', 'Keep-Alive', 'timeout=4', 'Connection', 'keep-alive')
    const document = el('Channel', text('channelId', channel.id), text('expires', channel.expires))
    // Head and first document leave together: a published client looks for the channel id in what it reads at once.
    const { socket } = response
    socket?.cork()
    response.writeHead(200, 'OK', headers)
    response.flushHeaders()
    channel.wire.send(Buffer.from(head.contentType === 'application/json' ? writeJson(document) : `${DECLARATION}\n${plainXml(document)}`))
    process.nextTick(() => socket?.uncork())
  }

  private endRivals (setId: string, owner: string, applicationId: string | undefined): void {
    if (applicationId === undefined) return
    for (const channel of this.list()) {
      if (channel.owner === owner && channel.applicationId === applicationId && channel.setId !== setId) this.end(channel, 'DuplicateChannelSet')
    }
  }

  private armExpiry (channel: Channel, seconds: number): void {
    const { clock } = this.needs
    channel.cancelExpiry()
    channel.expiresAt = seconds >= NEVER ? Infinity : clock.now() + seconds * 1000
    if (seconds < NEVER) channel.cancelExpiry = clock.after(seconds * 1000, () => this.end(channel, 'Expired'))
  }

  private armHeartbeat (channel: Channel): void {
    channel.cancelHeartbeat()
    channel.cancelHeartbeat = this.needs.clock.after(this.needs.options.heartbeatTimeoutMs, () => this.finish(channel))
  }

  private finish (channel: Channel): void {
    this.forget(channel)
    channel.wire.close()
    channel.response.end()
  }

  private forget (channel: Channel): void {
    if (!this.channels.delete(channel.id)) return
    channel.cancelHeartbeat()
    channel.cancelExpiry()
    this.onGone(channel)
    if (channel.response.destroyed) channel.wire.close()
  }
}
