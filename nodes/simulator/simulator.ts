import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red'
import { CtiError } from '../../src/model'
import { toText } from '../shared/coerce'
import { migrate } from '../shared/migrate'
import { isSimulatedPbx, type SimulatedPbx } from '../shared/simulatedPbx'
import { runSimulatorAction } from '../shared/simulatorActions'
import { StatusLine, problemLook, runningLook } from '../shared/status'

const TYPE = 'cti-simulator'

/** The button's route: one for all nodes, they are looked up when it is pressed. */
function registerButton (RED: NodeAPI): void {
  const app = RED.httpAdmin as typeof RED.httpAdmin | undefined
  if (typeof app?.post !== 'function') return
  app.post('/cti-simulator/:id/press', RED.auth.needsPermission('cti-simulator.write'), (ask, reply) => {
    const node = RED.nodes.getNode(String(ask.params.id)) as Node | undefined
    if (node?.type !== TYPE) {
      reply.status(404).json({ code: 'CTI_NOT_FOUND', message: RED._('notify.deployFirst') })
      return
    }
    node.receive({})
    reply.sendStatus(200)
  })
}

/** The *simulator* node: calls, scenarios and failures on a simulated PBX, by its button or by message. */
export default function register (RED: NodeAPI): void {
  function SimulatorNode (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved)
    const def = migrate({ ...saved }) as NodeDef & Record<string, unknown>
    const found: unknown = RED.nodes.getNode(toText(def.pbx))
    const pbx: SimulatedPbx | undefined = isSimulatedPbx(found) ? found : undefined
    const chosen = toText(def.action)
    const rings = toText(def.to)
    const line = new StatusLine(this)
    let closed = false
    let running = 0

    if (pbx === undefined) line.setBase(problemLook(RED._('status.noPbx')))
    else {
      line.setBase({ fill: 'yellow', shape: 'ring', text: RED._('status.starting') })
      pbx.simulator().then(
        () => line.setBase({ fill: 'green', shape: 'dot', text: RED._('status.ready') }),
        () => line.setBase(problemLook(RED._('status.failed')))
      )
    }

    const run = async (msg: NodeMessageInFlow): Promise<void> => {
      if (pbx === undefined) throw new CtiError('CTI_INVALID_REQUEST', 'This simulator node has no PBX: choose one, and deploy it.', { missing: 'pbx', retryable: false })
      const result = await runSimulatorAction(await pbx.simulator(), chosen, msg.payload, rings)
      msg.request = msg.payload
      msg.payload = result
    }

    this.on('input', (msg: NodeMessageInFlow & { request?: unknown }, send, done) => {
      running++
      line.setTransient(runningLook(chosen || RED._('status.running')))
      run(msg).then(() => {
        if (!closed) send(msg)
        done()
      }, (error: unknown) => {
        // A scenario that a deploy cut short is no failure of its flow.
        done(closed ? undefined : CtiError.from(error))
      }).finally(() => {
        running--
        if (running === 0) line.setTransient(undefined)
      })
    })
    this.on('close', (done: () => void) => {
      closed = true
      line.close()
      done()
    })
  }

  RED.nodes.registerType(TYPE, SimulatorNode)
  registerButton(RED)
}
