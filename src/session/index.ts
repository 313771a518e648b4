/** The life of an account's connection, the same for every vendor. A vendor brings a Driver and a table of actions. */
export { realClock, isoTime } from './clock'
export { redact, redactText, REDACTED } from './redact'
export { actionsOf, registerActions, supportedBy } from './registry'
export { Session } from './session'
export { withLimit } from './withLimit'
export type * from './types'
