/** Events as they come back into a node: a flow may have changed them, or made them up. Pure. */
import { AGENT_STATES, CALL_STATES, CtiError, type TelephonyEvent } from '../../src/model'
import { isPlatform } from './accountTypes'
import { isPlainObject } from './coerce'
import { refuseOversize } from './limits'

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const text: Check = (value) => typeof value === 'string' && value !== ''
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const one = (words: readonly string[]): Check => (value) => typeof value === 'string' && words.includes(value)
const maybe = (check: Check): Check => (value) => value === undefined || check(value)
const list = (check: Check): Check => (value) => Array.isArray(value) && value.every(check)
const shaped = (shape: Shape): Check => (value) => isPlainObject(value) && Object.entries(shape).every(([name, check]) => check(value[name]))

/** What is read of each part without looking twice; all else is only copied. */
const FRAME: Shape = { id: text, epoch: text, time: text, receivedAt: text, account: (value) => typeof value === 'string', seq: number }
const PARTS: Readonly<Record<string, Shape>> = {
  call: {
    id: text, conversationId: text, startedAt: text, state: one(CALL_STATES), direction: one(['inbound', 'outbound']), owner: shaped({ id: text, kind: text }),
    related: maybe(list(shaped({ id: text, kind: text }))), mergedFrom: maybe(list(text)), uncertain: maybe(list(text)), queue: maybe(isPlainObject), data: maybe(isPlainObject)
  },
  agent: { id: text, state: one(AGENT_STATES), since: text, queues: maybe(list(shaped({ id: text }))) },
  queue: { id: text },
  connection: {}
}
const NONE: ReadonlySet<string> = new Set()

function refuse (field: string): never {
  throw new CtiError('CTI_INVALID_REQUEST', `msg.payload is an event that is not whole: "${field}" is missing or wrong. Wire this node to an events node, and change the events on other wires only.`, { field, retryable: false })
}

function check (part: Readonly<Record<string, unknown>>, shape: Shape, prefix: string): void {
  for (const [name, fits] of Object.entries(shape)) if (!fits(part[name])) refuse(prefix + name)
}

/**
 * The event in a message's payload; undefined when the payload is none. It still belongs to the flow: copy what is kept.
 * @throws CtiError CTI_INVALID_REQUEST when it is an event that lost something, or is too large
 */
export function readEvent (payload: unknown): TelephonyEvent | undefined {
  if (!isPlainObject(payload) || !text(payload.event) || !text(payload.accountId) || !isPlatform(payload.platform)) return undefined
  check(payload, FRAME, '')
  for (const [name, shape] of Object.entries(PARTS)) {
    const part = payload[name]
    if (part === undefined) continue
    if (!isPlainObject(part)) refuse(name)
    check(part, shape, `${name}.`)
    refuseOversize({ [name]: part }, NONE)
  }
  return payload as unknown as TelephonyEvent
}
