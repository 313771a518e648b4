/** Who asks, and whether they may (xsi.md 2.2). */
import { timingSafeEqual } from 'node:crypto'
import { type User } from '../pbx/types'
import { type Names } from './names'

export interface Principal {
  /** User id as events show it. */
  id: string
  user: User
  admin: boolean
}

export interface AuthDependencies { names: Names; users: ReadonlyMap<string, User>; tokens: Record<string, string>; foreignToken?: (token: string) => string | undefined; now: () => number }

function same (given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}

function decode (base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

export class Auth {
  /** Tokens refused since a fault expired them. */
  private readonly expired = new Set<string>()
  private passwordsExpired = false
  private readonly granted = new Map<string, { userId: string; until: number }>()

  constructor (private readonly needs: AuthDependencies) {}

  /** The principal of an Authorization header; undefined for missing, wrong or expired credentials. */
  identify (header: string | undefined): Principal | undefined {
    const at = (header ?? '').indexOf(' ')
    if (header === undefined || at < 0) return undefined
    const scheme = header.slice(0, at).toLowerCase()
    const rest = header.slice(at + 1).trim()
    const user = scheme === 'basic' ? this.basic(rest) : scheme === 'bearer' ? this.bearer(rest) : scheme === 'broadworkssso' ? this.sso(rest) : scheme === 'broadworkssip' ? this.sip(rest) : undefined
    return user && { id: this.needs.names.userId(user), user, admin: user.admin }
  }

  /** The demo token of a user. */
  tokenOf (user: User): string {
    return `demo-token-${user.key}`
  }

  /** A token for single sign-on, good until `until` (ms, xsi.md 2.2). */
  grant (token: string, userId: string, until: number): void {
    for (const [old, entry] of this.granted) if (entry.until <= this.needs.now()) this.granted.delete(old)
    this.granted.set(token, { userId, until })
  }

  /** From now on all tokens and passwords are refused, until `renew`. */
  expire (): void {
    this.passwordsExpired = true
    for (const user of this.needs.users.values()) this.expired.add(this.tokenOf(user))
    for (const token of Object.keys(this.needs.tokens)) this.expired.add(token)
  }

  /** Makes a token valid, or all again: a client that refreshed its login. */
  renew (token?: string, userId?: string): void {
    if (token === undefined) {
      this.expired.clear()
      this.passwordsExpired = false
      return
    }
    this.expired.delete(token)
    if (userId !== undefined) this.needs.tokens[token] = userId
  }

  private basic (encoded: string): User | undefined {
    const text = decode(encoded)
    const at = text.lastIndexOf(':')
    if (at < 1 || this.passwordsExpired) return undefined
    const id = text.slice(0, at)
    const user = this.needs.names.findUser(id) ?? (id.includes('@') ? undefined : this.needs.names.findUser(`${id}@${this.needs.names.domain}`))
    return user && same(text.slice(at + 1), user.password) ? user : undefined
  }

  /** A login token, as the vendor's own libraries present it (xsi.md 2.2). */
  private sso (token: string): User | undefined {
    const granted = this.granted.get(token)
    return granted && granted.until > this.needs.now() ? this.needs.names.findUser(granted.userId) : undefined
  }

  private bearer (token: string): User | undefined {
    if (this.expired.has(token)) return undefined
    const granted = this.sso(token)
    if (granted) return granted
    const owner = Object.hasOwn(this.needs.tokens, token) ? this.needs.tokens[token] : this.needs.foreignToken?.(token)
    if (owner !== undefined) return this.needs.names.findUser(owner)
    return [...this.needs.users.values()].find((user) => same(token, this.tokenOf(user)))
  }

  private sip (parameters: string): User | undefined {
    const basic = /basic="([^"]*)"/i.exec(parameters)?.[1]
    const sipUser = /sipUser="([^"]*)"/i.exec(parameters)?.[1]
    if (basic === undefined || sipUser === undefined) return undefined
    const user = this.basic(basic)
    return user && decode(sipUser).startsWith((user.numbers[0] ?? user.extension).replace('+', '')) ? user : undefined
  }
}
