/** Call forms (xivo-cti.md 4.8). */
import { deflateSync } from 'node:zlib'
import { type Connection } from '../../pbx/types'
import { type SheetTrigger } from '../options'
import { type Site } from '../site'

const NUMBER_STEP = 10

function cdata (text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}

/** Values of a call by the name of the variable; one that is not known keeps its braces in the form. */
function variables (site: Site, where: SheetTrigger, connection: Connection): Record<string, string | undefined> {
  const { pbx, ids } = site
  const call = pbx.calls.get(connection.callKey)
  const user = pbx.users.get(connection.party.userKey ?? '')
  const agent = pbx.agents.get(connection.agentKey ?? '')
  const queue = pbx.queues.get(connection.queueKey ?? '')
  const channel = channelOf(site, connection)
  const time = new Date(pbx.now())
  return {
    'xivo-where': where, 'xivo-origin': connection.remote?.kind === 'user' ? 'internal' : 'extern', 'xivo-direction': connection.remote?.kind === 'user' ? 'internal' : 'incoming', 'xivo-did': call?.did,
    'xivo-calleridnum': connection.remote?.number, 'xivo-calleridname': connection.remote?.name, 'xivo-calleridrdnis': connection.redirections[0]?.party.number,
    'xivo-calledidnum': user?.extension, 'xivo-calledidname': user === undefined ? undefined : `${user.first} ${user.last}`, 'xivo-ipbxid': 'xivo', 'xivo-directory': connection.remote?.name === undefined ? undefined : 'internal',
    'xivo-queuename': queue?.key, 'xivo-agentnumber': agent === undefined ? undefined : ids.agentNumber(agent), 'xivo-date': time.toISOString().slice(0, 10), 'xivo-time': time.toISOString().slice(11, 19),
    'xivo-channel': channel?.name, 'xivo-uniqueid': channel?.uniqueid, 'xivo-userid': user === undefined ? undefined : ids.id('user', user.key),
    'xivo-desttype': queue === undefined ? 'user' : 'queue', 'xivo-destid': queue === undefined ? (user === undefined ? undefined : ids.id('user', user.key)) : ids.id('queue', queue.key),
    ...Object.fromEntries(Object.entries(call?.data ?? {}).map(([name, value]) => [`dp-${name}`, value]))
  }
}

/** The caller's channel; at the end of a call the own one may be all that is left. */
function channelOf (site: Site, connection: Connection): { name: string; uniqueid: string } | undefined {
  const others = (site.pbx.calls.get(connection.callKey)?.connections ?? []).filter((key) => key !== connection.key)
  return others.flatMap((key) => site.channels.of(key))[0] ?? site.channels.of(connection.key)[0]
}

function document (site: Site, where: SheetTrigger, connection: Connection): string {
  const fields = Object.entries(variables(site, where, connection))
  const info = fields.map(([name, value], index) => `<sheet_info order="${String((index + 2) * NUMBER_STEP).padStart(4, '0')}" name="${name}" type="text">${cdata(value ?? `{${name}}`)}</sheet_info>`)
  const caller = connection.remote?.name ?? connection.remote?.number ?? ''
  const internal = [['where', where], ['ipbxid', 'xivo'], ['uid', channelOf(site, connection)?.uniqueid ?? ''], ['focus', 'no'], ['zip', site.options.zip ? '1' : '0']].map(([name, value]) => `<internal name="${name ?? ''}">${cdata(value ?? '')}</internal>`)
  return [
    '<?xml version="1.0" encoding="utf-8"?><profile><user>', ...internal, `<sheet_info order="0010" name="Caller" type="title">${cdata(caller)}</sheet_info>`, ...info,
    `<systray_info order="0010" name="Call" type="title">${cdata(caller)}</systray_info>`, `<systray_info order="0020" name="Number" type="body">${cdata(connection.remote?.number ?? '')}</systray_info>`, '</user></profile>'
  ].join('')
}

/** Packs a form: base64 of the text, or of its length (4 bytes, big-endian) and the compressed text. */
export function pack (text: string, zip: boolean): string {
  const bytes = Buffer.from(text, 'utf8')
  if (!zip) return bytes.toString('base64')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, deflateSync(bytes)]).toString('base64')
}

/** The form of a call, ready to be sent to the sessions of its user; nothing unless one is bound to this moment and somebody is there. */
export function makeSheet (site: Site, where: SheetTrigger, connection: Connection): () => void {
  const { userKey } = connection.party
  if (userKey === undefined || !site.options.sheets.includes(where) || site.out.sessions.size === 0) return () => {}
  const { zip } = site.options
  const sheet = { class: 'sheet', channel: channelOf(site, connection)?.name ?? '', serial: 'xml', compressed: zip, payload: pack(document(site, where, connection), zip) }
  return () => { site.out.toUser(userKey, sheet) }
}

/** Pushes the form of a call now. */
export function pushSheet (site: Site, where: SheetTrigger, connection: Connection): void {
  makeSheet(site, where, connection)()
}
