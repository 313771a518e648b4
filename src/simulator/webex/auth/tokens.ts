/** Access and refresh tokens, and who shows them (webex-calling.md 1.1, 2.3, 2.4). */
import { type Ms, type User } from '../../pbx/types'
import { type Rng } from '../../pbx/rng'
import { hex } from '../../random'
import { type WebexOptions } from '../options'
import { GRANTABLE } from './scopes'

/** `personal`: a developer's token, as the person himself. `service`: a service app, which is no person with a phone. */
type TokenKind = 'integration' | 'personal' | 'bot' | 'service'

export interface Principal {
  kind: TokenKind
  /** Absent for bot and service app. */
  user?: User
  scopes: ReadonlySet<string>
  /** The application: webhooks belong to a person and an application. */
  clientId: string
}

export interface Grant { access: string; refresh?: string; principal: Principal; accessSeconds: number; refreshSeconds?: number }

interface Access { principal: Principal; until: Ms; grant: string }
interface Refresh { principal: Principal; until: Ms; grant: string }
export interface Authorization { id: string; userKey: string; clientId: string; scopes: string[]; created: Ms }

const MOST = 10_000

export class Tokens {
  private readonly access = new Map<string, Access>()
  private readonly refresh = new Map<string, Refresh>()
  /** Tokens that do not come from a grant: personal ones, the bot's, the service app's first one. */
  private readonly standing = new Map<string, Principal>()
  private readonly refused = new Set<string>()
  private readonly grants = new Map<string, Authorization>()

  constructor (private readonly needs: { users: ReadonlyMap<string, User>; options: WebexOptions; rng: Rng; now: () => Ms }) {
    const { users, options } = needs
    for (const user of users.values()) this.standing.set(this.personal(user), person(user, 'personal', options.clientId, grantable(user)))
    for (const [token, { user: key, scopes }] of Object.entries(options.tokens)) {
      const user = users.get(key)
      if (user !== undefined) this.standing.set(token, person(user, 'personal', options.clientId, scopes ?? grantable(user)))
    }
    this.standing.set(this.bot, { kind: 'bot', scopes: new Set(GRANTABLE.bot), clientId: `C${'b07'.repeat(21)}b` })
    const service: Principal = { kind: 'service', scopes: new Set(GRANTABLE.service), clientId: options.serviceClientId }
    this.standing.set(this.service, service)
    this.refresh.set(this.serviceRefresh, { principal: service, until: Infinity, grant: 'service' })
  }

  readonly bot = 'demo-bot-token'
  readonly service = 'demo-service-token'
  readonly serviceRefresh = 'demo-service-refresh'

  /** The demo token of a person, the same as on the XSI face. */
  personal (user: User): string {
    return `demo-token-${user.key}`
  }

  /** @returns undefined for a token that is unknown, expired or revoked */
  identify (authorization: string | undefined): Principal | undefined {
    const token = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1]
    return token === undefined ? undefined : this.holder(token)
  }

  holder (token: string): Principal | undefined {
    if (this.refused.has(token)) return undefined
    const granted = this.access.get(token)
    if (granted !== undefined) return granted.until > this.needs.now() ? granted.principal : undefined
    return this.standing.get(token)
  }

  /** New tokens for a person who agreed. */
  issue (user: User, clientId: string, scopes: readonly string[]): Grant {
    const id = this.random()
    this.grants.set(id, { id, userKey: user.key, clientId, scopes: [...scopes], created: this.needs.now() })
    return this.give(person(user, 'integration', clientId, scopes), id)
  }

  /** @returns undefined for a refresh token that is unknown, expired, revoked or another client's */
  renew (token: string, clientId: string): Grant | undefined {
    const known = this.refresh.get(token)
    if (known === undefined || known.until <= this.needs.now() || known.principal.clientId !== clientId) return undefined
    if (this.needs.options.rotateRefreshTokens) this.refresh.delete(token)
    return this.give(known.principal, known.grant, this.needs.options.rotateRefreshTokens ? undefined : token)
  }

  /** All access tokens of now are refused; refresh tokens still work. */
  expire (): number {
    const all = [...this.access.keys(), ...this.standing.keys()]
    for (const token of all) this.refused.add(token)
    return all.length
  }

  /** What `expire` refused is good again. */
  unexpire (): number {
    const { size } = this.refused
    this.refused.clear()
    return size
  }

  /** One access token is refused from now on, as after a log-out. */
  end (token: string): void {
    if (this.access.delete(token) || this.standing.has(token)) this.refused.add(token)
  }

  /** What persons agreed to. */
  authorizations (userKey?: string): Authorization[] {
    return [...this.grants.values()].filter((grant) => userKey === undefined || grant.userKey === userKey)
  }

  /** Takes an authorisation back with all its tokens. */
  revoke (id: string): boolean {
    for (const tokens of [this.access, this.refresh]) for (const [token, entry] of tokens) if (entry.grant === id) tokens.delete(token)
    return this.grants.delete(id)
  }

  private give (principal: Principal, grant: string, refresh = this.random()): Grant {
    const { accessTokenSeconds, refreshTokenSeconds } = this.needs.options
    const now = this.needs.now()
    const access = this.random()
    for (const tokens of [this.access, this.refresh]) {
      for (const [token, { until }] of tokens) if (until <= now) tokens.delete(token)
      if (tokens.size >= MOST) tokens.delete(tokens.keys().next().value ?? '')
    }
    this.access.set(access, { principal, until: now + accessTokenSeconds * 1000, grant })
    this.refresh.set(refresh, { principal, until: now + refreshTokenSeconds * 1000, grant })
    return { access, refresh, principal, accessSeconds: accessTokenSeconds, refreshSeconds: refreshTokenSeconds }
  }

  private random (): string {
    return Buffer.from(hex(this.needs.rng, 48)).toString('base64url')
  }
}

/** Scopes that a person may agree to. */
export function grantable (user: User): readonly string[] {
  return user.admin ? GRANTABLE.admin : GRANTABLE.user
}

function person (user: User, kind: TokenKind, clientId: string, scopes: readonly string[]): Principal {
  return { kind, user, scopes: new Set(scopes), clientId }
}
