/** What only Five9 has, for the agent: contacts, prompts, reminders, station (five9.md 3.1 to 3.4). */
import { CtiError, diallable, type ActionSpec } from '../../model'
import type { ActionTable } from '../../session/types'
import { defined, fields, iso, isFields, objects, textOf } from '../read'
import type { RouteName } from '../routes'
import { command, invalid, legOf, named, notFound, type Access, type Run } from './tools'

const EXTRA_MS = 5000
const onLegSpec = (params: ActionSpec['params'], repeatable = true): ActionSpec => ({ group: 'call', subject: 'user', legStates: ['ringing', 'initiated', 'remoteRinging', 'active', 'held', 'parked'], params, repeatable, timeoutMs: EXTRA_MS })
const spec = (group: ActionSpec['group'], params: ActionSpec['params'] = {}, repeatable = true): ActionSpec => ({ group, subject: 'user', params, repeatable, timeoutMs: EXTRA_MS })

function plainNumber (raw: unknown): string {
  const number = diallable(String(raw))
  if (number === undefined) throw invalid(`"${String(raw).slice(0, 60)}" cannot be dialled.`)
  return number
}

const bare = (access: Access, route: RouteName): Run => async (_request, context) => ({ vendorReply: (await command(access, context, route)).body })

const contacts = (access: Access): Run => async (_request, context) => {
  const { body } = await command(access, context, 'call_contacts', { callId: legOf(access, context).vendorId })
  return { items: objects(isFields(body) ? body.contacts : body) }
}

/** The time of the last change that was read must go back with it: an optimistic lock (five9.md 3.2). */
const updateContact = (access: Access): Run => async (request, context) => {
  const callId = legOf(access, context).vendorId
  const { body } = await command(access, context, 'call_contacts', { callId })
  const rows = objects(isFields(body) ? body.contacts : body)
  const contact = request.contactId === undefined ? rows[0] : rows.find((row) => textOf(row, 'id') === request.contactId)
  const id = textOf(contact ?? {}, 'id')
  if (contact === undefined || id === undefined) throw notFound('The call has no such contact.')
  const changed = { ...fields(contact.fields), ...(request.fields as Record<string, unknown>) }
  await command(access, context, 'update_contact', { callId, id, fields: changed, modificationTime: contact.modificationTime })
  return { data: { id, fields: changed } }
}

const playPrompt = (access: Access): Run => async (request, context) => {
  await command(access, context, 'play_prompt', { callId: legOf(access, context).vendorId, promptId: request.prompt })
  return {}
}

const stopPrompt = (access: Access): Run => async (_request, context) => {
  await command(access, context, 'audio_player_stop', { callId: legOf(access, context).vendorId })
  return {}
}

/** The body of a reminder is not public: number and time under plain names, overridable in the account (S). */
const scheduleCallback = (access: Access): Run => async (request, context) => {
  const when = Date.parse(request.time as string)
  if (Number.isNaN(when)) throw invalid('"time" must be a date, for instance 2026-11-30T14:00:00Z.')
  const campaign = request.campaign as string | undefined
  const { body } = await command(access, context, 'add_callback', {
    number: plainNumber(request.number), time: when, comments: request.comments, campaignId: campaign === undefined ? undefined : named(access, 'campaigns', campaign, 'campaign')
  })
  return { data: defined({ id: textOf(fields(body), 'id'), time: iso(when) }), vendorReply: body }
}

const callbacks = (access: Access): Run => async (_request, context) => ({ items: objects((await command(access, context, 'callbacks')).body) })

const deleteCallback = (access: Access): Run => async (request, context) => {
  await command(access, context, 'delete_callback', { callbackId: request.callback })
  return {}
}

const addToDnc = (access: Access): Run => async (request, context) => {
  await command(access, context, 'add_number_to_dnc', { number: plainNumber(request.number) })
  return {}
}

/** Names of what the account knows, for flows that build their own forms. */
const reference = (access: Access): Run => async (request) => {
  const list = request.list as 'skills' | 'campaigns' | 'callVariables'
  return { items: access.memory.reference.items(list).map(({ id, name, group, selectable }) => defined({ id, name, group, selectable })) }
}

/** Moves to the maintenance host of one's own accord; PUT in one version, POST in another (five9.md 6.3, 11). */
const migrate = (access: Access): Run => async (_request, context) => {
  try {
    await command(access, context, 'migrate')
  } catch (error) {
    const { code, cause } = CtiError.from(error, 'five9')
    if (code !== 'CTI_NOT_FOUND' && cause.httpStatus !== 405) throw error
    await command(access, context, 'migrate_post')
  }
  await access.connection().migrate()
  return {}
}

export function extraActions (access: Access): ActionTable {
  const needed = { kind: 'string', required: true } as const
  return {
    'five9.contacts': { spec: onLegSpec({}), run: contacts(access) },
    'five9.updateContact': { spec: onLegSpec({ contactId: { kind: 'string' }, fields: { kind: 'object', required: true } }), run: updateContact(access) },
    'five9.playPrompt': { spec: onLegSpec({ prompt: needed }, false), run: playPrompt(access) },
    'five9.stopPrompt': { spec: onLegSpec({}), run: stopPrompt(access) },
    'five9.restartStation': { spec: spec('agent'), run: bare(access, 'station_restart') },
    'five9.testCall': { spec: spec('originate', {}, false), run: bare(access, 'make_test_call') },
    'five9.returnMissedCall': { spec: spec('originate', {}, false), run: bare(access, 'return_missed_call') },
    'five9.scheduleCallback': { spec: spec('agent', { number: needed, time: needed, campaign: { kind: 'string' }, comments: { kind: 'string' } }, false), run: scheduleCallback(access) },
    'five9.callbacks': { spec: spec('lookup'), run: callbacks(access) },
    'five9.deleteCallback': { spec: spec('agent', { callback: needed }), run: deleteCallback(access) },
    'five9.addToDnc': { spec: spec('agent', { number: needed }), run: addToDnc(access) },
    'five9.reference': { spec: spec('lookup', { list: { kind: 'string', required: true, values: ['skills', 'campaigns', 'dispositions', 'notReadyCodes', 'logoutCodes', 'callVariables', 'users'] } }), run: reference(access) },
    'five9.migrate': { spec: { ...spec('agent', {}, false), timeoutMs: 60_000 }, run: migrate(access) }
  }
}
