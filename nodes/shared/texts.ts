import type { NodeAPI } from 'node-red'

/** Name space of the texts that all nodes share: the catalog of the editor plugin. */
const COMMON = '@switchhook/node-red-cti/cti-editor'

export type Translate = (key: string, values?: Record<string, string | number>) => string

/** A common text in the language of the runtime, by its key in `nodes/editor/locales`. */
export function commonTexts (RED: NodeAPI): Translate {
  return (key, values) => RED._(`${COMMON}:${key}`, values ?? {})
}
