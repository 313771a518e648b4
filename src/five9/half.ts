/** The login requests of one half, as the state machine wants them (five9.md 2.5). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import type { ApiReply, ApiRequest } from './api'
import { noticesOf, type LoginPort } from './login'
import type { Memory } from './memory'
import { CONTEXTS, type Half } from './protocol'
import { idsIn, objects, stateWord, textOf } from './read'

export interface Station { readonly type: string; readonly id: string }

/** Lets some time pass. @throws CtiError the signal's reason when the connection ends */
export function pause ({ clock, signal }: Pick<Link, 'clock' | 'signal'>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const aborted = (): void => {
      clock.clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    signal.addEventListener('abort', aborted, { once: true })
  })
}

/** Path below a half: `halfPath('agent', uid)` -> `/appsvcs/rs/svc/agents/<uid>`. */
export function halfPath (half: Half, uid: string): string {
  return `${CONTEXTS[half]}/${half === 'agent' ? 'agents' : 'supervisors'}/${encodeURIComponent(uid)}`
}

/** Skills named by id or name, as ids of those the agent has. @throws CtiError CTI_NOT_FOUND naming the one that he has not */
export function skillIds (wanted: readonly string[], own: unknown): string[] {
  const rows = objects(own)
  return wanted.map((word) => {
    const lower = word.trim().toLowerCase()
    const row = rows.find((one) => textOf(one, 'id') === word.trim() || textOf(one, 'name')?.toLowerCase() === lower)
    const id = textOf(row ?? {}, 'id')
    if (id === undefined) throw new CtiError('CTI_NOT_FOUND', `The agent has no skill "${word.slice(0, 60)}".`, { vendor: 'five9', retryable: false })
    return id
  })
}

/**
 * @param send sends below the API host
 * @param station of the agent; the supervisor's session has none
 */
export function loginPort (half: Half, memory: Memory, link: Link, send: (request: ApiRequest) => Promise<ApiReply>, station: Station, skills: readonly string[] | undefined): LoginPort {
  const at = (): string => halfPath(half, memory.uid)
  const get = async (path: string): Promise<unknown> => (await send({ method: 'GET', path: at() + path, idempotent: true })).body
  const put = async (path: string, body?: unknown, query?: ApiRequest['query']): Promise<void> => {
    await send({ method: 'PUT', path: at() + path, ...(body === undefined ? {} : { body }), ...(query === undefined ? {} : { query }) })
  }
  return {
    state: async () => {
      const state = stateWord(await get('/login_state'))
      if (state === undefined) throw new CtiError('CTI_PROTOCOL', 'Five9 did not tell the state of the log-in.', { vendor: 'five9', retryable: true })
      if (half === 'agent') memory.loginState = state
      return state
    },
    start: (force) => put('/session_start', half === 'agent' ? { stationId: station.id, stationType: station.type } : { stationId: '', stationType: 'EMPTY' }, force ? { force: true } : undefined),
    chooseSkills: async () => {
      const own = await get('/skills')
      await put('/active_skills', skills === undefined ? idsIn(own) : skillIds(skills, own))
    },
    notices: async () => noticesOf(await get('/maintenance_notices')),
    accept: (id) => put(`/maintenance_notices/${encodeURIComponent(id)}/accept`),
    restart: () => put('/session_restart'),
    wait: (ms) => pause(link, ms)
  }
}
