import type { NodeAPI } from 'node-red'
import { registerActionNode } from '../shared/actionNode'

/** The *transfer* node: moves a call or joins calls. A text payload is the target. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-transfer',
    actions: ['transfer', 'consult', 'completeTransfer', 'cancelTransfer', 'conference'],
    fields: [{ name: 'callId' }, { name: 'consultCallId' }, { name: 'to' }],
    textField: 'to'
  })
}
