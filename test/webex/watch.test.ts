/** Looks at the calls of one person that overlap: what was asked for first may come last. */
import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import type { EventDraft, Link } from '../../src/session/types'
import { Picture } from '../../src/state/picture'
import type { WebexApi } from '../../src/webex/api'
import { DriverMemory } from '../../src/webex/memory'
import type { Settings } from '../../src/webex/options'
import { Watch } from '../../src/webex/watch'
import { ManualClock } from '../support/manualClock'

const ALICE = 'alice-id'
const CALL = { id: 'call-1', callSessionId: 'session-1', personality: 'clickToDial', state: 'alerting', created: '2026-03-02T09:15:04.120Z', remoteParty: { number: '+12025550144' } }

describe('Webex: looks at the calls', () => {
  const clock = new ManualClock()
  const picture = new Picture(() => clock.now())
  const told: string[] = []
  const warnings: string[] = []
  const replies: ((items: readonly object[] | Error) => void)[] = []
  const memory = new DriverMemory()
  memory.people.add({ id: ALICE, name: 'Alice' })
  const look = (): Promise<unknown> => new Promise((resolve, reject) => {
    replies.push((items) => items instanceof Error ? reject(items) : resolve({ node: { items } }))
  })
  const link = {
    clock, picture, clockOffsetMs: 0, signal: new AbortController().signal, warn: (code: string) => warnings.push(code), heard: () => undefined,
    receive: (drafts: readonly EventDraft[]) => {
      for (const draft of drafts) {
        told.push(draft.event)
        picture.fold({ ...draft, id: 'x', seq: 1, epoch: 'e', platform: 'webex', account: 'a', accountId: 'a', time: '', timeSource: 'vendor', receivedAt: '' } as TelephonyEvent)
      }
    }
  } as unknown as Link
  const watch = new Watch({
    link, memory, line: { id: ALICE, family: 'calls', api: { look } as unknown as WebexApi }, settings: { pollIdleMs: 0, pollBusyMs: 0, settingsMs: 0 } as Settings, callsOnly: true, people: () => 1,
    hooked: () => false, polled: () => 0, taken: () => 0, hasNews: () => false, listed: () => undefined, failed: () => undefined, worked: () => undefined,
    source: () => ({
      picture,
      context: {
        now: clock.now(), person: (id) => memory.people.get(id), markOf: () => undefined, legIdOf: (owner, callId) => `${owner}/${callId}`, restIdOf: () => undefined, hasSameRegion: () => true, queueIdOf: () => undefined
      }
    })
  })

  it('an older list that comes last ends no call that the newer one has told', async () => {
    const first = watch.readCalls()
    const second = watch.readNow()
    replies[1]!([CALL])
    await second
    replies[0]!([])
    await first
    assert.deepEqual(told, ['call.originated'])
    const third = watch.readCalls()
    replies[2]!([])
    await third
    assert.equal(told.at(-1), 'call.ended')
  })

  it('an action waits for a look no longer than a second, and not at all for one that fails', async () => {
    const slow = watch.readNow()
    await clock.advance(1000)
    await slow
    const broken = watch.readNow()
    replies.at(-1)!(new Error('gone'))
    await broken
    assert.deepEqual(warnings, ['notRead'])
    assert.equal(clock.pending, 0)
  })
})
