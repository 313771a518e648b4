/** Subscriptions and registrations for events (xivo-cti.md 3.1, 4.5 to 4.7). */
import { Drop, need, needInteger, needObject, textOf } from '../codec'
import { currentCalls } from '../render/calls'
import { mainDevice } from '../render/phones'
import { entriesMessage, realtime, windowStats } from '../render/queues'
import { agentState, endpointState, userState } from '../render/registered'
import { ownRooms, roomsMessage } from '../render/rooms'
import { type Session } from '../session'
import { type Call, type Handler, type Handlers, NOTHING } from './types'

const MESSAGES: Handlers = {
  current_calls: ({ site, session, user }) => {
    const device = mainDevice(site, user.key)
    if (device === undefined) return
    site.memory.callsOf.set(device.key, session)
    session.send(currentCalls(site, user.key))
  },
  meetme_update: ({ site, session, user }) => {
    // Rooms are watched for the own line: who has none is told nothing.
    if (mainDevice(site, user.key) === undefined) return
    session.meetme = true
    session.send(roomsMessage(site))
    session.send(ownRooms(site, user.key))
  },
  queueentryupdate: ({ site, session, message }) => {
    const id = String(needInteger(message, 'queueid'))
    const key = site.ids.key('queue', id)
    session.queueEntries.add(id)
    if (key !== undefined) session.send(entriesMessage(site, key))
  }
}

type Kind = keyof Session['registered']

/** Pairs of server id and id. @throws Drop for plain ids */
function pairs ({ message }: Call, name: string): unknown[] {
  const given = need(message, name)
  if (!Array.isArray(given)) throw new Drop(`${name} is no list`)
  return given.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new Drop(`${name} holds no pairs`)
    return pair[1] as unknown
  })
}

const isUuid = (id: unknown): boolean => typeof id === 'string' && id.includes('-')

/** Ids as the server keeps them: users by uuid from 16.09 on; 16.11 translates numbers, unless a uuid is among them. */
function keptIds (call: Call, kind: Kind, given: unknown[]): unknown[] {
  const { site } = call
  if (kind !== 'user' || !site.release.from('16.11') || given.some(isUuid)) return given
  return given.flatMap((id) => {
    const key = site.ids.key('user', textOf(id))
    return key === undefined ? [] : [site.ids.userUuid(key)]
  })
}

const STATES = { user: userState, agent: agentState, endpoint: endpointState }

function register (kind: Kind): Handler {
  return (call) => {
    for (const id of keptIds(call, kind, pairs(call, `${kind}_ids`))) {
      call.session.registered[kind].add(id)
      const state = STATES[kind](call.site, id)
      if (state !== undefined) call.session.send(state)
    }
  }
}

function unregister (kind: Kind): Handler {
  return (call) => {
    for (const id of keptIds(call, kind, pairs(call, `${kind}_ids`))) call.session.registered[kind].delete(id)
  }
}

function statistics (call: Call): void {
  const { site, message, ack } = call
  if (message.on === undefined || message.on === null) return ack(NOTHING)
  const on = needObject(message, 'on')
  const stats: Record<string, unknown> = {}
  for (const id of Object.keys(on)) {
    const asked = needObject(on, id)
    const window = needInteger(asked, 'window')
    const xqos = needInteger(asked, 'xqos')
    const key = site.ids.key('queue', id)
    if (key !== undefined) stats[id] = windowStats(site, key, window, xqos)
  }
  ack({ stats })
}

export const subscribeCommands: Handlers = {
  subscribe: (call) => {
    const name = need(call.message, 'message')
    if (typeof name === 'string' && Object.hasOwn(MESSAGES, name)) MESSAGES[name]?.(call)
  },
  subscribetoqueuesstats: ({ site, session }) => {
    session.queueStats = true
    for (const queue of site.pbx.queues.values()) for (const stats of realtime(site, queue)) session.send({ class: 'getqueuesstats', stats: { [site.ids.id('queue', queue.key)]: stats } })
  },
  getqueuesstats: statistics,
  register_user_status_update: register('user'), unregister_user_status_update: unregister('user'),
  register_agent_status_update: register('agent'), unregister_agent_status_update: unregister('agent'),
  register_endpoint_status_update: register('endpoint'), unregister_endpoint_status_update: unregister('endpoint')
}
