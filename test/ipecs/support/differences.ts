/** What the simulator's house is, against the legs that a session believes in. */
import type { Call } from '../../../src/model'
import type { Connection } from '../../../src/simulator/pbx/types'
import type { Simulator } from '../../../src/simulator/simulator'

const STATES: Readonly<Record<string, readonly string[]>> = {
  initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'remoteRinging', 'initiated', 'active', 'queued'], connected: ['active'], hold: ['held'], queued: ['dialing', 'remoteRinging', 'active', 'queued'],
  fail: ['failed', 'dialing', 'active']
}

/** Connections of a station of which the switch tells: a phone that rings for its own click call tells nothing before it is lifted, and a conference is one call of its organiser (ipecs.md 3.3, 9.5). */
function toldOf ({ pbx }: Simulator, userKey: string): Connection[] {
  const conference = pbx.conferenceOf(userKey)
  const folded = conference === undefined || conference.state === 'ended' ? [] : conference.connections
  return pbx.connectionsOf(userKey).filter(({ key, state }) => state !== 'null' && state !== 'initiated' && folded.indexOf(key) <= 0)
}

/** What differs, person by person. @param legsOf by extension */
export function stationDifferences (simulator: Simulator, legsOf: (ownerId: string) => readonly Call[], people: readonly string[]): string[] {
  return people.flatMap((key) => {
    const { extension } = simulator.pbx.users.get(key)!
    const legs = legsOf(extension).filter(({ owner, state }) => owner.kind === 'device' && state !== 'initiated')
    const open = toldOf(simulator, key)
    const isRight = isPaired(legs, open)
    return isRight ? [] : [`${key}: session ${legs.map(({ id, state }) => `${id} ${state}`).join()}; house ${open.map(({ key: one, state }) => `${one} ${state}`).join()}`]
  })
}

/** Each leg has a connection of its own that it fits, in some order. */
function isPaired (legs: readonly Call[], [first, ...rest]: readonly Connection[]): boolean {
  if (first === undefined) return legs.length === 0
  return legs.some((leg, at) => STATES[first.state]?.includes(leg.state) === true && isPaired(legs.toSpliced(at, 1), rest))
}
