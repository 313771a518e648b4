/** Public ids: base64 of `ciscospark://<region>/<TYPE>/<id>` without padding (webex-calling.md 2.2). */
import { type Pbx } from '../pbx/pbx'
import { type Device, type Queue, type User } from '../pbx/types'
import { uuidOf } from '../random'
import { XsiIds } from '../xsi/ids'
import { type WebexOptions } from './options'

/** A public id taken apart; of a bare uuid only `id` is known. */
interface Decoded { type?: string; id: string }

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const TEXT = /^ciscospark:\/\/([^/]+)\/([A-Z_]+)\/(.+)$/

/** Takes both alphabets of base64, with and without padding, bare uuids, and base64 of bare uuids. */
function decode (given: string): Decoded | undefined {
  if (UUID.test(given)) return { id: given.toLowerCase() }
  const text = Buffer.from(given, 'base64url').toString('utf8')
  const [, , type, id] = TEXT.exec(text) ?? []
  if (type !== undefined && id !== undefined) return { type, id }
  return UUID.test(text) ? { id: text } : undefined
}

/**
 * The ids of one organisation. People and queues keep the uuid that the directory gives them (`ids.webex`), by which the XSI face knows them too;
 * call halves and sessions are those of the XSI face, because both speak of the same calls of one platform (7.4, U21).
 */
export class WebexIds {
  readonly org: string
  readonly location: string
  readonly licence: string
  readonly orgUuid: string
  private readonly halves: XsiIds
  private readonly users = new Map<string, User>()
  private readonly queues = new Map<string, Queue>()
  private readonly endpoints = new Map<string, Device>()

  constructor (pbx: Pbx, private readonly options: Pick<WebexOptions, 'region' | 'eventRegion' | 'orgUuid'>) {
    this.halves = new XsiIds(pbx)
    this.orgUuid = options.orgUuid ?? uuidOf('org', pbx.enterprise)
    this.org = this.of('ORGANIZATION', this.orgUuid)
    this.location = this.of('LOCATION', uuidOf('location', pbx.group))
    this.licence = this.of('LICENSE', uuidOf('licence', 'calling'))
    for (const user of pbx.users.values()) this.users.set(user.ids.webex ??= uuidOf('person', user.key), user)
    for (const queue of pbx.queues.values()) this.queues.set(queue.ids.webex ??= uuidOf('queue', queue.key), queue)
    for (const device of pbx.devices.values()) this.endpoints.set(uuidOf('device', device.key), device)
  }

  /** @param id uuid, or whatever stands in the last part */
  of (type: string, id: string, region = this.options.region): string {
    return Buffer.from(`ciscospark://${region}/${type}/${id}`).toString('base64url')
  }

  person (user: User): string {
    return this.of('PEOPLE', user.ids.webex ?? '')
  }

  queue (queue: Queue): string {
    return this.of('CALL_QUEUE', queue.ids.webex ?? '')
  }

  endpoint (device: Device): string {
    return this.of(endpointType(device), uuidOf('device', device.key))
  }

  /** `id` of a call in REST, or as `callId` of an event. */
  call (connectionKey: string, where: 'rest' | 'event' = 'rest'): string {
    return this.of('CALL', this.halves.callId(connectionKey), where === 'event' ? this.options.eventRegion : undefined)
  }

  /** The same for all legs of one call. */
  session (callKey: string): string {
    return Buffer.from(this.halves.sessionUuid(callKey)).toString('base64url')
  }

  /** Key of the connection; only what stands after the last `/` counts. */
  connectionKey (callId: string): string | undefined {
    const decoded = decode(callId)
    return decoded === undefined ? undefined : this.halves.connectionKey(decoded.id.slice(decoded.id.lastIndexOf('/') + 1))
  }

  /** By public id or bare uuid. */
  findUser (id: string): User | undefined {
    return this.users.get(decode(id)?.id ?? '')
  }

  findQueue (id: string): Queue | undefined {
    return this.queues.get(decode(id)?.id ?? '')
  }

  findEndpoint (id: string): Device | undefined {
    return this.endpoints.get(decode(id)?.id ?? '')
  }

  /** Whether two spellings mean the same thing. */
  same (one: string, other: string): boolean {
    return (decode(one)?.id ?? one) === (decode(other)?.id ?? other)
  }

  isOrg (id: string): boolean {
    return this.same(id, this.org)
  }

  /** Key of a voice message from its public id. */
  voiceMessageKey (id: string): string | undefined {
    const decoded = decode(id)
    return decoded?.type === 'VOICE_MESSAGE' ? decoded.id : undefined
  }

  voiceMessage (key: string): string {
    return this.of('VOICE_MESSAGE', key)
  }
}

/** `endpointType` of events: a desk phone is a device, all else an application. */
export function endpointType (device: Device): 'APPLICATION' | 'DEVICE' {
  return device.kind === 'desk' ? 'DEVICE' : 'APPLICATION'
}
