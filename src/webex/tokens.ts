/** Access tokens of an account and of its people: loaded once, renewed before they expire, one renewal at a time for each (webex-calling.md 2.5, 10.15). */
import { CtiError } from '../model'
import type { TokenRecord, TokenStore } from '../session/tokenStore'
import { createHttpClient, type HttpClient } from '../transport/http'
import { keyOf } from './ids'
import { refreshTokens } from './oauth'
import { ACCOUNT_KEY, REFRESH_BEFORE_MS, type Settings } from './options'

/** Gives a token for a request; `fresh`: the last one was refused. @throws CtiError CTI_UNAUTHORIZED when somebody has to authorise anew */
export type TokenSource = (fresh: boolean) => Promise<string>

interface Holder { record?: TokenRecord; renewing?: Promise<string>; refused?: CtiError }

const MESSAGE = 'Open the account and press Authorize'

export class Tokens {
  private readonly holders = new Map<string, Holder>()
  private readonly store: TokenStore | undefined

  /** @param now ms since 1970 */
  constructor (private readonly settings: Settings, private readonly now: () => number = Date.now) {
    this.store = settings.tokens
  }

  /** The account's own token; undefined where the account has none. */
  get account (): TokenSource | undefined {
    const { auth } = this.settings
    if (auth.kind === 'none') return undefined
    if (auth.kind === 'token') return fixed(auth.accessToken, 'The access token is not valid any more: enter a new one in the account.')
    return (fresh) => this.token(ACCOUNT_KEY, fresh, auth.kind === 'service' ? auth.refreshToken : undefined)
  }

  get bot (): TokenSource | undefined {
    const { bot } = this.settings
    return bot === undefined ? undefined : fixed(bot.accessToken, 'The token of the bot is not valid any more: enter a new one in the account.')
  }

  /** The token of somebody who has authorised for himself. */
  person (personId: string): TokenSource {
    return (fresh) => this.token(keyOf(personId), fresh)
  }

  /** Everybody who has authorised for himself. */
  async people (): Promise<TokenRecord[]> {
    const keys = (await this.store?.keys() ?? []).filter((key) => key !== ACCOUNT_KEY)
    return (await Promise.all(keys.map((key) => this.store?.read(key)))).filter((record) => record !== undefined)
  }

  /** @param personId absent: the account's own */
  async record (personId?: string): Promise<TokenRecord | undefined> {
    return this.store?.read(personId === undefined ? ACCOUNT_KEY : keyOf(personId))
  }

  /** Takes in what an authorisation gave; the marks of an earlier one stay. */
  async keep (given: TokenRecord, personId?: string): Promise<void> {
    const key = personId === undefined ? ACCOUNT_KEY : keyOf(personId)
    const notes = given.notes ?? (await this.store?.read(key))?.notes
    const record = notes === undefined ? given : { ...given, notes }
    this.holders.set(key, { record })
    await this.store?.write(key, record)
  }

  /** Replaces the small marks of a person's record. */
  async note (personId: string, notes: Record<string, string>): Promise<void> {
    const key = keyOf(personId)
    const record = await this.store?.read(key)
    if (record !== undefined) await this.store?.write(key, { ...record, notes })
  }

  async forget (personId?: string): Promise<void> {
    const key = personId === undefined ? ACCOUNT_KEY : keyOf(personId)
    this.holders.delete(key)
    await this.store?.remove(key)
  }

  /** What is remembered of tokens is read anew: another part of the program may have authorised. */
  reload (): void {
    for (const [key, { renewing }] of this.holders) if (renewing === undefined) this.holders.delete(key)
  }

  private async token (key: string, fresh: boolean, first?: string): Promise<string> {
    const holder = this.holderOf(key)
    if (holder.renewing !== undefined) return holder.renewing
    if (holder.refused !== undefined) throw holder.refused
    const { record } = holder
    if (record !== undefined && !fresh && record.expiresAt - this.now() >= REFRESH_BEFORE_MS) return record.accessToken
    // Ten requests that were refused at once share this one.
    holder.renewing = this.renew(key, holder, fresh, first).finally(() => { holder.renewing = undefined })
    return holder.renewing
  }

  private holderOf (key: string): Holder {
    const known = this.holders.get(key)
    if (known !== undefined) return known
    const holder: Holder = {}
    this.holders.set(key, holder)
    return holder
  }

  private async renew (key: string, holder: Holder, fresh: boolean, first?: string): Promise<string> {
    const stored = await this.store?.read(key)
    const used = holder.record
    const record = stored ?? used
    // Another process or the editor may have renewed it meanwhile.
    const isNews = stored !== undefined && stored.accessToken !== used?.accessToken
    if (record !== undefined && (isNews || !fresh) && record.expiresAt - this.now() >= REFRESH_BEFORE_MS) {
      holder.record = record
      return record.accessToken
    }
    const refreshToken = record?.refreshToken ?? first
    const { client } = this.settings
    if (client === undefined || refreshToken === undefined) throw this.refuse(holder, key, record === undefined ? 'nobody has authorised yet' : 'it has expired and cannot be renewed')
    try {
      return await this.exchange(key, holder, client, refreshToken, record)
    } catch (error) {
      const problem = CtiError.from(error, 'webex')
      // The service app's first refresh token may have been replaced in the account while the stored one was revoked.
      if (problem.code === 'CTI_UNAUTHORIZED' && first !== undefined && first !== refreshToken) return this.exchange(key, holder, client, first, undefined)
      if (problem.code === 'CTI_UNAUTHORIZED') throw this.refuse(holder, key, 'it was revoked or has expired', problem)
      // A server in trouble says nothing about the token: what is still valid goes on.
      if (!fresh && record !== undefined && record.expiresAt > this.now()) return record.accessToken
      throw problem
    }
  }

  private async exchange (key: string, holder: Holder, client: NonNullable<Settings['client']>, refreshToken: string, record: TokenRecord | undefined): Promise<string> {
    const renewed = await this.withHttp((http) => refreshTokens(http, this.settings, client, refreshToken, this.now()))
    const kept: TokenRecord = { ...record, ...renewed }
    holder.record = kept
    await this.store?.write(key, kept)
    return kept.accessToken
  }

  private refuse (holder: Holder, key: string, why: string, from?: CtiError): CtiError {
    const whose = key === ACCOUNT_KEY ? 'The authorisation of the account is not usable' : 'This person\'s authorisation is not usable'
    const what = key === ACCOUNT_KEY ? MESSAGE : 'The person has to authorise anew'
    holder.refused = new CtiError('CTI_UNAUTHORIZED', `${whose}: ${why}. ${what}.`, { ...from?.cause, vendor: 'webex', retryable: false, authorise: true })
    return holder.refused
  }

  /** A client for one exchange: they are rare, and happen also while no connection exists. */
  async withHttp<T> (work: (http: HttpClient) => Promise<T>): Promise<T> {
    const { timeoutMs, tls, proxy } = this.settings
    const http = createHttpClient({ timeoutMs, ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy }) })
    try {
      return await work(http)
    } finally {
      http.close()
    }
  }
}

function fixed (accessToken: string, refusal: string): TokenSource {
  return async (fresh) => {
    if (fresh) throw new CtiError('CTI_UNAUTHORIZED', refusal, { vendor: 'webex', retryable: false })
    return accessToken
  }
}
