/** What the HTTP servers of all faces do alike with a request: read it whole, play its failures, and let nothing it causes escape. */
import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type Fault, type Faults } from './faults/faults'
import { type PbxClock } from './pbx/clock'
import { type FaceName } from './pbx/types'

/** A listener for a server's `request` that never throws; what the handler rejects with is a mistake of ours: a warning of the process, and 500. */
export function guarded (handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): RequestListener {
  return (request, response) => {
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    handle(request, response).catch((error: unknown) => {
      warn(error)
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  }
}

/** A mistake of ours that must not end the process. */
export function warn (error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
}

/** @returns the bytes up to the limit and how many came; undefined when the client went away in the middle, so that there is nobody to answer */
export async function bodyOf (request: IncomingMessage, response: ServerResponse, limit: number): Promise<{ body: Buffer; isTooLarge: boolean } | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
    }
  } catch {
    response.destroy()
    return undefined
  }
  return { body: Buffer.concat(chunks), isTooLarge: size > limit }
}

interface Spoilt { readonly faults: Faults; readonly clock: PbxClock; readonly where: { face: FaceName; method: string; path: string }; readonly request: IncomingMessage; readonly response: ServerResponse }

/**
 * Plays the failures of requests.
 * @param refuse writes the reply of a `status` failure in the face's own way
 * @param answer called later for a slow reply
 * @returns true when the reply is taken care of, or never comes
 */
export function spoil ({ faults, clock, where, request, response }: Spoilt, refuse: (fault: Fault) => void, answer: () => void): boolean {
  if (faults.idle) return false
  if (faults.take('hang', where)) return true
  if (faults.take('cut', where)) {
    request.socket.destroy()
    return true
  }
  const fault = faults.take('status', where)
  if (fault) {
    refuse(fault)
    return true
  }
  const slow = faults.take('slow', where)
  if (!slow) return false
  clock.after(slow.ms ?? 1000, () => { if (!response.destroyed) answer() })
  return true
}
