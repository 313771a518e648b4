/** Finds the handler for a path. */
import { type Handler, type OpenHandler } from './http'

/** Any one of the scopes is enough; `open` needs no token. */
export type Route = { method: string; path: string } & ({ scopes: readonly string[]; handler: Handler } | { open: OpenHandler })

interface Compiled { route: Route; segments: string[] }
export interface Match { route: Route; params: Record<string, string> }

/** A row of the table: `METHOD /path/with/:params`. */
export function route (line: string, scopes: readonly string[], handler: Handler): Route {
  return { ...split(line), scopes, handler }
}

export function openRoute (line: string, open: OpenHandler): Route {
  return { ...split(line), open }
}

function split (line: string): { method: string; path: string } {
  const [method = '', path = ''] = line.split(' ')
  return { method, path }
}

export class Router {
  private readonly byLength = new Map<number, Compiled[]>()

  /** The first row that fits wins: literals stand before parameters. */
  constructor (routes: Route[]) {
    for (const route of routes) {
      const segments = route.path.split('/').slice(1)
      this.byLength.set(segments.length, [...this.byLength.get(segments.length) ?? [], { route, segments }])
    }
  }

  /** @param segments decoded. Returns the match, or which methods the path has. */
  find (method: string, segments: string[]): Match | { allowed: string[] } {
    const allowed: string[] = []
    for (const { route, segments: pattern } of this.byLength.get(segments.length) ?? []) {
      if (!pattern.every((part, index) => part.startsWith(':') || part === segments[index])) continue
      if (route.method === method) return { route, params: Object.fromEntries(pattern.flatMap((part, index) => part.startsWith(':') ? [[part.slice(1), segments[index] ?? '']] : [])) }
      if (!allowed.includes(route.method)) allowed.push(route.method)
    }
    return { allowed }
  }
}
