/** Call logs and voice messages (xsi.md 3.4). */
import { type HistoryEntry, type VoiceMessage } from '../../pbx/types'
import { badRequest, notFound, unassigned } from '../errors'
import { type Reply, type UserCall } from '../http'
import { countryCode } from '../names'
import { callTypeOf, uriOf } from '../render/party'
import { route, type Route } from '../router'
import { page } from '../search'
import { el, type El, flag, text } from '../tree'
import { forUser } from './users'

type Kind = HistoryEntry['kind']
const KINDS: Kind[] = ['placed', 'received', 'missed']
const BASIC_LIMIT = 20

function cleared (call: UserCall): string[] {
  return call.site.settings.list<string>(call.user.key, 'clearedLogs', () => [])
}

/** The user's own entries, newest first, without those deleted. */
function entries (call: UserCall, kind: Kind): HistoryEntry[] {
  const gone = new Set(cleared(call))
  return call.site.pbx.history.filter((entry) => entry.userKey === call.user.key && entry.kind === kind && !gone.has(entry.id)).reverse()
}

function logId (entry: HistoryEntry): string {
  return `${entry.id.replace(/\D/g, '')}:0`
}

function iso (at: number): string {
  return new Date(at).toISOString()
}

function basicEl (entry: HistoryEntry): El {
  const hidden = entry.party.private === true
  return el('callLogsEntry',
    text('countryCode', hidden ? undefined : countryCode(entry.party.number) ?? '1'),
    text('phoneNumber', hidden ? 'Unavailable' : entry.party.number ?? 'Unavailable'),
    text('name', hidden ? 'Private' : entry.party.name ?? entry.party.number ?? 'Unavailable'),
    text('time', iso(entry.at)),
    text('callLogId', logId(entry)))
}

function basic (kinds: Kind[]): (call: UserCall) => Reply {
  return (call) => ({ localised: true, body: el('CallLogs', kinds.map((kind) => el(kind, entries(call, kind).slice(0, BASIC_LIMIT).map(basicEl)))) })
}

function clear (kinds: Kind[]): (call: UserCall) => Reply {
  return (call) => {
    for (const kind of kinds) cleared(call).push(...entries(call, kind).map((entry) => entry.id))
    return {}
  }
}

function single (call: UserCall, kind: Kind): HistoryEntry {
  const found = entries(call, kind).find((entry) => logId(entry) === call.params.log)
  if (!found) throw notFound('Call log not found')
  return found
}

function enhancedEl (call: UserCall, entry: HistoryEntry): El {
  const { site, user } = call
  const own = user.numbers[0] ?? user.extension
  const placed = entry.kind === 'placed'
  const other = entry.party.private ? undefined : entry.party.number
  return el('enhancedCallLogsExtendedEntry',
    text('countryCode', countryCode(other) ?? '1'),
    text('callLogId', logId(entry)),
    text('callId', entry.connectionKey === '' ? logId(entry) : site.ids.callId(entry.connectionKey)),
    text('subscriberType', 'User'),
    placed ? text('dialedNumber', other) : undefined,
    text('calledNumber', placed ? other : own),
    text('callingPresentationNumber', placed ? own : other),
    text('callingPresentationName', placed ? `${user.first} ${user.last}` : entry.party.private ? undefined : entry.party.name),
    text('callingPresentationIndicator', entry.party.private && !placed ? 'Anonymous' : 'Public'),
    placed ? text('calledDirectoryName', entry.party.name) : undefined,
    text('basicCallType', callTypeOf(entry.party)),
    text('time', iso(entry.at)),
    text('startTime', entry.at),
    text('answerTime', entry.answeredAt),
    text('releaseTime', entry.endedAt))
}

function moment (call: UserCall, name: string, absent: number): number {
  const given = call.query.get(name.toLowerCase())
  const at = given === undefined ? absent : Date.parse(given)
  if (Number.isNaN(at)) throw badRequest(`${name} is no date`)
  return at
}

/** Since the start of the previous month, unless asked otherwise. */
function enhanced (kinds: Kind[]): (call: UserCall) => Reply {
  return (call) => {
    const now = new Date(call.site.clock.now())
    const from = moment(call, 'startTime', Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1))
    const to = moment(call, 'endTime', Infinity)
    const rows = kinds.flatMap((kind) => entries(call, kind)).filter((entry) => entry.at >= from && entry.at <= to)
    const found = page(rows, call.query, call.site.options.pageLimit)
    return {
      localised: true,
      body: el('EnhancedCallLogs', text('startIndex', found.start), text('numberOfRecords', found.rows.length),
        kinds.map((kind) => el(kind, found.rows.filter((entry) => entry.kind === kind).map((entry) => enhancedEl(call, entry)))))
    }
  }
}

