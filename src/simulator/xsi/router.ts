/** Finds the handler for a path. Segments compare without case, parameters keep theirs (xsi.md 1). */
import { type Base, type Handler } from './http'

export interface Route { method: string; base: Base; path: string; handler: Handler; open?: boolean }

interface Compiled extends Route { segments: { literal?: string; param?: string }[] }

export interface Match { route: Route; params: Record<string, string> }
export type Found = Match | { allowed: string[] } | undefined

/** A row of the table: `METHOD /path/with/:params`. */
export function route (base: Base, line: string, handler: Handler, open?: boolean): Route {
  const [method = '', path = ''] = line.split(' ')
  return { method, base, path, handler, open }
}

export class Router {
  private readonly routes: Compiled[]

  /** The first row that fits wins: literals stand before parameters. */
  constructor (routes: Route[]) {
    this.routes = routes.map((row) => ({
      ...row,
      segments: row.path.split('/').slice(1).map((part) => part.startsWith(':') ? { param: part.slice(1) } : { literal: part.toLowerCase() })
    }))
  }

  /** @param segments decoded path segments after `/v2.0` */
  find (base: Base, method: string, segments: string[]): Found {
    const allowed: string[] = []
    for (const row of this.routes) {
      if (row.base !== base || row.segments.length !== segments.length) continue
      const params = fit(row, segments)
      if (!params) continue
      if (row.method === method) return { route: row, params }
      allowed.push(row.method)
    }
    return allowed.length > 0 ? { allowed } : undefined
  }
}

function fit (row: Compiled, segments: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (const [index, part] of row.segments.entries()) {
    const value = segments[index] ?? ''
    if (part.param !== undefined) params[part.param] = value
    else if (part.literal !== value.toLowerCase()) return undefined
  }
  return params
}
