/** Knobs of the iPECS face; the defaults are those of ipecs.md. */
import { type Certificate } from '../certificate'

/** Groups of functions that an account is ticked for (ipecs.md 1). */
export type Right = 'smdr' | 'acd' | 'cti'

interface Account { name: string; password: string; rights: Right[] }

export interface IpecsOptions {
  /** HTTPS and WSS; false: in clear, for tests by hand. */
  tls: boolean
  /** Absent: one made at the start. */
  certificate?: Certificate
  /** Accounts of type `server`. */
  accounts: Account[]
  /** This many accounts may be logged in at once. */
  sessions: number
  /** A session without a socket ends this long after its last request, s. */
  checkConnectionTimer: number
  /** After a logout the account is still `Already Login` for this time, ms: seen to last some seconds. */
  clearingMs: number
  /** Idle HTTP connections are closed after this time, ms. */
  keepAliveMs: number
  /** What a second WebSocket of a login meets; the document only says that there is one. */
  secondSocket: 'refuse' | 'replace'
  /** Error number of `Already Login`, which nobody recorded, and of a fourth account, which nobody saw. */
  alreadyLoginCode: number
  fullCode: number
  systemType: string
  systemVersion: string
  /** Whether `evtSerialNum` counts the events of a session or those of the system: not said. */
  serials: 'session' | 'system'
  /** What leaves when the other party of a talk ends it: both events, or the first only. Both readings of the document are possible. */
  releasedAsc: 'both' | 'only'
  /** `callRefID` that transfer, conference and reconnect take: not said. */
  refOf: 'either' | 'held' | 'active'
  /** `queued` and `numbering` leave without the envelope, as the document prints them. */
  bareEvents: boolean
  /** Codes that carry a `callRefID` though the document gives them none: 2 and 43 are what known clients need. */
  extraRefs: number[]
  /** Types of call events leave with a leading blank, as in some samples. */
  blankTypes: boolean
  /** Control characters in names leave unescaped, which is no valid JSON. */
  rawControls: boolean
  /** Calls carry a `callRefID` (switch setting "CALL TRACKING Enable"). */
  callTracking: boolean
  /** Call records leave as they are made, to accounts with SMDR. Their shape is a guess, and a known client that takes all frames for ACD records ran with such accounts: without it code 69 is what comes. */
  liveRecords: boolean
  /** Calls between extensions make records too. */
  internalRecords: boolean
  /** Monitor Start takes group numbers: a sample has one as a device. */
  monitorGroups: boolean
  /** Extensions without an API-CTI-EXT licence. */
  unlicensed: string[]
  /** Numbers that Monitor Start refuses. */
  refused: string[]
  /** Extensions with analogue phones, which the user lifts before anything is dialled. */
  analogue: string[]
  /** Internal number (bin) of a group by key of the queue; what is not named gets the next one from `firstBin`. */
  bins: Record<string, number>
  firstBin: number
  /** Ids of agents by agent key; absent: their number in the PBX, four digits. */
  agentIds: Record<string, string>
  /** Number of the first outside line; lines are taken lowest first. Default 6, the line of a group in the samples and in a known client's sample configuration. */
  firstLine: number
  lines: number
  /** Number of the first call. */
  firstCallRef: number
  /** Digits before an outside number. */
  trunkPrefix: string
  /** `parkingLoc` of the first park slot. */
  parkStart: number
  /** Bin of the voice mail group. */
  voicemailBin: number
  /** Zones that can be paged. */
  internalZones: number
  externalZones: number
  /** Members by index of a conference group. */
  confGroups: Record<number, string[]>
  /** The clock of the switch shows local time: minutes east of UTC. */
  utcOffsetMinutes: number
  /** A held call rings its station again after this time, ms; 0: never. */
  holdRecallMs: number
  /** Code 67 comes this long after the last digit, ms: up to 30 s in reality. */
  numberDialedMs: number
}

const ALL: Right[] = ['smdr', 'acd', 'cti']

export const DEFAULTS: IpecsOptions = {
  tls: true,
  accounts: [
    { name: 'apiuser', password: 'demo', rights: ALL },
    { name: 'apiadmin', password: 'demo', rights: ALL },
    { name: 'wallboard', password: 'demo', rights: ['acd'] },
    { name: 'records', password: 'demo', rights: ['smdr'] }
  ],
  sessions: 3,
  checkConnectionTimer: 120,
  clearingMs: 0,
  keepAliveMs: 5000,
  secondSocket: 'refuse',
  alreadyLoginCode: 5,
  fullCode: 6,
  systemType: 'iPECS UCP600',
  systemVersion: 'S-UCP-Rls2008-4.0.33-App',
  serials: 'session',
  releasedAsc: 'both',
  refOf: 'either',
  bareEvents: false,
  extraRefs: [],
  blankTypes: false,
  rawControls: false,
  callTracking: true,
  liveRecords: false,
  internalRecords: true,
  monitorGroups: true,
  unlicensed: [],
  refused: [],
  analogue: [],
  bins: {},
  firstBin: 1,
  agentIds: {},
  firstLine: 6,
  lines: 24,
  firstCallRef: 1,
  trunkPrefix: '9',
  parkStart: 601,
  voicemailBin: 90,
  internalZones: 35,
  externalZones: 3,
  confGroups: {},
  utcOffsetMinutes: 0,
  holdRecallMs: 0,
  numberDialedMs: 0
}
