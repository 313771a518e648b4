import type { Node } from 'node-red'
import type { Platform } from '../../src/model'

/** Node type of the config node that owns a simulated PBX. */
export const SIMULATOR_TYPE = 'cti-simulator-pbx'

export interface SimulatorLogin { username: string; password: string; [field: string]: string | undefined }

/** Where a simulated PBX listens, once it does. */
export interface SimulatorAddress {
  /** Base address of the face of a platform, such as `http://127.0.0.1:41234`. */
  url (face: Platform): string
  /** Credentials of the demo user for that face. */
  login (face: Platform): SimulatorLogin
  /** PEM of the authority that signed the simulator's certificate, if it serves TLS. */
  ca?: string
}

/** What an account needs of the simulator's config node. */
export interface SimulatorNode extends Node {
  /** Resolves when every face listens; rejects when a port is taken. */
  whenReady (): Promise<SimulatorAddress>
}

export function isSimulatorNode (node: unknown): node is SimulatorNode {
  const candidate = node as Partial<SimulatorNode> | null | undefined
  return candidate?.type === SIMULATOR_TYPE && typeof candidate.whenReady === 'function'
}
