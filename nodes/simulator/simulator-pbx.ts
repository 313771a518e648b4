import type { NodeAPI, NodeDef } from 'node-red'
import { CtiError } from '../../src/model'
import { certificateFor } from '../../src/simulator/certificate'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator'
import { toCount, toFlag, toText } from '../shared/coerce'
import { migrate } from '../shared/migrate'
import type { SimulatedPbx } from '../shared/simulatedPbx'
import { SIMULATOR_TYPE, type SimulatorAddress } from '../shared/simulatorNode'
import { HOST, readDirectory, readPorts, readSystems } from '../shared/simulatorSettings'

/** A simulator that does not end in this time is left behind: a deploy must not wait for it. */
const CLOSE_LIMIT_MS = 1500

/** @param ca authority of the simulator's certificates, as far as the faces do not name it themselves */
function addressOf (simulator: Simulator, ca: string | undefined): SimulatorAddress {
  // One certificate for all servers of the process: whichever face tells of it.
  const authority = ca ?? Object.values(simulator.faces).map((face) => face?.login().ca).find((pem) => pem !== undefined)
  return {
    ...(authority === undefined ? {} : { ca: authority }),
    url: (face) => {
      const address = simulator.faces[face]?.url
      if (address === undefined) throw new CtiError('CTI_UNSUPPORTED', `The simulator has no "${face}" system.`, { retryable: false })
      return address
    },
    login: (face) => ({ ...simulator.demoLogin(face), groupId: simulator.pbx.group, enterpriseId: simulator.pbx.enterprise })
  }
}

const listed = (simulator: Simulator): string => Object.entries(simulator.faces).map(([name, face]) => `${name} ${face?.url ?? ''}`).join(', ')

async function within (ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise((resolve) => { timer = setTimeout(resolve, ms) })])
  clearTimeout(timer)
}

/** The config node that owns a simulated PBX: it starts with the flow and ends with it. */
export default function register (RED: NodeAPI): void {
  function SimulatorPbx (this: SimulatedPbx, saved: NodeDef): void {
    RED.nodes.createNode(this, saved)
    const def = migrate({ ...saved }) as NodeDef & Record<string, unknown>

    let authority: string | undefined
    const begin = async (): Promise<Simulator> => {
      const directory = readDirectory(def.directory)
      const tls = toFlag(def.xivoTls) ? await certificateFor(HOST) : undefined
      authority = tls?.ca
      const options: SimulatorOptions = {
        ...readSystems(def, tls),
        host: HOST,
        ports: readPorts(def.ports),
        traffic: toCount(def.traffic) ?? 0,
        ...(toText(def.seed) === '' ? {} : { seed: toCount(def.seed) }),
        ...(directory === undefined ? {} : { directory })
      }
      return startSimulator(options)
    }
    const started = begin()
    const address = started.then((simulator) => {
      this.log(RED._('log.listening', { addresses: listed(simulator) }))
      return addressOf(simulator, authority)
    })
    // Who needs the simulator hears of a failure by `whenReady`; without anybody it must not end Node-RED.
    address.catch((error: unknown) => { this.error(RED._('log.failed', { reason: CtiError.from(error).message })) })
    Object.assign(this, { whenReady: () => address, simulator: () => started })
    this.on('close', (done: () => void) => {
      const ended = started.then((simulator) => simulator.close(), () => undefined)
      void within(CLOSE_LIMIT_MS, ended).finally(done)
    })
  }

  RED.nodes.registerType(SIMULATOR_TYPE, SimulatorPbx)
}
