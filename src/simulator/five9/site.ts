/** What the parts of the face share: the PBX, its ids, the sessions, and what a domain knows beside the calls. */
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Rng } from '../pbx/rng'
import { Campaigns } from './campaigns'
import { Filters } from './filters'
import { Five9Ids } from './ids'
import { type CallRecord, Ledger } from './ledger'
import { DEFAULTS, type Five9Options } from './options'
import { Out } from './out'
import { People } from './people'
import { Presences } from './presence'
import { type Session, Sessions } from './sessions'
import { Sockets } from './sockets'
import { Stores } from './stores'
import { Variables } from './variables'

export interface SiteNeeds { pbx: Pbx; clock: PbxClock; rng: Rng; faults: Faults; options?: Partial<Five9Options> }

export interface Site {
  pbx: Pbx
  clock: PbxClock
  rng: Rng
  faults: Faults
  options: Five9Options
  ids: Five9Ids
  people: People
  sessions: Sessions
  out: Out
  sockets: Sockets
  ledger: Ledger
  presences: Presences
  campaigns: Campaigns
  variables: Variables
  filters: Filters
  stores: Stores
  /** Users whose calls a supervisor has recorded. */
  recorded: Set<string>
  /** Tells all statistics to the sockets of a session; set by the publisher, as the next. */
  requestStatistics: (session: Session) => void
  /** Statistics changed by something that is no fact. */
  statisticsChanged: () => void
  /** Names of the data sources and their fields. */
  statisticsFields: () => { dataSource: string; fields: string[] }[]
  /** Tells a call again whose own fields changed. */
  update: (record: CallRecord) => void
  /** Ports of the data centres; set by the face. */
  ports: () => number[]
}

/** Puts the parts together; nothing runs yet. */
export function makeSite (needs: SiteNeeds): Site {
  const { pbx, clock, rng, faults } = needs
  const options: Five9Options = { ...DEFAULTS, ...needs.options }
  const ids = new Five9Ids(pbx, rng, options.logoutReasons)
  const out = new Out({ clock, faults, options })
  out.userId = (user) => ids.users.id(user.key)
  return {
    pbx, clock, rng, faults, options, ids, out,
    people: new People({ pbx, options }),
    sessions: new Sessions({ options, clock, rng }),
    sockets: new Sockets({ clock, faults, rng, options, out }),
    ledger: new Ledger({ pbx, ids }),
    presences: new Presences({ pbx, ids, clock }),
    campaigns: new Campaigns({ pbx, ids, clock }),
    variables: new Variables(options.variables),
    filters: new Filters(),
    stores: new Stores(),
    recorded: new Set(),
    requestStatistics: () => {},
    statisticsChanged: () => {},
    statisticsFields: () => [],
    update: () => {},
    ports: () => []
  }
}

/** Farm of the domain after so many migrations. */
export function farmOf ({ options }: Site, generation: number): string {
  return String(Number(options.farmId) + generation)
}

/** Number of the data centre after so many migrations, from 0. */
export function serverOf ({ options }: Site, generation: number): number {
  return generation % options.servers
}
