import type { Node, NodeStatus } from 'node-red'
import type { ErrorCode } from '../../src/model'
import type { SessionStatus } from '../../src/session/types'
import type { Translate } from './texts'

/** At most two updates a second and node: an open editor cannot take more (performance.md). */
const GAP_MS = 500

type Look = Pick<NodeStatus, 'fill' | 'shape'>
const GREEN: Look = { fill: 'green', shape: 'dot' }
const YELLOW: Look = { fill: 'yellow', shape: 'ring' }
const GREY: Look = { fill: 'grey', shape: 'ring' }
const OFFLINE: Look = { fill: 'red', shape: 'ring' }
const REFUSED: Look = { fill: 'red', shape: 'dot' }
const RUNNING: Look = { fill: 'blue', shape: 'dot' }

const LOOKS: Readonly<Record<SessionStatus['state'], Look>> = {
  closed: GREY, connecting: YELLOW, authenticating: YELLOW, subscribing: YELLOW, online: GREEN, waiting: YELLOW, refused: REFUSED, closing: GREY
}

/** Refusals that have words of their own; all others are "refused". */
const REFUSALS: Partial<Record<ErrorCode, string>> = {
  CTI_UNAUTHORIZED: 'status.wrongPassword', CTI_FORBIDDEN: 'status.notAllowed', CTI_NOT_FOUND: 'status.notFound', CTI_CONFLICT: 'status.inUse',
  CTI_INVALID_REQUEST: 'status.checkSettings'
}

/** How a connection works, where a session says so. */
const NOTES: Readonly<Record<string, string>> = { polling: 'status.polling', noCti: 'status.noCti' }

function refusal (status: SessionStatus): string {
  if (status.error?.cause.missing !== undefined) return 'status.noCredentials'
  if (status.error?.cause.authorise === true) return 'status.notAuthorised'
  return (status.error && REFUSALS[status.error.code]) ?? 'status.refused'
}

/** How a session's state looks under a node. @param now ms since 1970, for "retry in N s" */
export function sessionLook (status: SessionStatus, now: number, t: Translate): NodeStatus {
  const look = LOOKS[status.state]
  if (status.state === 'refused') return { ...look, text: t(refusal(status)) }
  if (status.state === 'online' && status.note !== undefined && Object.hasOwn(NOTES, status.note)) return { ...look, text: t(NOTES[status.note]!) }
  if (status.state !== 'waiting') return { ...look, text: t(`status.${status.state}`) }
  if (status.retryAt === undefined) return { ...OFFLINE, text: t('status.offline') }
  const seconds = Math.max(1, Math.round((status.retryAt - now) / 1000))
  return { ...look, text: t('status.retry', { seconds }) }
}

/** An account node that is not there: none chosen, deleted, disabled. */
export const noAccountLook = (t: Translate): NodeStatus => ({ ...OFFLINE, text: t('status.noAccount') })
export const runningLook = (text: string): NodeStatus => ({ ...RUNNING, text })
export const problemLook = (text: string): NodeStatus => ({ ...OFFLINE, text })

/**
 * The status line of one node: a base (the connection) and, while something runs, a transient look above it. Writes at most every 500 ms, the last look
 * wins, equal looks are written once.
 */
export class StatusLine {
  private readonly node: Pick<Node, 'status'>
  private base: NodeStatus = {}
  private over: NodeStatus | undefined
  private shown = ''
  private writtenAt = -Infinity
  private timer: NodeJS.Timeout | undefined
  private closed = false

  constructor (node: Pick<Node, 'status'>) { this.node = node }

  /** What is shown when nothing runs. */
  setBase (look: NodeStatus): void { this.base = look; this.update() }

  /** Covers the base until called with undefined. */
  setTransient (look: NodeStatus | undefined): void { this.over = look; this.update() }

  /** No write after this. */
  close (): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  private update (): void {
    if (this.closed || this.timer !== undefined) return
    const wait = this.writtenAt + GAP_MS - performance.now()
    if (wait <= 0) return this.write()
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.write()
    }, wait)
  }

  private write (): void {
    const look = this.over ?? this.base
    const key = JSON.stringify(look)
    if (key === this.shown) return
    this.shown = key
    this.writtenAt = performance.now()
    this.node.status(look)
  }
}
