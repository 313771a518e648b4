/** What a driver may say of its connection, and whom a request means without naming a user. */
import assert from 'node:assert/strict'
import type { ActionRequest } from '../../src/model'
import { Session, type SessionStatus } from '../../src/session'
import { entry, FakeDriver, leg } from '../support/fakeDriver'
import { ManualClock } from '../support/manualClock'

describe('Session: the word of a connection', () => {
  const opened = async (driver: FakeDriver): Promise<{ session: Session; clock: ManualClock; seen: SessionStatus[] }> => {
    const clock = new ManualClock()
    const session = new Session({ accountId: 'acc', account: 'Test', driver, clock, random: () => 0 })
    const seen: SessionStatus[] = []
    session.join({ status: (status) => seen.push(status) })
    await clock.advance(0)
    return { session, clock, seen }
  }

  it('is told while online, changes are told, and it goes with the connection', async () => {
    const driver = new FakeDriver()
    driver.opens.push((link) => { link.note('polling') })
    const { session, seen } = await opened(driver)
    assert.equal(session.status.note, 'polling')
    assert.ok(seen.every(({ state, note }) => state === 'online' || note === undefined))
    const before = seen.length
    driver.link.note('polling')
    assert.equal(seen.length, before, 'the same word is no news')
    driver.link.note(undefined)
    assert.deepEqual([seen.length, session.status.note], [before + 1, undefined])
    driver.link.note('polling')
    const { link } = driver
    await session.close('removed')
    link.note('late')
    assert.equal(session.status.note, undefined)
  })

  it('lets the driver say whose call is meant', async () => {
    const driver = new FakeDriver({ hangup: entry((_request, context) => ({ data: context.leg?.id })) })
    Object.assign(driver, { userOf: ({ as }: ActionRequest) => as, ownOwner: () => 'alice' })
    driver.actions = { hangup: { ...driver.actions.hangup!, params: { as: { kind: 'string' } } } }
    driver.snapshot = { calls: [leg({ id: 'a1' }), leg({ id: 'b1', owner: { kind: 'user', id: 'bob' } })], owners: 'all' }
    const { session } = await opened(driver)
    assert.equal((await session.perform({ action: 'hangup' })).data, 'a1')
    assert.equal((await session.perform({ action: 'hangup', as: 'bob' })).data, 'b1')
    assert.equal((await session.perform({ action: 'hangup', as: 'bob', user: 'alice' })).data, 'a1')
    await session.close('removed')
  })
})
