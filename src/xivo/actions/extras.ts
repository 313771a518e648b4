/** What only XiVO has, as actions `xivo.<name>`: one row a command (xivo-cti.md 3.1). */
import type { ActionRequest, ActionSpec, ParamSpec } from '../../model'
import type { ActionEntry, ActionTable } from '../../session/types'
import type { Desk } from '../desk'
import type { Feature } from '../dialect'
import { IPBX, WARNINGS, xid, type XivoMessage } from '../protocol'
import { fields, text, texts } from '../read'
import { repliesTo } from '../requests'
import { numberOf, oldCommand, queueRowOf, unsupported, userOf } from './common'

const str: ParamSpec = { kind: 'string' }
const need: ParamSpec = { kind: 'string', required: true }
const needObject: ParamSpec = { kind: 'object', required: true }

type Params = Readonly<Record<string, ParamSpec>>
type Build = (request: ActionRequest, desk: Desk) => Readonly<Record<string, unknown>>

interface Row {
  readonly class: string
  readonly params?: Params
  readonly build?: Build
  readonly feature?: Feature
  /** Class of the answer; `ack`: the acknowledgement by id; `old`: the two lines of an old command; absent: none ever comes. */
  readonly answer?: string
  /** What makes an answer this request's own, beside its class. */
  readonly fits?: (message: XivoMessage, request: ActionRequest) => boolean
  readonly repeatable?: true
}

const copy = (...names: string[]): Build => (request) => Object.fromEntries(names.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]))
const contact = { source: need, source_entry_id: need }
const sameContact = (message: XivoMessage, request: ActionRequest): boolean => message.source_entry_id === undefined || text(message.source_entry_id) === request.source_entry_id

/** Whom to write to, in the form of the server's version (xivo-cti.md 3.8). */
const chat: Build = (request, desk) => {
  const { tables, dialect } = desk
  const to = text(request.to) ?? ''
  if (dialect.has('chatText') !== false) return { to: to.includes('/') ? to : `${IPBX}/${userOf(desk, to)}`, text: request.text }
  const pair = to.includes('/') ? to.split('/', 2) : [tables.xivoUuid ?? '', to]
  return { alias: text(request.alias) ?? tables.userName(tables.userId) ?? tables.userId, to: pair, text: request.text }
}

const REGISTRATIONS: Readonly<Record<string, readonly [kind: string, key: string]>> = {
  users: ['user', 'user_ids'], phones: ['endpoint', 'endpoint_ids'], agents: ['agent', 'agent_ids']
}

/** States of things on this server or on another one of the same house; ids are numbers there, or UUIDs of users (xivo-cti.md 4.5). */
const registration = (prefix: string): Build => (request, desk) => {
  const [kind, key] = REGISTRATIONS[String(request.list)] ?? ['user', 'user_ids']
  const uuid = text(request.xivoUuid) ?? desk.tables.xivoUuid ?? ''
  return { class: `${prefix}_${kind}_status_update`, [key]: texts(request.ids).map((id) => [uuid, /^\d+$/.test(id) ? Number(id) : id]) }
}
const registered: Params = { list: { ...need, values: Object.keys(REGISTRATIONS) }, ids: { kind: 'strings', required: true }, xivoUuid: str }

/** One question about one list; lists without a use of their own (`trunks`, `groups` …) can be read by this too. */
const listed = (name: string, withId: boolean): Row => ({
  class: 'getlist', params: { list: need, ...(withId ? { id: need } : {}) }, answer: 'getlist', repeatable: true,
  build: (request) => ({ function: name, listname: request.list, tipbxid: IPBX, ...(withId ? { tid: request.id } : {}) }),
  fits: (message, request) => message.function === name && message.listname === request.list && (!withId || text(message.tid) === request.id)
})

const command = (name: string, more: Build = () => ({})): Build => (request, desk) => ({ command: name, ...more(request, desk) })

