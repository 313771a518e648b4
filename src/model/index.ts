/** The whole neutral model: names, types, actions, ids, numbers, errors. No input or output, no vendor. */
export * from './actions'
export * from './errors'
export * from './ids'
export * from './names'
export * from './numbers'
export * from './plain'
export * from './types'
