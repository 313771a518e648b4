/** Knobs of the Five9 face; the defaults are those of five9.md 2, 5 and 8.3. */
export interface Notice { id: string; annotation: string; text: string }
interface SpeedDial { id: string; code: string; name: string; number: string }

export interface Five9Options {
  orgId: string
  /** Farm of the domain at first; each migration adds one to it. */
  farmId: string
  /** Release that the login reply names. */
  version: string
  /** Data centres, each with an address of its own: the domain lives in one of them and migrates to the next. */
  servers: number
  /** How clients reach the data centres; absent: as they addressed the login, with the port of the data centre. */
  apiUrls?: { host: string; port: string }[]
  /** PEM, or true for a certificate of the simulator's own; absent: plain HTTP, as the metadata carry no scheme and clients of the vendor only know HTTPS (five9.md 2.1). */
  tls?: true | { key: string; cert: string }
  /** Notices that every user must accept in each half after session_start. The recording is of the supervisor half only; each half has a list of its own. */
  notices: Notice[]
  /** An agent has to choose skills after session_start. */
  selectSkills: boolean
  /** So many requests after a login are refused with 401, as while a session spreads to the data centre. */
  settleRequests: number
  /** Users, by key, whom somebody else's session keeps at the first log-in: session_start needs `force`. */
  foreign: string[]
  /** Roles beyond those that the directory gives: Agent with an agent, DomainSupervisor with `supervisor`, DomainAdmin with `admin`. */
  roles: Record<string, string[]>
  /** Permissions taken from users, by key. */
  withheld: Record<string, string[]>
  /** A socket that sends no `ping` for so long is closed, ms. */
  pingTimeoutMs: number
  /** A session without request and socket ends, ms. The real time is not public: one client assumes 30 min. */
  sessionMs: number
  /** Not ready needs a reason. */
  forceReason: boolean
  /** After-call work of a call that was dialled in a campaign, s; 0: none. Calls of a skill follow their queue. */
  campaignWrapUp: number
  /** All data sources of a full snapshot in one frame, rather than a frame each: both fit what was recorded. */
  statsInOneFrame: boolean
  /** Incremental statistics are collected for so long, ms; 0: what one turn brought is one frame. */
  statsMs: number
  /** Status of DUPLICATE_LOGIN: the published client looks at the body only. */
  duplicateStatus: number
  /** Status of a presence that has to wait for the end of a call (200 in other sources). */
  pendingStatus: number
  /** Call variables of the domain beside the group Call, in order of their ids from 201. */
  variables: { group: string; name: string }[]
  logoutReasons: string[]
  speedDials: SpeedDial[]
  prompts: { id: string; name: string }[]
}

export const DEFAULTS: Five9Options = {
  orgId: '131001',
  farmId: '149',
  version: '13.0.183',
  servers: 1,
  notices: [],
  selectSkills: false,
  settleRequests: 0,
  foreign: [],
  // One of the demo house is both, or nobody could try the two halves side by side.
  roles: { bob: ['DomainSupervisor'] },
  withheld: {},
  pingTimeoutMs: 60_000,
  sessionMs: 1_800_000,
  forceReason: false,
  campaignWrapUp: 30,
  statsInOneFrame: false,
  statsMs: 0,
  duplicateStatus: 435,
  pendingStatus: 202,
  variables: [{ group: 'Custom', name: 'order' }, { group: 'Custom', name: 'note' }],
  logoutReasons: ['End of shift', 'Technical problem'],
  speedDials: [{ id: '12', code: '12', name: 'Service desk', number: '+12025550199' }],
  prompts: [{ id: '300000000000301', name: 'Opening hours' }]
}
