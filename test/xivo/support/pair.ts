import type { ActionRequest, ActionResult } from '../../../src/model'
import type { XivoOptions } from '../../../src/xivo'
import { TestClient } from './client'
import { TestServer, type Line, type Peer, type ServerOptions } from './server'

/** Channels of Dana's phone and of the line to the network, and Dana's leg. */
export const D = 'SIP/dana77-0000001b'
export const T = 'SIP/trunk-a-0000001a'
export const LEG = `7/${D}`

export const status = (listname: string, tid: string, part: object): Line => ({ class: 'getlist', function: 'updatestatus', listname, tid, tipbxid: 'xivo', status: part })
export const config = (listname: string, tid: string, part: object): Line => ({ class: 'getlist', function: 'updateconfig', listname, tid, tipbxid: 'xivo', config: part })
export const error = (word: string): Line => ({ class: 'ipbxcommand', error_string: word })
/** What the server does when a class or command comes. */
export const when = (name: string, lines: (line: Line) => Line[]): ServerOptions['answer'] => (line) => line.class === name || line.command === name ? lines(line) : undefined

/** A server and a session that is online with it. */
export class Pair {
  server!: TestServer
  client!: TestClient
  peer!: Peer

  async start (options: Partial<ServerOptions> = {}, account: Partial<XivoOptions> = {}, timeoutMs?: number): Promise<void> {
    const version = options.version ?? '1.2'
    this.server = new TestServer({ version, channels: version === '1.2', ...options })
    this.client = new TestClient(await this.server.listen(), { protocol: version, allowClearPassword: true, ...account }, timeoutMs)
    await this.client.online()
    this.peer = await this.server.peer()
  }

  async close (): Promise<void> {
    await this.client.close()
    await this.server.close()
  }

  perform (request: ActionRequest): Promise<ActionResult> {
    return this.client.session.perform({ timeoutMs: 3000, ...request })
  }

  /** Dana talks with Pat. */
  async talk (): Promise<void> {
    if (this.server.options.version === '1.2') {
      this.peer.send(
        status('channels', T, { commstatus: 'calling', direction: 'out', talkingto_id: D, state: 'Ring' }), status('phones', '7', { channels: [D] }),
        status('channels', D, { commstatus: 'ringing', direction: 'in', talkingto_id: T, state: 'Down' }), status('phones', '7', { hintstatus: '8' }), status('phones', '7', { hintstatus: '1' })
      )
    } else this.peer.send(status('phones', '7', { hintstatus: '8' }), status('phones', '7', { hintstatus: '1' }))
    await this.client.next('call.answered')
  }
}
