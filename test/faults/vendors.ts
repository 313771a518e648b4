/**
 * Every system that the suite of faults plays, as data: a further one is one entry. Nothing else in this folder names a system.
 * The house is the simulator's demo house; the account is Bob's (extension 1002), or one that sees everybody.
 */
import type { NodeAPI } from 'node-red'
import type { Call } from '../../src/model'
import type { Driver } from '../../src/session/types'
import type { FaceName } from '../../src/simulator/pbx/types'
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator'
import { Five9Driver } from '../../src/five9'
import type { Five9Face } from '../../src/simulator/five9/face'
import { IpecsDriver } from '../../src/ipecs'
import { uuidOf } from '../../src/simulator/random'
import type { WebexFace } from '../../src/simulator/webex/face'
import { createWebexDriver } from '../../src/webex'
import { createXsiDriver } from '../../src/xsi/session'
import { XivoDriver } from '../../src/xivo'
import five9Account from '../../nodes/accounts/five9-account'
import five9Events from '../../nodes/events/five9-events'
import ipecsAccount from '../../nodes/accounts/ipecs-account'
import ipecsEvents from '../../nodes/events/ipecs-events'
import webexAccount from '../../nodes/accounts/webex-account'
import webexEvents from '../../nodes/events/webex-events'
import xivoAccount from '../../nodes/accounts/xivo-account'
import xivoEvents from '../../nodes/events/xivo-events'
import xsiAccount from '../../nodes/accounts/xsi-account'
import xsiEvents from '../../nodes/events/xsi-events'
import type { PictureView } from '../../src/state/picture'
import { callDifferences as five9Differences } from '../five9/differences'
import { HookServer } from '../webex/harness'
import { stationDifferences } from '../ipecs/support/differences'
import { callDifferences } from '../xivo/support/differences'
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
  /** Whole days are compared, leg by leg. */
  readonly comparable: boolean
  /** What differs between the house and a list of legs, where that is not one leg a connection of the PBX. */
  readonly differ?: (simulator: Simulator, legsOf: (ownerId: string) => readonly Call[], people: readonly string[]) => string[]
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
  /** The look-up at the path that `requests` has. Default `profile`. */
  readonly lookup?: string
  /** Requests in the simulator's terms, for its faults; absent where the system answers no requests. */
  readonly requests?: { readonly login: string; readonly originate: string; readonly lookup: string }
  /** Warning that each spoilt message gives; none where it is passed on as an event of the vendor. */
  readonly warnings: Readonly<Partial<Record<'malformed' | 'truncated' | 'oversize' | 'unknown', string>>>
  /** Bytes of a message that no client has to take. */
  readonly oversize: number
  /** Reason of a plain hang-up: not every system tells it. */
  readonly plainEnd: 'normal' | 'unknown'
  /** The names of outside callers are told to those whom they call, and to nobody else. */
  readonly namesAreOwn?: true
  /** Where there is no do-not-disturb and no forwarding: the n-th change of something else that is told of Bob at once, and whether the session knows it. */
  readonly changes?: { make (simulator: Simulator, n: number): void; known (picture: PictureView, n: number): boolean }
  /** The same, where settings are told by no message but can be read. */
  readonly told?: Vendor['changes']
  /** Each message comes by itself: two never in one piece. */
  readonly apart?: true
  /** Spoilt messages that are turned away at the door. */
  readonly beyond?: readonly string[]
  /** What no request tells after a gap: how many calls a phone has and which (there is one word for all of them), what agents do. */
  readonly untold?: readonly ('calls' | 'agents')[]
  /** Tokens that expire and are renewed, where the system has them: two of Bob's, and the request that keeps the line alive. */
  readonly tokens?: { readonly valid: readonly [string, string]; readonly simulator: Partial<SimulatorOptions>; readonly keepalive: string }
  /** ms that a system must be away to be missed, where no connection stands that could break. */
  readonly missedAfterMs?: number
  /** What the face shows as connections of one session. Default 1. */
  readonly connections?: number
  /** What has to be there before a session can be; gives back what ends it. */
  readonly prepare?: () => Promise<() => Promise<void>>
  /** What is told of an agent is told to the agent only. */
  readonly ownAgentOnly?: true
  readonly nodes: {
    /** Which credential is wrong when the log-in is to fail. Default `password`. */
    readonly secret?: string
    /** As above, for an account in Node-RED. */
    readonly connections?: number
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

const XIVO_FACE: NonNullable<SimulatorOptions['xivo']> = {
  protocol: '1.2',
  ids: { user: { ...XIVO_USERS }, agent: Object.fromEntries(Object.entries(XIVO_AGENTS).map(([user, id]) => [`agent-${user}`, id])) },
  sheets: []
}

const xivo: Vendor = {
  platform: 'xivo',
  simulator: { xivo: XIVO_FACE },
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
  comparable: true,
  // A leg for each phone that a call is at.
  differ: callDifferences,
  agentStates: { loggedOut: ['loggedOut'], wrapUp: ['wrapUp', 'notReady'], notReady: ['notReady'], ready: ['ready'], busy: ['busy', 'ready', 'notReady'] },
  patient: { xivo: { ...XIVO_FACE, loginTimeoutMs: 1e12 } },
  states: {
    initiated: ['initiated', 'dialing', 'ringing'], alerting: ['ringing', 'dialing', 'remoteRinging', 'initiated'], connected: ['active'], hold: ['held', 'active'], queued: ['dialing', 'remoteRinging', 'active', 'queued'],
    fail: ['failed', 'dialing', 'active', 'remoteRinging']
  },
  oversize: 9 * 1024 * 1024,
  plainEnd: 'unknown',
  namesAreOwn: true,
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

const FIVE9_USERS: Readonly<Record<string, string>> = { alice: '3000001', bob: '3000002', dave: '3000003', erin: '3000004', frank: '3000005' }
const FIVE9_REASONS = [['BREAK', 'Short break'], ['LUNCH', 'Lunch'], ['MEETING', 'Meeting'], ['TRAINING', 'Training']] as const
const five9Reason = (n: number): typeof FIVE9_REASONS[number] => FIVE9_REASONS[n % FIVE9_REASONS.length] as typeof FIVE9_REASONS[number]
const FIVE9_FACE: NonNullable<SimulatorOptions['five9']> = { roles: { bob: ['DomainSupervisor'] } }

const five9: Vendor = {
  platform: 'five9',
  simulator: { five9: FIVE9_FACE },
  // Nobody sees everybody's calls there: Bob has his own, and as a supervisor those of the agents.
  driver: ({ place, who = 'bob', password = PASSWORD, token, id, commandMs = 3000, silenceMs }) => new Five9Driver({
    baseUrl: `http://${place.host}:${place.port}`,
    username: email('bob'),
    password,
    ...(token === undefined ? {} : { token }),
    role: who === 'bob' ? 'agent' : 'both',
    stationType: 'SOFTPHONE',
    appKey: `faults-${id}`,
    statsIntervalMs: 0,
    settleMs: 50,
    timeoutMs: commandMs,
    ...(silenceMs === undefined ? {} : { pingMs: Math.max(20, silenceMs / 3) })
  }),
  owner: (key) => FIVE9_USERS[key] ?? key,
  agent: (key) => FIVE9_USERS[key] ?? key,
  vendorId: (simulator, connectionKey) => (simulator.face('five9') as Five9Face).site.ids.call(connectionKey),
  comparable: true,
  differ: (simulator, legsOf, people) => five9Differences(simulator, (key) => FIVE9_USERS[key] ?? key, legsOf, people),
  // What an agent dials is not seen before it is answered; who was logged out elsewhere and is in again has to log in here too.
  agentStates: { loggedOut: ['loggedOut'], wrapUp: ['wrapUp', 'busy', 'loggedOut'], notReady: ['notReady', 'busy', 'loggedOut'], ready: ['ready', 'busy', 'loggedOut'], busy: ['busy', 'ready', 'notReady', 'wrapUp', 'loggedOut'] },
  patient: { five9: { ...FIVE9_FACE, pingTimeoutMs: 1e12, sessionMs: 1e12 } },
  states: {},
  login: /"passwordCredentials"/,
  originate: /POST \S*\/make_external_call/i,
  requests: { login: '/auth/login', originate: '/make_external_call', lookup: '/agents/3000002' },
  warnings: { malformed: 'frame', truncated: 'frame' },
  oversize: 2 * 1024 * 1024,
  plainEnd: 'normal',
  namesAreOwn: true,
  changes: {
    make: ({ pbx }, n) => pbx.setRouting('agent-bob', 'notReady', five9Reason(n)[0]),
    known: (picture, n) => picture.agent(FIVE9_USERS.bob ?? '')?.reason?.name === five9Reason(n)[1]
  },
  nodes: {
    registers: [five9Account, five9Events],
    account: 'cti-five9-account',
    events: 'cti-five9-events',
    properties: (_simulator, { host, port }) => ({ region: 'other', host: `http://${host}:${port}`, role: 'agent', stationType: 'SOFTPHONE' }),
    credentials: () => ({ username: email('bob'), password: PASSWORD })
  }
}

/** Bob's account has no ACD records: those tell of everybody. In clear, so that the wire can be read. */
const IPECS_FACE: NonNullable<SimulatorOptions['ipecs']> = {
  tls: false,
  checkConnectionTimer: 2,
  accounts: [{ name: 'bob', password: PASSWORD, rights: ['cti', 'smdr'] }, { name: 'everybody', password: PASSWORD, rights: ['cti', 'smdr', 'acd'] }]
}
const IPECS_EXTENSIONS: Readonly<Record<string, string>> = { alice: '1001', bob: '1002', dave: '1003', erin: '1004', frank: '1005' }

const ipecs: Vendor = {
  platform: 'ipecs',
  simulator: { ipecs: IPECS_FACE },
  driver: ({ place, who = 'bob', password = PASSWORD, commandMs = 3000, silenceMs }) => new IpecsDriver({
    baseUrl: `http://${place.host}:${place.port}`,
    username: who,
    password,
    extensions: who === 'bob' ? ['1002'] : 'all',
    legacySummary: who === 'everybody',
    presence: who === 'everybody',
    timeoutMs: commandMs,
    alreadyLoginMs: 50,
    ...(silenceMs === undefined ? {} : { pingMs: Math.max(20, silenceMs / 2), pongMs: Math.max(20, silenceMs / 2) })
  }),
  owner: (key) => IPECS_EXTENSIONS[key] ?? '',
  agent: (key) => IPECS_EXTENSIONS[key] ?? '',
  vendorId: () => undefined,
  comparable: true,
  // A conference is one leg of its organiser.
  differ: stationDifferences,
  untold: ['calls', 'agents'],
  agentStates: {
    loggedOut: ['loggedOut', 'unknown'], wrapUp: ['wrapUp', 'unknown'], notReady: ['notReady', 'busy', 'unknown'], ready: ['ready', 'busy', 'unknown'], busy: ['busy', 'ready', 'notReady', 'unknown']
  },
  patient: { ipecs: { ...IPECS_FACE, checkConnectionTimer: 1e9 } },
  states: {},
  login: /^authorization: basic /im,
  originate: /POST \S*\/call\/make /,
  lookup: 'callHistory',
  requests: { login: '/login', originate: '/call/make', lookup: '/smdr' },
  warnings: { malformed: 'frame', truncated: 'frame' },
  oversize: 2 * 1024 * 1024,
  plainEnd: 'normal',
  nodes: {
    registers: [ipecsAccount, ipecsEvents],
    account: 'cti-ipecs-account',
    events: 'cti-ipecs-events',
    properties: (_simulator, { host, port }) => ({ host: `http://${host}:${port}`, extensions: '1002', presence: false, legacySummary: false, loginRetry: '1' }),
    credentials: () => ({ username: 'bob', password: PASSWORD })
  }
}

const webexId = (key: string): string => Buffer.from(`ciscospark://us/PEOPLE/${uuidOf('person', key)}`).toString('base64url')
let webhooks: HookServer | undefined

const webex: Vendor = {
  platform: 'webex',
  prepare: async () => {
    const server = webhooks = new HookServer()
    await server.start()
    return () => server.stop()
  },
  driver: ({ simulator, place, who = 'bob', password = PASSWORD, id, commandMs = 3000, silenceMs }) => {
    const { token, serviceClientId: clientId = '', serviceClientSecret: clientSecret = '', serviceRefreshToken: refreshToken = '' } = simulator.demoLogin('webex')
    const bob = token.replace(/alice$/, 'bob')
    return createWebexDriver({
      accountId: 'acc',
      instanceId: `faults-${id}`,
      baseUrl: `http://${place.host}:${place.port}`,
      ...(who === 'bob' ? { auth: { kind: 'token', accessToken: password === PASSWORD ? bob : password } } : { auth: { kind: 'service', refreshToken }, client: { clientId, clientSecret }, userList: ['alice', 'bob', 'dave', 'erin', 'frank'].map(email) }),
      ...(webhooks === undefined ? {} : { hooks: webhooks.inbox(`/hooks/${id}`) }),
      timeoutMs: silenceMs === undefined ? commandMs : Math.min(commandMs, silenceMs / 3),
      pollIdleMs: 30,
      pollBusyMs: 30,
      reconcileMs: 50,
      healthMs: 50,
      settingsMs: 80
    })
  },
  owner: webexId,
  agent: webexId,
  // Each user's mailbox and agent state opens to the own authorisation only: who sees everybody by a service app sees calls and settings.
  ownAgentOnly: true,
  comparable: true,
  missedAfterMs: 400,
  connections: 3,
  agentStates: { loggedOut: ['unknown'], wrapUp: ['unknown'], notReady: ['unknown'], ready: ['unknown'], busy: ['unknown'] },
  patient: {},
  vendorId: (simulator, connectionKey) => (simulator.face('webex') as WebexFace).site.ids.call(connectionKey),
  states: {
    initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'initiated'], connected: ['active'], hold: ['held'], queued: ['dialing', 'active'], fail: ['dialing', 'active', 'failed']
  },
  login: /GET \/v1\/people\/me /,
  originate: /POST \/v1\/telephony\/calls\/dial/,
  requests: { login: '/people/me', originate: '/calls/dial', lookup: '/people/me' },
  warnings: { malformed: 'badDelivery', truncated: 'badDelivery' },
  beyond: ['oversize'],
  oversize: 512 * 1024,
  apart: true,
  told: {
    make: ({ pbx }) => { pbx.leaveVoicemail('bob', { kind: 'external', number: '+12025550199' }, 5000) },
    known: (picture, n) => picture.mailbox(webexId('bob'))?.newMessages === n
  },
  plainEnd: 'normal',
  nodes: {
    registers: [webexAccount, webexEvents],
    account: 'cti-webex-account',
    events: 'cti-webex-events',
    secret: 'accessToken',
    connections: 0,
    properties: (_simulator, { host, port }) => ({ auth: 'token', baseUrl: `http://${host}:${port}`, pollIdle: '30', pollBusy: '30', settingsEvery: '100', timeout: '1' }),
    credentials: (simulator) => ({ accessToken: simulator.demoLogin('webex').token.replace(/alice$/, 'bob') })
  }
}

const ALL: readonly Vendor[] = [xsi, xivo, five9, ipecs, webex]
/** Those that the environment variable CTI_FAULTS names, by default all. */
export const VENDORS = ALL.filter(({ platform }) => process.env.CTI_FAULTS === undefined || process.env.CTI_FAULTS.split(',').includes(platform))
