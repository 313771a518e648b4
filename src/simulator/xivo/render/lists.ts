/** The lists that a client reads and keeps: ids, configurations, statuses (xivo-cti.md 3.2, 3.3). */
import { type Agent, type Condition, type Device, type Queue, type User } from '../../pbx/types'
import { type Message, textOf } from '../codec'
import { type IdKind } from '../options'
import { type Site } from '../site'
import { agentConfig, agentStatus, memberConfig, queuesOf } from './agents'
import { owners } from './rooms'

interface List { ids: (site: Site) => string[]; config: (site: Site, id: unknown) => Message | undefined; status: (site: Site, id: unknown) => Message | null | undefined }

/** Names of the forwardings; there is none for phones that cannot be reached. */
export const FORWARDS: Partial<Record<Condition, { enable: string; dest: string }>> = {
  always: { enable: 'enableunc', dest: 'destunc' },
  busy: { enable: 'enablebusy', dest: 'destbusy' },
  noAnswer: { enable: 'enablerna', dest: 'destrna' }
}

/** Switches of a user by the name in the lists. */
export const SWITCHES: Record<string, (user: User) => boolean> = {
  enablevoicemail: (user) => user.features.voicemail,
  enablednd: (user) => user.dnd.enabled,
  incallfilter: (user) => user.features.callFilter,
  enablerecording: (user) => user.features.recording === 'always',
  enableunc: (user) => user.forwarding.always.enabled,
  enablebusy: (user) => user.forwarding.busy.enabled,
  enablerna: (user) => user.forwarding.noAnswer.enabled
}

/** 1 or 0 as read at the start, true or false once it was changed. */
function flag (site: Site, user: User, name: string): boolean | number {
  const on = SWITCHES[name]?.(user) ?? false
  return site.memory.changed.has(`${user.key} ${name}`) ? on : Number(on)
}

function userConfig (site: Site, user: User): Message {
  const { ids, release } = site
  const dest = (condition: Condition): string => user.forwarding[condition].to ?? ''
  return {
    firstname: user.first, lastname: user.last, fullname: `${user.first} ${user.last}`, mobilephonenumber: '',
    agentid: user.agentKey === undefined ? null : ids.number('agent', user.agentKey), voicemailid: user.features.voicemail ? ids.number('voicemail', user.key) : null,
    enablevoicemail: flag(site, user, 'enablevoicemail'), enablednd: flag(site, user, 'enablednd'), incallfilter: flag(site, user, 'incallfilter'),
    enableunc: flag(site, user, 'enableunc'), destunc: dest('always'), enablebusy: flag(site, user, 'enablebusy'), destbusy: dest('busy'),
    enablerna: flag(site, user, 'enablerna'), destrna: dest('noAnswer'),
    ...(release.second ? { xivo_uuid: ids.uuid } : { enablexfer: 1, enableclient: site.options.disabled.includes(user.key) ? 0 : 1, profileclient: null }),
    linelist: user.devices.map((key) => ids.id('phone', key))
  }
}

function phoneConfig (site: Site, device: Device): Message {
  const identity = site.ids.line(device.key)
  const owner = { identity, iduserfeatures: site.ids.number('user', device.userKey) }
  return site.release.channels ? { allowtransfer: null, context: 'default', ...owner, initialized: null, number: device.number, protocol: 'sip' } : { ...owner, number: device.number }
}

/** Complete status of a phone as the server last told it. */
export function phoneStatus (site: Site, deviceKey: string): Message {
  const hintstatus = site.memory.hints.get(deviceKey) ?? '4'
  return site.release.channels ? { channels: site.channels.namesOf(deviceKey), queues: [], hintstatus, groups: [] } : { hintstatus }
}

function queueStatus (site: Site, queue: Queue): Message {
  return { agentmembers: queue.members.filter(({ joined }) => joined).map(({ agentKey }) => site.ids.id('agent', agentKey)), phonemembers: [] }
}

/** Counts of a mailbox, as text once a message came. */
export function voicemailStatus (site: Site, user: User): Message {
  const { messages } = user.mailbox
  const fresh = messages.filter(({ read }) => !read).length
  const shown = messages.length === 0 ? 0 : String(fresh)
  return site.release.second ? { new: shown } : { waiting: fresh > 0, old: String(messages.length - fresh), new: shown }
}

function voicemailConfig (site: Site, user: User): Message {
  return { context: 'default', mailbox: user.extension, ...(site.release.second ? {} : { fullname: `${user.first} ${user.last}`, email: user.email }) }
}

function userStatus (site: Site, user: User): Message {
  const here = [...site.out.sessions].some((session) => session.step === 'in' && session.user?.key === user.key)
  return { availstate: site.memory.presenceOf(user.key), ...(site.release.second ? {} : { connection: here ? 'yes' : null }) }
}

/** A list of things with integer ids. */
function numbered<T extends { key: string }> (kind: IdKind, all: (site: Site) => Iterable<T>, config: (site: Site, thing: T) => Message, status: (site: Site, thing: T) => Message): List {
  const find = (site: Site, id: unknown): T | undefined => {
    const key = site.ids.key(kind, id)
    for (const thing of all(site)) if (thing.key === key) return thing
    return undefined
  }
  return {
    ids: (site) => [...all(site)].map(({ key }) => site.ids.id(kind, key)),
    config: (site, id) => {
      const thing = find(site, id)
      return thing && config(site, thing)
    },
    status: (site, id) => {
      const thing = find(site, id)
      return thing && status(site, thing)
    }
  }
}

function withMailbox (site: Site): User[] {
  return [...site.pbx.users.values()].filter(({ features }) => features.voicemail)
}

function members (site: Site): Map<string, Message> {
  const all = new Map<string, Message>()
  for (const agent of site.pbx.agents.values()) {
    for (const { queue, member } of queuesOf(site, agent.key)) all.set(site.ids.member(agent, queue), memberConfig(site, agent, queue, member))
  }
  return all
}

const EMPTY: List = { ids: () => [], config: () => undefined, status: () => undefined }

const LISTS: Record<string, List> = {
  users: numbered<User>('user', (site) => site.pbx.users.values(), userConfig, userStatus),
  phones: numbered<Device>('phone', (site) => site.pbx.devices.values(), phoneConfig, (site, { key }) => phoneStatus(site, key)),
  agents: numbered<Agent>('agent', (site) => site.pbx.agents.values(), agentConfig, (site, agent) => agentStatus(site, agent, site.memory.sinceOf(agent))),
  queues: numbered<Queue>('queue', (site) => site.pbx.queues.values(), (_site, { key, name, number, extension }) => ({ context: 'default', displayname: name, name: key, number: extension ?? number }), queueStatus),
  voicemails: numbered<User>('voicemail', withMailbox, voicemailConfig, voicemailStatus),
  meetmes: numbered<User>('room', owners,
    (site, user) => ({ context: 'default', confno: site.ids.room(user), name: user.key, admin_moderationmode: 0 }), () => ({ pseudochan: null, channels: {}, paused: false })),
  queuemembers: { ids: (site) => [...members(site).keys()], config: (site, id) => members(site).get(textOf(id)), status: (site, id) => members(site).get(textOf(id)) ?? null }
}
/** Lists of old servers that hold nothing of use. */
const OLD = ['groups', 'contexts', 'phonebooks', 'trunks']

/** A list by name. */
export function listOf (site: Site, name: string): List | undefined {
  if (Object.hasOwn(LISTS, name)) return LISTS[name]
  return site.release.channels && OLD.includes(name) ? EMPTY : undefined
}
