/** The node at the end of the wire: hands each message to whoever measures in the same process. */
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red'
import { SINK } from './sink'

export = (RED: NodeAPI): void => {
  function Sink (this: Node, def: NodeDef): void {
    RED.nodes.createNode(this, def)
    const take = (globalThis as unknown as Record<symbol, (message: NodeMessage) => void>)[SINK]
    this.on('input', (message, _send, done) => {
      take(message)
      done()
    })
  }
  RED.nodes.registerType('bench-sink', Sink)
}
