/** What the parts of the face share: the PBX, its names and ids, and the event machinery. */
import { type Faults } from '../faults/faults'
import { type Pbx } from '../pbx/pbx'
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { AgentTimes } from './agentTimes'
import { Auth } from './auth'
import { Channels } from './channels'
import { Contacts } from './contacts'
import { Delivery } from './delivery'
import { XsiIds } from './ids'
import { Names } from './names'
import { DEFAULTS, type XsiOptions } from './options'
import { Settings } from './settings'
import { Subscriptions } from './subscriptions'

export interface SiteNeeds { pbx: Pbx; clock: PbxClock; rng: Rng; faults: Faults; options?: Partial<XsiOptions> }

export interface Site {
  pbx: Pbx
  clock: PbxClock
  rng: Rng
  faults: Faults
  options: XsiOptions
  names: Names
  ids: XsiIds
  auth: Auth
  settings: Settings
  channels: Channels
  subscriptions: Subscriptions
  contacts: Contacts
  agentTimes: AgentTimes
  delivery: Delivery
  /** Tells subscribers of a service package that its settings changed; set by the publisher. */
  changed: (userKey: string, packageName: string) => void
}

/** Puts the parts together; nothing runs yet. */
export function makeSite (needs: SiteNeeds): Site {
  const { pbx, clock, rng, faults } = needs
  const options: XsiOptions = { ...DEFAULTS, ...needs.options, tokens: { ...needs.options?.tokens } }
  const names = new Names(pbx, pbx.enterprise, pbx.group, pbx.domain)
  const channels = new Channels({ options, clock, rng, faults })
  const subscriptions = new Subscriptions({ options, clock, rng })
  const contacts = new Contacts(clock)
  return {
    pbx, clock, rng, faults, options, names, channels, subscriptions, contacts, agentTimes: new AgentTimes(),
    ids: new XsiIds(pbx, options.trackingUuids),
    auth: new Auth({ names, users: pbx.users, tokens: options.tokens, foreignToken: options.foreignToken, now: () => clock.now() }),
    settings: new Settings(),
    changed: () => {},
    delivery: new Delivery({ options, clock, rng, channels, subscriptions, contacts, faults })
  }
}
