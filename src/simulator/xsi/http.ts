/** Requests and replies of the face, free of sockets, so that handlers are plain functions. */
import { type User } from '../pbx/types'
import { type Principal } from './auth'
import { type Site } from './site'
import { type El } from './tree'

export type Base = 'actions' | 'events' | 'async'

export interface Reply {
  status?: number
  headers?: Record<string, string>
  body?: El
  /** Profile, service and directory replies come in the charset of the user's locale (xsi.md 3.1). */
  localised?: boolean
  /** A reply that is no XSI document. */
  raw?: { contentType: string; text: string }
  /** Runs after the reply went out: events that follow from a request come after its answer. */
  then?: () => void
}

export interface Call {
  site: Site
  base: Base
  method: string
  params: Record<string, string>
  /** First value of a query parameter, by its name in lower case. */
  query: ReadonlyMap<string, string>
  body: El | undefined
  principal: Principal
  protocol: string | undefined
  /** `scheme://host` as the client addressed it. */
  origin: string
  /** Port that the request came in by: which server it reached. */
  port: number
}

/** A call whose path names a user that the principal may act on. */
export interface UserCall extends Call { user: User; userId: string }

export type Handler = (call: Call) => Reply
