/**
 * The requests of the Web API as data (ipecs.md 3.2): method, path, where the parameters go, envelope, fields. A site corrects or extends them by the
 * account's advanced setting `commands`, for the public document leaves some shapes open (ipecs.md 3.5, 11).
 */
import { CtiError } from '../model'
import { isFields, lookup, parseObject, type Fields } from './read'

export interface Command {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/ipxapi/{type}/v1/users/{id}/`; with a leading slash below `/ipxapi`, where `{user}` is the account's user. */
  readonly path: string
  /** Another path to be tried when the first answers 404; the one that works is remembered. */
  readonly otherPath?: string
  readonly in: 'body' | 'query' | 'form'
  /** The body is `{ transactionID, data }`, else the bare fields. */
  readonly envelope: boolean
  /** Field of the wire to what goes there: `"{name}"` is the parameter itself (left out when absent), other texts and values stand as they are. */
  readonly params: Readonly<Record<string, unknown>>
  /** Name of ours to field of the answer. */
  readonly returns?: Readonly<Record<string, string>>
  /** May be sent twice. Default: GET only. */
  readonly repeatable?: boolean
  /** False: not to be used, because its path is not known. */
  readonly enabled?: boolean
}
export type Commands = ReadonlyMap<string, Command>
/** By name: corrections of a known command, or a new one, which then needs at least a path. */
export type CommandOverrides = Readonly<Record<string, Partial<Command>>>

type Params = Readonly<Record<string, unknown>>
const dn = { deviceNumber: '{device}' }
const ofCall = { ...dn, callRefID: '{ref}' }
const body = (path: string, params: Params, more: Partial<Command> = {}): Command => ({ method: 'POST', path, in: 'body', envelope: true, params, ...more })
const query = (path: string, params: Params, more: Partial<Command> = {}): Command => ({ method: 'GET', path, in: 'query', envelope: false, params, ...more })
const givesRef = { returns: { ref: 'callRefID' } } as const
const devices = { deviceNumber: '{devices}' }
const agent = { ...dn, agentId: '{agentId}', groupNumber: '{group}' }
const member = { ...dn, groupIndex: '{groupIndex}', memberIndex: '{memberIndex}' }

export const COMMANDS = {
  login: query('login', {}),
  logout: body('logout', {}, { envelope: false }),
  // Printed without type and version, unlike every other path (ipecs.md 2.6).
  checkConnection: body('checkconnection', {}, { envelope: false, otherPath: '/users/{user}/checkconnection', repeatable: true }),
  records: query('smdr', { countOnly: '{countOnly}', maxCount: '{limit}', q: '{condition}' }),
  deleteRecords: body('smdr', { q: '{condition}' }, { method: 'DELETE', in: 'form', envelope: false }),
  monitorStart: body('call/monitor', devices, { envelope: false, repeatable: true }),
  monitorStop: body('call/monitor', devices, { method: 'DELETE', envelope: false, repeatable: true }),
  presenceStart: body('call/presence', devices, { envelope: false, repeatable: true }),
  presenceStop: body('call/presence', devices, { method: 'DELETE', envelope: false, repeatable: true }),
  // The document repeats the path of make call by mistake; this one is a guess, harmless where it is wrong (ipecs.md 11).
  getTerminals: query('call/terminal', { startIndex: '{start}', count: '{count}' }, { returns: { terminals: 'terminals' } }),
  originate: body('call/make', { ...dn, calledDN: '{to}' }, givesRef),
  answer: body('call/answer', ofCall),
  clear: body('call/clear_connection', ofCall),
  reroute: body('call/reroute', { ...ofCall, divertToDN: '{to}' }),
  hold: body('call/hold', ofCall),
  retrieve: body('call/retrieve', ofCall),
  consult: body('call/consultation', { ...ofCall, calledDN: '{to}', svcType: '{purpose}' }, givesRef),
  transfer: body('call/transfer', ofCall, givesRef),
  blindTransfer: body('call/1step_transfer', { ...ofCall, transferDN: '{to}' }, givesRef),
  dtmf: body('call/dial_digit', { ...ofCall, dialDigit: '{digit}' }),
  reconnect: body('call/reconnect', ofCall),
  setForwarding: body('call/forward', { ...dn, DN: '{number}', cfwdType: '{kind}', destNumber: '{to}' }),
  getForwarding: query('call/forward', { ...dn, DN: '{number}' }, { returns: { kind: 'cfwdType', to: 'destNumber', seconds: 'ringTime' } }),
  setDnd: body('call/dnd', { ...dn, DN: '{number}', svcType: '{service}' }),
  getDnd: query('call/dnd', { ...dn, DN: '{number}' }, { returns: { service: 'svcType' } }),
  pickup: body('call/pickup', { ...dn, callingDN: '{device}', pickedDN: '{target}', pickupType: '{kind}' }),
  conference: body('call/conference', ofCall, givesRef),
  busyService: body('call/busy_service', { ...ofCall, type: '{service}' }, givesRef),
  cancelCallBack: body('call/call_back', { ...dn, svcType: 'false' }),
  status: query('call/status', dn, { returns: { state: 'state' } }),
  park: body('call/park', ofCall, { returns: { slot: 'parkingLoc' } }),
  unpark: body('call/unpark', { ...dn, callingDN: '{device}', parkingLoc: '{slot}' }),
  mailbox: query('call/mwi', dn),
  page: body('call/flexpage', { page_index: '{page}', service_num: '{number}' }),
  agentLogin: body('call/agent_logon', { ...agent, loginPrimary: '{primary}', loginPriority: '{priority}' }),
  agentLogout: body('call/agent_logoff', { ...agent, loginPrimary: '{primary}' }),
  agentState: body('call/agent_state', { ...agent, agentState: '{state}', reasonCode: '{reason}' }),
  groupStart: body('call/confgroup', { ...dn, groupIndex: '{groupIndex}' }),
  groupAdd: body('call/confgroup_callee', { ...member, memberType: '{memberType}', memberDN: '{member}' }),
  groupDrop: body('call/confgroup_callee', member, { method: 'DELETE' }),
  groupMute: body('call/confgroup_mutecallee', { ...member, svcType: '{service}' }),
  getRoom: query('call/confroom', { ...dn, roomIndex: '{room}' }),
  setRoom: body('call/confroom', { ...dn, roomIndex: '{room}', roomPwd: '{password}', roomUsage: '{usage}' }),
  // Listed by the demo page of the switch; no path is documented.
  setAnonymousReject: body('', { ...dn, svcType: '{service}' }, { enabled: false }),
  getAnonymousReject: query('', dn, { enabled: false }),
  clickCall: body('clickcall', { From: '{from}', To: '{to}' }, { envelope: false })
} as const satisfies Record<string, Command>

const METHODS: ReadonlySet<unknown> = new Set(['GET', 'POST', 'PUT', 'DELETE'])
const PLACES: ReadonlySet<unknown> = new Set(['body', 'query', 'form'])
const SAFE_PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w/{}.-]*$/
/** What is wrong with a field of an override; a field that is not here is unknown. */
const CHECKS: Readonly<Record<keyof Command, (value: unknown) => boolean>> = {
  method: (value) => METHODS.has(value),
  path: (value) => typeof value === 'string' && SAFE_PATH.test(value),
  otherPath: (value) => typeof value === 'string' && SAFE_PATH.test(value),
  in: (value) => PLACES.has(value),
  envelope: (value) => typeof value === 'boolean',
  params: isFields,
  returns: (value) => isFields(value) && Object.values(value).every((name) => typeof name === 'string'),
  repeatable: (value) => typeof value === 'boolean',
  enabled: (value) => typeof value === 'boolean'
}
const MOST_COMMANDS = 200

function invalid (text: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', `The commands of the iPECS account: ${text}.`, { vendor: 'ipecs', retryable: false })
}

function merged (name: string, change: unknown): Command {
  if (!isFields(change)) throw invalid(`"${name.slice(0, 60)}" must be an object`)
  for (const [field, value] of Object.entries(change)) {
    const check = lookup(CHECKS as Readonly<Record<string, (value: unknown) => boolean>>, field)
    if (check === undefined) throw invalid(`"${name.slice(0, 60)}" has no field "${field.slice(0, 60)}"; there are ${Object.keys(CHECKS).join(', ')}`)
    if (!check(value)) throw invalid(`"${field}" of "${name.slice(0, 60)}" cannot be used`)
  }
  const known = lookup(COMMANDS as Readonly<Record<string, Command>>, name)
  if (known === undefined && typeof change.path !== 'string') throw invalid(`the new command "${name.slice(0, 60)}" has no path`)
  const method = (change.method as Command['method'] | undefined) ?? known?.method ?? 'POST'
  // Where a path is given to a command that had none, it is meant to be used.
  const enabled = change.enabled ?? (known?.enabled === false && change.path !== undefined ? true : known?.enabled)
  return {
    in: method === 'GET' ? 'query' : 'body', envelope: true, params: {}, ...known, ...(change as Partial<Command>), path: (change.path as string | undefined) ?? known?.path ?? '', method,
    ...(enabled === undefined ? {} : { enabled: enabled === true })
  }
}

/**
 * The table with an account's corrections.
 * @param overrides an object, its JSON text, or nothing
 * @throws CtiError CTI_INVALID_REQUEST naming the field that cannot be used
 */
export function commandsOf (overrides?: string | CommandOverrides): Commands {
  const table = new Map<string, Command>(Object.entries(COMMANDS))
  if (overrides === undefined || (typeof overrides === 'string' && overrides.trim() === '')) return table
  const changes = typeof overrides === 'string' ? parseObject(overrides) : overrides
  if (!isFields(changes)) throw invalid('they must be a JSON object of commands by name')
  if (Object.keys(changes).length > MOST_COMMANDS) throw invalid('there are too many')
  for (const [name, change] of Object.entries(changes)) table.set(name, merged(name, change))
  return table
}

const WHOLE = /^\{(\w+)\}$/

/** The fields of a request, with the values in their places; what has no value is left out. */
export function fillParams (params: Params, values: Fields): Record<string, unknown> {
  const filled: Record<string, unknown> = {}
  for (const [field, template] of Object.entries(params)) {
    const value = fill(template, values)
    if (value !== undefined) filled[field] = value
  }
  return filled
}

function fill (template: unknown, values: Fields): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, values))
  if (isFields(template)) return fillParams(template, values)
  if (typeof template !== 'string') return template
  const whole = WHOLE.exec(template)?.[1]
  if (whole !== undefined) return Object.hasOwn(values, whole) ? values[whole] : undefined
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => Object.hasOwn(values, name) && values[name] !== undefined ? String(values[name]) : '')
}
