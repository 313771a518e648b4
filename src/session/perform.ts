import { copyPlain, CtiError, type ActionRequest, type ActionResult, type Call, type Platform, type Relation, type TelephonyEvent } from '../model'
import type { Picture } from '../state/picture'
import { Exchange, type Outcome } from './exchange'
import { findLeg, namedLeg } from './findLeg'
import type { LegMemory } from './legMemory'
import { redactText } from './redact'
import type { RequestQueue } from './requestQueue'
import type { ActionContext, Clock, Driver, Link, SessionStatus } from './types'
import { validate, type ValidRequest } from './validate'
import type { Waiters } from './waiters'

export interface PerformerOptions {
  readonly accountId: string
  readonly account: string
  readonly driver: Driver
  readonly clock: Clock
  readonly picture: Picture
  readonly memory: LegMemory
  readonly waiters: Waiters
  readonly queue: RequestQueue
  /** Time limit of the account in ms, for requests that bring none. */
  readonly timeoutMs: number | undefined
  /** The link of now, when online. */
  readonly link: () => Link | undefined
  readonly status: () => SessionStatus
}

/** Actions that make a leg, which the proving event names when the reply does not. */
const MAKES_LEG: ReadonlySet<string> = new Set(['originate', 'consult', 'retrieve', 'pickup', 'listen', 'whisper', 'bargeIn'])
/** What of the proving event belongs into the result when the reply does not say it. */
const OF_EVENT = ['agent', 'forwarding', 'dnd', 'presence', 'feature', 'voicemail'] as const satisfies readonly (keyof TelephonyEvent & keyof ActionResult)[]
const OF_CALL: Readonly<Partial<Record<string, 'conference' | 'recording' | 'disposition'>>> = {
  conference: 'conference',
  setDisposition: 'disposition',
  startRecording: 'recording',
  stopRecording: 'recording',
  pauseRecording: 'recording',
  resumeRecording: 'recording'
}
/** Parameters that name further legs. */
const LEG_FIELDS = ['consultCallId', 'callIds'] as const

/** Carries out requests: checks them, finds their leg, queues, sends, waits for what proves them. */
export class Performer {
  private readonly exchanges = new Set<Exchange>()

  constructor (private readonly options: PerformerOptions) {}

  /** @throws CtiError, and nothing else */
  async perform (raw: ActionRequest, signal?: AbortSignal): Promise<ActionResult> {
    try {
      return await this.carryOut(raw, signal)
    } catch (error) {
      const { platform } = this.options.driver
      const failure = CtiError.from(error, platform)
      // A flow with several accounts must see whose failure it is.
      failure.cause.vendor ??= platform
      throw failure
    }
  }

  /** Tells all that is under way. `final`: no connection will follow. */
  connectionLost (error: CtiError, final: boolean): void {
    for (const exchange of [...this.exchanges]) exchange.connectionLost(error, final)
  }

  private async carryOut (raw: ActionRequest, signal?: AbortSignal): Promise<ActionResult> {
    const { driver, clock, picture, link: currentLink, queue } = this.options
    const startedAt = clock.now()
    const valid = validate(driver.platform, driver.actions, raw)
    const { request, spec, entry } = valid
    const link = currentLink()
    if (link === undefined) throw this.notConnected(request.action)
    const meant = request.user ?? driver.userOf?.(request)
    const leg = findLeg(picture, driver, meant === undefined ? request : { ...request, user: meant }, spec)
    if (leg !== undefined) request.callId = leg.id
    this.nameLegs(request)
    if (signal?.aborted) throw new CtiError('CTI_CONFLICT', `"${request.action}" was cancelled.`, { retryable: true, cancelled: true })
    const exchange = new Exchange({
      clock,
      waiters: this.options.waiters,
      request,
      entry,
      leg,
      repeatable: spec.repeatable,
      timeoutMs: request.timeoutMs ?? this.options.timeoutMs ?? spec.timeoutMs,
      run: (aborted, sent) => queue.run(() => {
        sent()
        return untilAborted(entry.run(request, this.context(valid, link, aborted, leg)), aborted)
      }, aborted, leg?.id)
    })
    const cancel = (): void => exchange.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    this.exchanges.add(exchange)
    try {
      return this.result(valid, await exchange.run(), leg, startedAt)
    } finally {
      this.exchanges.delete(exchange)
      signal?.removeEventListener('abort', cancel)
    }
  }