const ROWS: Readonly<Record<string, Row>> = {
  chitchat: { class: 'chitchat', params: { to: need, text: need, alias: str }, build: chat },
  relations: { class: 'get_relations', feature: 'relations', answer: 'relations', repeatable: true },
  peopleHeaders: { class: 'people_headers', feature: 'people', answer: 'people_headers_result', repeatable: true },
  peopleSearch: {
    class: 'people_search', params: { pattern: need }, build: copy('pattern'), feature: 'people', answer: 'people_search_result', repeatable: true,
    fits: (message, request) => message.term === undefined || message.term === request.pattern
  },
  favorites: { class: 'people_favorites', feature: 'favorites', answer: 'people_favorites_result', repeatable: true },
  setFavorite: {
    class: 'people_set_favorite', params: { ...contact, favorite: { kind: 'boolean', required: true } }, build: copy('source', 'source_entry_id', 'favorite'), feature: 'favorites',
    answer: 'people_favorite_update', fits: sameContact
  },
  personalContacts: { class: 'people_personal_contacts', feature: 'personalContacts', answer: 'people_personal_contacts_result', repeatable: true },
  createPersonalContact: { class: 'people_create_personal_contact', params: { contact_infos: needObject }, build: copy('contact_infos'), feature: 'personalContacts', answer: 'people_personal_contact_created' },
  deletePersonalContact: {
    class: 'people_delete_personal_contact', params: contact, build: copy('source', 'source_entry_id'), feature: 'personalContacts', answer: 'people_personal_contact_deleted', fits: sameContact
  },
  personalContact: {
    class: 'people_personal_contact_raw', params: contact, build: copy('source', 'source_entry_id'), feature: 'personalContactsRaw', answer: 'people_personal_contact_raw_result', fits: sameContact, repeatable: true
  },
  editPersonalContact: {
    class: 'people_edit_personal_contact', params: { ...contact, contact_infos: needObject }, build: copy('source', 'source_entry_id', 'contact_infos'), feature: 'personalContactsRaw',
    answer: 'people_personal_contact_raw_update', fits: sameContact
  },
  purgePersonalContacts: { class: 'people_purge_personal_contacts', feature: 'personalContactsRaw', answer: 'people_personal_contacts_purged' },
  importPersonalContacts: {
    class: 'people_import_personal_contacts_csv', params: { csv_contacts: need }, build: copy('csv_contacts'), feature: 'personalContactsRaw', answer: 'people_import_personal_contacts_csv_result'
  },
  exportPersonalContacts: { class: 'people_export_personal_contacts_csv', feature: 'personalContactsRaw', answer: 'people_export_personal_contacts_csv_result', repeatable: true },
  directory: { class: 'directory', params: { pattern: str }, build: (request) => ({ pattern: text(request.pattern) ?? '' }), answer: 'ack', repeatable: true },
  switchboardDirectoryHeaders: { class: 'get_switchboard_directory_headers', answer: 'directory_headers', repeatable: true },
  switchboardDirectorySearch: {
    class: 'switchboard_directory_search', params: { pattern: need }, build: copy('pattern'), answer: 'directory_search_result', repeatable: true,
    fits: (message, request) => message.pattern === undefined || message.pattern === request.pattern
  },
  answerQueued: { class: 'answer', params: { uniqueid: need }, build: (request) => ({ unique_id: request.uniqueid }) },
  holdSwitchboard: { class: 'hold_switchboard', params: { queue: need }, build: (request, desk) => ({ queue_name: text(desk.tables.row('queues', queueRowOf(desk, String(request.queue))).config.name) ?? request.queue }) },
  resumeSwitchboard: { class: 'resume_switchboard', params: { uniqueid: need }, build: (request) => ({ unique_id: request.uniqueid }), feature: 'resumeSwitchboard' },
  callForm: {
    class: 'call_form_result', params: { button: str, variables: needObject }, feature: 'callForm',
    build: (request) => ({ infos: { buttonname: text(request.button) ?? 'saveandclose', variables: Object.fromEntries(Object.entries(fields(request.variables)).map(([name, value]) => [name.startsWith('XIVOFORM_') ? name : `XIVOFORM_${name}`, value])) } })
  },
  fax: {
    class: 'faxsend', params: { destination: need, filename: need, data: need, size: { kind: 'number' } }, feature: 'faxData', answer: 'ack',
    build: (request) => ({ destination: request.destination, filename: request.filename, data: request.data, size: request.size ?? Buffer.from(String(request.data), 'base64').length })
  },
  /** Servers before 15.18: gives `fileid`. How the second connection carries the file is not known, so whoever uses these serves it himself (xivo-cti.md 3.1). */
  announceFax: { class: 'faxsend', params: { destination: need, hide: str }, build: copy('destination', 'hide'), feature: 'fileTransfer', answer: 'ack' },
  announceFile: {
    class: 'filetransfer', params: { fileid: need, socketref: { ...need, pattern: /^[^\s:]+:\d+$/ } }, build: (request) => ({ command: 'put_announce', fileid: request.fileid, socketref: request.socketref }),
    feature: 'fileTransfer', answer: 'ack'
  },
  inviteToRoom: { class: 'invite_confroom', params: { invitee: need }, feature: 'inviteRoom', build: (request, desk) => ({ invitee: xid('user', userOf(desk, String(request.invitee))) }), answer: 'unnamed' },
  watchQueue: { class: 'subscribe', params: { queue: need }, build: (request, desk) => ({ message: 'queueentryupdate', queueid: queueRowOf(desk, String(request.queue)) }) },
  keepalive: { class: 'keepalive', answer: 'ack', repeatable: true },
  ipbxList: { class: 'getipbxlist', answer: 'ack', repeatable: true },
  listIds: listed('listid', false),
  listConfig: listed('updateconfig', true),
  listStatus: listed('updatestatus', true),
  register: { class: 'register', params: registered, build: registration('register'), feature: 'register' },
  unregister: { class: 'unregister', params: registered, build: registration('unregister'), feature: 'register' },
  log: {
    class: 'logfromclient', params: { level: need, method: need, message: need }, feature: 'logFromClient', answer: 'ack',
    build: (request) => ({ level: request.level, classmethod: request.method, message: request.message })
  },
  meetme: {
    class: 'ipbxcommand', params: { function: { ...need, values: ['MeetmeMute', 'MeetmeUnmute'] }, room: need, member: need },
    build: command('meetme', (request) => ({ function: request.function, functionargs: [request.room, request.member] }))
  },
  originate: { class: 'ipbxcommand', params: { source: need, destination: need }, build: command('originate', copy('source', 'destination')), feature: 'oldCommands', answer: 'oldFirst' },
  blindTransfer: { class: 'ipbxcommand', params: { destination: need }, build: command('transfer', copy('destination')), feature: 'oldCommands', answer: 'old' },
  attendedTransfer: {
    class: 'ipbxcommand', params: { to: need }, build: command('atxfer', (request, desk) => ({ destination: xid('exten', numberOf(desk, String(request.to))) })), feature: 'oldCommands', answer: 'old'
  },
  hangupChannel: { class: 'ipbxcommand', params: { channel: need }, build: command('hangup', (request) => ({ channelids: xid('chan', String(request.channel)) })), feature: 'oldCommands', answer: 'old' },
  intercept: { class: 'ipbxcommand', params: { channel: need }, build: command('intercept', (request) => ({ tointercept: xid('chan', String(request.channel)) })), feature: 'oldCommands', answer: 'old' },
  mailboxCount: { class: 'ipbxcommand', params: { mailbox: need, context: need }, build: command('mailboxcount', copy('mailbox', 'context')), feature: 'oldCommands', answer: 'old', repeatable: true },
  sipNotify: { class: 'ipbxcommand', params: { variables: need, channel: need }, build: command('sipnotify', copy('variables', 'channel')), feature: 'sipnotify', answer: 'oldFirst' }
}

