/** One request on node's own http: what streams and acknowledgements use (performance.md: axios costs 2 to 6 times as much). */
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'
import { bareHost } from './connect'
import { type Prepared } from './httpShared'

/** How the request gets its connection: from a pool, or a socket of its own. */
export type Via = { agent: http.Agent } | { socket: net.Socket }

/** The request, not yet sent: the caller listens and calls `end(prepared.body)`. */
export function createRequest (prepared: Prepared, via: Via): http.ClientRequest {
  const { method, url, headers, body } = prepared
  const secure = url.protocol === 'https:'
  const options: https.RequestOptions = {
    method,
    protocol: url.protocol,
    hostname: bareHost(url.hostname),
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: url.pathname + url.search,
    headers: { ...headers, ...(body === undefined && (method === 'GET' || method === 'HEAD') ? {} : { 'content-length': String(body?.length ?? 0) }) },
    ...('agent' in via ? { agent: via.agent } : { createConnection: () => via.socket })
  }
  return (secure ? https : http).request(options)
}

/** Sends and resolves with the head; the body is still to be read. Rejects with node's error. */
export function sendRequest (prepared: Prepared, via: Via, signal?: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = createRequest(prepared, via)
    const abort = (): void => { request.destroy() }
    request.once('response', (response) => {
      signal?.removeEventListener('abort', abort)
      resolve(response)
    })
    request.on('error', (error) => {
      signal?.removeEventListener('abort', abort)
      reject(error)
    })
    if (signal?.aborted) request.destroy()
    else signal?.addEventListener('abort', abort, { once: true })
    request.end(prepared.body)
  })
}

/** The rest of a response. Rejects with code `TOO_LARGE` above `limit` bytes, or when it is cut. */
export function readBody (response: http.IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) response.destroy(Object.assign(new Error('too large'), { code: 'TOO_LARGE' }))
      else chunks.push(chunk)
    })
    response.once('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    response.on('error', reject)
    response.once('close', () => reject(Object.assign(new Error('cut'), { code: 'ECONNRESET' })))
  })
}
