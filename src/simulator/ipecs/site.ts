/** What the parts of the face share: the PBX, its numbers, sessions, the way out, and what is remembered. */
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Rng } from '../pbx/rng'
import { Burst } from './events/burst'
import { ConferenceGroups } from './groups'
import { Memory } from './memory'
import { Numbers } from './numbers'
import { DEFAULTS, type IpecsOptions } from './options'
import { Out } from './out'
import { Records } from './records'
import { type Room } from './routes/conferences'
import { Sessions } from './sessions'

export interface SiteNeeds { pbx: Pbx; clock: PbxClock; rng: Rng; faults: Faults; options?: Partial<IpecsOptions> }

export interface Site {
  pbx: Pbx
  clock: PbxClock
  rng: Rng
  faults: Faults
  options: IpecsOptions
  numbers: Numbers
  memory: Memory
  sessions: Sessions
  out: Out
  burst: Burst
  records: Records
  groups: ConferenceGroups
  /** Conference rooms that are open, by index. */
  rooms: Map<number, Room>
  /** Does something after a while, ms, unless the face is stopped before; returns the way to give it up. */
  later: (ms: number, run: () => void) => () => void
  /** Gives up all that was to be done later. */
  forgetLater: () => void
}

/** Puts the parts together; nothing runs yet. */
export function makeSite (needs: SiteNeeds): Site {
  const { pbx, clock, rng, faults } = needs
  const options: IpecsOptions = { ...DEFAULTS, ...needs.options }
  const sessions = new Sessions({ pbx, clock, rng, options })
  const waiting = new Set<() => void>()
  return {
    pbx, clock, rng, faults, options, sessions,
    numbers: new Numbers(pbx, options),
    memory: new Memory(),
    out: new Out({ sessions, faults, options }),
    burst: new Burst(),
    records: new Records(),
    groups: new ConferenceGroups(),
    rooms: new Map(),
    later: (ms, run) => {
      const cancel = clock.after(ms, () => {
        waiting.delete(give)
        run()
      })
      const give = (): void => {
        waiting.delete(give)
        cancel()
      }
      waiting.add(give)
      return give
    },
    forgetLater: () => { for (const give of [...waiting]) give() }
  }
}
