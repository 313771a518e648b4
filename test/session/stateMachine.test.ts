import assert from 'node:assert/strict'
import { SESSION_STATES, type SessionState } from '../../src/model'
import { hasConnection, mayGo } from '../../src/session/stateMachine'

/** Row: from; column: to; in the order of SESSION_STATES. Written out, so that a change of the table must be meant. */
const ALLOWED: Readonly<Record<SessionState, string>> = {
  //             closed connecting authenticating subscribing online waiting refused closing
  closed: '. x . . . . . .',
  connecting: '. . x x x x x x',
  authenticating: '. . . x x x x x',
  subscribing: '. . x . x x x x',
  online: '. . . . . x x x',
  waiting: '. x . . . . . x',
  refused: '. . . . . . . x',
  closing: 'x . . . . . . .'
}

describe('state machine', () => {
  for (const from of SESSION_STATES) {
    it(`allows from ${from} what the design says and nothing else`, () => {
      assert.equal(SESSION_STATES.map((to) => mayGo(from, to) ? 'x' : '.').join(' '), ALLOWED[from])
    })
  }

  it('reaches every state from closed, and closed from every state', () => {
    for (const start of SESSION_STATES) {
      const reached = new Set<SessionState>([start])
      for (const state of reached) for (const to of SESSION_STATES) if (mayGo(state, to)) reached.add(to)
      assert.equal(reached.size, SESSION_STATES.length, start)
    }
  })

  it('knows in which states there is a connection', () => {
    assert.deepEqual(SESSION_STATES.filter(hasConnection), ['connecting', 'authenticating', 'subscribing', 'online'])
  })
})
