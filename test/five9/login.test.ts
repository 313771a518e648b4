import assert from 'node:assert/strict'
import { CtiError } from '../../src/model'
import { inTurn, noticesOf, toWorking, type LoginPort, type LoginRules } from '../../src/five9/login'

/** Plays states one after the other and notes what was done; the last one stays. */
class Port implements LoginPort {
  readonly done: string[] = []
  notices_ = [{ id: '9001', title: 'Update' }, { id: '9002', title: 'Window' }]
  fails: Record<string, CtiError> = {}
  constructor (private readonly states: string[]) {}

  async state (): Promise<string> { return this.states.length > 1 ? this.states.shift()! : this.states[0]! }
  async start (force: boolean): Promise<void> { this.did(force ? 'start!' : 'start') }
  async chooseSkills (): Promise<void> { this.did('skills') }
  async notices (): Promise<{ id: string; title: string }[]> { this.did('notices'); return this.notices_ }
  async accept (id: string): Promise<void> { this.did(`accept ${id}`) }
  async restart (): Promise<void> { this.did('restart') }
  async wait (): Promise<void> { this.did('wait') }
  private did (what: string): void {
    this.done.push(what)
    const error = this.fails[what]
    if (error !== undefined) throw error
  }
}

const RULES: LoginRules = { acceptNotices: true, force: false }
const error = (code: 'CTI_CONFLICT' | 'CTI_INVALID_REQUEST' | 'CTI_UNAVAILABLE', cause: object = {}): CtiError => new CtiError(code, 'Refused.', { retryable: false, ...cause })

describe('Five9: the states of a log-in', () => {
  const PATHS: [name: string, states: string[], rules: LoginRules, done: string[], began: boolean][] = [
    ['works already: nothing is started', ['WORKING'], RULES, [], false],
    ['selects a station', ['SELECT_STATION', 'WORKING'], RULES, ['start'], true],
    ['takes over when it may', ['SELECT_STATION', 'WORKING'], { ...RULES, force: true }, ['start!'], true],
    ['accepts notices after the station', ['SELECT_STATION', 'ACCEPT_NOTICE', 'WORKING'], RULES, ['start', 'notices', 'accept 9001', 'accept 9002'], true],
    ['chooses skills', ['SELECT_STATION', 'SELECT_SKILLS', 'WORKING'], RULES, ['start', 'skills'], true],
    ['starts again when notices send it back', ['ACCEPT_NOTICE', 'SELECT_STATION', 'WORKING'], RULES, ['notices', 'accept 9001', 'accept 9002', 'start'], true],
    ['starts again when the state stays after all was accepted', ['ACCEPT_NOTICE', 'ACCEPT_NOTICE', 'WORKING'], RULES, ['notices', 'accept 9001', 'accept 9002', 'notices', 'accept 9001', 'accept 9002', 'start'], false],
    ['restarts a session that was moved', ['RELOGIN', 'WORKING'], RULES, ['restart'], false],
    ['goes through every state', ['RELOGIN', 'SELECT_STATION', 'ACCEPT_NOTICE', 'SELECT_SKILLS', 'WORKING'], RULES, ['restart', 'start', 'notices', 'accept 9001', 'accept 9002', 'skills'], true],
    ['waits in a state that nobody knows', ['MIGRATING_USER', 'WORKING'], RULES, ['wait'], false],
    ['is not led astray by the name of an inherited property', ['constructor', 'WORKING'], RULES, ['wait'], false]
  ]
  for (const [name, states, rules, done, began] of PATHS) {
    it(name, async () => {
      const port = new Port([...states])
      const outcome = await toWorking(port, rules)
      assert.deepEqual(port.done, done)
      assert.deepEqual(outcome, { began, states })
    })
  }

  for (const state of ['SELECT_STATION', 'SELECT_SKILLS', 'ACCEPT_NOTICE', 'RELOGIN', 'SOMETHING']) {
    it(`gives up when ${state} comes back again and again, and names it`, async () => {
      const port = new Port([state])
      await assert.rejects(toWorking(port, RULES), (failure: CtiError) => failure.code === 'CTI_UNAVAILABLE' && failure.cause.loginState === state && failure.cause.retryable === true)
      assert.ok(port.done.length <= 12)
    })
  }

  it('gives up when two states alternate for ever', async () => {
    const port = new Port(Array.from({ length: 40 }, (_, index) => index % 2 === 0 ? 'SELECT_STATION' : 'RELOGIN'))
    await assert.rejects(toWorking(port, RULES), { code: 'CTI_UNAVAILABLE' })
  })

  it('leaves notices to a person when it shall, and says which ones wait', async () => {
    const port = new Port(['ACCEPT_NOTICE'])
    await assert.rejects(toWorking(port, { acceptNotices: false, force: false }), (failure: CtiError) => failure.code === 'CTI_FORBIDDEN' && /Update; Window/.test(failure.message) && failure.cause.retryable === false && failure.cause.loginState === 'ACCEPT_NOTICE')
    assert.deepEqual(port.done, ['notices'])
  })

  it('tells a duplicate login as such, and comes again later', async () => {
    const port = new Port(['SELECT_STATION'])
    port.fails = { start: error('CTI_CONFLICT', { contextCode: 'DUPLICATE_LOGIN' }) }
    await assert.rejects(toWorking(port, RULES), (failure: CtiError) => failure.code === 'CTI_CONFLICT' && failure.cause.retryable === true && (failure.cause.retryAfterMs ?? 0) > 0 && failure.cause.loginState === 'SELECT_STATION')
  })

  it('takes a refused station for a wrong setting', async () => {
    const port = new Port(['SELECT_STATION'])
    port.fails = { start: error('CTI_CONFLICT') }
    await assert.rejects(toWorking(port, RULES), (failure: CtiError) => failure.code === 'CTI_INVALID_REQUEST' && /station/.test(failure.message) && failure.cause.retryable === false)
  })

  it('keeps the kind of any other failure and adds the state', async () => {
    const port = new Port(['RELOGIN'])
    port.fails = { restart: error('CTI_UNAVAILABLE', { retryable: true }) }
    await assert.rejects(toWorking(port, RULES), (failure: CtiError) => failure.code === 'CTI_UNAVAILABLE' && failure.cause.retryable === true && failure.cause.loginState === 'RELOGIN')
  })

  it('reads notices leniently', () => {
    assert.deepEqual(noticesOf([{ id: 9001, annotation: 'A' }, { id: '2' }, { annotation: 'no id' }, null, 'x']), [{ id: '9001', title: 'A' }, { id: '2', title: '2' }])
    assert.deepEqual(noticesOf({}), [])
  })
})

describe('Five9: one login at a time', () => {
  it('makes the second of one user wait, also when the first fails; another user does not', async () => {
    const log: string[] = []
    let free = (): void => undefined
    const first = inTurn('a', async () => {
      log.push('first')
      await new Promise<void>((resolve) => { free = resolve })
      throw new Error('no')
    })
    const second = inTurn('a', async () => { log.push('second') })
    await inTurn('b', async () => { log.push('other') })
    assert.deepEqual(log, ['first', 'other'])
    free()
    await assert.rejects(first)
    await second
    assert.deepEqual(log, ['first', 'other', 'second'])
  })
})
