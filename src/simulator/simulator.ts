/** The simulator: one PBX, a face for each vendor, faults, traffic and a control API (design.md, Simulator). */
import { randomBytes } from 'node:crypto'
import { ControlServer } from './control/server'
import { EventLog } from './control/log'
import { type DemoLogin, type Face } from './face'
import { Faults } from './faults/faults'
import { Five9Face } from './five9/face'
import { type Five9Options } from './five9/options'
import { IpecsFace } from './ipecs/face'
import { type IpecsOptions } from './ipecs/options'
import { type PbxClock, RealClock } from './pbx/clock'
import { Pbx } from './pbx/pbx'
import { Rng } from './pbx/rng'
import { type Directory, type FaceName } from './pbx/types'
import { Stages } from './stages'
import { Traffic } from './traffic'
import { WebexFace } from './webex/face'
import { type WebexOptions } from './webex/options'
import { XivoFace } from './xivo/face'
import { type XivoOptions } from './xivo/options'
import { XsiFace } from './xsi/face'
import { type XsiOptions } from './xsi/options'

export interface SimulatorOptions {
  /** Who works here; absent: the demo house. */
  directory?: Directory
  /** Same seed, same run (1). */
  seed?: number
  /** Address to listen on (127.0.0.1). */
  host?: string
  /** Ports by face and for the control API; 0 or absent: any free one. */
  ports?: Partial<Record<FaceName | 'control', number>>
  clock?: PbxClock
  /** Calls a minute from the start (0). */
  traffic?: number
  /** Token of the control API; absent: a random one. */
  token?: string
  /** Knobs of the XSI face. */
  xsi?: Partial<XsiOptions>
  /** Knobs of the XiVO face: dialect, release, certificate … @throws Error from the start for a release that does not exist */
  xivo?: Partial<XivoOptions>
  /** Knobs of the iPECS face: accounts, timers, what the document leaves open … */
  ipecs?: Partial<IpecsOptions>
  /** Knobs of the Five9 face. */
  five9?: Partial<Five9Options>
  /** Knobs of the Webex face. */
  webex?: Partial<WebexOptions>
}

export interface Simulator {
  readonly pbx: Pbx
  readonly faces: Readonly<Partial<Record<FaceName, Face>>>
  readonly control: { url: string; token: string }
  readonly faults: Faults
  readonly traffic: Traffic
  readonly log: EventLog
  /** Address and credentials to try a face with. @throws Error for a face that is not there */
  demoLogin (face: FaceName): DemoLogin
  /** A face goes away, its calls go on, and it comes back on its port after `downMs` (0). */
  restartFace (face: FaceName, options?: { downMs?: number }): Promise<void>
  /** A face that is there. @throws Error for one that is not */
  face (name: FaceName): Face
  /** Names of the scenario scripts. */
  readonly scenarios: readonly string[]
  /** Plays a script; resolves at its end. @throws Refusal when the PBX does not allow a step, StageStopped when the simulator closes */
  runScenario (name: string): Promise<void>
  /** Ends every server, socket and timer. */
  close (): Promise<void>
}

/**
 * Starts a PBX with its faces. Rejects with the system's error when a port is taken; nothing is left running then.
 */
export async function startSimulator (options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, host = '127.0.0.1', ports = {}, clock = new RealClock() } = options
  const pbx = new Pbx({ directory: options.directory, clock, seed })
  const faults = new Faults(new Rng(seed))
  const log = new EventLog(pbx)
  const traffic = new Traffic(pbx, seed)
  const faces = new Map<FaceName, Face>()
  const webex = new WebexFace({ pbx, clock, rng: new Rng(seed + 5), faults, options: options.webex, xsiUrl: () => faces.get('xsi')?.url }, { host, port: ports.webex ?? 0 })
  faces.set('xsi', new XsiFace({ pbx, clock, rng: new Rng(seed + 1), faults, options: { foreignToken: (token) => webex.xsiUser(token), ...options.xsi, enterpriseIds: [...options.xsi?.enterpriseIds ?? [], webex.site.ids.orgUuid] } }, { host, port: ports.xsi ?? 0 }))
  faces.set('xivo', new XivoFace({ pbx, clock, rng: new Rng(seed + 2), faults, options: options.xivo }, { host, port: ports.xivo ?? 0 }))
  faces.set('five9', new Five9Face({ pbx, clock, rng: new Rng(seed + 3), faults, options: options.five9 }, { host, port: ports.five9 ?? 0 }))
  faces.set('ipecs', new IpecsFace({ pbx, clock, rng: new Rng(seed + 4), faults, options: options.ipecs }, { host, port: ports.ipecs ?? 0 }))
  faces.set('webex', webex)
  const faceOf = (name: FaceName): Face => {
    const face = faces.get(name)
    if (!face) throw new Error(`The simulator has no face "${name}"`)
    return face
  }
  const stages = new Stages(pbx, faces)
  const runScenario = (name: string): Promise<void> => stages.run(name)
  const token = options.token ?? randomBytes(24).toString('base64url')
  const control = new ControlServer({ pbx, faults, traffic, log, faces, clock, token, runScenario }, { host, port: ports.control ?? 0 })
  const close = async (): Promise<void> => {
    stages.stop()
    await traffic.stop()
    await Promise.all([control.stop(), ...[...faces.values()].map((face) => face.stop())])
    log.close()
    pbx.close()
  }
  try {
    for (const face of faces.values()) await face.start()
    const controlAddress = await control.start()
    if (options.traffic !== undefined && options.traffic > 0) traffic.start({ callsPerMinute: options.traffic })
    return {
      pbx, faces: Object.fromEntries(faces), control: { url: controlAddress.url, token }, faults, traffic, log, close,
      demoLogin: (name) => faceOf(name).login(),
      restartFace: async (name, how) => { await faceOf(name).restart(how) },
      face: faceOf, scenarios: stages.names, runScenario
    }
  } catch (error) {
    await close()
    throw error
  }
}
