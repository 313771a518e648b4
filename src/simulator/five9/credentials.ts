/** Who asks: by token, or by the cookies of the login (five9.md 2.3). */
import { type IncomingMessage } from 'node:http'
import { timingSafeEqual } from 'node:crypto'
import { type Session, type Sessions } from './sessions'

export interface Principal { session: Session; token: string }

/** The session of a request. The header has a hyphen and no space; a space belongs to the cloud services (five9.md 10). */
export function identify (sessions: Sessions, { authorization, cookie }: Pick<IncomingMessage['headers'], 'authorization' | 'cookie'>): Principal | undefined {
  const jar = cookies(cookie)
  for (const token of [bearer(authorization), bearer(jar.get('Authorization')), jar.get('f9-sessionId')]) {
    const session = token === undefined ? undefined : sessions.find(token)
    if (session !== undefined && token !== undefined) return { session, token: session.tokens.has(token) ? token : [...session.tokens].at(-1) ?? token }
  }
  return undefined
}

function bearer (value: string | undefined): string | undefined {
  return /^Bearer-(\S+)$/.exec(value ?? '')?.[1]
}

function cookies (header = ''): Map<string, string> {
  const pairs = header.split(';').map((part) => [part.slice(0, Math.max(part.indexOf('='), 0)).trim(), part.slice(part.indexOf('=') + 1).trim()] as const)
  return new Map(pairs)
}

/** Compares secrets in a time that tells nothing. */
export function same (given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
