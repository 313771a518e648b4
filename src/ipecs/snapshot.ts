/** The state of now after a connect or a gap: there is no list of calls, only a status a device (ipecs.md 2.8, 6; model.md 6). */
import { CtiError, legId, type Call, type CallState, type Forwarding } from '../model'
import type { CallDraft, Link, Snapshot } from '../session/types'
import type { IpecsApi } from './api'
import { isForbidden, isTokenDead } from './errors'
import { forwardingOf, presenceOf, userOf } from './deviceMapping'
import type { Memory } from './memory'
import { eachLimited } from '../session/eachLimited'
import { number, text } from './read'
import { newLeg } from './scope'

const WIDTH = 4

/** What a status says of the device's calls; others, such as a forwarded phone, have none. */
const STATES: Readonly<Record<string, CallState>> = { ring: 'ringing', hold: 'held', stn_talk: 'active', trk_talk: 'active', conf: 'active', busy: 'active' }
/** States that a status cannot tell apart. */
const ALIKE: Readonly<Record<string, readonly CallState[]>> = {
  ring: ['ringing', 'remoteRinging'], busy: ['initiated', 'dialing', 'remoteRinging', 'active', 'held', 'failed', 'queued', 'ringing'], stn_talk: ['active', 'dialing', 'remoteRinging', 'queued'], trk_talk: ['active', 'dialing', 'remoteRinging', 'queued'],
  hold: ['held'], conf: ['active']
}

const TALK: ReadonlySet<CallState> = new Set<CallState>(['active', 'dialing', 'initiated', 'failed'])

/** The legs that fit a status: those that are known, or one without a number where none is. */
function legsByStatus (memory: Memory, device: string, status: string, known: readonly Call[], now: number): CallDraft[] {
  const state = Object.hasOwn(STATES, status) ? STATES[status] : undefined
  if (state === undefined) {
    memory.doubtful.delete(device)
    return []
  }
  memory.doubtful.add(device)
  // Who talks is not rung by the same call: that one is over, and another rings.
  const left = status === 'ring' ? known.filter((leg) => !TALK.has(leg.state)) : known
  // A transfer in the gap may have given it another number: the next event of the device tells.
  if (left.length === 1) memory.nameless.set(device, left[0]!.id)
  if (left.length > 0) return left.map((leg) => left.length > 1 || ALIKE[status]?.includes(leg.state) === true ? leg : inState(leg, state))
  const id = legId(device, `nameless-${now}`, memory.legs.generation)
  memory.nameless.set(device, id)
  const leg = newLeg({ memory, now } as Parameters<typeof newLeg>[0], device, id, undefined, 'inbound', state)
  return [{ ...leg, ...(state === 'held' ? { heldBy: 'local' as const } : {}), vendorState: status, uncertain: ['direction', 'startedAt'] }]
}

function inState (leg: Call, state: CallState): CallDraft {
  const next: CallDraft = { ...leg, state }
  if (state === 'held') next.heldBy ??= 'local'
  else for (const field of ['heldBy', 'heldAt'] as const) delete next[field]
  return next
}

interface SnapshotWants {
  readonly devices: readonly string[]
  /** Also forwarding and do not disturb. */
  readonly settings: boolean
}

/**
 * Reads the devices' states. A device that does not answer is left out.
 * @throws CtiError when the token or the connection is gone
 */
export async function readSnapshot (link: Link, api: IpecsApi, memory: Memory, { devices, settings }: SnapshotWants): Promise<Snapshot> {
  const calls: CallDraft[] = []
  const owners: string[] = []
  const found: Required<Pick<Snapshot, 'forwardings' | 'dnd' | 'devices' | 'presences'>> = { forwardings: [], dnd: [], devices: [], presences: [] }
  const takenAt = link.clock.now()
  const refused = new Set<string>()
  const ask = async (name: 'status' | 'getForwarding' | 'getDnd', device: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
    if (refused.has(name)) return undefined
    try {
      return (await api.call(name, { device, number: device }, { signal: link.signal })).values
    } catch (raw) {
      const error = CtiError.from(raw, 'ipecs')
      if (isTokenDead(error) || link.signal.aborted) throw error
      if (isForbidden(error)) refused.add(name)
      link.warn(`resync.${name}`, `The present state of ${device} could not be read: ${error.message}`)
      return undefined
    }
  }
  await eachLimited(devices, WIDTH, async (device) => {
    const status = text((await ask('status', device))?.state)
    if (status !== undefined) {
      owners.push(device)
      calls.push(...legsByStatus(memory, device, status, link.picture.callsOf(device).filter(({ owner }) => owner.kind === 'device'), link.clock.now()))
      if (memory.settings.presence) found.presences.push({ user: userOf(device), presence: presenceOf(status) })
      found.devices.push({ user: userOf(device), device: { id: device, kind: 'phone', registered: status !== 'block' } })
    }
    if (!settings) return
    const forward = await ask('getForwarding', device)
    if (forward !== undefined) found.forwardings.push(readForwarding(device, forward))
    const service = text((await ask('getDnd', device))?.service)
    if (service !== undefined) found.dnd.push({ user: userOf(device), dnd: { enabled: service === 'enable' } })
  })
  return { calls, owners, takenAt, ...found }
}

/** Answer of `getForwarding` as the neutral object. */
export function readForwarding (device: string, values: Readonly<Record<string, unknown>>): Forwarding {
  return forwardingOf(userOf(device), text(values.kind), text(values.to), number(values.seconds))
}
