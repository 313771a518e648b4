import type { Simulator } from '../../src/simulator/simulator'
import { type SimulatorNode, isSimulatorNode } from './simulatorNode'

/** The simulator's config node as the simulator's flow node sees it: the whole PBX, not only its address. */
export interface SimulatedPbx extends SimulatorNode {
  /** Resolves when it runs; rejects with the reason why it cannot. */
  simulator (): Promise<Simulator>
}

export function isSimulatedPbx (node: unknown): node is SimulatedPbx {
  return isSimulatorNode(node) && typeof (node as Partial<SimulatedPbx>).simulator === 'function'
}
