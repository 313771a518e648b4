import type { NodeAPI } from 'node-red'
import { registerEventNode } from '../shared/eventNode'

/** The *five9 events* node. */
export default function register (RED: NodeAPI): void {
  registerEventNode(RED, 'five9')
}
