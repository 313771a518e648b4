/** All commands that a release knows, by class (xivo-cti.md 3.1). */
import { type Release } from '../release'
import { callCommands } from './calls'
import { ipbxCommand } from './ipbx'
import { listCommands } from './lists'
import { moreCommands } from './more'
import { peopleCommands } from './people'
import { serviceCommands } from './services'
import { subscribeCommands } from './subscribe'
import { type Handlers } from './types'

/** Classes of the old style: refused with `notloggedyet` in the middle of a log-in of 1.2. */
export const OLD_STYLE: ReadonlySet<string> = new Set(['keepalive', 'getipbxlist', 'getqueuesstats', 'faxsend', 'ipbxcommand', 'filetransfer', 'logfromclient', 'directory', 'chitchat'])

/** First release that has a class, where it is not the first of all. */
const SINCE: Record<string, string> = {
  resume_switchboard: '14.05', people_headers: '14.20', people_search: '14.20', call_form_result: '13.22',
  register_user_status_update: '15.02', unregister_user_status_update: '15.02', register_agent_status_update: '15.02', unregister_agent_status_update: '15.02',
  register_endpoint_status_update: '15.02', unregister_endpoint_status_update: '15.02',
  people_favorites: '15.12', people_set_favorite: '15.12', people_personal_contacts: '15.13', people_create_personal_contact: '15.13', people_delete_personal_contact: '15.13',
  people_personal_contact_raw: '15.14', people_edit_personal_contact: '15.14', people_purge_personal_contacts: '15.14',
  people_import_personal_contacts_csv: '15.14', people_export_personal_contacts_csv: '15.14',
  get_relations: '15.16', attended_transfer_voicemail: '15.18', blind_transfer_voicemail: '15.18'
}
/** First release that does not have a class any more. */
const UNTIL: Record<string, string> = { unhold_switchboard: '14.05', logfromclient: '14.24', filetransfer: '15.18', invite_confroom: '16.09' }

const ALL: Handlers = { ...listCommands, ...serviceCommands, ...callCommands, ...subscribeCommands, ...peopleCommands, ...moreCommands, ipbxcommand: ipbxCommand }

/** Handlers of the classes that this release knows; other classes are unknown to it. */
export function commandsOf (release: Release): Handlers {
  return Object.fromEntries(Object.entries(ALL).filter(([name]) => release.from(SINCE[name] ?? '12.01') && !(UNTIL[name] !== undefined && release.from(UNTIL[name] ?? ''))))
}
