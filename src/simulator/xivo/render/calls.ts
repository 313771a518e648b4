/** The calls of a line (xivo-cti.md 4.7), and questions that commands ask of a connection. */
import { type Connection } from '../../pbx/types'
import { type Message } from '../codec'
import { type Site } from '../site'

export function talks (connection: Connection): boolean {
  return connection.state === 'connected' || connection.state === 'hold'
}

export function ringsHere (connection: Connection): boolean {
  return connection.state === 'alerting' && connection.personality === 'terminator'
}

/** All bridged calls of a user's line; a hold of either side shows. */
export function currentCalls (site: Site, userKey: string): Message {
  const calls = site.pbx.connectionsOf(userKey).filter(talks).map((connection) => ({
    cid_name: connection.remote?.name ?? '', cid_number: connection.remote?.number ?? '', call_status: connection.state === 'hold' ? 'hold' : 'up', call_start: (connection.answeredAt ?? connection.startedAt) / 1000
  }))
  return { class: 'current_calls', current_calls: calls }
}
