/**
 * Every system that the suite of faults plays, as data: a further one is one entry. Nothing else in this folder names a system.
 * The house is the simulator's demo house; the account is Bob's (extension 1002), or one that sees everybody.
 */
import type { NodeAPI } from 'node-red'
import type { Driver } from '../../src/session/types'
import type { FaceName } from '../../src/simulator/pbx/types'
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator'
import { createXsiDriver } from '../../src/xsi/session'
import { XivoDriver } from '../../src/xivo'
import xivoAccount from '../../nodes/accounts/xivo-account'
import xivoEvents from '../../nodes/events/xivo-events'
import xsiAccount from '../../nodes/accounts/xsi-account'
import xsiEvents from '../../nodes/events/xsi-events'
import type { Place } from './support/relay'

export interface DriverSetup {
  readonly simulator: Simulator
  /** Where to connect: a wire to the face. */
  readonly place: Place
  /** Whose calls are seen. Default bob. */
  readonly who?: 'bob' | 'everybody'
  readonly password?: string
  /** Instead of a password, where the system has tokens. */
  readonly token?: (fresh: boolean) => Promise<string>
  /** Tells this program from others at the system. */
  readonly id: string
  /** ms that one command may take. */
  readonly commandMs?: number
  /** ms of silence that mean the line is dead. */
  readonly silenceMs?: number
}

export interface Vendor {
  readonly platform: FaceName
  driver (setup: DriverSetup): Driver
  /** Owner id of a user's legs. */
  owner (userKey: string): string
  /** The id by which the face tells a connection, where there is one. */
  vendorId (simulator: Simulator, connectionKey: string): string | undefined
  /** Id of an agent, by the key of his user. */
  agent (userKey: string): string
  /** One leg a connection of the PBX: then whole days are compared, leg by leg. A system with a leg a line, or none for who waits in a queue, is not. */
  readonly comparable: boolean
  /** States of an agent that may stand for a state of the PBX. */
  readonly agentStates: Readonly<Record<string, readonly string[]>>
  /** Options of the simulator that the entries below rely on. */
  readonly simulator?: Partial<SimulatorOptions>
  /** Options of the simulator that let its clock run far ahead of the sockets. */
  readonly patient: Partial<SimulatorOptions>
  /** States of a leg that may stand for a state of the PBX. */
  readonly states: Readonly<Record<string, readonly string[]>>
  /** One log-in, in the bytes of the client. */
  readonly login: RegExp
  /** One originate, in the bytes of the client. */
  readonly originate: RegExp
  /** Requests in the simulator's terms, for its faults; absent where the system answers no requests. */
  readonly requests?: { readonly login: string; readonly originate: string; readonly lookup: string }
  /** Warning that each spoilt message gives; none where it is passed on as an event of the vendor. */
  readonly warnings: Readonly<Partial<Record<'malformed' | 'truncated' | 'oversize' | 'unknown', string>>>
  /** Bytes of a message that no client has to take. */
  readonly oversize: number
  /** Reason of a plain hang-up: not every system tells it. */
  readonly plainEnd: 'normal' | 'unknown'
  /** The log-in announces a presence, and that ends do-not-disturb. */
  readonly loginEndsDnd?: true
  /** Tokens that expire and are renewed, where the system has them: two of Bob's, and the request that keeps the line alive. */
  readonly tokens?: { readonly valid: readonly [string, string]; readonly simulator: Partial<SimulatorOptions>; readonly keepalive: string }
  readonly nodes: {
    readonly registers: readonly ((RED: NodeAPI) => void)[]
    readonly account: string
    readonly events: string
    /** Of an account that connects to this face as Bob. */
    readonly properties: (simulator: Simulator, place: Place) => Record<string, unknown>
    readonly credentials: (simulator: Simulator) => Record<string, string>
  }
}

const PASSWORD = 'demo'
const email = (key: string): string => `${key}@example.com`

const XSI_PACKAGES = ['Advanced Call', 'Call Center Agent', 'Do Not Disturb', 'Call Forwarding Always', 'Call Forwarding Busy', 'Call Forwarding No Answer']

