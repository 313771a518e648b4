import type { NodeAPI } from 'node-red'
import { registerActionNode } from '../shared/actionNode'

/** The *originate* node: places a call. A text payload is the number. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-originate',
    actions: ['originate'],
    fields: [{ name: 'user' }, { name: 'to' }, { name: 'device' }, { name: 'callerId' }, { name: 'data' }],
    textField: 'to'
  })
}
