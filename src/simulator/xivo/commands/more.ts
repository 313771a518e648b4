/** History, chat, fax, call forms and what old servers had besides (xivo-cti.md 3.6, 3.8). */
import { type HistoryEntry } from '../../pbx/types'
import { Drop, type Message, need, needInteger, needObject, needText, textOf } from '../codec'
import { type Site } from '../site'
import { type Call, type Handlers, NOTHING } from './types'

const MODES: Record<HistoryEntry['kind'], string> = { placed: '0', received: '1', missed: '2' }

/** Local time of the server, without a zone. A published client cuts it at the point, so the fraction is always there. */
function callDate (at: number): string {
  const time = new Date(at)
  const two = (part: number): string => String(part).padStart(2, '0')
  const date = [String(time.getFullYear()), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date}T${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}.${String(time.getMilliseconds()).padStart(3, '0')}000`
}

function seconds (entry: HistoryEntry): number {
  return entry.answeredAt === undefined ? 0 : (entry.endedAt - entry.answeredAt) / 1000
}

/** Up to 15.08: calls of one mode, the number in the name. */
function oldEntry (entry: HistoryEntry): Message {
  const { name, number } = entry.party
  return { calldate: callDate(entry.at), duration: seconds(entry), fullname: name === undefined ? number ?? '' : `"${name}" <${number ?? ''}>` }
}

function newEntry (entry: HistoryEntry): Message {
  const { name, number } = entry.party
  return { calldate: callDate(entry.at), duration: Math.round(seconds(entry)), fullname: name ?? number ?? '', extension: number ?? '', mode: MODES[entry.kind] }
}

function history ({ site, session, user, message, reply }: Call): void {
  const each = site.release.from('15.09')
  const mode = each ? undefined : need(message, 'mode')
  const size = needInteger(message, 'size')
  if (user.devices.length === 0) return session.send({})
  const own = site.pbx.history.filter(({ userKey }) => userKey === user.key).reverse()
  if (each) return reply({ history: own.slice(0, Math.max(0, size)).map(newEntry) })
  if (typeof mode !== 'string' || !Object.values(MODES).includes(mode)) return reply({ mode: null, history: [] })
  reply({ mode, history: own.filter(({ kind }) => MODES[kind] === mode).slice(0, Math.max(0, size)).map(oldEntry) })
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

function uuidPair (value: unknown): [string, string] {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((part) => typeof part === 'string' && UUID.test(part))) throw new Drop('to is no pair of uuids')
  return value as [string, string]
}

/** 2.1 and later: by uuid, without an answer. */
function chatByUuid ({ site, user, message }: Call): void {
  const alias = need(message, 'alias')
  const text = need(message, 'text')
  const to = uuidPair(need(message, 'to'))
  const key = to[0] === site.ids.uuid ? site.ids.userOfUuid(to[1]) : undefined
  if (key !== undefined) site.out.toUser(key, { class: 'chitchat', alias, from: [site.ids.uuid, site.ids.userUuid(user.key)], to, text })
}

/** 15.19 to 2.0: by the ids of server and user. */
function chatByPair ({ site, user, message }: Call): void {
  const { to } = message
  if (!Array.isArray(to) || to.length !== 2) throw new Drop('to is no pair')
  const key = site.ids.key('user', textOf(to[1]))
  if (key !== undefined) site.out.toUser(key, { class: 'chitchat', from: [site.ids.uuid, site.ids.number('user', user.key)], to, text: message.text })
}

/** Old servers acknowledge first, then look at the address. */
function chatByName (call: Call): void {
  const { site, user, message, session } = call
  const from = `xivo/${site.ids.id('user', user.key)}`
  call.ack(NOTHING)
  if (message.to === undefined) return session.send({ class: 'chitchat', from, text: message.text })
  if (typeof message.to !== 'string' || !message.to.includes('/')) throw new Drop('to has no slash')
  const key = site.ids.key('user', message.to.slice(message.to.indexOf('/') + 1))
  if (key !== undefined) site.out.toUser(key, { class: 'chitchat', to: message.to, from, text: message.text })
}

function chat (call: Call): void {
  const { release } = call.site
  if (release.from('16.04')) chatByUuid(call)
  else if (release.channels) chatByName(call)
  else chatByPair(call)
}

/** From 15.18 on the data come along and progress is told; before, only a place to put them. */
function fax (call: Call): void {
  const { site, user, message, ack } = call
  need(message, 'destination')
  if (!site.release.from('15.18')) return ack({ fileid: String(site.rng.integer(100_000, 999_999)) })
  needInteger(message, 'size')
  const pages = (Buffer.from(needText(message, 'data'), 'base64').toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length
  ack(NOTHING)
  if (!site.release.from('15.11')) return
  site.out.toUser(user.key, { class: 'fax_progress', status: 'PRESENDFAX', pages: null })
  const reachable = site.pbx.resolve(textOf(message.destination)).kind === 'external'
  site.out.toUser(user.key, { class: 'fax_progress', status: reachable ? 'SUCCESS' : 'FAILED', pages: reachable ? Math.max(1, pages) : null })
}

/** What was filled in goes to the call as its data, without the prefix. */
function formResult ({ site, user, message }: Call): void {
  const variables = needObject(needObject(message, 'infos'), 'variables')
  const data = Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('XIVOFORM_')).map(([name, value]) => [name.slice('XIVOFORM_'.length), textOf(value)]))
  const call = lastCall(site, user.key)
  if (call !== undefined) site.pbx.setData(call, data)
}

function lastCall (site: Site, userKey: string): string | undefined {
  return site.pbx.connectionsOf(userKey).at(-1)?.key
}

export const moreCommands: Handlers = {
  history,
  chitchat: chat,
  faxsend: fax,
  filetransfer: ({ ack }) => { ack(NOTHING) },
  logfromclient: ({ ack }) => { ack(NOTHING) },
  call_form_result: formResult,
  invite_confroom: ({ site, session, message }) => {
    const invitee = /^user:[^/]*\/(\d+)$/.exec(needText(message, 'invitee'))?.[1]
    if (invitee !== undefined && site.ids.key('user', invitee) !== undefined) session.send({ message: 'Command sent succesfully' })
  }
}
