import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red'
import { CtiError, type ActionName, type ActionRequest, type ActionResult } from '../../src/model'
import { accountChoice, useAccount } from './accountChoice'
import { type FieldSpec, buildRequest, chooseAction, isExtra, payloadObject } from './actionRequest'
import { isPlainObject, toCount, toText } from './coerce'
import { refuseOversize } from './limits'
import { migrate } from './migrate'
import { StatusLine, runningLook } from './status'
import { commonTexts } from './texts'
import { typedValue } from './typedValue'

/** What one action node type is: everything else is the same for all. */
export interface ActionNodeSpec {
  readonly type: string
  readonly actions: readonly ActionName[]
  /** Typed pairs `x`, `xType` of the node. */
  readonly fields: readonly FieldSpec[]
  /** `payload.action` may name a vendor's extra, whatever the node's own action is. */
  readonly extras?: boolean
  /** What a text payload means. */
  readonly textField?: string
  /** Parameters that may be as large as a document. */
  readonly largeFields?: readonly string[]
  /** How results go out, by the node's definition. Default: as `msg.payload` of one message. */
  readonly deliver?: (RED: NodeAPI, def: Readonly<Record<string, unknown>>) => Deliver
}

/** Messages of one node that may wait for their value or reply at once; a flow that sends faster is told so. */
const IN_FLIGHT_LIMIT = 1000

type Done = (error?: Error) => void
type Send = (msg: NodeMessageInFlow) => void
/** Sends what is to be sent of a result; `msg.request` is set already. */
export type Deliver = (msg: NodeMessageInFlow, result: ActionResult, send: Send) => void

const deliverWhole: Deliver = (msg, result, send) => {
  msg.payload = result
  send(msg)
}

function json (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function optionsOf (raw: unknown): Record<string, unknown> {
  if (isPlainObject(raw)) return raw
  const text = toText(raw)
  if (text === '') return {}
  const parsed = json(text)
  if (isPlainObject(parsed)) return parsed
  throw new CtiError('CTI_INVALID_REQUEST', 'The options of this node are not a JSON object.', { field: 'options', retryable: false })
}

/**
 * Registers an action node type: resolves account, action and fields for each message, performs the action, sends the message on with the result as
 * `msg.payload` and the former payload as `msg.request`. Each input ends in exactly one `done`.
 */
export function registerActionNode (RED: NodeAPI, spec: ActionNodeSpec): void {
  const t = commonTexts(RED)
  const large = new Set(spec.largeFields)

  function ActionNode (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved)
    const def = migrate({ ...saved }) as NodeDef & Record<string, unknown>
    const choice = accountChoice(RED, def)
    const values = spec.fields.map((field) => typedValue(RED, this, def, field.name))
    const seconds = toCount(def.timeout)
    const chosen = toText(def.action)
    const toKind = toText(def.toKind) || 'number'
    const deliver = spec.deliver?.(RED, def) ?? deliverWhole
    const line = new StatusLine(this)
    const leave = choice.fromMessage ? () => undefined : useAccount(this, choice.fixed, line, t)
    const gone = new AbortController()
    let inFlight = 0

    const requestFor = async (msg: NodeMessageInFlow): Promise<[ActionRequest, ReturnType<typeof choice.find>]> => {
      const payload = payloadObject(msg.payload, spec.textField)
      const action = chooseAction(spec.extras && isExtra(payload.action) ? '' : chosen, payload, spec.actions)
      const account = choice.find(msg)
      const read = await Promise.all(values.map(async (value): Promise<[string, unknown]> => [value.name, await value.read(msg)]))
      const request = buildRequest({
        action, platform: account.platform, fields: spec.fields, values: Object.fromEntries(read), toKind, options: optionsOf(def.options), payload,
        ...(seconds === undefined || seconds === 0 ? {} : { timeoutMs: seconds * 1000 })
      })
      refuseOversize(request, large)
      return [request, account]
    }

    const run = async (msg: NodeMessageInFlow, send: Send): Promise<void> => {
      const [request, account] = await requestFor(msg)
      if (gone.signal.aborted) throw new CtiError('CTI_NOT_CONNECTED', 'This node was stopped before the request went out.', { retryable: true })
      line.setTransient(runningLook(request.action))
      const result = await account.perform(request, gone.signal)
      if (gone.signal.aborted) return
      msg.request = msg.payload
      deliver(msg, result, send)
    }

    const finish = (done: Done, error?: unknown): void => {
      inFlight--
      if (inFlight === 0) line.setTransient(undefined)
      done(error === undefined ? undefined : CtiError.from(error))
    }

    this.on('input', (msg, send, done) => {
      if (inFlight >= IN_FLIGHT_LIMIT) {
        done(new CtiError('CTI_RATE_LIMITED', `More than ${IN_FLIGHT_LIMIT} messages wait in this node.`, { retryable: true }))
        return
      }
      inFlight++
      run(msg, send).then(() => finish(done), (error: unknown) => finish(done, error))
    })
    this.on('close', (done: () => void) => {
      gone.abort()
      leave()
      line.close()
      done()
    })
  }

  RED.nodes.registerType(spec.type, ActionNode)
}
