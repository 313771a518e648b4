/** A process of its own: a XiVO server that lists people and phones and then only writes lines which were made before, so that the client is what is measured. */
import net from 'node:net'
import { serve } from './rpc'

/** Phones with a call under way at any time; the people have the same ids. */
const PHONES = 200
const PIECE = 64
type Line = Record<string, unknown>
export type Dialect = '1.2' | '2.3'

let dialect: Dialect = '2.3'
let client: net.Socket | undefined
let prepared: Buffer[] = []
let calls = 0

const ids = Array.from({ length: PHONES }, (_, index) => String(index + 1))
const encode = (line: Line): string => `${JSON.stringify({ ...line, timenow: 1767261600 })}\n`
const status = (listname: string, tid: string, fields: Line): Line => ({ class: 'getlist', function: 'updatestatus', listname, tipbxid: 'xivo', tid, status: fields })
const identity = (id: string): string => `SIP/bench${id}`

const CONFIGS: Readonly<Record<string, (id: string) => Line>> = {
  users: (id) => ({ firstname: 'Bench', lastname: id, fullname: `Bench ${id}`, agentid: null, voicemailid: null, enablednd: 0, enableunc: 0, destunc: '', enablebusy: 0, destbusy: '', enablerna: 0, destrna: '', linelist: [id] }),
  phones: (id) => ({ number: String(1000 + Number(id)), identity: identity(id), iduserfeatures: Number(id) })
}

const LOGIN: Readonly<Record<string, () => Line>> = {
  login_id: () => ({ sessionid: 'Zk3QpLw8Ra', [dialect === '1.2' ? 'xivoversion' : 'wazoversion']: dialect }),
  login_pass: () => ({ capalist: [2] }),
  login_capas: () => ({ userid: '1', ipbxid: 'xivo', appliname: 'Client', capaxlets: [], capas: { services: [''], preferences: false, userstatus: {}, phonestatus: {} } })
}

function listed ({ function: what, listname, tid }: Line): Line | undefined {
  const list = String(listname)
  const same = { class: 'getlist', function: what, listname, tipbxid: 'xivo' }
  if (what === 'listid') return { ...same, list: Object.hasOwn(CONFIGS, list) ? ids : [] }
  if (what === 'updateconfig') return { ...same, tid, config: CONFIGS[list]?.(String(tid)) ?? {} }
  if (list === 'phones') return { ...same, tid, status: { hintstatus: '0', ...(dialect === '1.2' ? { channels: [], queues: [], groups: [] } : {}) } }
  return { ...same, tid, status: list === 'users' ? { availstate: 'available' } : {} }
}

function answer (socket: net.Socket, line: Line): void {
  const name = String(line.class)
  const login = LOGIN[name]
  if (login !== undefined) socket.write(encode({ class: name, ...(dialect === '1.2' && name !== 'login_id' ? { replyid: line.commandid } : {}), ...login() }))
  else if (name === 'getlist') socket.write(encode(listed(line) ?? {}))
  else if (name === 'keepalive') socket.write(encode({ class: name, replyid: line.commandid, warning_string: 'unimplemented' }))
  else if (name === 'getipbxlist') socket.write(encode({ class: name, replyid: line.commandid, ipbxlist: ['xivo'] }))
}

function accept (socket: net.Socket): void {
  client = socket
  let rest = ''
  socket.on('error', () => undefined)
  socket.on('data', (piece) => {
    const lines = (rest + piece.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) answer(socket, JSON.parse(line) as Line)
  })
}

/** One call of a phone as three steps; each is one neutral event. With channels a step takes several lines (xivo-cti.md 9.1, 9.2). */
const STEPS: Readonly<Record<Dialect, readonly ((id: string, call: number) => readonly Line[])[]>> = {
  2.3: ['8', '1', '0'].map((hintstatus) => (id: string) => [status('phones', id, { hintstatus })]),
  1.2: [
    (id, call) => {
      const [own, trunk] = [`${identity(id)}-${call.toString(16).padStart(8, '0')}`, `SIP/trunk-${call.toString(16).padStart(8, '0')}`]
      const both = { timestamp: 1767261600, holded: false, parked: false }
      return [
        status('channels', trunk, { ...both, commstatus: 'ready', state: 'Down' }), status('phones', id, { channels: [own] }), status('channels', own, { ...both, commstatus: 'ready', state: 'Unknown' }),
        status('channels', trunk, { ...both, direction: 'out', talkingto_id: own, state: 'Ring', commstatus: 'calling' }), status('channels', own, { ...both, direction: 'in', talkingto_id: trunk, state: 'Down', commstatus: 'ringing' }),
        status('phones', id, { hintstatus: '8' })
      ]
    },
    (id) => [status('phones', id, { hintstatus: '1' })],
    (id, call) => [
      status('phones', id, { channels: [], queues: [], hintstatus: '1', groups: [] }), { class: 'getlist', function: 'delconfig', listname: 'channels', tipbxid: 'xivo', list: [`${identity(id)}-${call.toString(16).padStart(8, '0')}`] },
      { class: 'getlist', function: 'delconfig', listname: 'channels', tipbxid: 'xivo', list: [`SIP/trunk-${call.toString(16).padStart(8, '0')}`] }, status('phones', id, { hintstatus: '0' })
    ]
  ]
}

/** Calls of all phones side by side, step by step. */
function rounds (events: number): string[] {
  const lines: string[] = []
  for (let made = 0; made < events;) {
    const first = calls
    calls += PHONES
    for (const step of STEPS[dialect]) {
      for (let phone = 0; phone < PHONES && made < events; phone++, made++) for (const line of step(ids[phone], first + phone)) lines.push(encode(line))
    }
  }
  return lines
}

serve({
  start: async (wanted: Dialect) => {
    dialect = wanted
    const server = net.createServer(accept)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as net.AddressInfo).port
  },
  /** Makes the next lines, `events` neutral events; the time that takes is nobody's. */
  prepare: (events: number) => {
    const lines = rounds(events)
    prepared = []
    for (let at = 0; at < lines.length; at += PIECE) prepared.push(Buffer.from(lines.slice(at, at + PIECE).join('')))
  },
  go: async () => {
    const socket = client
    if (socket === undefined) throw new Error('nobody is connected')
    for (const piece of prepared) if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve))
    prepared = []
  }
})
