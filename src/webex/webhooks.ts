/** Webhooks of one token: found again, made, mended, removed; those of others are left alone (webex-calling.md 2.5, 4.1, 4.2, 6, 10.5 to 10.9). */
import { CtiError } from '../model'
import { path, type WebexApi } from './api'
import { text, type Json } from './read'

export interface WebhooksOptions {
  readonly api: WebexApi
  /** Says whose they are: beginning of their names, another one in each installation and account. */
  readonly prefix: string
  readonly targetUrl: string
  readonly secret: string
  readonly resources: readonly string[]
  /** Event asked for; `all` where the vendor takes it. */
  readonly event: 'all' | 'created'
  /** Resources without which the rest is still worth having (those that need an interest). */
  readonly optional: ReadonlySet<string>
  readonly warn: (code: string, text: string) => void
}

export interface Checked { /** Some were made or switched on: events may have been missed. */ readonly mended: boolean; /** The vendor had switched some off: deliveries have failed. */ readonly inactive: boolean }

const SINGLE = ['created', 'updated', 'deleted'] as const

export class Webhooks {
  /** Of those that are ours. */
  private readonly ids = new Set<string>()
  /** Resources for which `all` was refused (webex-calling.md 10.27). */
  private readonly split = new Set<string>()
  private readonly refused = new Set<string>()

  constructor (private readonly options: WebhooksOptions) {}

  /** Makes it so that each wanted webhook exists once and is active. @throws CtiError when one that is needed is refused */
  async ensure (signal: AbortSignal): Promise<Checked> {
    const own = await this.own(signal)
    const keep = new Set<Json>()
    let mended = false
    let inactive = false
    for (const resource of this.options.resources) {
      if (this.refused.has(resource)) continue
      for (const event of this.eventsOf(resource, own)) {
        const found = this.find(own, resource, event)
        if (found === undefined) mended = await this.make(resource, event, signal) || mended
        else {
          keep.add(found)
          const isOff = text(found, 'status') === 'inactive'
          inactive ||= isOff
          if (isOff || !this.hasSecret(found)) await this.renew(found, signal)
          mended ||= isOff
        }
      }
    }
    await Promise.all(own.filter((hook) => !keep.has(hook)).map((hook) => this.remove(text(hook, 'id') ?? '', signal)))
    for (const hook of keep) this.ids.add(text(hook, 'id') ?? '')
    return { mended, inactive }
  }

  /** Removes all of ours, also those that an earlier run left. */
  async clear (signal: AbortSignal): Promise<void> {
    if (this.ids.size === 0) for (const hook of await this.own(signal)) this.ids.add(text(hook, 'id') ?? '')
    await Promise.all([...this.ids].map((id) => this.remove(id, signal)))
    this.ids.clear()
  }

  private async own (signal: AbortSignal): Promise<Json[]> {
    const all = await this.options.api.all('/webhooks', 'items', signal, { max: 100 })
    return all.filter((hook) => text(hook, 'name')?.startsWith(this.options.prefix) === true && text(hook, 'id') !== undefined)
  }

  private eventsOf (resource: string, own: readonly Json[]): readonly string[] {
    const { event } = this.options
    if (event !== 'all') return [event]
    // Made one by one in an earlier run, because `all` was refused then.
    const single = SINGLE.every((one) => this.find(own, resource, one) !== undefined) && this.find(own, resource, 'all') === undefined
    return single || this.split.has(resource) ? SINGLE : ['all']
  }

  /** An active one first: more than one means that each event comes twice. */
  private find (own: readonly Json[], resource: string, event: string): Json | undefined {
    const fits = own.filter((hook) => text(hook, 'resource') === resource && text(hook, 'event') === event && text(hook, 'targetUrl') === this.options.targetUrl && text(hook, 'filter') === undefined)
    return fits.find((hook) => text(hook, 'status') !== 'inactive') ?? fits[0]
  }

  /** @returns false where it was refused and is not needed */
  private async make (resource: string, event: string, signal: AbortSignal): Promise<boolean> {
    const { api, prefix, targetUrl, secret, optional, warn } = this.options
    try {
      // Not sent twice: a second webhook would deliver everything twice. The next check finds what became of it.
      const reply = await api.send({ method: 'POST', path: '/webhooks', body: { name: `${prefix}${resource}`, targetUrl, resource, event, secret }, signal })
      const id = text(reply.node, 'id')
      if (id !== undefined) this.ids.add(id)
      return true
    } catch (raw) {
      const error = CtiError.from(raw, 'webex')
      if (error.code === 'CTI_INVALID_REQUEST' && event === 'all') {
        this.split.add(resource)
        let made = false
        for (const one of SINGLE) made = await this.make(resource, one, signal) || made
        return made
      }
      if (error.code === 'CTI_UNAUTHORIZED' || error.cause.retryable === true || !optional.has(resource)) throw error
      this.refused.add(resource)
      warn('webhookRefused', `No events of ${resource}: ${error.message}`)
      return false
    }
  }

  /** A list that does not show secrets leaves one of an earlier run in doubt. */
  private hasSecret (hook: Json): boolean {
    const shown = text(hook, 'secret')
    return shown === undefined ? this.ids.has(text(hook, 'id') ?? '') : shown === this.options.secret
  }

  /** Switches on, and sets our secret. */
  private async renew (hook: Json, signal: AbortSignal): Promise<void> {
    const { api, targetUrl, secret } = this.options
    await api.send({ method: 'PUT', path: path('webhooks', text(hook, 'id') ?? ''), body: { name: text(hook, 'name'), targetUrl, secret, status: 'active' }, signal })
  }

  private async remove (id: string, signal: AbortSignal): Promise<void> {
    this.ids.delete(id)
    try {
      await this.options.api.send({ method: 'DELETE', path: path('webhooks', id), signal })
    } catch (error) {
      // Gone already is gone.
      if (CtiError.from(error).code !== 'CTI_NOT_FOUND') throw error
    }
  }
}
