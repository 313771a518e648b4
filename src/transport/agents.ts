/** Keep-alive agents whose sockets come from a `Connector`: what axios, node's http and ws all take. */
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import { type Connector } from './connect'

export interface Agents {
  readonly http: http.Agent
  readonly https: https.Agent
  /** Ends all their sockets. */
  destroy (): void
}

interface Asked { host?: string | null; hostname?: string | null; port?: number | string | null }
type Done = (error: Error | null, socket?: net.Socket) => void

function connectBy (connector: Connector, secure: boolean) {
  return (asked: Asked, done: Done): void => {
    const host = asked.host ?? asked.hostname ?? 'localhost'
    connector.connect({ host, port: Number(asked.port ?? (secure ? 443 : 80)), secure }, (error, socket) => done(error ?? null, socket))
  }
}

/** @param maxSockets at once, to one host; further requests wait */
export function createAgents (connector: Connector, maxSockets: number): Agents {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, scheduling: 'lifo' as const }
  const plain = Object.assign(new http.Agent(options), { createConnection: connectBy(connector, false) })
  const secure = Object.assign(new https.Agent(options), { createConnection: connectBy(connector, true) })
  return {
    http: plain,
    https: secure,
    destroy: () => {
      plain.destroy()
      secure.destroy()
    }
  }
}
