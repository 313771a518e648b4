/** What only iPECS has: actions under its own name (ipecs.md 3.2, 7.2 "extra"). */
import { type ActionGroup, type ActionSpec, type ParamSpec, type To } from '../../model'
import type { ActionTable } from '../../session/types'
import { isFields, number, objects, text, type Fields } from '../read'
import { recordItem } from '../records'
import { busyService } from './calls'
import { actorOf, command, invalid, numberOf, withCti, type Access, type Run } from './tools'

const LOOKUP_MS = 10_000
const needed = (kind: ParamSpec['kind'], values?: readonly string[]): ParamSpec => ({ kind, required: true, ...(values === undefined ? {} : { values }) })
const spec = (group: ActionGroup, params: ActionSpec['params'] = {}, more: Partial<ActionSpec> = {}): ActionSpec => ({ group, subject: 'user', params, repeatable: false, timeoutMs: LOOKUP_MS, ...more })
const lookup = (params: ActionSpec['params'] = {}): ActionSpec => spec('lookup', params, { repeatable: true, subject: 'account' })

/** A command of the table with the device of the one who asks; `data` is what the switch answered. */
function plain (access: Access, name: string, values: (request: Parameters<Run>[0]) => Fields = () => ({})): Run {
  return async (request, context) => ({ data: (await command(access, context, name, { device: actorOf(access, request), ...values(request) })).data })
}

const page = (access: Access): Run => async (request, context) => {
  await command(access, context, 'page', { page: request.page, number: request.number })
  return {}
}

const clickCall = (access: Access): Run => async (request, context) => {
  const { settings } = access.memory
  await command(access, context, 'clickCall', { from: settings.username, to: numberOf(access, request.to as To) })
  return {}
}

const records = (access: Access): Run => async (request, context) => {
  const { body } = await command(access, context, 'records', { limit: request.limit, condition: request.condition, ...(request.countOnly === true ? { countOnly: true } : {}) })
  const total = number(body?.count)
  return { items: objects(body?.items).map((record) => recordItem(record, access.memory.clock)), ...(total === undefined ? {} : { total }) }
}

const deleteRecords = (access: Access): Run => async (request, context) => {
  const condition = request.condition
  if (!isFields(condition) || (Object.keys(condition).length === 0 && request.all !== true)) throw invalid('"condition" says which records; to delete all of them give {} and "all": true.')
  return { data: (await command(access, context, 'deleteRecords', { condition })).data }
}

const terminals = (access: Access): Run => async (request, context) => {
  const { values } = await command(access, context, 'getTerminals', { start: request.start ?? 0, count: request.limit ?? 100 })
  return { items: objects(values.terminals).map((one) => ({ id: text(one.deviceNumber), ...one })) }
}

/** Any command of the table, also one that the account adds: its parameters by name. */
const any = (access: Access): Run => async (request, context) => {
  const reply = await command(access, context, request.name as string, (request.params ?? {}) as Fields)
  return { data: reply.data }
}

const summary = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const now = context.link.clock.now()
  const data = memory.summary.object(now)
  if (request.reset === true) memory.summary.reset(now)
  return { data }
}

const groupIndex = needed('number')
const pick = (...names: readonly string[]) => (request: Parameters<Run>[0]): Fields => Object.fromEntries(names.map((name) => [name, request[name]]))

export function extraActions (access: Access): ActionTable {
  const available = withCti(access)
  return {
    'ipecs.busyService': { spec: spec('call', { service: needed('string', ['intrude', 'callback', 'campon', 'callwait']), target: { kind: 'string' } }), available, run: busyService(access, ({ service }) => service as string) },
    'ipecs.cancelCallBack': { spec: spec('call', {}, { repeatable: true }), available, run: plain(access, 'cancelCallBack') },
    'ipecs.page': { spec: spec('call', { page: needed('string'), number: needed('string') }), available, run: page(access) },
    'ipecs.groupStart': { spec: spec('call', { groupIndex }), available, run: plain(access, 'groupStart', pick('groupIndex')) },
    'ipecs.groupAdd': {
      spec: spec('call', { groupIndex, memberType: needed('string', ['station', 'co', 'net']), memberIndex: { kind: 'number' }, member: { kind: 'string' } }), available,
      run: plain(access, 'groupAdd', pick('groupIndex', 'memberType', 'memberIndex', 'member'))
    },
    'ipecs.groupDrop': { spec: spec('call', { groupIndex, memberIndex: needed('number') }), available, run: plain(access, 'groupDrop', pick('groupIndex', 'memberIndex')) },
    'ipecs.groupMute': {
      spec: spec('call', { groupIndex, memberIndex: needed('number'), enabled: needed('boolean') }, { repeatable: true }), available,
      run: plain(access, 'groupMute', (request) => ({ ...pick('groupIndex', 'memberIndex')(request), service: request.enabled === true ? 'on' : 'off' }))
    },
    'ipecs.getRoom': { spec: lookup({ room: needed('number') }), available, run: plain(access, 'getRoom', pick('room')) },
    'ipecs.setRoom': {
      spec: spec('call', { room: needed('number'), enabled: needed('boolean'), password: { kind: 'string' } }, { repeatable: true }), available,
      run: plain(access, 'setRoom', ({ room, enabled, password }) => ({ room, password: password ?? '', usage: String(enabled === true) }))
    },
    'ipecs.clickCall': {
      spec: spec('originate', { to: needed('to') }), available: () => access.memory.settings.accountType === 'client' ? true : 'click calls belong to a client account, that of a station', run: clickCall(access)
    },
    'ipecs.records': { spec: lookup({ condition: { kind: 'object' }, limit: { kind: 'number' }, countOnly: { kind: 'boolean' } }), run: records(access) },
    'ipecs.deleteRecords': {
      spec: spec('lookup', { condition: needed('object'), all: { kind: 'boolean' } }, { subject: 'account' }), available: () => access.memory.settings.accountType === 'server' ? true : 'a client account may only read call records', run: deleteRecords(access)
    },
    'ipecs.terminals': { spec: lookup({ start: { kind: 'number' }, limit: { kind: 'number' } }), available, run: terminals(access) },
    'ipecs.command': { spec: spec('request', { name: needed('string'), params: { kind: 'object' } }, { subject: 'account' }), run: any(access) },
    'ipecs.summary': { spec: lookup({ reset: { kind: 'boolean' } }), run: summary(access) }
  }
}
