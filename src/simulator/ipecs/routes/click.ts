/** Click to call of a station (ipecs.md 3.2, 3.6): its phone rings, and dials when it is lifted. */
import { Refusal, type RefusalCode } from '../../pbx/types'
import { ApiError } from '../errors'
import { optional, type Route } from '../http'

/** Errors of this group; the numbers mean other things in other groups, and their status is not documented. */
const ERRORS = {
  accessDenied: [403, 102, 'access denied'], restricted: [403, 103, 'call restricted'], notOk: [400, 104, 'not OK'], parameter: [400, 105, 'parameter'], busy: [403, 110, 'caller busy']
} as const
const REFUSED: Partial<Record<RefusalCode, keyof typeof ERRORS>> = { full: 'busy', invalidNumber: 'restricted' }

function clickError (name: keyof typeof ERRORS): ApiError {
  const [status, code, message] = ERRORS[name]
  return new ApiError(status, code, message)
}

export const clickCall: Route = (call) => {
  const { site, session } = call
  const from = optional(call, 'From')
  const to = optional(call, 'To')
  const user = site.numbers.station(session.user)
  if (from === undefined || to === undefined) throw clickError('parameter')
  if (from !== session.user || user === undefined) throw clickError('accessDenied')
  try {
    site.memory.while({ userKey: user.key, dialled: to }, () => site.pbx.originate(user.key, site.numbers.dialable(to), { clickToDial: true }))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw clickError(REFUSED[error.code] ?? 'notOk')
  }
  return { empty: true }
}
