/** The sockets of an account, one a half: their addresses and names, and how one host's follow another's (five9.md 4.1). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import type { Five9Api } from './api'
import { asLost } from './errors'
import { pause } from './half'
import type { Memory } from './memory'
import { SOCKETS, SOCKET_SUFFIX, type Frame, type Half } from './protocol'
import { Five9Socket } from './socket'

const TRIES = 4
/** No close frame: the server may believe the socket open, and its name taken. */
const NO_GOODBYE = 1006

interface SocketsListener {
  frame (half: Half, frame: Frame): void
  malformed (): void
  lost (error: CtiError): void
}

export class Sockets {
  private open_: Five9Socket[] = []

  constructor (private readonly memory: Memory, private readonly link: Link, private readonly api: Five9Api, private readonly listener: SocketsListener) {}

  /** Opens one a half. @throws CtiError */
  async open (halves: readonly Half[]): Promise<void> {
    for (const half of halves) this.open_.push(await this.connect(half))
  }

  /** Opens new ones, with names of their own, and closes the old ones when all are there. @throws CtiError */
  async replace (halves: readonly Half[]): Promise<void> {
    const before = this.open_
    this.memory.socketTurn++
    this.open_ = []
    try {
      await this.open(halves)
    } finally {
      for (const socket of before) socket.close()
    }
  }

  close (): void {
    for (const socket of this.open_) socket.close()
    this.open_ = []
  }

  private async connect (half: Half): Promise<Five9Socket> {
    const { memory, link, api, listener } = this
    for (let left = TRIES - 1; ; left--) {
      const url = `${api.identity.api.replace(/^http/, 'ws')}${SOCKETS[half]}${this.key(half)}`
      try {
        return await Five9Socket.open(url, api.socketHeaders(url), memory.settings, link.clock, link.signal, {
          frame: (frame) => listener.frame(half, frame),
          malformed: () => listener.malformed(),
          lost: (code, error) => {
            if (code === NO_GOODBYE || error.code === 'CTI_CONFLICT') memory.socketTurn++
            listener.lost(error)
          }
        })
      } catch (error) {
        const failure = CtiError.from(error, 'five9')
        if (left === 0 || link.signal.aborted || (failure.code !== 'CTI_CONFLICT' && failure.code !== 'CTI_UNAUTHORIZED')) throw asLost(failure)
        // Another name for a ghost; patience for a session that is not yet known everywhere.
        if (failure.code === 'CTI_CONFLICT') memory.socketTurn++
        else await pause(link, memory.settings.settleMs)
      }
    }
  }

  private key (half: Half): string {
    const { socketKey, socketTurn } = this.memory
    return `${socketKey}${socketTurn === 0 ? '' : `-${socketTurn}`}${SOCKET_SUFFIX[half]}`
  }
}
