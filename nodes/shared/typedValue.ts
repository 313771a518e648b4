import type { Node, NodeAPI, NodeMessage } from 'node-red'
import { CtiError } from '../../src/model'
import { toText } from './coerce'

/** ms that a value may take to resolve: an asynchronous context store may hang. */
const RESOLVE_LIMIT_MS = 5000

/** A typed input of an action node: where its value comes from, decided in the node. */
export interface TypedValue {
  readonly name: string
  /** The value comes from the message, by the rules of the field. */
  readonly auto: boolean
  /**
   * The value for one message; undefined when the node or the message gives none.
   * @throws CtiError CTI_INVALID_REQUEST when the expression or the JSON is wrong
   */
  read (msg: NodeMessage): Promise<unknown>
}

type Callback = (error: Error | null, value: unknown) => void
type Evaluate = (msg: NodeMessage, callback: Callback) => void

function evaluator (RED: NodeAPI, node: Node, value: string, type: string): Evaluate {
  if (type !== 'jsonata') return (msg, callback) => { RED.util.evaluateNodeProperty(value, type, node, msg, callback) }
  try {
    const prepared = RED.util.prepareJSONataExpression(value, node)
    return (msg, callback) => { RED.util.evaluateJSONataExpression(prepared, msg, callback) }
  } catch (error) {
    return () => { throw error }
  }
}

/** JSONata throws plain objects with a message; contexts and JSON.parse throw errors. */
function why (error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message
  return typeof message === 'string' ? message : String(error)
}

function resolved (run: Evaluate, msg: NodeMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`no value within ${RESOLVE_LIMIT_MS / 1000} s`)) }, RESOLVE_LIMIT_MS)
    const settle: Callback = (error, value) => {
      clearTimeout(timer)
      if (error) reject(error)
      else resolve(value)
    }
    try {
      run(msg, settle)
    } catch (error) {
      settle(error as Error, undefined)
    }
  })
}

/**
 * Prepares the pair `name`, `nameType` of a node. JSONata is parsed once, here.
 * @param def the node's definition; an absent type means `auto`
 */
export function typedValue (RED: NodeAPI, node: Node, def: Readonly<Record<string, unknown>>, name: string): TypedValue {
  const type = toText(def[`${name}Type`]) || 'auto'
  const raw = def[name]
  const value = typeof raw === 'object' && raw !== null ? JSON.stringify(raw) : toText(raw)
  if (type === 'auto') return { name, auto: true, read: () => Promise.resolve(undefined) }
  if (value === '') return { name, auto: false, read: () => Promise.resolve(undefined) }
  const run = evaluator(RED, node, value, type)
  return {
    name,
    auto: false,
    read: (msg) => resolved(run, msg).catch((error: unknown) => {
      throw new CtiError('CTI_INVALID_REQUEST', `The value of "${name}" (${type}) cannot be read: ${why(error)}`, { retryable: false })
    })
  }
}
