import { type Pbx } from '../pbx/pbx'
import { during } from './during'
import { gaps } from './gaps'
import { groups } from './groups'
import { incoming } from './incoming'
import { outgoing } from './outgoing'
import { queueing } from './queueing'
import { services } from './services'
import { type Cast, castOf, type Scenario, type Scenarios, Stage, type StageHooks } from './stage'
import { transfers } from './transfers'
import { working } from './working'

export { type Cast, castOf, type Scenario, Stage, type StageHooks, StageStopped } from './stage'

/** All scripts by name (the table of model.md 10). */
export const scenarios: ReadonlyMap<string, Scenario> = new Map(
  [incoming, outgoing, during, transfers, groups, services, queueing, working, gaps].flatMap((group: Scenarios) => Object.entries(group))
)

export interface RunOptions {
  /** Without it, people are taken from the directory. */
  cast?: Cast
  hooks?: StageHooks
  /** The script moves a VirtualClock on where it waits; the default when the PBX has one. */
  drivesClock?: boolean
  /** What a script leaves behind when it is refused or stopped is hung up, unless this is false. */
  tidy?: boolean
}

/** A script under way. `done` is fulfilled at its end and rejects with what stopped it: Refusal when the PBX did not allow a step. */
export interface Run { stage: Stage; done: Promise<void> }

/**
 * Starts a script. It waits by the clock of the PBX: a RealClock with a factor plays it faster, a VirtualClock at once.
 * @throws RangeError for a name that does not exist, Refusal when the directory lacks somebody to play with
 */
export function play (pbx: Pbx, name: string, options: RunOptions = {}): Run {
  const scenario = scenarios.get(name)
  if (scenario === undefined) throw new RangeError(`no scenario ${name}`)
  const stage = new Stage(pbx, options.cast ?? castOf(pbx), options)
  const before = new Set(pbx.calls.keys())
  const done = scenario.run(stage).catch((error: unknown) => {
    if (options.tidy !== false) tidy(stage, before)
    throw error
  })
  return { stage, done }
}

/** Hangs up the calls of the cast that were not there before. */
function tidy ({ pbx, cast }: Stage, before: ReadonlySet<string>): void {
  const people = new Set([cast.first, cast.second, cast.third, ...cast.agents, cast.queue, cast.otherQueue])
  for (const { key, callKey, party } of [...pbx.connections.values()]) {
    const open = (pbx.connections.get(key)?.state ?? 'null') !== 'null'
    if (open && !before.has(callKey) && people.has(party.userKey ?? party.queueKey ?? '')) pbx.release(key)
  }
}
