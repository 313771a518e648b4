/** Reading lists (xivo-cti.md 3.2). */
import { Drop, need, needText, textOf } from '../codec'
import { listOf } from '../render/lists'
import { type Call, type Handlers } from './types'

const FUNCTIONS: Record<string, (call: Call, listname: string) => void> = {
  listid: ({ site, reply }, listname) => {
    const list = listOf(site, listname)
    if (list !== undefined) reply({ function: 'listid', listname, tipbxid: 'xivo', list: list.ids(site) })
  },
  updateconfig: ({ site, message, reply }, listname) => {
    const list = listOf(site, listname)
    if (list === undefined) throw new Drop(`no list ${listname}`)
    reply({ function: 'updateconfig', listname, tipbxid: 'xivo', tid: message.tid, config: list.config(site, message.tid) ?? {} })
  },
  updatestatus: (call, listname) => {
    const { site, message, reply } = call
    if (site.release.second && listname === 'users' && site.ids.key('user', message.tid) === undefined) throw new Drop('no such user')
    reply({ function: 'updatestatus', listname, tipbxid: 'xivo', tid: message.tid, status: status(call, listname) })
  }
}

function status ({ site, message }: Call, listname: string): unknown {
  if (listname === 'channels' && site.release.channels) return site.channels.named(textOf(message.tid))?.status ?? null
  const found = listOf(site, listname)?.status(site, message.tid)
  return found === undefined ? {} : found
}

export const listCommands: Handlers = {
  getlist: (call) => {
    const name = need(call.message, 'function')
    const listname = needText(call.message, 'listname')
    if (typeof name === 'string' && Object.hasOwn(FUNCTIONS, name)) FUNCTIONS[name]?.(call, listname)
  },
  getipbxlist: ({ ack }) => { ack({ ipbxlist: ['xivo'] }) }
}
