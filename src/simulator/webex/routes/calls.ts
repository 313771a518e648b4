/** Call controls in their three families: own line, members/me, members/{memberId} (webex-calling.md 3). */
import { type HistoryEntry, type User } from '../../pbx/types'
import { ADMIN_CALLS_READ, ADMIN_CALLS_WRITE, CALLS_READ, CALLS_WRITE } from '../auth/scopes'
import { badRequest } from '../errors'
import { type Call, type Json, type Reply } from '../http'
import { callOf, iso } from '../render/call'
import { partyOf } from '../render/party'
import { route, type Route } from '../router'
import { type Site } from '../site'
import { ACTIONS, listed, ownCall, wrapUpReasons } from './actions'
import { member, self } from './whose'

const MOST_HISTORY = 20
const KINDS = ['placed', 'missed', 'received'] as const

interface Family { base: string; list: string; history: string; whose: (call: Call) => User; read: readonly string[]; write: readonly string[]; reasons: boolean }

const FAMILIES: Family[] = [
  { base: '/v1/telephony/calls', list: '', history: '/history', whose: self, read: CALLS_READ, write: CALLS_WRITE, reasons: false },
  { base: '/v1/telephony/calls/members/me', list: '/calls', history: '/history', whose: self, read: CALLS_READ, write: CALLS_WRITE, reasons: true },
  { base: '/v1/telephony/calls/members/:memberId', list: '/calls', history: '/history', whose: member, read: ADMIN_CALLS_READ, write: ADMIN_CALLS_WRITE, reasons: true }
]

/** An application's token is told that it has no line, not that it lacks a scope. */
const scopesOf = ({ whose, read, write }: Family): { read: readonly string[]; write: readonly string[] } => whose === self ? { read: [...read, ...ADMIN_CALLS_READ], write: [...write, ...ADMIN_CALLS_WRITE] } : { read, write }

export const CALL_ROUTES: Route[] = FAMILIES.flatMap((family) => {
  const { base, list, history: past, whose, reasons } = family
  const { read, write } = scopesOf(family)
  return [
    route(`GET ${base}${past}`, read, (call) => history(call, whose(call))),
    route(`GET ${base}${list}`, read, (call) => listed(call, whose(call))),
    route(`GET ${base}${list}/:callId`, read, (call) => ({ body: callOf(call.site, ownCall(call, whose(call), call.params.callId ?? '')) })),
    ...Object.entries(ACTIONS).map(([name, act]) => route(`POST ${base}/${name}`, write, (call) => act(call, whose(call)))),
    ...(reasons ? [route(`POST ${base}/wrapupreasons`, write, (call) => wrapUpReasons(call, whose(call)))] : [])
  ]
})

/** The newest 20 of a kind, or of each; no call ids. */
function history ({ site, query }: Call, user: User): Reply {
  const type = query.get('type')
  const kinds = KINDS.filter((kind) => type === null || kind === type)
  if (kinds.length === 0) throw badRequest('type must be placed, missed or received')
  const own = site.pbx.history.filter(({ userKey }) => userKey === user.key).reverse()
  const items = kinds.flatMap((kind) => own.filter((entry) => entry.kind === kind).slice(0, MOST_HISTORY)).sort((a, b) => timeOf(b) - timeOf(a))
  return { body: { items: items.map((entry) => record(site, entry)) } }
}

function record (site: Site, entry: HistoryEntry): Json {
  const { name, number, privacyEnabled } = partyOf(site, entry.party)
  return { type: entry.kind, ...(name === undefined ? {} : { name }), ...(number === undefined ? {} : { number }), privacyEnabled, time: site.options.localHistoryTimes ? local(timeOf(entry)) : iso(timeOf(entry)) }
}

/** Placed at, answered at, or for a missed call disconnected at. */
function timeOf ({ kind, at, answeredAt, endedAt }: HistoryEntry): number {
  return kind === 'placed' ? at : kind === 'received' ? answeredAt ?? at : endedAt
}

const EASTERN_HOURS = -5

function local (ms: number): string {
  return iso(ms + EASTERN_HOURS * 3_600_000).replace('Z', '-05:00')
}
