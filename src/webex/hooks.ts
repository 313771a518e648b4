/** The webhooks of an account, of all its tokens: on, off, checked again and again; what happens while they do not work (webex-calling.md 4.1, 6). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import { path, type WebexApi } from './api'
import { Loop } from './loop'
import type { Settings } from './options'
import { ACTORS, BOT_RESOURCES, CALL_RESOURCES, GATED_RESOURCES } from './protocol'
import { Webhooks } from './webhooks'

export interface HookOwner {
  readonly key: string
  readonly api: WebexApi
  readonly purpose: 'calls' | 'chat'
}

interface Entry { readonly owner: HookOwner; readonly hooks: Webhooks; works: boolean; inactiveTimes: number }

const INTERESTS = path('telephony', 'webhookInterestRegistrations')
/** d that an interest lives (webex-calling.md 4.6), and s between two of our renewals. */
const INTEREST_DAYS = 60
const RENEW_INTEREST_MS = 24 * 3_600_000
/** Checks at which the vendor had switched a webhook off, one after the other, until it is taken for not working. */
const MOST_INACTIVE = 2

export interface HooksOptions {
  readonly link: Link
  readonly settings: Settings
  /** Webhooks of this owner began or ceased to work, or events were missed. */
  readonly changed: (key: string) => void
  readonly failed: (error: CtiError, key: string) => void
}

export class Hooks {
  private readonly entries = new Map<string, Entry>()
  private readonly health: Loop
  private interest: { readonly api: WebexApi; readonly at: number } | undefined

  constructor (private readonly options: HooksOptions) {
    const { link, settings } = options
    this.health = new Loop({ clock: link.clock, signal: link.signal, every: () => settings.healthMs, work: () => this.check(), failed: (error) => link.warn('webhookCheck', error.message) })
  }

  /** Events of this owner come in by webhook now. */
  works (key: string): boolean {
    return this.entries.get(key)?.works === true
  }

  /** Switches the webhooks of one token on. Without a public address, or where they are refused, nothing comes in: calls are polled then. */
  async add (owner: HookOwner): Promise<void> {
    const { link, settings } = this.options
    const { hooks: inbox } = settings
    const targetUrl = inbox?.targetUrl
    if (inbox === undefined || targetUrl === undefined) return
    const gated = owner.purpose === 'chat' ? [] : settings.interests.flatMap((interest) => GATED_RESOURCES[interest] ?? [])
    const optional = new Set([...gated, 'telephony_mwi', 'telephony_conference'])
    const hooks = new Webhooks({
      api: owner.api,
      prefix: `${settings.instanceId}:`,
      targetUrl,
      secret: inbox.secret,
      resources: owner.purpose === 'chat' ? BOT_RESOURCES : [...CALL_RESOURCES, ...gated],
      event: owner.purpose === 'chat' ? 'created' : 'all',
      optional,
      warn: (code, text) => link.warn(code, text)
    })
    const entry: Entry = { owner, hooks, works: false, inactiveTimes: 0 }
    this.entries.set(owner.key, entry)
    try {
      await hooks.ensure(link.signal)
      entry.works = true
    } catch (error) {
      this.refused(entry, CtiError.from(error, 'webex'))
    }
  }

  /** The person is not watched any more. */
  async drop (key: string): Promise<void> {
    const entry = this.entries.get(key)
    this.entries.delete(key)
    await entry?.hooks.clear(this.options.link.signal)
  }

  start (): void {
    if (this.entries.size > 0 || this.options.settings.interests.length > 0) this.health.plan()
  }

  /** Registers what switches gated events on, for the whole organisation. @throws CtiError */
  async registerInterests (api: WebexApi): Promise<void> {
    const { link, settings } = this.options
    if (settings.interests.length === 0) return
    const interests = settings.interests.map((name) => ACTORS.has(name) ? { actor: name } : { resource: name })
    await api.send({ method: 'POST', path: INTERESTS, body: { interests, duration: INTEREST_DAYS }, repeatable: true, signal: link.signal })
    this.interest = { api, at: link.clock.now() }
  }

  /** Removes all of them, and our interest; what cannot be removed in time is found again at the next start, or ends by itself. */
  async close (signal: AbortSignal): Promise<void> {
    const interest = this.interest?.api.send({ method: 'DELETE', path: INTERESTS, signal })
    await Promise.allSettled([interest, ...[...this.entries.values()].map(({ hooks }) => hooks.clear(signal))])
  }

  private async check (): Promise<void> {
    await this.renewInterest()
    for (const entry of this.entries.values()) {
      const { key } = entry.owner
      try {
        const { mended, inactive } = await entry.hooks.ensure(this.options.link.signal)
        entry.inactiveTimes = inactive ? entry.inactiveTimes + 1 : 0
        const works = entry.inactiveTimes < MOST_INACTIVE
        if (!works) this.options.link.warn('webhookInactive', 'Webex switched the webhooks off again, because its deliveries do not arrive: check the public address. Calls are polled meanwhile.')
        const isNews = mended || works !== entry.works
        entry.works = works
        if (isNews) this.options.changed(key)
      } catch (error) {
        this.refused(entry, CtiError.from(error, 'webex'))
      }
    }
  }

  private async renewInterest (): Promise<void> {
    const { interest } = this
    const { clock } = this.options.link
    if (interest !== undefined && clock.now() - interest.at > RENEW_INTEREST_MS) await this.registerInterests(interest.api)
  }

  private refused (entry: Entry, error: CtiError): void {
    const { link, changed, failed } = this.options
    if (link.signal.aborted) return
    const { key } = entry.owner
    if (error.code === 'CTI_UNAUTHORIZED') return failed(error, key)
    link.warn('webhookFailed', `Webhooks could not be set up: ${error.message} Calls are polled until they can.`)
    if (!entry.works) return
    entry.works = false
    changed(key)
  }
}
