import type { NodeAPI } from 'node-red'
import { registerActionNode } from '../shared/actionNode'

/** The *request* node: a request in the vendor's own words, or one of its extras. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-request',
    actions: ['request'],
    extras: true,
    fields: [
      { name: 'method' }, { name: 'path' }, { name: 'query' }, { name: 'headers' },
      { name: 'body', param: (_action, platform) => platform === 'xivo' ? 'message' : 'body' }
    ],
    largeFields: ['body', 'message']
  })
}
