/** XML: a stream of bytes to documents, a document to a plain object, and request bodies. */
export * from './parse'
export * from './splitter'
export * from './write'
