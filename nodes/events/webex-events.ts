import type { NodeAPI } from 'node-red'
import { registerEventNode } from '../shared/eventNode'

/** The *webex events* node. */
export default function register (RED: NodeAPI): void {
  registerEventNode(RED, 'webex')
}
