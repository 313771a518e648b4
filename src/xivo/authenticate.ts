/** From nothing to a connection that is logged in: connect, STARTTLS, three steps, another version when the server names one (xivo-cti.md 2.3 to 2.7). */
import { CtiError } from '../model'
import type { Clock } from '../session/types'
import type { TlsSettings } from '../transport/tls'
import { Connection, type ConnectionListener } from './connection'
import { NEWEST, type Dialect, type Protocol } from './dialect'
import { Login, type Capabilities } from './login'
import type { Settings } from './options'
import { LOGIN_TIMER_MS, type XivoMessage } from './protocol'

export interface LoggedIn { readonly connection: Connection; readonly capabilities: Capabilities; readonly dialect: Dialect }

export interface Authentication {
  readonly settings: Settings
  readonly trust: TlsSettings
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Version that the server named the last time. */
  readonly remembered?: Protocol
  /** Presence to take. */
  readonly presence: string
  /** TCP is up. */
  readonly connected: () => void
}

const MAX_ATTEMPTS = 4
/** ms to wait for the offer of encryption when a first look must do: a few round trips, because it is the server's first word. */
const SHORTEST_LOOK_MS = 150
const CONFIRM_MS = 2000
const LATE_OFFER = 'lateOffer'

type Retry = { readonly retry: 'version'; readonly protocol: Protocol } | { readonly retry: typeof LATE_OFFER }

/**
 * Logs in, with at most one more connection for another version and one for a late offer of encryption.
 * @throws CtiError; `cause.retryable === false` where trying again would not help
 */
export async function authenticate (wanted: Authentication): Promise<LoggedIn> {
  const { settings } = wanted
  let protocol = settings.protocol === 'auto' ? wanted.remembered ?? NEWEST : settings.protocol
  let patient = settings.tls === 'require'
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const outcome = await once(wanted, protocol, patient)
    if (!('retry' in outcome)) return outcome
    if (outcome.retry === LATE_OFFER) patient = true
    else protocol = outcome.protocol
  }
  throw new CtiError('CTI_PROTOCOL', 'The server names another version each time.', { vendor: 'xivo', retryable: false })
}

async function once (wanted: Authentication, protocol: Protocol, patient: boolean): Promise<LoggedIn | Retry> {
  const { settings, trust, signal, clock } = wanted
  const connection = await Connection.open(settings, trust, signal)
  const connectedAt = clock.now()
  wanted.connected()
  const abort = (): void => connection.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await secure(wanted, connection, patient)
    const result = await steps(wanted, connection, protocol, connectedAt)
    if ('retry' in result) connection.destroy()
    return result
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Takes the offer of STARTTLS when there is one (xivo-cti.md 2.7). */
async function secure ({ settings, signal, clock }: Authentication, connection: Connection, patient: boolean): Promise<void> {
  if (settings.tls === 'off' || settings.tls === 'direct') return
  const look = patient ? settings.offerMs : Math.min(settings.offerMs, Math.max(SHORTEST_LOOK_MS, 3 * connection.connectMs))
  const offer = await nextOf(connection, 'starttls', look, clock, signal)
  if (offer === undefined) {
    if (settings.tls !== 'require') return
    throw new CtiError('CTI_UNSUPPORTED', 'The server does not offer encryption (STARTTLS). Switch it on at the server, or do not require it.', { vendor: 'xivo', retryable: false })
  }
  connection.send({ class: 'starttls', status: true })
  const confirmed = await nextOf(connection, 'starttls', CONFIRM_MS, clock, signal)
  // The key is `starttls` on the wire and `status` in the document (xivo-cti.md 2.7).
  if (confirmed?.starttls !== true && confirmed?.status !== true) {
    throw new CtiError('CTI_UNAVAILABLE', 'The server offered encryption (STARTTLS) and then did not begin it.', { vendor: 'xivo', retryable: true })
  }
  await connection.upgrade()
}

/** The next message of a class, or nothing when the time is over. Other lines are ignored: nobody is logged in yet. */
function nextOf (connection: Connection, name: string, ms: number, clock: Clock, signal: AbortSignal): Promise<XivoMessage | undefined> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      connection.listen(undefined)
      end()
    }
    const aborted = (): void => finish(() => reject(signal.reason))
    const timer = clock.setTimeout(() => finish(() => resolve(undefined)), ms)
    signal.addEventListener('abort', aborted, { once: true })
    connection.listen(deaf({
      message: (message) => { if (message.class === name) finish(() => resolve(message)) },
      ended: (error) => finish(() => reject(error))
    }))
  })
}

function deaf (part: Pick<ConnectionListener, 'message' | 'ended'>): ConnectionListener {
  return { heard: () => undefined, fault: () => undefined, ...part }
}

/** The three steps of the log-in on an open connection. */
function steps (wanted: Authentication, connection: Connection, protocol: Protocol, connectedAt: number): Promise<LoggedIn | Retry> {
  const { settings, clock, signal, presence } = wanted
  const { login, password, company, ident, profile, lastConnWins, agent, allowClearPassword, release } = settings
  const steps = new Login({
    login, password, company, ident, presence, lastConnWins, allowClearPassword, fixedProtocol: settings.protocol !== 'auto',
    ...(profile === undefined ? {} : { profile }), ...(agent === undefined ? {} : { agent }), ...(release === undefined ? {} : { release })
  }, protocol, () => connection.encrypted)
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      // Lines right behind the last step wait for whoever takes the connection over.
      connection.listen(undefined)
      end()
    }
    const aborted = (): void => finish(() => reject(signal.reason))
    const late = (): void => finish(() => reject(new CtiError('CTI_TIMEOUT', `The server did not answer ${steps.step} in time.`, { vendor: 'xivo', retryable: true, step: steps.step })))
    // The server's own timer ends the line first; ours is for one that is dead.
    const timer = clock.setTimeout(late, LOGIN_TIMER_MS + 1000)
    signal.addEventListener('abort', aborted, { once: true })
    const lateOffer = (message: XivoMessage): boolean => message.class === 'starttls' && settings.tls === 'auto' && !connection.encrypted && steps.step === 'login_id'
    connection.listen(deaf({
      message: (message) => {
        if (lateOffer(message)) return finish(() => resolve({ retry: LATE_OFFER }))
        const step = steps.take(message)
        if (step.kind === 'send') connection.send(step.message)
        else if (step.kind === 'reconnect') finish(() => resolve({ retry: 'version', protocol: step.protocol }))
        else if (step.kind === 'failed') finish(() => reject(step.error))
        else if (step.kind === 'done') {
          if (connection.encrypted && settings.tls !== 'direct') step.dialect.seen('starttls')
          finish(() => resolve({ connection, capabilities: step.capabilities, dialect: step.dialect }))
        }
      },
      ended: (error) => finish(() => reject(error.cause.code === 'ECONNRESET' ? steps.closed(clock.now() - connectedAt) : error))
    }))
    connection.send(steps.start())
  })
}
