/** What the simulator's house is, against what an account of both halves believes: an agent's own calls one by one, others' as a row tells them. */
import type { Call } from '../../src/model'
import type { Connection } from '../../src/simulator/pbx/types'
import type { Five9Face } from '../../src/simulator/five9/face'
import type { Simulator } from '../../src/simulator/simulator'

const STATES: Readonly<Record<string, readonly string[]>> = {
  initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'remoteRinging', 'initiated'], connected: ['active', 'dialing', 'remoteRinging', 'initiated'], hold: ['held'],
  queued: ['dialing', 'remoteRinging', 'active', 'initiated'], fail: ['failed', 'initiated', 'dialing', 'remoteRinging', 'active']
}

/** That the other side holds is not told there. */
const fits = (leg: Call, { state, heldBy }: Connection): boolean => STATES[state]?.includes(leg.state) === true || (state === 'hold' && heldBy === 'remote' && leg.state === 'active')

/** Pairs legs with connections by state. A dial that failed is told by its failure only (five9.md 9.2). */
export function differs (legs: readonly Call[], all: readonly Connection[]): boolean {
  const left = [...legs]
  for (const connection of all.filter(({ state }) => state !== 'fail' || legs.length > 0)) {
    const at = left.findIndex((leg) => fits(leg, connection))
    if (at < 0) return true
    left.splice(at, 1)
  }
  return left.length > 0
}

/** State of the one leg that a supervisor sees of an agent; an outbound call shows when it is answered (five9.md 7.1). */
function rowLeg (all: readonly Connection[]): 'talks' | 'ringing' | undefined {
  const seen = all.filter(({ monitor }) => monitor === undefined)
  if (seen.some(({ state }) => state === 'connected' || state === 'hold')) return 'talks'
  return seen.some(({ state, personality }) => state === 'alerting' && personality === 'terminator') ? 'ringing' : undefined
}

/**
 * What differs between the house and the legs of a session of Bob's that is agent and supervisor in one.
 * @param idOf the user id at Five9
 * @returns a line a difference
 */
export function callDifferences (simulator: Simulator, idOf: (userKey: string) => string, legsOf: (ownerId: string) => readonly Call[], people: readonly string[]): string[] {
  const { pbx } = simulator
  const { sessions } = (simulator.face('five9') as Five9Face).site
  return people.flatMap((key) => {
    const legs = legsOf(idOf(key)).filter(({ state }) => state !== 'parked')
    // Who was logged out by somebody hears of no calls until he logs in again there.
    const works = key !== 'bob' || sessions.of(key)?.halves.agent.state === 'WORKING'
    const open = works ? pbx.connectionsOf(key).filter(({ state }) => state !== 'null') : []
    const shown = `${key}: session ${legs.map(({ state }) => state).join()}; house ${open.map(({ state }) => state).join()}`
    if (key === 'bob') return differs(legs, open) ? [shown] : []
    const agent = pbx.agentOf(key)
    const expected = agent?.loggedIn === true ? rowLeg(open) : undefined
    const told = legs.map(({ state }) => state === 'ringing' ? 'ringing' : 'talks')
    return told.length > 1 || told[0] !== expected ? [shown] : []
  })
}
