/** What a station is and where its calls go, in the words of the switch (ipecs.md 3.2, 4.4, 4.5). */
import { type Condition, type Rule, type User } from '../pbx/types'
import { type Site } from './site'

type ForwardType = 'disable' | 'uncondition' | 'busy' | 'no_answer' | 'busy_noans'

export interface Forwarding { cfwdType: ForwardType; destNumber: string; ringTime?: number; /** Data of code 21. */ code: number }

/** Bits of the number of a type: what it points at, and when. */
const TARGETS = { user: 1, external: 2, queue: 6, voicemail: 8 } as const
const WHEN: Record<ForwardType, number> = { disable: 0, uncondition: 0, no_answer: 16, busy: 32, busy_noans: 48 }

function active ({ forwarding }: User, condition: Condition): Rule | undefined {
  const rule = forwarding[condition]
  return rule.enabled && rule.to !== undefined ? rule : undefined
}

/** The one forwarding that this switch has of those that the PBX has. */
export function forwardingOf (site: Site, user: User): Forwarding {
  const always = active(user, 'always')
  const busy = active(user, 'busy')
  const noAnswer = active(user, 'noAnswer')
  const chosen: [ForwardType, Rule | undefined] = always !== undefined
    ? ['uncondition', always]
    : busy !== undefined && noAnswer?.to === busy.to ? ['busy_noans', noAnswer] : busy !== undefined ? ['busy', busy] : ['no_answer', noAnswer]
  const [cfwdType, rule] = chosen
  if (rule === undefined) return { cfwdType: 'disable', destNumber: '', code: 0 }
  const { kind } = site.pbx.resolve(rule.to ?? '')
  const target = Object.hasOwn(TARGETS, kind) ? TARGETS[kind as keyof typeof TARGETS] : TARGETS.user
  const rings = cfwdType === 'no_answer' || cfwdType === 'busy_noans' ? rule.rings : undefined
  return {
    cfwdType, destNumber: site.numbers.digits(rule.to ?? ''), code: target + WHEN[cfwdType],
    ...(rings === undefined ? {} : { ringTime: rings * site.pbx.timerSettings.secondsPerRing })
  }
}

const FORWARDED: Record<ForwardType, string> = { disable: 'idle', uncondition: 'fwd_uncond', busy: 'fwd_busy', no_answer: 'fwd_nans', busy_noans: 'fwd_bsna' }

/** State of a station, as the command status and presence tell it. */
export function callStatus (site: Site, user: User): string {
  if (!site.numbers.inService(user)) return 'block'
  const legs = site.pbx.connectionsOf(user.key)
  const talking = legs.find(({ state }) => state === 'connected')
  if (legs.some(({ conferenceKey }) => conferenceKey !== undefined)) return 'conf'
  if (talking !== undefined) return talking.remote?.kind === 'external' ? 'trk_talk' : 'stn_talk'
  if (legs.some(({ state, personality }) => state === 'alerting' && personality === 'terminator')) return 'ring'
  if (legs.some(({ state }) => state === 'hold')) return 'hold'
  if (legs.length > 0) return 'busy'
  return user.dnd.enabled ? 'DND' : FORWARDED[forwardingOf(site, user).cfwdType]
}
