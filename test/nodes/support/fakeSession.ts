import { CtiError, type ActionRequest, type ActionResult, type Call, type Platform, type TelephonyEvent } from '../../../src/model'
import type { AccountDefinition } from '../../../nodes/shared/account'
import type { AccountSettings } from '../../../nodes/shared/accountSettings'
import type { Capability, SessionListener, SessionStatus, TelephonySession } from '../../../src/session/types'

type Answer = (request: ActionRequest, signal: AbortSignal | undefined) => Promise<Partial<ActionResult>>

/** A session that does what the test says: the test sets its status, emits events and answers requests. */
export class FakeSession implements TelephonySession {
  readonly platform: Platform = 'xsi'
  readonly accountId: string
  readonly counters = {}
  readonly listeners = new Set<SessionListener>()
  readonly requests: ActionRequest[] = []
  status: SessionStatus = { state: 'closed', attempt: 0 }
  answer: Answer = (request) => Promise.resolve({ outcome: 'accepted', callId: request.callId })
  capabilities: Record<string, Capability> = {}
  closed: string | undefined
  closing: () => Promise<void> = () => Promise.resolve()
  online: () => Promise<void> = () => Promise.resolve()
  readonly settings: AccountSettings

  constructor (settings: AccountSettings) {
    this.settings = settings
    this.accountId = settings.accountId
  }

  get picture (): never { throw new Error('the picture is not for nodes') }

  join (listener: SessionListener): () => void {
    this.listeners.add(listener)
    return () => { this.listeners.delete(listener) }
  }

  async perform (request: ActionRequest, options: { signal?: AbortSignal } = {}): Promise<ActionResult> {
    this.requests.push(request)
    const part = await this.answer(request, options.signal)
    return { action: request.action, platform: 'xsi', account: 'fake', accountId: this.accountId, outcome: 'accepted', tookMs: 1, ...part }
  }

  /** What is known now. */
  present: TelephonyEvent[] = []
  presentState (): TelephonyEvent[] { return structuredClone(this.present) }

  capability (action: string): Capability { return this.capabilities[action] ?? { can: true } }
  close (why: 'removed' | 'restart'): Promise<void> { this.closed = why; return this.closing() }
  whenOnline (): Promise<void> { return this.online() }

  /** Tells all listeners a new status. */
  become (status: Partial<SessionStatus>): void {
    this.status = { attempt: 0, state: 'online', ...status }
    for (const listener of this.listeners) listener.status?.(this.status)
  }

  emit (event: TelephonyEvent, vendorEvent?: unknown): void {
    for (const listener of this.listeners) listener.event?.(event, vendorEvent)
  }

  warn (code: string, text: string): void {
    for (const listener of this.listeners) listener.warning?.(code, text)
  }
}

export interface FakeAccounts {
  readonly definition: AccountDefinition
  readonly sessions: FakeSession[]
  /** Called with each new session. */
  prepare?: ((session: FakeSession) => void) | undefined
  last (): FakeSession
}

/** An account type `cti-xsi-account` whose sessions are fakes; `sessions` collects them. */
export function fakeAccounts (): FakeAccounts {
  const sessions: FakeSession[] = []
  const accounts: FakeAccounts = {
    sessions,
    last: () => sessions[sessions.length - 1]!,
    definition: {
      platform: 'xsi',
      credentials: { username: { type: 'text' }, password: { type: 'password' } },
      addressFields: ['host'],
      createSession: (settings) => {
        if (settings.credentials.password === undefined && settings.simulator === undefined) {
          throw new CtiError('CTI_INVALID_REQUEST', 'No password.', { missing: 'password' })
        }
        const session = new FakeSession(settings)
        sessions.push(session)
        accounts.prepare?.(session)
        return session
      }
    }
  }
  return accounts
}

let count = 0
/** An event with the frame filled in. */
export function event (part: Partial<TelephonyEvent> & Pick<TelephonyEvent, 'event'>): TelephonyEvent {
  const time = '2026-01-01T10:00:00.000Z'
  return { id: `e${++count}`, seq: count, epoch: 'x', platform: 'xsi', account: 'fake', accountId: 'acc', time, timeSource: 'vendor', receivedAt: time, ...part }
}

/** A leg of Alice, called by an external number. */
export function leg (part: Partial<Call> = {}): Call {
  return {
    id: 'alice@example.com/callhalf-1:0', conversationId: 'acc:1', owner: { kind: 'user', id: 'alice@example.com', name: 'Alice', number: '1001' }, state: 'ringing',
    direction: 'inbound', startedAt: '2026-01-01T10:00:00.000Z', ringingAt: '2026-01-01T10:00:00.000Z', from: { number: '+12025550143' }, to: { number: '1001' }, ...part
  }
}
