/** A simulator on a clock that tests move by hand, and clients of its XSI face. */
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/simulator'
import { XsiClient } from './xsiClient'

export interface House { simulator: Simulator; clock: VirtualClock; bob: XsiClient; admin: XsiClient; client: (user: string, password?: string) => XsiClient; close: () => Promise<void> }

export const CAROL = '+12025550199'

export async function openHouse (options: Omit<SimulatorOptions, 'clock'> = {}): Promise<House> {
  const clock = new VirtualClock()
  const simulator = await startSimulator({ ...options, clock })
  const url = simulator.demoLogin('xsi').url
  const clients: XsiClient[] = []
  const client = (user: string, password?: string): XsiClient => {
    const made = new XsiClient(url, user, password)
    clients.push(made)
    return made
  }
  return {
    simulator, clock, client, bob: client('bob@example.com'), admin: client('cti-admin@example.com'),
    close: async () => {
      for (const each of clients) each.close()
      await simulator.close()
    }
  }
}
