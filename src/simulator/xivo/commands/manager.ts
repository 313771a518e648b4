/** Commands that are passed on to Asterisk's manager, with an answer in two lines (xivo-cti.md 3.5). */
import { Refusal } from '../../pbx/types'
import { type Channel } from '../channels'
import { need, needText, textOf } from '../codec'
import { consult, transferTo } from '../own-calls'
import { ringsHere } from '../render/calls'
import { voicemailStatus } from '../render/lists'
import { type Site } from '../site'
import { clickToDial } from './dial'
import { type Call, type Handler, type Handlers } from './types'

const URL = /^([^:]*):([^/]*)\/(.*)$/

/** `kind:xivo/id` taken apart. */
function urlOf (value: unknown): { kind: string; id: string } | undefined {
  const [, kind, , id] = URL.exec(textOf(value)) ?? []
  return kind === undefined || id === undefined ? undefined : { kind, id }
}

/** Does it, and tells as Asterisk does: written, then done or refused. */
function twoLines (call: Call, act: () => void): void {
  call.ack({ ipbxreply: true })
  try {
    act()
    call.ack({ response: 'ok' })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    call.ack({ response: 'ko' })
  }
}

/** Number that a source or destination of `originate` and `transfer` means. */
function numberOf (site: Site, value: unknown): string | undefined {
  const { kind, id } = urlOf(value) ?? {}
  const { pbx, ids } = site
  if (kind === 'exten') return id
  if (kind === 'user') return pbx.users.get(ids.key('user', id) ?? '')?.extension
  if (kind === 'phone') return pbx.devices.get(ids.key('phone', id) ?? '')?.number
  if (kind === 'meetme') return pbx.users.get(ids.key('room', id) ?? '')?.extension
  const mailbox = kind === 'voicemail' ? pbx.users.get(ids.key('voicemail', id) ?? '') : undefined
  return mailbox === undefined ? undefined : `*98${mailbox.extension}`
}

function sourceOf (site: Site, value: unknown): string | undefined {
  const { kind, id } = urlOf(value) ?? {}
  const { pbx, ids } = site
  if (kind === 'user') return ids.key('user', id)
  if (kind === 'phone') return pbx.devices.get(ids.key('phone', id) ?? '')?.userKey
  return kind === 'exten' ? pbx.userByExtension(id ?? '')?.key : undefined
}

function originate (call: Call): void {
  const { site, message } = call
  if (urlOf(message.source) === undefined) return call.ack({ ipbxreply: 'source' })
  if (urlOf(message.destination) === undefined) return call.ack({ ipbxreply: 'destination' })
  const userKey = sourceOf(site, message.source)
  const number = numberOf(site, message.destination)
  if (userKey === undefined || number === undefined) return call.ack({ ipbxreply: 'noaction' })
  const actionId = String(site.rng.integer(100_000, 999_999))
  call.ack({ ipbxreply: site.release.from('14.06') ? actionId : true })
  let reason = '4'
  try {
    clickToDial(site, userKey, number)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reason = '0'
  }
  if (!site.options.originateProgress && site.release.from('14.06')) return
  call.ack({ response: reason === '4' ? 'ok' : 'ko' })
  call.ack({ channel: `SIP/${userKey}`, originatereason: reason })
}

/** The channel of a request that names it as `chan:xivo/<name>` or bare. */
function channelOf (site: Site, value: unknown): Channel {
  const text = textOf(value)
  const channel = site.channels.named(text.startsWith('chan:') ? text.slice(text.indexOf('/') + 1) : text)
  if (channel === undefined) throw new Refusal('unknownCall', `no channel ${text}`)
  return channel
}

/** Takes the party of a channel that rings or talks to the own phone; the other side loses it. */
function intercept ({ site, user, message }: Call): void {
  const connection = site.pbx.connections.get(channelOf(site, message.tointercept).connectionKey)
  if (connection !== undefined && ringsHere(connection)) return site.pbx.deflect(connection.key, user.extension)
  const other = connection === undefined ? undefined : site.pbx.otherEnd(connection)
  if (other === undefined) throw new Refusal('noCall', 'nobody at the other end')
  site.pbx.blindTransfer(other.key, user.extension)
}

const record: Handler = (call) => {
  const { site, message } = call
  const subcommand = needText(message, 'subcommand')
  const name = need(message, 'channel')
  if (subcommand !== 'start' && subcommand !== 'stop') return call.ack({ ipbxreply: 'noaction' })
  twoLines(call, () => { site.pbx.record(channelOf(site, name).connectionKey, subcommand) })
}

const mailboxcount: Handler = (call) => {
  const { site, message } = call
  const mailbox = need(message, 'mailbox')
  need(message, 'context')
  const owner = site.pbx.userByExtension(textOf(mailbox))
  if (owner?.features.voicemail !== true) return twoLines(call, () => { throw new Refusal('notAssigned', 'no such mailbox') })
  twoLines(call, () => { site.out.getlist('updatestatus', 'voicemails', { tid: site.ids.id('voicemail', owner.key), status: voicemailStatus(site, owner) }) })
}

/** A transfer of the own call to a thing that has an id. */
function transfer (call: Call, act: (number: string) => void): void {
  if (urlOf(call.message.destination) === undefined) return call.ack({ ipbxreply: 'Incomplete transfer information' })
  const number = numberOf(call.site, call.message.destination)
  if (number === undefined) return call.ack({ ipbxreply: 'noaction' })
  twoLines(call, () => { act(number) })
}

export const managerCommands: Handlers = {
  originate,
  hangup: (call) => {
    const ids = call.message.channelids
    if (typeof ids !== 'string' || !ids.includes('/')) return call.ack({ ipbxreply: 'noaction' })
    twoLines(call, () => { call.site.pbx.release(channelOf(call.site, ids).connectionKey) })
  },
  transfer: (call) => { transfer(call, (number) => { transferTo(call.site, call.user.key, number) }) },
  atxfer: (call) => {
    if (urlOf(call.message.destination)?.kind !== 'exten') return call.ack({ ipbxreply: 'Incomplete transfer information' })
    transfer(call, (number) => { consult(call.site, call.user.key, number) })
  },
  intercept: (call) => { twoLines(call, () => { intercept(call) }) },
  parking: ({ ack }) => { ack({ ipbxreply: 'noaction' }) },
  sipnotify: ({ ack }) => { ack({ ipbxreply: true }) },
  record,
  mailboxcount
}
