/** To whom a call goes: ids of the domain as numbers of the PBX. */
import { fields, needed } from './bodies'
import { notFound, refused } from './errors'
import { type Call } from './http'
import { type User } from '../pbx/types'
import { type Site } from './site'

/** @throws Five9Error 404 for an unknown user */
export function userById ({ ids, pbx }: Site, id: string): User {
  const user = pbx.users.get(ids.users.key(id) ?? '')
  if (user === undefined) throw notFound(`No user ${id}`)
  return user
}

export type TargetKind = 'agent' | 'skill' | 'external' | 'campaign' | 'speed_dial'

/** Number to dial for each kind of target. @throws Five9Error 400 without it, 404 when it is unknown, 435 without the permission or on the do-not-call list */
export const TARGETS: Record<TargetKind, (call: Call, verb: 'MAKE_CALLS' | 'TRANSFER' | 'CREATE_CONFERENCE') => string> = {
  agent: ({ site, user, body }, verb) => {
    permit(site, user, verb, 'AGENT')
    return userById(site, needed(body, 'agentId')).extension
  },
  skill: ({ site, body }) => {
    const id = needed(body, 'skillId')
    const queue = site.pbx.queues.get(site.ids.skills.key(id) ?? '')
    if (queue === undefined) throw notFound(`No skill ${id}`)
    return queue.extension ?? queue.number
  },
  external: ({ site, user, body }, verb) => {
    permit(site, user, verb, 'EXTERNAL')
    return callable(site, needed(body, 'number'), fields(body).skipDNCCheck === true)
  },
  campaign: ({ site, body }) => {
    const campaign = site.campaigns.byId(needed(body, 'campaignId'))
    const queue = site.pbx.queues.get(campaign.key)
    if (queue === undefined) throw refused(`Campaign ${campaign.id} takes no calls`)
    return queue.extension ?? queue.number
  },
  speed_dial: ({ site, user, body }, verb) => {
    permit(site, user, verb, 'SPEED_DIAL')
    const id = needed(body, 'speedDialId')
    const found = site.options.speedDials.find((entry) => entry.id === id || entry.code === id)
    if (found === undefined) throw notFound(`No speed dial ${id}`)
    return found.number
  }
}

function permit ({ people }: Site, user: User, verb: string, kind: string): void {
  const permission = `CAN_${verb}_${verb === 'TRANSFER' || verb === 'MAKE_CALLS' ? 'TO' : 'WITH'}_${kind}`
  if (!people.permissions(user).includes(permission)) throw refused(`The user has no permission ${permission}`)
}

/** A number that may be dialled. @throws Five9Error 435 when it is on the do-not-call list */
export function callable ({ pbx, stores }: Site, number: string, skipDncCheck: boolean): string {
  if (!skipDncCheck && stores.dnc.has(pbx.resolve(number).number)) throw refused(`Number ${number} is in the DNC list`)
  return number
}
