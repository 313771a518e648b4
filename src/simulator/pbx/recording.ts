import { type Core } from './core'
import { type Connection, Refusal, type UserFeatures } from './types'

export type RecordingAction = 'start' | 'stop' | 'pause' | 'resume'

/** What a user may do with the recorder, by his mode (xsi.md 3.2 names the modes). */
const ALLOWED: Record<UserFeatures['recording'], RecordingAction[]> = {
  never: [],
  always: [],
  'always-pause-resume': ['pause', 'resume'],
  'on-demand': ['start', 'pause', 'resume'],
  'on-demand-user-start': ['start', 'stop', 'pause', 'resume']
}
const AUTOMATIC = new Set<UserFeatures['recording']>(['always', 'always-pause-resume'])

/** Recording of a user's side of a call. */
export class Recording {
  constructor (private readonly core: Core) {}

  /** @throws Refusal `notAllowed` when the mode forbids it, `wrongState` when it does not fit what the recorder does now */
  act (connection: Connection, action: RecordingAction): void {
    if (!this.allowed(connection).includes(action)) {
      const mode = this.mode(connection)
      throw new Refusal(ALLOWED[mode].includes(action) ? 'wrongState' : 'notAllowed', `cannot ${action} the recording of ${connection.key} (mode ${mode})`)
    }
    if (action === 'start') this.start(connection)
    else if (action === 'stop') this.change(connection, undefined, 'stopped')
    else this.change(connection, action === 'pause' ? 'paused' : 'on', action === 'pause' ? 'paused' : 'resumed')
  }

  /** What may be done now. */
  allowed (connection: Connection): RecordingAction[] {
    if (connection.party.kind !== 'user' || (connection.state !== 'connected' && connection.state !== 'hold')) return []
    const fitting: Record<string, RecordingAction[]> = { off: ['start'], failed: ['start'], pending: ['stop'], on: ['pause', 'stop'], paused: ['resume', 'stop'] }
    const mode = ALLOWED[this.mode(connection)]
    const state = connection.recording?.recorded === true && connection.recording.state === 'pending' ? 'off' : connection.recording?.state ?? 'off'
    return (fitting[state] ?? []).filter((action) => mode.includes(action))
  }

  /** Recording begins by itself where the mode says so. */
  established (connection: Connection): void {
    if (connection.recording === undefined && AUTOMATIC.has(this.mode(connection))) this.start(connection)
    else this.resumed(connection)
  }

  /** A start that was asked for on hold comes into force. */
  resumed (connection: Connection): void {
    if (connection.state === 'connected' && connection.recording?.state === 'pending') this.change(connection, 'on', 'started')
  }

  private start (connection: Connection): void {
    this.change(connection, 'pending', 'starting')
    this.resumed(connection)
  }

  private change (connection: Connection, state: 'pending' | 'on' | 'paused' | undefined, action: string): void {
    const recorded = this.core.connections.get(connection.key)?.recording?.recorded === true || state === 'on'
    this.core.change(connection, { recording: state === undefined ? undefined : { state, recorded } }, { type: 'recording', detail: { action, recorded, ...(action === 'stopped' ? { reason: 'user' } : {}) } })
  }

  private mode (connection: Connection): UserFeatures['recording'] {
    return this.core.users.get(connection.party.kind === 'user' ? connection.party.userKey ?? '' : '')?.features.recording ?? 'never'
  }
}
