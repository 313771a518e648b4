import { type Core } from './core'
import { type CauseName, type Connection, Refusal } from './types'

export type MonitorMode = 'listen' | 'whisper' | 'bargeIn'

const CAUSES: Record<MonitorMode, CauseName> = { listen: 'silentMonitor', whisper: 'whisper', bargeIn: 'bargeIn' }

/** Supervisors who listen, whisper or join. Theirs is a call with one connection that lasts as long as the one it is tied to. */
export class Monitoring {
  /** Who monitors, by the key of the monitored connection. */
  private readonly watching = new Map<string, Set<Connection>>()

  constructor (private readonly core: Core) {}

  /** The call of a user that may be monitored. @throws Refusal `notAllowed` without the right, `noCall` when he does not talk */
  find (userKey: string, target: string): Connection {
    if (!this.core.user(userKey).supervisor) throw new Refusal('notAllowed', `${userKey} is no supervisor`)
    const talking = this.core.connectionsOf(target).find((connection) => connection.state === 'connected' && connection.monitor === undefined)
    if (target === userKey || talking === undefined) throw new Refusal('noCall', `${target} does not talk`)
    return talking
  }

  /** Ties a connection to that of somebody who talks. */
  attach (connection: Connection, target: Connection, mode: MonitorMode): void {
    this.watching.set(target.key, (this.watching.get(target.key) ?? new Set()).add(connection))
    this.core.change(connection, { state: 'connected', answeredAt: this.core.now(), remote: target.party, muted: mode === 'listen', monitor: { mode, targetConnection: target.key } }, { type: 'established', cause: CAUSES[mode], related: [target.key] })
    this.tellTarget(target, connection, mode, 'started')
  }

  /** @throws Refusal `wrongState` when the connection does not monitor */
  change (connection: Connection, mode: MonitorMode): void {
    const { monitor } = connection
    const target = monitor === undefined ? undefined : this.core.connections.get(monitor.targetConnection)
    if (monitor === undefined || target === undefined) throw new Refusal('wrongState', `call ${connection.key} monitors nobody`)
    if (monitor.mode === mode) return
    this.core.change(connection, { monitor: { ...monitor, mode }, muted: mode === 'listen' }, { type: 'callInformation', cause: CAUSES[mode], related: [target.key], detail: { changed: ['monitor', 'muted'] } })
    this.tellTarget(target, connection, mode, 'changed')
  }

  /** A connection ended: who monitored it goes too; whom it monitored is told. */
  ended (connection: Connection): void {
    const target = this.core.connections.get(connection.monitor?.targetConnection ?? '')
    if (target !== undefined && target.state !== 'null' && connection.monitor !== undefined) this.tellTarget(target, connection, connection.monitor.mode, 'ended')
    this.watching.get(connection.monitor?.targetConnection ?? '')?.delete(connection)
    const watchers = this.watching.get(connection.key) ?? []
    this.watching.delete(connection.key)
    for (const other of watchers) this.core.parts.endings.hangUp(other, 'normal', 'remote')
  }

  reset (): void {
    this.watching.clear()
  }

  private tellTarget (target: Connection, by: Connection, mode: MonitorMode, state: 'started' | 'changed' | 'ended'): void {
    this.core.tell({ type: 'monitored', cause: CAUSES[mode], related: [by.key], detail: { mode, state, by: by.party } }, target)
  }
}
