/** Ways to begin a call (five9.md 3.1). */
import { fields, needed, optional } from '../bodies'
import { dial, shown } from '../dialing'
import { badRequest, notFound, refused } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { callable, type TargetKind, TARGETS } from '../targets'

const OWN = 'agents/:uid/interactions'

function make (kind: TargetKind): (call: Call) => Reply {
  return (call) => {
    const number = TARGETS[kind](call, 'MAKE_CALLS')
    const campaignId = kind === 'campaign' ? undefined : optional({ campaignId: fields(call.body).campaignId }, 'campaignId')
    return { body: shown(call.site, dial(call.site, call.session, number, campaignId)) }
  }
}

/** A GET that dials (five9.md 10). Without `dialImmediately` the agent's desktop would only show the number. */
function clickToDial ({ site, session, user, query }: Call): Reply {
  const number = query.get('number')
  if (number === null || number === '') throw badRequest('number is missing')
  const campaignId = query.get('campaignId') ?? undefined
  site.out.toUser(user.key, 'agent', 74, { number, campaignId: campaignId ?? null })
  if (query.get('dialImmediately') === 'false') return { body: { number } }
  try {
    dial(site, session, callable(site, number, query.get('skipDNCCheck') === 'true'), campaignId, { clickToDial: true })
  } catch (error) {
    site.out.toUser(user.key, 'agent', 75, { number, message: error instanceof Error ? error.message : String(error) })
    throw error
  }
  return { body: { number } }
}

function returnMissed ({ site, session, user, body }: Call): Reply {
  const wanted = optional(body, 'callId')
  const missed = site.pbx.history.filter(({ userKey, kind }) => userKey === user.key && kind === 'missed')
  const entry = wanted === undefined ? missed.at(-1) : missed.find(({ id, connectionKey }) => id === wanted || site.ids.call(connectionKey) === wanted)
  if (entry === undefined) throw notFound('No missed call')
  if (entry.party.number === undefined) throw refused('The caller is private')
  return { body: shown(site, dial(site, session, entry.party.number)) }
}

/** The echo test has no party in the PBX: it is only known to be there (event 36 at its end). */
function echo ({ site, user }: Call): Reply {
  site.stores.echoes.add(user.key)
  return { body: { id: `echo-${site.ids.users.id(user.key)}`, state: 'TALKING' } }
}

export const DIAL_ROUTES: Route[] = [
  route(['appsvcs'], `POST ${OWN}/make_external_call`, make('external')),
  route(['appsvcs'], `POST ${OWN}/make_agent_call`, make('agent')),
  route(['appsvcs'], `POST ${OWN}/make_skill_call`, make('skill')),
  route(['appsvcs'], `POST ${OWN}/make_speed_dial_call`, make('speed_dial')),
  route(['appsvcs'], `POST ${OWN}/return_missed_call`, returnMissed),
  route(['appsvcs'], `POST ${OWN}/make_test_call`, echo),
  route(['appsvcs'], 'POST agents/:uid/echo_call', echo),
  route(['appsvcs'], 'GET agents/:uid/echo_call', (call) => call.site.stores.echoes.has(call.user.key) ? echo(call) : { body: null }),
  route(['appsvcs'], 'DELETE agents/:uid/echo_call', ({ site, user }) => {
    if (!site.stores.echoes.delete(user.key)) throw notFound('No echo call')
    site.out.toUser(user.key, 'agent', 36, { id: `echo-${site.ids.users.id(user.key)}` }, 'DELETED')
    return {}
  }),
  route(['appsvcs'], 'GET orgs/:oid/interactions/click_to_dial', clickToDial),
  route(['appsvcs'], 'GET orgs/:oid/speed_dials', ({ site }) => ({ body: site.options.speedDials })),
  route(['appsvcs'], 'GET orgs/:oid/speed_dials/:dial', ({ site, params }) => {
    const found = site.options.speedDials.find(({ id }) => id === params.dial)
    if (found === undefined) throw notFound(`No speed dial ${params.dial ?? ''}`)
    return { body: found }
  }),
  route(['appsvcs'], 'PUT agents/:uid/add_number_to_dnc', ({ site, body }) => {
    site.stores.dnc.add(site.pbx.resolve(needed(body, 'number')).number)
    return {}
  })
]
