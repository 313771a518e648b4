/** Calls that agents begin. */
import { refused } from './errors'
import { type CallRecord, type Expectation } from './ledger'
import { callObject } from './render/calls'
import { type Session } from './sessions'
import { type Site } from './site'

/** @throws Five9Error 435 with a station that carries no audio (five9.md 2.5) */
export function needStation (session: Session): void {
  const { stationType, state } = session.halves.agent.station
  if (stationType === 'EMPTY') throw refused('The station carries no calls: start the session with another stationType')
  if (state !== 'CONNECTED') throw refused('The station is not connected')
}

/**
 * Calls a number from the agent's phone.
 * @param campaignId campaign that the call belongs to: after-call work follows then
 * @throws Five9Error 404 for an unknown campaign, 435 for one that does not run; Refusal when the PBX does not allow it
 */
export function dial (site: Site, session: Session, number: string, campaignId?: string, expectation: Expectation = {}): CallRecord | undefined {
  needStation(session)
  const campaign = campaignId === undefined ? undefined : site.campaigns.byId(campaignId)
  if (campaign?.running === false) throw refused(`Campaign ${campaign.id} is not running`)
  const { user } = session
  const seconds = campaign === undefined ? 0 : site.options.campaignWrapUp
  return site.ledger.making(user.key, { ...expectation, ...(campaign === undefined ? {} : { campaignKey: campaign.key }) }, () => {
    return site.pbx.originate(user.key, number, seconds > 0 ? { wrapUpSeconds: seconds } : {})
  })
}

/** The Call object of a record as the PBX has it now; undefined when it is over and forgotten. */
export function shown (site: Site, record: CallRecord | undefined): Record<string, unknown> | undefined {
  const connection = site.pbx.connections.get(record?.connectionKey ?? '')
  return record === undefined || connection === undefined ? undefined : callObject(site, record, connection, site.pbx.callOf(connection))
}