function specOf ({ params = {}, repeatable }: Row): ActionSpec {
  return { group: 'request', subject: 'account', params, repeatable: repeatable === true, timeoutMs: 10_000 }
}

/** The answer of a row without class, or undefined when it is one of another. */
const isUnnamed = (message: XivoMessage): boolean => message.class === undefined && typeof message.message === 'string'

function run (desk: Desk, name: string, row: Row): ActionEntry['run'] {
  return async (request, { signal }) => {
    const message = { class: row.class, ...row.build?.(request, desk) }
    const { answer } = row
    if (answer === undefined) {
      desk.tell(message)
      return {}
    }
    if (answer === 'old' || answer === 'oldFirst') return { vendorReply: await oldCommand(desk, `xivo.${name}`, message, signal, answer === 'oldFirst') }
    const reply = (line: XivoMessage, commandId: number): boolean =>
      answer === 'ack' ? repliesTo(line, commandId) : answer === 'unnamed' ? isUnnamed(line) : line.class === answer && row.fits?.(line, request) !== false
    const { reply: told = {} } = await desk.lane(answer === 'ack' ? `ack ${row.class}` : answer, () => desk.ask({ message, reply, signal }))
    if (told.warning_string === WARNINGS.unimplemented && row.class !== 'keepalive') throw unsupported(`xivo.${name}`, `the server does not know it; it speaks ${desk.dialect.label}`)
    return { data: told, vendorReply: told }
  }
}

export function extraActions (desk: Desk): ActionTable {
  return Object.fromEntries(Object.entries(ROWS).map(([name, row]): [string, ActionEntry] => [`xivo.${name}`, {
    spec: specOf(row),
    run: run(desk, name, row),
    ...(row.feature === undefined ? {} : { available: () => desk.dialect.available(row.feature as Feature) }),
    // What nobody answers is sent and no more can be said.
    ...(row.answer === undefined ? { confirmDefault: 'accepted' as const, confirm: () => false } : {})
  }]))
}
