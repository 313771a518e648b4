/** The driver in a real session against the Five9 face of the simulator, over real sockets. */
import assert from 'node:assert/strict'
import { Five9Driver, type Five9Options } from '../../src/five9'
import { SessionLine } from '../support/sessionLine'
import { FakeFive9 } from './server'

/** Times that make tests quick without changing what happens. */
export const QUICK: Partial<Five9Options> = { settleMs: 20, statisticsMs: 1500, statsIntervalMs: 0, timeoutMs: 3000 }

export class Line extends SessionLine<Five9Driver> {
  constructor (options: Five9Options) {
    super(new Five9Driver({ ...QUICK, ...options }), { account: 'Five9' })
  }
}

/**
 * For a block of tests: before each a server that does what the test wants, after each everything closed.
 * @param begin takes the server of the next test
 * @returns `open` makes the `line` of the test, not yet online; servers put into `others` are closed too
 */
export function onFakeServer (begin: (server: FakeFive9) => void): { open (options?: Partial<Five9Options>): Line; readonly line: Line; readonly others: FakeFive9[] } {
  let server: FakeFive9
  let line: Line | undefined
  const others: FakeFive9[] = []
  beforeEach(async () => {
    server = await new FakeFive9().start()
    begin(server)
  })
  afterEach(async () => {
    await line?.close()
    line = undefined
    await server.close()
    await Promise.all(others.splice(0).map((other) => other.close()))
  })
  const open = (options: Partial<Five9Options> = {}): Line => {
    line = new Line({ baseUrl: server.url, username: 'rosa.agent@example.com', password: 'secret', stationType: 'SOFTPHONE', ...options })
    return line
  }
  return {
    open,
    others,
    get line () {
      assert.ok(line)
      return line
    }
  }
}
