/** The driver in a real session against the Five9 face of the simulator, over real sockets. */
import { Five9Driver, type Five9Options } from '../../src/five9'
import { SessionLine } from '../support/sessionLine'

/** Times that make tests quick without changing what happens. */
export const QUICK: Partial<Five9Options> = { settleMs: 20, statisticsMs: 1500, statsIntervalMs: 0, timeoutMs: 3000 }

export class Line extends SessionLine<Five9Driver> {
  constructor (options: Five9Options) {
    super(new Five9Driver({ ...QUICK, ...options }), { account: 'Five9' })
  }
}
