import { type Agent, type Condition, type Device, type Directory, type ExternalBehaviour, type Queue, type Rule, type Trunk, type User } from './types'

type UserInput = Directory['users'][number]
type QueueInput = NonNullable<Directory['queues']>[number]

export interface TimerSettings { transferRecall: number; parkRecall: number; noAnswer: number; secondsPerRing: number; tone: number }

/** A directory with all defaults filled in. */
export interface Household {
  enterprise: string
  group: string
  domain: string
  country: string
  users: User[]
  devices: Device[]
  agents: Agent[]
  queues: Queue[]
  trunks: Trunk[]
  dids: Map<string, string>
  externals: Map<string, ExternalBehaviour>
  reasonCodes: { code: string; name: string }[]
  dispositions: { code: string; name: string }[]
  parkSlots: string[]
  /** Seconds. */
  timers: TimerSettings
}

const CONDITIONS: Condition[] = ['always', 'busy', 'noAnswer', 'notReachable']
const TIMERS: TimerSettings = { transferRecall: 20, parkRecall: 45, noAnswer: 60, secondsPerRing: 6, tone: 3 }

/** Fills in what a directory leaves out. Keys stay as given; device keys are `<user>-desk`, `<user>-app` and so on. */
export function furnish (directory: Directory): Household {
  const domain = directory.domain ?? 'example.com'
  const devices: Device[] = []
  const users = directory.users.map((user) => {
    const own = (user.devices ?? [{}]).map((device, n) => deviceOf(user, device, n))
    devices.push(...own)
    return userOf(user, domain, own)
  })
  return {
    enterprise: directory.enterprise ?? 'acme',
    group: directory.group ?? 'sales',
    domain,
    country: directory.country ?? 'US',
    users,
    devices,
    agents: users.filter((user) => user.agentKey !== undefined).map((user) => agentOf(user.agentKey ?? '', user)),
    queues: (directory.queues ?? []).map(queueOf),
    trunks: directory.trunks ?? [{ key: 'trunk-1', name: 'SIP trunk 1', number: '+12025550100' }],
    dids: new Map((directory.dids ?? []).map((did) => [did.number, did.to])),
    externals: new Map((directory.externals ?? []).map(({ number, ...behaviour }) => [number, behaviour])),
    reasonCodes: directory.reasonCodes ?? [],
    dispositions: directory.dispositions ?? [],
    parkSlots: directory.parkSlots ?? ['2222', '2223', '2224'],
    timers: { ...TIMERS, ...directory.timers }
  }
}

function deviceOf (user: UserInput, device: Partial<Device>, n: number): Device {
  const kind = device.kind ?? (n === 0 ? 'desk' : 'app')
  return {
    key: `${user.key}-${kind}${n > 1 ? n : ''}`, userKey: user.key, number: user.extension, name: `${user.first} ${kind}`,
    registered: true, hook: 'on', remoteAnswer: true, appearances: 4, ...device, kind
  }
}

function userOf (user: UserInput, domain: string, devices: Device[]): User {
  const forwarding = Object.fromEntries(CONDITIONS.map((condition) => [condition, { enabled: false, ...user.forwarding?.[condition] }])) as Record<Condition, Rule>
  return {
    numbers: [], email: `${user.key}@${domain}`, password: 'demo', presence: 'available', admin: false, supervisor: false, hook: 'on',
    dnd: { enabled: false, ringSplash: false }, ids: {}, ...user,
    forwarding,
    features: { remoteOffice: { enabled: false }, callWaiting: true, recording: 'on-demand-user-start', voicemail: false, callFilter: false, ...user.features },
    devices: devices.map((device) => device.key),
    mailbox: { messages: [] }
  }
}

function agentOf (key: string, user: User): Agent {
  return { key, userKey: user.key, number: user.extension, loggedIn: false, routing: 'notReady', since: 0, ids: {} }
}

function queueOf (queue: QueueInput): Queue {
  return {
    policy: 'longestIdle', ringSeconds: 18, wrapUpSeconds: 10, noAnswer: 'next', night: { enabled: false }, ids: {}, ...queue,
    members: (queue.members ?? []).map((member) => ({ joined: true, paused: false, priority: 0, ...(typeof member === 'string' ? { agentKey: member } : member) })),
    entries: [],
    figures: { offered: 0, answered: 0, abandoned: 0, overflowed: 0, waitSeconds: 0, talkSeconds: 0 }
  }
}
