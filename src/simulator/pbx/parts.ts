import { type Agents } from './agents'
import { type Conferences } from './conferences'
import { type Endings } from './endings'
import { type Externals } from './externals'
import { type Calls } from './calls'
import { type Mailboxes } from './mailboxes'
import { type Monitoring } from './monitoring'
import { type Parking } from './parking'
import { type Phones } from './phones'
import { type Pickup } from './pickup'
import { type Queues } from './queues'
import { type Recording } from './recording'
import { type Routing } from './routing'
import { type Services } from './services'
import { type Talking } from './talking'
import { type Transfers } from './transfers'

/** The parts of the PBX, as they know each other. */
export interface Parts {
  phones: Phones
  calls: Calls
  routing: Routing
  endings: Endings
  talking: Talking
  transfers: Transfers
  externals: Externals
  conferences: Conferences
  parking: Parking
  pickup: Pickup
  monitoring: Monitoring
  recording: Recording
  queues: Queues
  agents: Agents
  services: Services
  mailboxes: Mailboxes
}
