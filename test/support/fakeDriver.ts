import type { ActionRequest, ActionResult, Platform } from '../../src/model'
import type { ActionContext, ActionEntry, ActionTable, CallDraft, Driver, EventDraft, Link, Snapshot } from '../../src/session'

/** Something that a test settles when it wants to. */
export interface Deferred<T> { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void }

export function deferred<T> (): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

export type OpenStep = (link: Link) => Promise<void> | void

/** A driver without a vendor: each open and resync follows the test's script, actions are what the test puts into the table. */
export class FakeDriver implements Driver {
  readonly platform: Platform
  actions: ActionTable
  pace = { concurrency: 10, perSecond: 1000, queued: 100 }
  /** Links of all connections so far, the present one last. */
  readonly links: Link[] = []
  /** What happened, in order. */
  readonly log: string[] = []
  /** Next opens; when empty, a connection is simply open. */
  readonly opens: OpenStep[] = []
  /** The state that each resync finds; one that is undefined looks at nothing. */
  snapshot: Snapshot | undefined
  onResync: ((link: Link) => Promise<void> | void) | undefined
  onClose: (link: Link) => Promise<void> = () => Promise.resolve()
  ownOwner?: () => string | undefined
  ownerOf?: (user: string) => string | undefined

  constructor (actions: ActionTable = {}, platform: Platform = 'xsi') {
    this.actions = actions
    this.platform = platform
  }

  get link (): Link {
    const link = this.links.at(-1)
    if (link === undefined) throw new Error('never opened')
    return link
  }

  async open (link: Link): Promise<void> {
    this.links.push(link)
    this.log.push('open')
    link.phase('authenticating')
    const step = this.opens.shift()
    if (step !== undefined) await step(link)
    link.phase('subscribing')
  }

  async resync (link: Link): Promise<'full' | 'openCalls' | 'none'> {
    this.log.push('resync')
    if (this.onResync !== undefined) await this.onResync(link)
    if (this.snapshot !== undefined) link.reconcile(this.snapshot)
    return this.snapshot === undefined ? 'none' : 'full'
  }

  close (link: Link, why: 'removed' | 'restart'): Promise<void> {
    this.log.push(`close ${why}`)
    return this.onClose(link)
  }
}

/** An action entry around a function; the rest as given. */
export function entry (run: (request: ActionRequest, context: ActionContext) => Promise<Partial<ActionResult>> | Partial<ActionResult>, rest: Omit<ActionEntry, 'run'> = {}): ActionEntry {
  return { ...rest, run: async (request, context) => run(request, context) }
}

/** A leg as a vendor may tell it; give what matters. */
export function leg (part: Partial<CallDraft> & { id: string }): CallDraft {
  return {
    owner: { kind: 'user', id: 'alice' },
    state: 'ringing',
    direction: 'inbound',
    startedAt: '2026-01-05T09:00:00.000Z',
    ...part
  }
}

/** A draft about a leg. */
export function draft (event: EventDraft['event'], part: Partial<CallDraft> & { id: string }, rest: Partial<EventDraft> = {}): EventDraft {
  return { event, call: leg(part), ...rest }
}