function mailbox (call: UserCall): VoiceMessage[] {
  if (!call.user.features.voicemail) throw unassigned('Voice Messaging User')
  return call.user.mailbox.messages
}

function messageOf (call: UserCall): VoiceMessage {
  const found = mailbox(call).find((message) => message.id === call.params.message)
  if (!found) throw notFound('Voice message not found')
  return found
}

/** `messageId` is a whole path below the Actions base. */
function infoEl (call: UserCall, message: VoiceMessage): El {
  const { from } = message
  return el('messageInfo',
    text('duration', message.durationMs),
    el('callingPartyInfo', from.private ? undefined : text('name', from.name), text('userId', call.site.names.userIdOf(from.userKey)), from.private ? undefined : text('address', uriOf(from.number))),
    flag('read', message.read),
    flag('urgent', message.urgent),
    text('time', message.at),
    text('messageId', `/v2.0/user/${call.userId}/voicemessagingmessages/${message.id}`))
}

function messages (call: UserCall): Reply {
  return { localised: true, body: el('VoiceMessagingMessages', el('messageInfoList', mailbox(call).map((message) => infoEl(call, message)))) }
}

/** A second of silence as a WAV file: 8 kHz, 8 bit. */
function silence (): string {
  const samples = 8000
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(8000, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples, 40)
  return Buffer.concat([head, Buffer.alloc(samples, 128)]).toString('base64')
}

function message (call: UserCall): Reply {
  const found = messageOf(call)
  return { localised: true, body: el('VoiceMessage', infoEl(call, found), el('messageMediaContent', text('description', `${found.id}.wav`), text('mediaType', 'WAV'), text('content', silence()))) }
}

function remove (call: UserCall): Reply {
  call.site.pbx.deleteVoicemail(call.user.key, messageOf(call).id)
  return {}
}

function mark (read: boolean, all: boolean): (call: UserCall) => Reply {
  return (call) => {
    const targets = all ? [...mailbox(call)] : [messageOf(call)]
    for (const target of targets) call.site.pbx.markVoicemail(call.user.key, target.id, read)
    return {}
  }
}

const LOGS = '/user/:user/directories/CallLogs'
const ENHANCED = '/user/:user/directories/EnhancedCallLogs'
const MESSAGES = '/user/:user/VoiceMessagingMessages'
const NAMES: [path: string, kind: Kind][] = [['Missed', 'missed'], ['Placed', 'placed'], ['Received', 'received']]

export const logRoutes: Route[] = [
  route('actions', `GET ${LOGS}`, forUser(basic(KINDS))),
  route('actions', `DELETE ${LOGS}`, forUser(clear(KINDS))),
  route('actions', `GET ${ENHANCED}`, forUser(enhanced(KINDS))),
  ...NAMES.flatMap(([path, kind]) => [
    route('actions', `GET ${LOGS}/${path}`, forUser(basic([kind]))),
    route('actions', `DELETE ${LOGS}/${path}`, forUser(clear([kind]))),
    route('actions', `GET ${LOGS}/${path}/:log`, forUser((call) => ({ localised: true, body: el('CallLogs', el(kind, basicEl(single(call, kind)))) }))),
    route('actions', `DELETE ${LOGS}/${path}/:log`, forUser((call) => {
      cleared(call).push(single(call, kind).id)
      return {}
    })),
    route('actions', `GET ${ENHANCED}/${path}`, forUser(enhanced([kind])))
  ]),
  route('actions', `GET ${MESSAGES}`, forUser(messages)),
  route('actions', `PUT ${MESSAGES}/MarkAllAsRead`, forUser(mark(true, true))),
  route('actions', `PUT ${MESSAGES}/MarkAllAsUnread`, forUser(mark(false, true))),
  route('actions', `GET ${MESSAGES}/:message`, forUser(message)),
  route('actions', `DELETE ${MESSAGES}/:message`, forUser(remove)),
  route('actions', `PUT ${MESSAGES}/:message/MarkAsRead`, forUser(mark(true, false))),
  route('actions', `PUT ${MESSAGES}/:message/MarkAsUnread`, forUser(mark(false, false)))
]
