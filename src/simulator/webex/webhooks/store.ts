/** Registered webhooks and their health (webex-calling.md 4.1, 4.2). */
import { type Ms } from '../../pbx/types'
import { type Rng } from '../../pbx/rng'
import { uuid } from '../../random'
import { type Json } from '../http'
import { type WebexIds } from '../ids'
import { type Member } from '../messaging/members'
import { type WebexOptions } from '../options'
import { iso } from '../render/call'

export interface Webhook {
  readonly id: string
  name: string
  targetUrl: string
  readonly resource: string
  readonly event: string
  readonly filter?: string
  secret?: string
  ownedBy: 'creator' | 'org'
  status: 'active' | 'inactive'
  readonly created: Ms
  readonly creator: Member
  readonly clientId: string
  /** Events of everybody in the organisation come in. */
  readonly everybody: boolean
  /** Times of failures not long ago. */
  failures: Ms[]
}

type NewWebhook = Pick<Webhook, 'name' | 'targetUrl' | 'resource' | 'event' | 'filter' | 'secret' | 'ownedBy' | 'creator' | 'clientId' | 'everybody'>

export class Webhooks {
  private readonly all = new Map<string, Webhook>()

  constructor (private readonly needs: { options: WebexOptions; ids: WebexIds; rng: Rng; now: () => Ms }) {}

  add (made: NewWebhook): Webhook {
    const webhook: Webhook = { ...made, id: this.needs.ids.of('WEBHOOK', uuid(this.needs.rng)), status: 'active', created: this.needs.now(), failures: [] }
    this.all.set(webhook.id, webhook)
    return webhook
  }

  list (): Webhook[] {
    return [...this.all.values()]
  }

  /** Those of one person with one application. */
  of (creator: Member, clientId: string): Webhook[] {
    return this.list().filter((webhook) => webhook.creator === creator && webhook.clientId === clientId)
  }

  find (id: string): Webhook | undefined {
    return this.list().find((webhook) => this.needs.ids.same(webhook.id, id))
  }

  remove (webhook: Webhook): void {
    this.all.delete(webhook.id)
  }

  /** A delivery failed; too many in a while make the webhook inactive, without a word (U14). */
  failed (webhook: Webhook): void {
    const { webhookFailures, webhookWindowMs } = this.needs.options
    const now = this.needs.now()
    webhook.failures = [...webhook.failures.filter((at) => at > now - webhookWindowMs), now]
    if (webhook.failures.length >= webhookFailures) webhook.status = 'inactive'
  }

  activate (webhook: Webhook): void {
    webhook.status = 'active'
    webhook.failures = []
  }

  /** What a delivery repeats of its webhook. */
  frame (webhook: Webhook): Json {
    const { id, name, targetUrl, resource, event, filter, ownedBy, status, created, creator, clientId } = webhook
    return {
      id, name, targetUrl, resource, event, ...(filter === undefined ? {} : { filter }), orgId: this.needs.ids.org, createdBy: creator.id,
      appId: this.needs.ids.of('APPLICATION', clientId), ownedBy, status, created: iso(created)
    }
  }

  /** The object of REST replies. */
  render (webhook: Webhook): Json {
    return { ...this.frame(webhook), ...(webhook.secret === undefined ? {} : { secret: webhook.secret }) }
  }
}
