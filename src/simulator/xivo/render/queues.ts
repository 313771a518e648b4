/** Waiting calls and figures of queues (xivo-cti.md 3.8, 4.6). */
import { type Queue } from '../../pbx/types'
import { type Message } from '../codec'
import { type Site } from '../site'
import { isPaused, viewOf } from './agents'

/** `queueentryupdate`: everybody who waits, in line. Who has no channel yet is told of when he has. */
export function entriesMessage (site: Site, queueKey: string): Message {
  const callers = site.pbx.queued(queueKey).map((entry) => ({ entry, caller: site.pbx.otherEnd(entry) })).filter(({ caller }) => site.channels.of(caller?.key).length > 0)
  const entries = callers.map(({ entry, caller }, index) => {
    return {
      position: index + 1, name: caller?.party.name ?? '', number: caller?.party.number ?? '', join_time: (entry.queuedAt ?? entry.startedAt) / 1000,
      uniqueid: site.channels.of(caller?.key)[0]?.uniqueid ?? ''
    }
  })
  return { class: 'queueentryupdate', state: { queue_name: queueKey, queue_id: site.ids.number('queue', queueKey), entries } }
}

/** Figures of the moment, as the three messages that tell them. */
export function realtime (site: Site, queue: Queue): Message[] {
  const { pbx } = site
  const waiting = pbx.queued(queue.key)
  const first = Math.min(...waiting.map((entry) => entry.queuedAt ?? entry.startedAt))
  const agents = queue.members.filter(({ joined }) => joined).flatMap((member) => {
    const agent = pbx.agents.get(member.agentKey)
    return agent?.loggedIn === true ? [{ agent, member, view: viewOf(site, agent) }] : []
  })
  const available = agents.filter(({ agent, member, view }) => !isPaused(agent, member) && view.availability === 'available')
  const { answered, waitSeconds } = queue.figures
  return [
    { 'Xivo-LoggedAgents': agents.length },
    { 'Xivo-WaitingCalls': waiting.length, ...(waiting.length === 0 ? {} : { 'Xivo-LongestWaitTime': Math.floor((pbx.now() - first) / 1000) }) },
    {
      'Xivo-AvailableAgents': String(available.length), 'Xivo-EWT': answered === 0 ? '0' : String(Math.round(waitSeconds / answered)),
      'Xivo-TalkingAgents': String(agents.filter(({ view }) => view.onCallAcd).length)
    }
  ]
}

/** Figures of the last `window` seconds, all text, empty when there is nothing to reckon with. `xqos`: seconds of a good answer. */
export function windowStats (site: Site, queueKey: string, window: number, xqos: number): Message {
  const calls = site.memory.queueCallsOf(queueKey, window)
  const answered = calls.filter(({ kind }) => kind === 'answered')
  const good = answered.filter(({ waitedMs }) => waitedMs <= xqos * 1000)
  const waits = calls.map(({ waitedMs }) => waitedMs / 1000)
  const percent = (part: number, all: number): string => all === 0 ? '' : String(Math.round(part / all * 100))
  return {
    'Xivo-Join': String(calls.length), 'Xivo-Link': String(answered.length), 'Xivo-Lost': String(calls.length - answered.length),
    'Xivo-Rate': percent(answered.length, calls.length), 'Xivo-Qos': percent(good.length, answered.length),
    'Xivo-Holdtime-avg': waits.length === 0 ? '' : String(Math.round(waits.reduce((sum, wait) => sum + wait, 0) / waits.length * 10) / 10),
    'Xivo-Holdtime-max': waits.length === 0 ? '' : String(Math.round(Math.max(...waits)))
  }
}
