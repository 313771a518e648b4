/** What the parts of the face share: the PBX, its ids, tokens, webhooks and rooms. */
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Rng } from '../pbx/rng'
import { Flows } from './auth/flows'
import { Tokens } from './auth/tokens'
import { WebexIds } from './ids'
import { Interests } from './interests'
import { Lifting } from './lifting'
import { Members } from './messaging/members'
import { Rooms } from './messaging/rooms'
import { DEFAULTS, type WebexOptions } from './options'
import { Settings } from './settings'
import { Delivery } from './webhooks/delivery'
import { Publisher } from './webhooks/publisher'
import { Webhooks } from './webhooks/store'

export interface SiteNeeds {
  pbx: Pbx
  clock: PbxClock
  rng: Rng
  faults: Faults
  options?: Partial<WebexOptions>
  /** Base address of the XSI face of the same platform, which the organisation's calling data names; undefined: none (7.4). */
  xsiUrl?: () => string | undefined
}

export interface Site {
  pbx: Pbx
  clock: PbxClock
  rng: Rng
  faults: Faults
  options: WebexOptions
  xsiUrl: () => string | undefined
  ids: WebexIds
  members: Members
  tokens: Tokens
  flows: Flows
  webhooks: Webhooks
  delivery: Delivery
  publisher: Publisher
  interests: Interests
  rooms: Rooms
  settings: Settings
  lifting: Lifting
  /** Keys of connections whose recording was stopped. */
  stoppedRecordings: Set<string>
}

/** Puts the parts together; nothing runs yet but the listening for facts. */
export function makeSite (needs: SiteNeeds): Site {
  const { pbx, clock, rng, faults, xsiUrl = () => undefined } = needs
  const options: WebexOptions = { ...DEFAULTS, ...needs.options }
  const now = (): number => clock.now()
  const ids = new WebexIds(pbx, options)
  const members = new Members(pbx, ids, options)
  const webhooks = new Webhooks({ options, ids, rng, now })
  const delivery = new Delivery({ options, webhooks, faults, rng, clock })
  const site: Omit<Site, 'publisher' | 'rooms'> = {
    pbx, clock, rng, faults, options, xsiUrl, ids, members, webhooks, delivery, tokens: new Tokens({ users: pbx.users, options, rng, now }), flows: new Flows({ options, rng, now }),
    interests: new Interests(now), settings: new Settings(), lifting: new Lifting(pbx, clock, options), stoppedRecordings: new Set()
  }
  const whole = site as Site
  whole.rooms = new Rooms({ ids, rng, now, publish: (news) => { whole.publisher.publish(news) } })
  whole.publisher = new Publisher(whole)
  return whole
}
