/** What a session believes against what the house knows, and the rules that hold for its events at all times (model.md R3). */
import assert from 'node:assert/strict'
import { TERMINAL_EVENTS, type Call } from '../../../src/model'
import { Rng } from '../../../src/simulator/pbx/rng'
import { Refusal, type Connection } from '../../../src/simulator/pbx/types'
import type { Line } from './line'
import { until, type World } from './world'

export const PEOPLE = ['alice', 'bob', 'dave', 'erin', 'frank'] as const
const NUMBERS = ['1001', '1002', '1003', '1004', '1005', '1050', '+12025550199', '+12025550188', '+12025550177']

/** One random step of a day at the office; what the house refuses is no step. */
export function step ({ simulator: { pbx } }: Pick<World, 'simulator'>, rng: Rng): void {
  const user = rng.pick(PEOPLE)
  const connections = pbx.connectionsOf(user)
  const own: Connection | undefined = connections.length === 0 ? undefined : rng.pick(connections)
  const doings: (() => unknown)[] = [
    () => pbx.inbound({ from: rng.pick(['+12025550199', '+12025550177']), to: rng.pick(NUMBERS.slice(0, 6)) }),
    () => pbx.originate(user, rng.pick(NUMBERS)),
    ...own === undefined ? [] : [
      () => pbx.answer(own.key),
      () => pbx.answer(own.key),
      () => pbx.hold(own.key),
      () => pbx.resume(own.key),
      () => pbx.release(own.key),
      () => pbx.release(own.key),
      () => pbx.blindTransfer(own.key, rng.pick(NUMBERS))
    ]
  ]
  try {
    rng.pick(doings)()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}

/** Steps of a day; the wire breathes between some of them, so that events and steps interleave. */
export async function day (world: Pick<World, 'simulator'>, seed: number, steps: number, between: (n: number, rng: Rng) => void | Promise<void> = () => undefined): Promise<void> {
  const rng = new Rng(seed)
  for (let n = 0; n < steps; n++) {
    step(world, rng)
    await between(n, rng)
    if (n % 3 === 0) await new Promise((resolve) => { setImmediate(resolve) })
  }
}

/** Everybody hangs up: nothing is left that a session could have missed in a gap. */
export function hangUpAll ({ simulator: { pbx } }: World): void {
  for (const { key, state } of [...pbx.connections.values()]) {
    if (state === 'null' || pbx.connections.get(key)?.state === 'null') continue
    try {
      pbx.release(key)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }
}

/** What differs between the house and a list of legs, user by user. */
export function differences ({ vendor, simulator }: World, legsOf: (ownerId: string) => readonly Call[], people: readonly string[] = PEOPLE): string[] {
  if (vendor.differ !== undefined) return vendor.differ(simulator, legsOf, people)
  const wrong: string[] = []
  for (const user of people) {
    const rest = [...legsOf(vendor.owner(user))]
    for (const { key, state } of simulator.pbx.connectionsOf(user)) {
      const id = vendor.vendorId(simulator, key)
      const index = rest.findIndex((leg) => (id === undefined || leg.vendorId === id) && vendor.states[state]?.includes(leg.state) === true)
      if (index < 0) wrong.push(`${user}: ${key} ${state} ${id ?? ''} is not known; left ${rest.map((leg) => `${leg.vendorId ?? ''} ${leg.state}`).join(', ')}`)
      else rest.splice(index, 1)
    }
    for (const leg of rest) wrong.push(`${user}: ${leg.vendorId ?? ''} ${leg.state} is over`)
  }
  return wrong
}

/** Resolves when the session's picture is what the house knows. */
export async function agree (world: World, line: Line, people: readonly string[] = PEOPLE): Promise<void> {
  const look = (): string[] => differences(world, (owner) => line.session.picture.callsOf(owner), people)
  await until(() => line.session.status.state === 'online' && look().length === 0, () => `the session to agree: ${line.session.status.state} ${look().join('; ')}`)
}

/** Each leg is told of before it ends, ends once and never vanishes; the counter of events has no hole; nothing was dropped that should not be. */
export function assertOrder (line: Line): void {
  const seen = new Set<string>()
  const ended = new Set<string>()
  const problems: string[] = []
  const last = new Map<string, number>()
  const ids = new Set<string>()
  for (const { event, call, id, seq, epoch } of line.events) {
    if (ids.has(id)) problems.push(`${event} twice with the id ${id}`)
    ids.add(id)
    if (seq !== (last.get(epoch) ?? 0) + 1) problems.push(`${event} has number ${seq} after ${last.get(epoch)}`)
    last.set(epoch, seq)
    if (call === undefined) continue
    if (ended.has(call.id) && event !== 'call.disposition' && event !== 'call.recording') problems.push(`${event} after the end of ${call.id}`)
    if (event === 'call.updated' && !seen.has(call.id)) problems.push(`${event} is the first of ${call.id}`)
    seen.add(call.id)
    if (TERMINAL_EVENTS.has(event)) ended.add(call.id)
  }
  for (const id of seen) if (!ended.has(id) && line.session.picture.call(id) === undefined) problems.push(`${id} vanished`)
  assert.deepEqual(problems, [])
  assert.equal(line.session.counters.badDrafts ?? 0, 0, 'drafts that break the contract')
  assert.equal(line.session.counters.badTransitions ?? 0, 0, 'moves that the states do not know')
  assert.equal(line.session.counters.listenerErrors ?? 0, 0)
}
