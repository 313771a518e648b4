/** What would make the server drop the line without a word: caught before it is sent (xivo-cti.md 3.9). */
import { CtiError } from '../model'
import type { Dialect } from './dialect'
import { isListName, LISTS, type XivoMessage } from './protocol'
import { isFields, lookup, text } from './read'

type Check = (message: XivoMessage, dialect: Dialect) => string | undefined

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ALNUM = /^[0-9A-Za-z]+$/
const DIAL_URL = /^(exten|voicemail|vm_consult):/

const isNumeric = (value: unknown): boolean => (typeof value === 'string' && /^\d+$/.test(value)) || (typeof value === 'number' && Number.isInteger(value))

/** Each key must be there and not empty. */
const needs = (...names: string[]): Check => (message) => {
  const missing = names.filter((name) => message[name] === undefined || message[name] === null || message[name] === '')
  return missing.length === 0 ? undefined : `it needs ${missing.map((name) => `"${name}"`).join(' and ')}`
}
const all = (...checks: Check[]): Check => (message, dialect) => {
  for (const check of checks) {
    const wrong = check(message, dialect)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

/** `enable…` keys of a forward and the destination key that each cannot do without. */
const FORWARDS: Readonly<Record<string, string>> = { enableunc: 'destunc', enablebusy: 'destbusy', enablerna: 'destrna' }

const featuresput: Check = (message) => {
  const { function: name, value } = message
  if (text(name) === undefined) return 'it needs "function"'
  if (name !== 'fwd') return typeof value === 'boolean' ? undefined : '"value" must be true or false'
  if (!isFields(value)) return '"value" of a forward must be an object'
  const kinds = Object.keys(FORWARDS).filter((kind) => kind in value)
  if (kinds.length === 0) return 'a forward needs one of enableunc, enablebusy, enablerna'
  const without = kinds.find((kind) => typeof value[FORWARDS[kind] ?? ''] !== 'string')
  return without === undefined ? undefined : `"${without}" needs "${FORWARDS[without]}" as text, also to switch it off`
}

const dial: Check = ({ destination }) => {
  if (typeof destination !== 'string' || destination === '') return '"destination" must be a text'
  return /^\w+:\w+\//.test(destination) && !DIAL_URL.test(destination) ? '"destination" must be a number, exten:, voicemail: or vm_consult:' : undefined
}

const membership: Check = ({ command, member, queue }) => {
  if (typeof member !== 'string' || !/^agent:[^/]+\/\d+$/.test(member)) return '"member" must look like agent:xivo/4'
  if (typeof queue !== 'string' || !/^queue:[^/]+\/(\d+|all)$/.test(queue)) return '"queue" must look like queue:xivo/2 or queue:xivo/all'
  return queue.endsWith('/all') && (command === 'queueadd' || command === 'queueremove') ? '"queue" must be one queue' : undefined
}

const meetme: Check = (message) => {
  const { functionargs } = message
  if (!Array.isArray(functionargs) || !functionargs.every((part) => typeof part === 'string' && ALNUM.test(part))) return '"functionargs" must be a list of letters and digits'
  return needs('function')(message, undefined as never)
}

const COMMANDS: Readonly<Record<string, Check>> = {
  dial,
  listen: needs('destination'),
  queuepause: membership,
  queueunpause: membership,
  queueadd: membership,
  queueremove: membership,
  meetme,
  mailboxcount: needs('mailbox', 'context'),
  record: needs('subcommand', 'channel')
}

const pairs = (name: string): Check => (message) => {
  const list = message[name]
  return Array.isArray(list) && list.every((pair) => Array.isArray(pair) && pair.length === 2) ? undefined : `"${name}" must be a list of pairs [xivo_uuid, id]`
}

const queueStats: Check = ({ on }) => {
  if (on === undefined) return undefined
  if (!isFields(on)) return '"on" must be an object'
  const wrong = Object.entries(on).find(([, part]) => !isFields(part) || !isNumeric(part.window) || !isNumeric(part.xqos))
  return wrong === undefined ? undefined : '"on" needs numeric "window" and "xqos" for every queue'
}

const chitchat: Check = ({ alias, to, text: said }, dialect) => {
  if (text(said) === undefined) return 'it needs "text"'
  if (dialect.has('chatUuid') === true) {
    if (text(alias) === undefined) return 'it needs "alias"'
    return Array.isArray(to) && to.length === 2 && to.every((part) => typeof part === 'string' && UUID.test(part)) ? undefined : '"to" must be [xivo_uuid, user_uuid]'
  }
  if (dialect.has('chatText') === true) return typeof to === 'string' && to.includes('/') ? undefined : '"to" must look like xivo/5'
  return (typeof to === 'string' && to.includes('/')) || (Array.isArray(to) && to.length === 2) ? undefined : '"to" must be xivo/<user id> or a pair'
}

const getlist: Check = (message) => {
  const { function: name, listname } = message
  const missing = needs('function', 'listname')(message, undefined as never)
  if (missing !== undefined) return missing
  if (name === 'updateconfig' && (!isListName(listname) || listname === 'channels')) return `"listname" must be one of ${LISTS.join(', ')} for updateconfig`
  return (name === 'updateconfig' || name === 'updatestatus') && typeof message.tid !== 'string' ? '"tid" must be a text' : undefined
}

const voicemailNumber: Check = ({ voicemail }) => typeof voicemail === 'string' && ALNUM.test(voicemail) ? undefined : '"voicemail" must be letters and digits'

const history: Check = ({ size, mode }, dialect) => {
  if (!isNumeric(size)) return '"size" must be a number'
  return dialect.has('historyByMode') !== false && !/^[0-2]$/.test(typeof mode === 'string' ? mode : '') ? '"mode" must be "0", "1" or "2"' : undefined
}

const subscribe: Check = ({ message, queueid }) => {
  if (text(message) === undefined) return 'it needs "message"'
  return message === 'queueentryupdate' && !isNumeric(queueid) ? '"queueid" must be a number' : undefined
}

const reserved: Check = () => 'logging in is the session\'s own affair'

const CLASSES: Readonly<Record<string, Check>> = {
  login_id: reserved,
  login_pass: reserved,
  login_capas: reserved,
  starttls: reserved,
  getlist,
  featuresput,
  availstate: needs('availstate'),
  ipbxcommand: all(needs('command'), (message, dialect) => lookup(COMMANDS, String(message.command))?.(message, dialect)),
  answer: needs('unique_id'),
  resume_switchboard: needs('unique_id'),
  hold_switchboard: needs('queue_name'),
  attended_transfer: needs('number'),
  direct_transfer: needs('number'),
  attended_transfer_voicemail: voicemailNumber,
  blind_transfer_voicemail: voicemailNumber,
  subscribe,
  getqueuesstats: queueStats,
  history,
  register_user_status_update: pairs('user_ids'),
  unregister_user_status_update: pairs('user_ids'),
  register_agent_status_update: pairs('agent_ids'),
  unregister_agent_status_update: pairs('agent_ids'),
  register_endpoint_status_update: pairs('endpoint_ids'),
  unregister_endpoint_status_update: pairs('endpoint_ids'),
  chitchat,
  faxsend: (message, dialect) => needs('destination', ...(dialect.has('faxData') === false ? [] : ['size', 'data']))(message, dialect),
  invite_confroom: needs('invitee'),
  filetransfer: needs('command', 'fileid', 'socketref')
}

/** Throws when the server would answer this message by closing the connection. @throws CtiError CTI_INVALID_REQUEST */
export function guard (message: XivoMessage, dialect: Dialect): void {
  const name = text(message.class)
  const wrong = name === undefined ? 'it needs "class"' : lookup(CLASSES, name)?.(message, dialect)
  if (wrong === undefined) return
  throw new CtiError('CTI_INVALID_REQUEST', `"${name ?? 'message'}" was not sent, the server would drop the line: ${wrong}.`, { vendor: 'xivo', retryable: false })
}
