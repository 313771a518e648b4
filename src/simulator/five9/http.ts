/** Requests and replies of the face, free of sockets, so that handlers are plain functions. */
import { type User } from '../pbx/types'
import { type HalfName, type Session } from './sessions'
import { type Site } from './site'

/** How the client addressed us. */
export interface Origin { hostname: string; port: number; secure: boolean; /** Which data centre it reached, from 0. */ server: number }

export interface Reply {
  /** 200 with a body, else 204. */
  status?: number
  body?: unknown
  cookies?: string[]
  /** A reply that is no JSON. */
  raw?: { contentType: string; bytes: Buffer }
}

export interface Call {
  site: Site
  session: Session
  token: string
  half: HalfName
  user: User
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  origin: Origin
}

type Handler = (call: Call) => Reply

export type Context = 'appsvcs' | 'supsvcs' | 'strsvcs'

export interface Route {
  method: string
  contexts: readonly Context[]
  segments: string[]
  handler: Handler
  /** Allowed in every login state (five9.md 8.3). */
  open: boolean
  /** As error messages call it. */
  operation: string
}

const VERBS: Record<string, string> = { GET: 'get', POST: '', PUT: '', DELETE: 'delete' }

/**
 * A row of a table.
 * @param line `METHOD path/with/:params`, the path after `/rs/svc/`
 */
export function route (contexts: readonly Context[], line: string, handler: Handler, open = false): Route {
  const [method = '', path = ''] = line.split(' ')
  const segments = path.split('/')
  const last = [...segments].reverse().find((part) => !part.startsWith(':')) ?? ''
  const words = `${VERBS[method] ?? ''}_${last}`.split('_').filter((word) => word !== '')
  return { method, contexts, segments, handler, open, operation: words.map((word, n) => n === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)).join('') }
}

/** The row for a path; the methods that it has when only the method is wrong; undefined for an unknown path. Literals stand before parameters. */
export function findRoute (routes: readonly Route[], context: string, method: string, path: string[]): { route: Route; params: Record<string, string> } | { allowed: string[] } | undefined {
  const allowed: string[] = []
  for (const row of routes) {
    if (row.segments.length !== path.length || !row.contexts.some((name) => name === context)) continue
    const params: Record<string, string> = {}
    const fits = row.segments.every((part, n) => {
      if (part.startsWith(':')) params[part.slice(1)] = path[n] ?? ''
      return part.startsWith(':') || part === path[n]
    })
    if (!fits) continue
    if (row.method === method) return { route: row, params }
    allowed.push(row.method)
  }
  return allowed.length > 0 ? { allowed } : undefined
}
