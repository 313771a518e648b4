import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red'
import { CtiError } from '../../src/model'
import { LiveState, type LiveView } from '../../src/state'
import { toCount, toText } from '../shared/coerce'
import { readEvent } from '../shared/eventMessage'
import { liveFilter } from '../shared/liveFilter'
import { migrate } from '../shared/migrate'
import { Paced } from '../shared/paced'
import { StatusLine } from '../shared/status'

const TYPE = 'cti-live-state'
const TOPIC = 'live.state'
const DEFAULT_INTERVAL_MS = 1000
/** ms between two looks at how much there is, for the status. */
const COUNT_MS = 500

/** What makes a view another one: not the time, and not that waiting callers have waited a second longer. */
function mark ({ accounts, calls, agents, queues }: LiveView): string {
  return JSON.stringify([accounts, calls, agents, queues.map((queue) => ({ ...queue, longestWaitSeconds: 0 }))])
}

/** The *live state* node: folds the events it receives, and tells calls, agents and queues as they are now. */
export default function register (RED: NodeAPI): void {
  function LiveStateNode (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved)
    const def = migrate({ ...saved }) as NodeDef & Record<string, unknown>
    const isTelling = toText(def.mode) !== 'demand'
    const filter = liveFilter(def)
    const live = new LiveState(Date.now)
    const line = new StatusLine(this)
    let toldMark = mark(live.view(filter))
    const failed = (error: unknown): void => { this.error(CtiError.from(error), {}) }

    const announcement = new Paced(toCount(def.interval) ?? DEFAULT_INTERVAL_MS, () => {
      const view = live.view(filter)
      const found = mark(view)
      if (found === toldMark) return
      toldMark = found
      this.send({ topic: TOPIC, payload: view })
    }, failed)
    const status = new Paced(COUNT_MS, () => {
      const { accounts, stale, calls, agents } = live.counts()
      const look = stale > 0 ? { fill: 'yellow', shape: 'ring' } as const : accounts > 0 ? { fill: 'green', shape: 'dot' } as const : { fill: 'grey', shape: 'ring' } as const
      line.setBase({ ...look, text: RED._(stale > 0 ? 'status.stale' : 'status.counts', { calls, agents }) })
    }, failed)
    status.changed()

    this.on('input', (msg: NodeMessageInFlow & { request?: unknown }, send, done) => {
      try {
        const event = readEvent(msg.payload)
        if (event === undefined) {
          send(Object.assign(msg, { request: msg.payload, payload: live.view(filter) }))
        } else if (live.fold(event)) {
          status.changed()
          if (isTelling) announcement.changed()
        }
        done()
      } catch (error) {
        done(CtiError.from(error))
      }
    })
    this.on('close', (done: () => void) => {
      announcement.close()
      status.close()
      line.close()
      done()
    })
  }

  RED.nodes.registerType(TYPE, LiveStateNode)
}
