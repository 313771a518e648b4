/** What a request brings: bodies and queries in all the forms that are about (ipecs.md 3.1, 11). */
import { badParameter } from './errors'

/** The address of a request, whatever its first line holds. */
export function urlOf (text: string | undefined): URL {
  return new URL(`http://localhost${text?.startsWith('/') === true ? text : '/'}`)
}

/** A part of a path. @throws ApiError 400 when it is not properly encoded */
export function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badParameter()
  }
}

/** A JSON body, or the condition of a DELETE that is encoded like a form. @throws ApiError 400 for what is neither */
export function parse (bytes: Buffer): unknown {
  const text = bytes.toString('utf8').trim()
  if (text === '') return undefined
  for (const each of [text, decode(text.replace(/^q=/, '').replaceAll('+', ' '))]) {
    try {
      const value: unknown = JSON.parse(each)
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value
    } catch {
      // Not this form: the other one is tried, and then it is refused.
    }
  }
  throw badParameter()
}

function object (value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value as Record<string, unknown> : undefined
}

/** The document prints some bodies without the envelope, and it is not said where parameters of a GET go: every form is taken. */
export function paramsOf (url: URL, body: unknown): Record<string, unknown> {
  const q = url.searchParams.get('q')
  const query = Object.fromEntries([...url.searchParams].filter(([name]) => name !== 'q'))
  const given = object(body) ?? {}
  return { ...(q === null ? {} : object(parse(Buffer.from(q)))), ...query, ...given, ...object(given.data) }
}

/** Condition of a record query. */
export function conditionOf (url: URL, body: unknown): unknown {
  const q = url.searchParams.get('q')
  return q === null ? body : parse(Buffer.from(q))
}
