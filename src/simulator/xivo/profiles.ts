/** CTI profiles, presences and what a log-in is told of them (xivo-cti.md 2.5). */
import { type Pbx } from '../pbx/pbx'
import { type User } from '../pbx/types'
import { type Message } from './codec'
import { type XivoOptions } from './options'
import { type Release } from './release'

/** What choosing a presence does besides. */
export type PresenceAction = 'enablednd' | 'queuepause_all' | 'queueunpause_all' | 'agentlogoff'

interface Presence { color: string; longname: string; allowed?: string[]; actions: Partial<Record<PresenceAction, string>> }
interface Profile { id: number; name: string; xlets: string[][] }

const ALL = ['available', 'away', 'outtolunch', 'donotdisturb', 'berightback']

export const PRESENCES: Readonly<Record<string, Presence>> = {
  available: { color: '#08FD20', longname: 'Available', allowed: ALL, actions: { enablednd: 'false' } },
  away: { color: '#FDE50A', longname: 'Away', allowed: ALL, actions: { queuepause_all: '' } },
  outtolunch: { color: '#001AFF', longname: 'Out to lunch', allowed: ['available'], actions: { queuepause_all: '' } },
  donotdisturb: { color: '#FF032D', longname: 'Do not disturb', allowed: ['available'], actions: { enablednd: 'true' } },
  berightback: { color: '#FFB545', longname: 'Be right back', allowed: ['available'], actions: {} },
  disconnected: { color: '#202020', longname: 'Disconnected', actions: { agentlogoff: '' } }
}

/** None is docked: a published Java client takes the third of an xlet for its order, and those of docked ones are letters. */
const PROFILES: Profile[] = [
  { id: 2, name: 'Client', xlets: [['identity', 'grid', '0'], ['people', 'tab', '1'], ['history', 'tab', '2']] },
  { id: 3, name: 'Agent', xlets: [['identity', 'grid', '0'], ['queues', 'grid', '1'], ['people', 'tab', '1']] },
  { id: 4, name: 'Supervisor', xlets: [['identity', 'grid', '0'], ['queues', 'grid', '1'], ['agents', 'grid', '2'], ['people', 'tab', '1']] },
  { id: 5, name: 'Switchboard', xlets: [['identity', 'grid', '0'], ['switchboard', 'grid', '1'], ['people', 'tab', '1']] }
]

const PHONE_STATES: Record<string, { color: string; longname: string }> = {
  '-2': { color: '#030303', longname: 'Inexistent' },
  '-1': { color: '#000000', longname: 'Deactivated' },
  0: { color: '#0DFF25', longname: 'Available' },
  1: { color: '#FF032D', longname: 'On line or calling' },
  2: { color: '#FF0008', longname: 'Busy' },
  4: { color: '#FFFFFF', longname: 'Unavailable' },
  8: { color: '#1B0AFF', longname: 'Ringing' },
  9: { color: '#FF0526', longname: 'On line and ringing' },
  16: { color: '#F7FF05', longname: 'On hold' }
}

const SERVICES = ['enablednd', 'fwdunc', 'fwdbusy', 'fwdrna', 'incallfilter', 'enablevoicemail', 'callrecord']

function role (user: User): number {
  if (user.supervisor) return 4
  return user.agentKey === undefined ? 2 : 3
}

export class Profiles {
  constructor (private readonly options: XivoOptions, private readonly release: Release, private readonly pbx: Pbx) {}

  /** Profile id of a user; undefined when he has none. */
  of (user: User): number | undefined {
    const given = this.options.profiles[user.key]
    return given === null ? undefined : given ?? role(user)
  }

  known (id: number): boolean {
    return PROFILES.some((profile) => profile.id === id)
  }

  /** What `login_capas` answers, without class and id of the request. `state` is the presence that was chosen. */
  reply (user: User, userId: string, state: string): Message {
    const id = this.of(user)
    const profile = PROFILES.find((each) => each.id === id)
    return {
      userid: userId, ipbxid: 'xivo', appliname: profile?.name ?? '', capaxlets: profile?.xlets ?? [],
      // Servers from 13.17 on left it out, the document kept it: one published client needs it, and none minds it.
      ...(this.release.second ? {} : { presence: state }),
      capas: {
        services: SERVICES, preferences: this.preferences(id), userstatus: PRESENCES, phonestatus: PHONE_STATES,
        ...(this.release.second ? {} : { regcommands: {}, ipbxcommands: {} })
      }
    }
  }

  private preferences (id: number | undefined): false | Message {
    const queue = id === 5 ? this.pbx.queues.keys().next().value : undefined
    return queue === undefined ? false : { switchboard_queue_name: queue }
  }
}
