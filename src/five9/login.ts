/** From a password to WORKING: the login, and the states that one half goes through (five9.md 2.4, 2.5). */
import { CtiError } from '../model'
import { DUPLICATE } from './errors'
import type { Credentials, Five9Api } from './api'
import type { Settings } from './options'
import { CONTEXTS, WORKING, type LoginState } from './protocol'
import { objects, textOf, type Fields } from './read'

const MAX_ROUNDS = 10
/** How often the same state may come back after what it asks for was done. */
const MAX_SAME = 3
const UNKNOWN_WAIT_MS = 1000
/** ms after which a duplicate login is worth another look. */
const DUPLICATE_WAIT_MS = 30_000

/** One login at a time for a user in this process: two would fight over his session (five9.md 6.2). */
const turns = new Map<string, Promise<unknown>>()
export function inTurn<T> (user: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(user) ?? Promise.resolve()
  const mine = before.then(work, work)
  const settled = mine.catch(() => undefined).finally(() => { if (turns.get(user) === settled) turns.delete(user) })
  turns.set(user, settled)
  return mine
}

/**
 * Logs in at the login root and keeps token, cookies and address.
 * @param takeOver ends a session of this user that runs elsewhere
 * @throws CtiError CTI_UNAUTHORIZED for wrong credentials, others of the transport
 */
export async function logIn (api: Five9Api, credentials: Credentials, settings: Settings, takeOver: boolean, signal: AbortSignal, freshToken = false): Promise<void> {
  const { root, username, password, token, appKey, role } = settings
  const policy = takeOver ? 'ForceIn' : 'AttachExisting'
  const base = `${root}${CONTEXTS[role === 'supervisor' ? 'supervisor' : 'agent']}/auth`
  credentials.forget()
  const request = token === undefined
    ? { url: `${base}/login`, body: { passwordCredentials: { username, password }, appKey: appKey ?? 'node-red-cti', policy } }
    : { url: `${base}/login_by_token`, headers: { Authorization: `Bearer ${await token(freshToken)}` }, body: { policy } }
  try {
    credentials.learn((await api.send({ method: 'POST', signal, ...request })).body)
  } catch (error) {
    const failure = CtiError.from(error, 'five9')
    // An access token lives ten minutes: a refused one is renewed once.
    if (failure.code === 'CTI_UNAUTHORIZED' && token !== undefined && !freshToken) return logIn(api, credentials, settings, takeOver, signal, true)
    throw failure
  }
}

interface Notice { readonly id: string; readonly title: string }

export function noticesOf (body: unknown): Notice[] {
  return objects(body).flatMap((notice: Fields) => {
    const id = textOf(notice, 'id')
    return id === undefined ? [] : [{ id, title: textOf(notice, 'annotation') ?? id }]
  })
}

/** What the state machine asks for; one half of the API behind it. */
export interface LoginPort {
  state (): Promise<string>
  start (force: boolean): Promise<void>
  chooseSkills (): Promise<void>
  notices (): Promise<Notice[]>
  accept (id: string): Promise<void>
  restart (): Promise<void>
  wait (ms: number): Promise<void>
}
export interface LoginRules { readonly acceptNotices: boolean; readonly force: boolean }
interface LoginOutcome { /** We started the session; false when it was found working. */ readonly began: boolean; /** As they were met. */ readonly states: readonly string[] }

type Step = (port: LoginPort, rules: LoginRules, times: number) => Promise<void>

async function acceptNotices (port: LoginPort, { acceptNotices: mayAccept, force }: LoginRules, times: number): Promise<void> {
  const notices = await port.notices()
  if (!mayAccept && notices.length > 0) {
    throw new CtiError('CTI_FORBIDDEN', `Five9 wants notices to be accepted first: ${notices.slice(0, 3).map(({ title }) => title).join('; ')}. Accept them at the desktop, or let the account do it.`, { vendor: 'five9', retryable: false })
  }
  // The reply goes on saying that it is not accepted: the state alone counts.
  for (const { id } of notices) await port.accept(id)
  if (notices.length === 0 || times > 1) await port.start(force)
}

const STEPS: Readonly<Record<Exclude<LoginState, 'WORKING'>, Step>> = {
  SELECT_STATION: (port, { force }) => port.start(force),
  SELECT_SKILLS: (port) => port.chooseSkills(),
  ACCEPT_NOTICE: acceptNotices,
  RELOGIN: (port) => port.restart()
}

/**
 * Does what each state asks for until the half works.
 * @throws CtiError whose `cause.loginState` names the state it stopped in
 */
export async function toWorking (port: LoginPort, rules: LoginRules): Promise<LoginOutcome> {
  const states: string[] = []
  let began = false
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const state = await port.state()
    states.push(state)
    if (state === WORKING) return { began, states }
    const times = states.filter((met) => met === state).length
    if (times > MAX_SAME) break
    const step = Object.hasOwn(STEPS, state) ? STEPS[state as keyof typeof STEPS] : undefined
    try {
      if (step === undefined) await port.wait(UNKNOWN_WAIT_MS)
      else await step(port, rules, times)
    } catch (error) {
      throw stopped(CtiError.from(error, 'five9'), state)
    }
    if (state === 'SELECT_STATION') began = true
  }
  const last = states.at(-1) ?? ''
  throw new CtiError('CTI_UNAVAILABLE', `The log-in does not get past ${last}.`, { vendor: 'five9', retryable: true, loginState: last })
}

function stopped (error: CtiError, state: string): CtiError {
  const { cause, code } = error
  const where = ` The log-in stopped in ${state}.`
  const more = { ...cause, loginState: state }
  // Somebody may log out there any time: this is no refusal for ever.
  if (cause.contextCode === DUPLICATE) return new CtiError('CTI_CONFLICT', error.message + where, { ...more, retryable: true, retryAfterMs: DUPLICATE_WAIT_MS })
  const refused = state === 'SELECT_STATION' && (code === 'CTI_INVALID_REQUEST' || code === 'CTI_CONFLICT' || code === 'CTI_NOT_FOUND')
  if (refused) return new CtiError('CTI_INVALID_REQUEST', `The station was refused: ${error.message}${where}`, { ...more, retryable: false })
  return new CtiError(code, error.message + where, more)
}
