/** Requests and replies of the face, free of sockets, so that handlers are plain functions. */
import { type Principal } from './auth/tokens'
import { badRequest } from './errors'
import { type Site } from './site'

export type Json = Record<string, unknown>

export interface Reply {
  /** 200 with a body, 204 without. */
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** A reply that is not JSON. */
  raw?: { contentType: string; text: string }
}

export interface Asked {
  site: Site
  method: string
  path: string
  params: Record<string, string>
  query: URLSearchParams
  /** JSON object or form fields; what is JSON null is absent (webex-calling.md 4.1). */
  body: Json
  /** `scheme://host` as the client addressed it. */
  origin: string
  authorization?: string
}

/** A request of somebody who showed a good token. */
export interface Call extends Asked { principal: Principal }

export type Handler = (call: Call) => Reply
/** Of pages and token endpoints, which nobody needs a token for. */
export type OpenHandler = (asked: Asked) => Reply

/** A text of the body. @throws WebexError 400 for something else */
export function text ({ body }: Asked, name: string): string | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw badRequest(`${name} must be a string`)
  return value
}

/** @throws WebexError 400 when it is missing or empty */
export function neededText (asked: Asked, name: string): string {
  const value = text(asked, name)
  if (value === undefined || value === '') throw badRequest(`${name} is missing`)
  return value
}

export function flag ({ body }: Asked, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  if (typeof value !== 'boolean') throw badRequest(`${name} must be true or false`)
  return value
}

/** An object inside the body; an empty one when it is not there. */
export function part (body: Json, name: string): Json {
  const value = body[name]
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value as Json : {}
}

/** The texts of a list. @throws WebexError 400 for something else */
export function texts ({ body }: Asked, name: string): string[] {
  const value = body[name] ?? []
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) throw badRequest(`${name} must be a list of strings`)
  return value as string[]
}

/** The objects of a list; what is no object is left out. */
export function parts ({ body }: Asked, name: string): Json[] {
  const value = body[name]
  return Array.isArray(value) ? value.filter((each): each is Json => each !== null && typeof each === 'object') : []
}
