/** The control API: an HTTP server behind a token that lets a person or a test drive the simulator (design.md, Simulator). */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Address } from '../face'
import { House, onGarbage } from '../house'
import { Refusal } from '../pbx/types'
import { COMMANDS, ControlError, type ControlNeeds } from './commands'

const BODY_LIMIT = 256 * 1024

export class ControlServer {
  private readonly house: House

  constructor (private readonly needs: ControlNeeds & { token: string }, place: { host: string; port: number }) {
    this.house = new House(place, () => onGarbage(createServer({ requestTimeout: 10_000 }, (request, response) => { void this.serve(request, response) })))
  }

  start (): Promise<Address> {
    return this.house.open()
  }

  stop (): Promise<void> {
    return this.house.close()
  }

  /** Never rejects: what goes wrong is the answer. */
  private async serve (request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, body } = await this.handle(request)
      reply(response, status, body)
    } catch (error) {
      if (error instanceof ControlError) reply(response, error.status, { error: error.message })
      else if (error instanceof Refusal) reply(response, 409, { error: error.message, code: error.code })
      else reply(response, 500, { error: error instanceof Error ? error.message : String(error) })
    }
  }

  private async handle (request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    if (!this.allowed(request.headers.authorization)) throw new ControlError(401, 'Authorization: Bearer <token> is needed')
    const url = new URL(request.url ?? '/', 'http://localhost')
    const segments = url.pathname.split('/').filter((part) => part !== '').map(decodeURIComponent)
    for (const command of COMMANDS) {
      if (command.method !== request.method || command.path.length !== segments.length) continue
      const params: Record<string, string> = {}
      const fits = command.path.every((part, index) => {
        if (part.startsWith(':')) params[part.slice(1)] = segments[index] ?? ''
        return part.startsWith(':') || part === segments[index]
      })
      if (fits) return { status: 200, body: await command.run({ ...this.needs, params, query: url.searchParams, body: await readBody(request) }) ?? { ok: true } }
    }
    throw new ControlError(404, `No command ${request.method ?? ''} ${url.pathname}`)
  }

  private allowed (header: string | undefined): boolean {
    const given = Buffer.from(header ?? '')
    const wanted = Buffer.from(`Bearer ${this.needs.token}`)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }
}

function reply (response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text)
}

async function readBody (request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT) throw new ControlError(413, 'The body is too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8').trim()
  if (text === '') return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new ControlError(400, 'The body is not JSON')
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new ControlError(400, 'The body must be an object')
  return parsed as Record<string, unknown>
}