  private context (valid: ValidRequest, link: Link, signal: AbortSignal, leg: Call | undefined): ActionContext {
    const { picture } = this.options
    return {
      link,
      picture,
      signal,
      ...(leg ? { leg } : {}),
      warn: (text) => { valid.warnings.push(redactText(text)) },
      relate: (legId, relations) => this.relate(legId, relations),
      adopt: (legId) => this.adopt(legId, valid.request.clientRef)
    }
  }

  private relate (legId: string, relations: readonly Relation[]): void {
    const { memory } = this.options
    memory.relate(legId, relations)
    for (const id of [legId, ...relations.map((relation) => relation.id)]) this.amend(id)
  }

  private adopt (legId: string, clientRef: string | undefined): void {
    if (clientRef === undefined) return
    this.options.memory.setClientRef(this.options.picture.idOf(legId), clientRef)
    this.amend(legId)
  }

  /** The event of the leg may have come before: what is known of it is completed too. */
  private amend (legId: string): void {
    const { memory, picture } = this.options
    const known = picture.call(legId)
    if (known === undefined) return
    const note: Pick<Call, 'id' | 'clientRef' | 'related'> = { id: known.id, ...(known.related ? { related: known.related } : {}) }
    memory.complete(note)
    picture.amend(known.id, { ...(note.clientRef !== undefined ? { clientRef: note.clientRef } : {}), ...(note.related ? { related: note.related } : {}) })
  }

  private nameLegs (request: ActionRequest): void {
    const { driver, picture } = this.options
    const nameOf = (id: string): string => namedLeg(picture, driver, id, request.user ?? driver.userOf?.(request)).id
    for (const field of LEG_FIELDS) {
      const value = request[field]
      if (typeof value === 'string') request[field] = nameOf(value)
      else if (Array.isArray(value)) request[field] = value.map((id) => nameOf(String(id)))
    }
  }

  private result ({ request, warnings }: ValidRequest, { partial, outcome, proof, warning }: Outcome, leg: Call | undefined, startedAt: number): ActionResult {
    const { driver, account, accountId, clock, picture } = this.options
    if (warning !== undefined) warnings.push(warning)
    const result: ActionResult = {
      ...partial, action: request.action, platform: driver.platform as Platform, account, accountId, outcome, tookMs: Math.max(0, clock.now() - startedAt)
    }
    if (leg !== undefined) result.callId ??= leg.id
    if (proof?.call !== undefined && MAKES_LEG.has(request.action) && proof.call.id !== leg?.id) result.newCallId ??= proof.call.id
    if (result.newCallId !== undefined) this.adopt(result.newCallId, request.clientRef)
    if (request.clientRef !== undefined) result.clientRef = request.clientRef
    const target = result as unknown as Record<string, unknown>
    for (const field of OF_EVENT) if (target[field] === undefined && proof?.[field] !== undefined) target[field] = copyPlain(proof[field])
    const ofCall = OF_CALL[request.action]
    if (ofCall !== undefined && target[ofCall] === undefined && proof?.call?.[ofCall] !== undefined) target[ofCall] = copyPlain(proof.call[ofCall])
    const about = result.newCallId ?? result.callId
    const call = about === undefined ? undefined : picture.call(about) ?? picture.tombstone(about)
    if (call !== undefined) result.call ??= copyPlain(call)
    if (result.call !== undefined) result.conversationId ??= result.call.conversationId
    const all = [...warnings, ...partial.warnings ?? []]
    if (all.length > 0) result.warnings = all
    return result
  }

  private notConnected (action: string): CtiError {
    const { state, error, retryAt } = this.options.status()
    const why = error === undefined ? '' : `: ${error.message}`
    return new CtiError('CTI_NOT_CONNECTED', `"${action}" was not sent, the account ${this.options.account} is ${state}${why}`, {
      vendor: this.options.driver.platform, state, retryable: state !== 'refused', ...(error ? { reason: error.code } : {}), ...(retryAt !== undefined ? { retryAt } : {})
    })
  }
}

/** The vendor's promise, or the reason of the signal: a vendor that never answers does not keep its place in the queue. */
function untilAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
