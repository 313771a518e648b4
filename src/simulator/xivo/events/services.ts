/** Facts of users, mailboxes, agents and queues as pushes (xivo-cti.md 4.3, 4.5). */
import { type Condition, type Fact, type Rule } from '../../pbx/types'
import { type Message } from '../codec'
import { FORWARDS, SWITCHES, voicemailStatus } from '../render/lists'
import { queuesOf } from '../render/agents'
import { userState } from '../render/registered'
import { type Site } from '../site'
import { type FactTable } from './calls'

function pushUser (site: Site, userKey: string, config: Message): void {
  for (const name of Object.keys(config)) if (Object.hasOwn(SWITCHES, name)) site.memory.changed.add(`${userKey} ${name}`)
  site.out.getlist('updateconfig', 'users', { tid: site.ids.id('user', userKey), config })
}

function forwarding (site: Site, { userKey, detail }: Fact): void {
  const names = FORWARDS[detail?.condition as Condition]
  const rule = detail?.rule as Rule | undefined
  if (names !== undefined && rule !== undefined && userKey !== undefined) pushUser(site, userKey, { [names.enable]: rule.enabled, [names.dest]: rule.to ?? '' })
}

/** Features that a user's configuration shows. */
const FEATURES: Record<string, string> = { callFilter: 'incallfilter', voicemail: 'enablevoicemail', recording: 'enablerecording' }

function feature (site: Site, { userKey, detail }: Fact): void {
  const name = FEATURES[String(detail?.feature)]
  const user = site.pbx.users.get(userKey ?? '')
  if (name === undefined || user === undefined) return
  const on = SWITCHES[name]?.(user) ?? false
  if (name !== 'enablevoicemail') return pushUser(site, user.key, { [name]: on })
  // With the mailbox its entry in the list comes and goes.
  const id = site.ids.number('voicemail', user.key)
  site.out.getlist(on ? 'addconfig' : 'delconfig', 'voicemails', { list: [String(id)] })
  pushUser(site, user.key, { enablevoicemail: on, voicemailid: on ? id : null })
}

function presence (site: Site, { userKey, detail }: Fact): void {
  if (userKey === undefined) return
  site.memory.presence.set(userKey, String(detail?.presence))
  site.out.getlist('updatestatus', 'users', { tid: site.ids.id('user', userKey), status: { availstate: site.memory.presenceOf(userKey) } })
  const id = site.release.from('16.09') ? site.ids.userUuid(userKey) : site.ids.number('user', userKey)
  const state = userState(site, id)
  if (state !== undefined) site.out.toThose((session) => session.registered.user.has(id), state)
}

function mailbox (site: Site, { userKey }: Fact): void {
  const user = site.pbx.users.get(userKey ?? '')
  if (user !== undefined) site.out.getlist('updatestatus', 'voicemails', { tid: site.ids.id('voicemail', user.key), status: voicemailStatus(site, user) })
}

/** Log-in and log-out: the phone first; the rest follows when the states are compared. */
function agent (site: Site, { agentKey, detail }: Fact): void {
  const found = site.pbx.agents.get(agentKey ?? '')
  if (found === undefined || (detail?.change !== 'signIn' && detail?.change !== 'signOut')) return
  if (detail.change === 'signOut') site.memory.agentPhone.delete(found.key)
  else site.out.getlist('updatestatus', 'agents', { tid: site.ids.id('agent', found.key), status: { phonenumber: site.memory.agentPhone.get(found.key) ?? site.pbx.users.get(found.userKey)?.extension ?? null } })
  const id = site.ids.number('agent', found.key)
  site.out.toThose((session) => session.registered.agent.has(id), { class: 'agent_status_update', data: { xivo_uuid: site.ids.uuid, agent_id: id, status: detail.change === 'signIn' ? 'logged_in' : 'logged_out' } })
}

/** Joining and leaving a queue; pauses follow when the states are compared. */
function membership (site: Site, { agentKey, queueKey, detail }: Fact): void {
  const found = site.pbx.agents.get(agentKey ?? '')
  const queue = site.pbx.queues.get(queueKey ?? '')
  if (found === undefined || queue === undefined || (detail?.change !== 'joined' && detail?.change !== 'left')) return
  site.out.getlist(detail.change === 'joined' ? 'addconfig' : 'delconfig', 'queuemembers', { list: [site.ids.member(found, queue)] })
  site.out.getlist('updatestatus', 'agents', { tid: site.ids.id('agent', found.key), status: { queues: queuesOf(site, found.key).map((each) => site.ids.id('queue', each.queue.key)) } })
}

/** The part of a queue is over: an agent has the call, the caller gave up, or it was sent elsewhere. */
function dequeued (site: Site, { connection, queueKey, cause, at, detail }: Fact): void {
  const key = connection?.queueKey ?? queueKey
  if (key === undefined || connection?.party.kind !== 'queue') return
  site.memory.addQueueCall({ queueKey: key, at, kind: cause === 'normal' ? 'answered' : 'lost', waitedMs: typeof detail?.waitedMs === 'number' ? detail.waitedMs : 0 })
}

/** An agent's queue call is over. */
function served (site: Site, { connection, before }: Fact): void {
  if (connection?.agentKey === undefined || connection.queueKey === undefined || before?.answeredAt === undefined) return
  site.memory.countMember(connection.agentKey, connection.queueKey)
}

export const serviceRows: FactTable = {
  forwarding, feature, presence, mailbox, agent, membership, dequeued, cleared: served, transferred: (site, fact) => {
    if (fact.detail?.role === 'transferor') served(site, fact)
  },
  parked: served,
  dnd: (site, { userKey, detail }) => { if (userKey !== undefined) pushUser(site, userKey, { enablednd: detail?.enabled === true }) }
}
