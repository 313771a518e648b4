/** What is known of an account, and what follows from a sequence of its events. No input or output, no vendor. */
export * from './callRecord'
export * from './conversations'
export * from './difference'
export * from './liveState'
export * from './picture'
