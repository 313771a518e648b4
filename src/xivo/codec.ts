/** Values of lines as messages, and messages as lines (xivo-cti.md 2.2). Bytes are split by `transport/jsonLines.ts`. */
import type { XivoMessage } from './protocol'
import { isFields } from './read'

/** The message that a parsed line is; undefined for JSON that is no object. */
export function readMessage (value: unknown): XivoMessage | undefined {
  return isFields(value) ? value : undefined
}

/** A message as one line with its terminator. JSON never holds a raw line break, so it cannot become two. */
export function encodeLine (message: object): string {
  return `${JSON.stringify(message)}\n`
}
