/** Searching people, personal contacts and favourites (xivo-cti.md 3.8). Answers go to all sessions of the user. */
import { Drop, type Message, needObject, needText, textOf } from '../codec'
import { type ContactInfos, everybody, HEADERS, nameOf, type Person, row, search, TYPES } from '../people'
import { type Call, type Handler, type Handlers } from './types'

function pattern ({ message }: Call): string {
  return typeof message.pattern === 'string' ? message.pattern : ''
}

/** A table of people. */
function table ({ site, user }: Call, people: Person[]): Message {
  return { column_headers: HEADERS, column_types: TYPES, results: people.map((person) => row(site, user.key, person)) }
}

function tell (call: Call, className: string, fields: Message): void {
  call.site.out.toUser(call.user.key, { class: className, ...fields })
}

/** Which entry of which source a request means. */
function entryOf ({ message }: Call): { source: string; source_entry_id: string } {
  return { source: needText(message, 'source'), source_entry_id: needText(message, 'source_entry_id') }
}

function infosOf ({ message }: Call): ContactInfos {
  return Object.fromEntries(Object.entries(needObject(message, 'contact_infos')).map(([name, value]) => [name, textOf(value)]))
}

/** Does something with a personal contact; one that is not there is an error of the service, which nobody is told of. */
function withContact (act: (call: Call, id: string, infos: ContactInfos) => void): Handler {
  return (call) => {
    const { source_entry_id: id } = entryOf(call)
    const infos = call.site.contacts.contactsOf(call.user.key).get(id)
    if (infos !== undefined) act(call, id, infos)
  }
}

const personal: Record<string, Handler> = {
  people_personal_contacts: (call) => { tell(call, 'people_personal_contacts_result', table(call, everybody(call.site, call.user.key).filter(({ source }) => source === 'personal'))) },
  people_create_personal_contact: (call) => {
    const infos = infosOf(call)
    if (nameOf(infos) !== '' && call.site.contacts.add(call.user.key, infos)) tell(call, 'people_personal_contact_created', {})
  },
  people_delete_personal_contact: withContact((call, id) => {
    call.site.contacts.contactsOf(call.user.key).delete(id)
    tell(call, 'people_personal_contact_deleted', entryOf(call))
  }),
  people_personal_contact_raw: withContact((call, _id, infos) => { tell(call, 'people_personal_contact_raw_result', { ...entryOf(call), contact_infos: infos }) }),
  people_edit_personal_contact: withContact((call, id) => {
    call.site.contacts.contactsOf(call.user.key).set(id, infosOf(call))
    tell(call, 'people_personal_contact_raw_update', entryOf(call))
  }),
  people_purge_personal_contacts: (call) => {
    call.site.contacts.contactsOf(call.user.key).clear()
    tell(call, 'people_personal_contacts_purged', {})
  },
  people_import_personal_contacts_csv: (call) => {
    const { created, failed } = call.site.contacts.importCsv(call.user.key, needText(call.message, 'csv_contacts'))
    tell(call, 'people_import_personal_contacts_csv_result', { created_count: created, failed: failed.length === 0 ? null : failed })
  },
  people_export_personal_contacts_csv: (call) => { tell(call, 'people_export_personal_contacts_csv_result', { csv_contacts: call.site.contacts.exportCsv(call.user.key) }) }
}

const favourites: Handlers = {
  people_favorites: (call) => {
    const own = call.site.contacts.favouritesOf(call.user.key)
    tell(call, 'people_favorites_result', table(call, everybody(call.site, call.user.key).filter(({ source, entryId }) => own.has(`${source} ${entryId}`))))
  },
  people_set_favorite: (call) => {
    const { favorite } = call.message
    const entry = entryOf(call)
    if (typeof favorite !== 'boolean') throw new Drop('favorite is no truth value')
    const own = call.site.contacts.favouritesOf(call.user.key)
    if (favorite) own.add(`${entry.source} ${entry.source_entry_id}`)
    else own.delete(`${entry.source} ${entry.source_entry_id}`)
    tell(call, 'people_favorite_update', { ...entry, favorite })
  }
}

export const peopleCommands: Handlers = {
  people_headers: (call) => { tell(call, 'people_headers_result', { column_headers: HEADERS, column_types: TYPES }) },
  people_search: (call) => { tell(call, 'people_search_result', { term: pattern(call), ...table(call, search(call.site, call.user.key, pattern(call))) }) },
  ...favourites,
  ...personal,
  get_relations: (call) => {
    const { site, user } = call
    const phone = user.devices[0]
    tell(call, 'relations', {
      data: {
        xivo_uuid: site.ids.uuid, user_id: site.ids.number('user', user.key), endpoint_id: phone === undefined ? null : site.ids.number('phone', phone),
        agent_id: user.agentKey === undefined ? null : site.ids.number('agent', user.agentKey)
      }
    })
  },
  directory: (call) => {
    const { site, user, session, ack } = call
    // A user without a line has no context to search in; that answer has no class.
    if (!site.release.second && user.devices.length === 0) return session.send({ status: 'ko', reason: 'undefined_context' })
    ack({ status: 'ok', headers: HEADERS.slice(0, 4), resultlist: search(site, user.key, pattern(call)).map(({ name, number, mobile, email }) => [name, number, mobile, email].join(';')) })
  },
  get_switchboard_directory_headers: (call) => { tell(call, 'directory_headers', { headers: [['Name', 'name'], ['Number', 'number']] }) },
  switchboard_directory_search: (call) => {
    const results = search(call.site, call.user.key, pattern(call)).flatMap(({ name, number, mobile }) => [
      { name, number, number_type: 'office' }, ...(mobile === '' ? [] : [{ name, number: mobile, number_type: 'mobile' }])
    ])
    tell(call, 'directory_search_result', { pattern: pattern(call), results })
  }
}
