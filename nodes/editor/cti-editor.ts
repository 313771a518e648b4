import type { NodeAPI } from 'node-red'
import { registerAdmin } from '../shared/admin'

/** The runtime half of the editor plugin: the endpoints that the edit dialogs ask. */
export default function register (RED: NodeAPI): void {
  RED.plugins.registerPlugin('cti-editor', { type: 'cti-editor' })
  registerAdmin(RED)
}