const xsi: Vendor = {
  platform: 'xsi',
  driver: ({ simulator, place, who = 'bob', password = PASSWORD, token, id, commandMs = 3000, silenceMs }) => {
    const userId = who === 'bob' ? email('bob') : simulator.demoLogin('xsi').adminUsername
    return createXsiDriver({
      host: `http://${place.host}:${place.port}`,
      userId,
      auth: token === undefined ? { kind: 'basic', username: userId, password } : { kind: 'bearer', token },
      applicationId: `app-${id}`,
      channelSetId: `set-${id}`,
      heartbeatMs: silenceMs === undefined ? 1000 : Math.max(20, silenceMs / 4),
      timeoutMs: commandMs,
      initialEventMs: 1000,
      ...(silenceMs === undefined ? {} : { silenceMs }),
      packages: XSI_PACKAGES,
      ...(who === 'bob' ? {} : { scope: 'users', userList: ['alice', 'bob', 'dave', 'erin', 'frank'].map(email) })
    })
  },
  owner: email,
  agent: email,
  comparable: true,
  // Busy is told by queue calls only, and there is no "later": who logs out during a call is logged out.
  agentStates: { loggedOut: ['loggedOut'], wrapUp: ['wrapUp'], notReady: ['notReady'], ready: ['ready'], busy: ['busy', 'ready', 'notReady', 'loggedOut'] },
  patient: { xsi: { heartbeatTimeoutMs: 1e12, ackTimeoutMs: 1e12 } },
  vendorId: (simulator, connectionKey) => (simulator.face('xsi') as unknown as { site: { ids: { callId (key: string): string } } }).site.ids.callId(connectionKey),
  states: {
    initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'remoteRinging'], connected: ['active'], hold: ['held'], queued: ['dialing', 'remoteRinging', 'active'], fail: ['failed', 'dialing', 'active']
  },
  login: /^authorization: /im,
  originate: /POST \S*\/calls\/new/i,
  requests: { login: '/profile', originate: '/calls/new', lookup: '/profile' },
  warnings: { malformed: 'malformedDocument', truncated: 'malformedDocument', oversize: 'malformedDocument', unknown: 'unknownDocument' },
  oversize: 2 * 1024 * 1024,
  plainEnd: 'normal',
  tokens: { valid: ['bob-one', 'bob-two'], simulator: { xsi: { tokens: { 'bob-one': email('bob'), 'bob-two': email('bob') } } }, keepalive: '/heartbeat' },
  nodes: {
    registers: [xsiAccount, xsiEvents],
    account: 'cti-xsi-account',
    events: 'cti-xsi-events',
    properties: (_simulator, { host, port }) => ({ host: `http://${host}:${port}`, scope: 'user', packages: XSI_PACKAGES.join(',') }),
    credentials: () => ({ username: email('bob'), password: PASSWORD })
  }
}

const XIVO_USERS: Readonly<Record<string, number>> = { alice: 11, bob: 12, dave: 13, erin: 14, frank: 15 }
const XIVO_AGENTS: Readonly<Record<string, number>> = { bob: 22, erin: 24, frank: 25 }

const xivo: Vendor = {
  platform: 'xivo',
  simulator: {
    xivo: {
      protocol: '1.2',
      ids: { user: { ...XIVO_USERS }, agent: Object.fromEntries(Object.entries(XIVO_AGENTS).map(([user, id]) => [`agent-${user}`, id])) },
      sheets: [],
      commstatusLag: false
    }
  },
  driver: ({ place, who = 'bob', password = PASSWORD, id, commandMs = 3000, silenceMs }) => new XivoDriver({
    host: place.host,
    port: place.port,
    login: who === 'bob' ? 'bob' : 'dave',
    password,
    protocol: '1.2',
    tls: 'off',
    ident: `faults-${id}`,
    connectTimeoutMs: commandMs,
    keepaliveMs: silenceMs === undefined ? 1000 : Math.max(20, silenceMs / 2),
    deadAfterMs: silenceMs === undefined ? 1000 : Math.max(20, silenceMs / 2),
    ...(who === 'bob' ? { watch: { users: 'own', phones: 'own', agents: 'own', queues: 'own' } } : {})
  }),
  owner: (key) => String(XIVO_USERS[key]),
  vendorId: () => undefined,
  agent: (key) => String(XIVO_AGENTS[key]),
  comparable: false,
  agentStates: { loggedOut: ['loggedOut'], wrapUp: ['wrapUp', 'notReady'], notReady: ['notReady'], ready: ['ready'], busy: ['busy', 'ready', 'notReady'] },
  patient: {},
  states: {
    initiated: ['initiated', 'dialing', 'ringing'], alerting: ['ringing', 'dialing', 'remoteRinging', 'initiated'], connected: ['active'], hold: ['held', 'active'], queued: ['dialing', 'remoteRinging', 'active', 'queued'],
    fail: ['failed', 'dialing', 'active', 'remoteRinging']
  },
  oversize: 9 * 1024 * 1024,
  plainEnd: 'unknown',
  loginEndsDnd: true,
  login: /"login_pass"/,
  originate: /"(?:originate|dial)"/,
  warnings: { malformed: 'line.malformed', truncated: 'line.malformed', oversize: 'line.oversize' },
  nodes: {
    registers: [xivoAccount, xivoEvents],
    account: 'cti-xivo-account',
    events: 'cti-xivo-events',
    properties: (_simulator, { host, port }) => ({ host, port: String(port), dialect: '1.2', starttls: 'off', scope: 'user' }),
    credentials: () => ({ username: 'bob', password: PASSWORD })
  }
}

const ALL: readonly Vendor[] = [xsi, xivo]
/** Those that the environment variable CTI_FAULTS names, by default all. */
export const VENDORS = ALL.filter(({ platform }) => process.env.CTI_FAULTS === undefined || process.env.CTI_FAULTS.split(',').includes(platform))
