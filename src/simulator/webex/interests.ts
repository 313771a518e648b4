/** Interests in gated categories of events; one of them counts for all webhooks of the organisation (webex-calling.md 4.6). */
import { type Ms } from '../pbx/types'
import { type Json } from './http'

interface Interest { interests: Json[]; until: Ms }

export class Interests {
  private readonly registered = new Map<string, Interest>()

  constructor (private readonly now: () => Ms) {}

  /** @param owner person and client, who have one registration */
  set (owner: string, interests: Json[], until: Ms): void {
    this.registered.set(owner, { interests, until })
  }

  of (owner: string): Interest | undefined {
    const interest = this.registered.get(owner)
    return interest !== undefined && interest.until > this.now() ? interest : undefined
  }

  remove (owner: string): void {
    this.registered.delete(owner)
  }

  /** Whether anybody wants this resource at present. */
  has (resource: string): boolean {
    return [...this.registered.keys()].some((owner) => this.of(owner)?.interests.some((interest) => interest.resource === resource) === true)
  }
}
