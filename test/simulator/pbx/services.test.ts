import assert from 'node:assert/strict'
import { type Condition } from '../../../src/simulator/pbx/types'
import { CAROL, eachWorld } from './world'

describe('PBX services', () => {
  const world = eachWorld()

  it('forwards by each condition and says where from', () => {
    const { pbx, clock } = world()
    const cases: [Condition, () => () => void][] = [
      ['always', () => () => undefined],
      ['busy', () => {
        pbx.setFeature('dave', 'callWaiting', false)
        const call = world().talk('1003')
        return () => { pbx.release(call.key) }
      }],
      ['noAnswer', () => () => undefined],
      ['notReachable', () => {
        pbx.setRegistered('dave-desk', false)
        return () => { pbx.setRegistered('dave-desk', true) }
      }]
    ]
    for (const [condition, prepare] of cases) {
      const undo = prepare()
      pbx.setForwarding('dave', condition, { enabled: true, to: '1001', rings: 2 })
      pbx.inbound({ from: CAROL, to: '1003' })
      if (condition === 'noAnswer') clock.advance(12_000)
      const call = world().only('alice')
      assert.deepEqual(call.redirections.map(({ party, cause }) => [party.userKey, cause]), [['dave', `forward${condition.replace(/^./, (letter) => letter.toUpperCase())}`]])
      pbx.release(call.key)
      pbx.setForwarding('dave', condition, { enabled: false })
      undo()
      for (const key of ['alice', 'dave']) for (const open of pbx.connectionsOf(key)) pbx.release(open.key)
      for (const open of pbx.connections.values()) if (open.state !== 'null') pbx.release(open.key)
    }
  })

  it('does not ring whom it forwards away from', () => {
    const { pbx } = world()
    pbx.setForwarding('bob', 'always', { enabled: true, to: '1003' })
    world().told()
    pbx.inbound({ from: CAROL, to: '1002' })
    assert.deepEqual(world().told('bob'), ['diverted forwardAlways'])
  })

  it('forwards over several users, but not in circles and not for ever', () => {
    const { pbx } = world()
    pbx.setForwarding('bob', 'always', { enabled: true, to: '1003' })
    pbx.setForwarding('dave', 'always', { enabled: true, to: '1004' })
    assert.deepEqual(world().ring('1002').redirections.map(({ party }) => party.userKey), ['dave', 'bob'])
    pbx.setForwarding('erin', 'always', { enabled: true, to: '1002' })
    world().told()
    assert.equal(pbx.inbound({ from: CAROL, to: '1002' }), undefined)
    assert.equal(world().told().filter((fact) => fact.startsWith('diverted')).length, 2)
    pbx.setForwarding('erin', 'always', { enabled: true, to: '1004' })
    assert.equal(pbx.inbound({ from: CAROL, to: '1004' }), undefined)
  })

  it('keeps the target when forwarding is switched, and refuses what cannot be', () => {
    const { pbx } = world()
    world().refuses('invalidValue', () => pbx.setForwarding('bob', 'always', { enabled: true }))
    world().refuses('invalidNumber', () => pbx.setForwarding('bob', 'always', { to: '7' }))
    for (const rings of [-1, 21, 1.5, NaN]) world().refuses('invalidValue', () => pbx.setForwarding('bob', 'noAnswer', { rings }))
    assert.deepEqual(pbx.setForwarding('bob', 'always', { to: '1003' }), { enabled: false, to: '1003' })
    assert.deepEqual(pbx.setForwarding('bob', 'always', { enabled: true }), { enabled: true, to: '1003' })
    assert.deepEqual(pbx.setForwarding('bob', 'always', { enabled: false, to: '' }), { enabled: false })
    assert.deepEqual(world().last('forwarding').detail, { condition: 'always', rule: { enabled: false } })
  })

  it('sends callers to the mailbox when the phone is busy, refused, not answered, not there or not to be disturbed', () => {
    const { pbx, clock } = world()
    const box = (): boolean => [...pbx.connections.values()].some(({ party, state }) => party.kind === 'voicemail' && state === 'connected')
    const end = (): void => { for (const open of pbx.connections.values()) if (open.state !== 'null') pbx.release(open.key) }
    const cases: (() => void)[] = [
      () => { pbx.setDnd('alice', true) },
      () => {
        pbx.setDnd('alice', false)
        for (const key of ['alice-desk', 'alice-app']) pbx.setRegistered(key, false)
      },
      () => {
        for (const key of ['alice-desk', 'alice-app']) pbx.setRegistered(key, true)
        pbx.setFeature('alice', 'callWaiting', false)
        pbx.originate('alice', '1003')
      }
    ]
    for (const prepare of cases) {
      prepare()
      pbx.inbound({ from: CAROL, to: '1001' })
      assert.ok(box())
      end()
    }
    for (const reason of ['busy', 'unavailable'] as const) {
      pbx.reject(world().ring('1001').key, reason)
      assert.ok(box())
      end()
    }
    world().ring('1001')
    clock.advance(18_000)
    assert.ok(box())
    end()
  })

  it('makes a message of what is said long enough', () => {
    const { pbx, clock } = world()
    for (const ms of [1000, 6000]) {
      const call = pbx.originate('dave', '*981001')
      clock.advance(ms)
      pbx.release(call.key)
    }
    const messages = pbx.users.get('alice')?.mailbox.messages ?? []
    assert.deepEqual(messages.map(({ durationMs, from, read }) => [durationMs, from.userKey, read]), [[6000, 'dave', false]])
    const id = messages[0]?.id ?? ''
    pbx.markVoicemail('alice', id, true)
    assert.deepEqual([world().last('mailbox').detail?.newMessages, world().last('mailbox').detail?.oldMessages], [0, 1])
    pbx.deleteVoicemail('alice', id)
    world().refuses('invalidValue', () => { pbx.deleteVoicemail('alice', id) })
    world().refuses('notAssigned', () => pbx.leaveVoicemail('dave', { kind: 'external' }, 1000))
  })

  it('counts urgent messages apart', () => {
    const { pbx } = world()
    pbx.leaveVoicemail('bob', { kind: 'external', number: CAROL }, 1000, true)
    pbx.leaveVoicemail('bob', { kind: 'external', number: CAROL }, 1000)
    const { newMessages, newUrgent, oldMessages, oldUrgent } = world().last('mailbox').detail ?? {}
    assert.deepEqual([newMessages, newUrgent, oldMessages, oldUrgent], [1, 1, 0, 0])
  })

  it('sends a ringing call on when its last phone goes away', () => {
    const { pbx } = world()
    const call = world().ring('1001')
    pbx.setRegistered('alice-desk', false)
    assert.deepEqual(call.alertingDevices, ['alice-app'])
    pbx.setRegistered('alice-app', false)
    assert.deepEqual([call.state, call.cause], ['null', 'notReachable'])
    assert.equal(world().last('diverted', 'alice').connection?.key, call.key)
  })

  it('keeps a call whose phone goes away', () => {
    const { pbx } = world()
    const call = world().talk()
    pbx.setRegistered('bob-desk', false)
    assert.equal(call.state, 'connected')
    world().refuses('unknownDevice', () => { pbx.setRegistered('nothing', true) })
  })

  it('refuses features of the wrong kind', () => {
    const { pbx } = world()
    world().refuses('invalidValue', () => { pbx.setFeature('bob', 'callWaiting', 'yes' as unknown as boolean) })
    world().refuses('invalidValue', () => { pbx.setFeature('bob', 'nonsense' as 'callFilter', true) })
    world().refuses('unknownUser', () => { pbx.setDnd('nobody', true) })
    world().refuses('invalidValue', () => { pbx.setPresence('bob', '') })
  })
})

describe('PBX dial plan', () => {
  const world = eachWorld()

  it('finds people, queues, slots and the world outside', () => {
    const cases: [string, string, string | undefined, string][] = [
      ['1002', 'user', 'bob', '1002'],
      ['tel:+12025550102;ext=1002', 'user', 'bob', '+12025550102'],
      ['(202) 555-0102', 'user', 'bob', '+12025550102'],
      ['BOB@example.com', 'user', 'bob', '1002'],
      ['sip:1002@example.com', 'user', 'bob', '1002'],
      ['1050', 'queue', 'support', '1050'],
      ['+12025550150', 'queue', 'support', '+12025550150'],
      ['+12025550140', 'queue', 'support', '1050'],
      ['2222', 'park', undefined, '2222'],
      ['*981001', 'voicemail', 'alice', '*981001'],
      ['011 44 20 7946 0123', 'external', undefined, '+442079460123'],
      ['2025550123', 'external', undefined, '+12025550123'],
      ['911', 'external', undefined, '911'],
      ['7', 'invalid', undefined, '7'],
      ['', 'invalid', undefined, ''],
      ['+', 'invalid', undefined, '+'],
      ['nobody@example.com', 'invalid', undefined, 'nobody']
    ]
    for (const [dialled, kind, key, number] of cases) {
      const resolved = world().pbx.resolve(dialled)
      assert.deepEqual([resolved.kind, resolved.key, resolved.number], [kind, key, number], dialled)
    }
  })

  it('looks people up by one kind of name only', () => {
    const { pbx } = world()
    assert.equal(pbx.userByExtension('1002')?.key, 'bob')
    assert.equal(pbx.userByNumber('202-555-0102')?.key, 'bob')
    assert.equal(pbx.userByEmail('Bob@Example.com')?.key, 'bob')
    assert.deepEqual([pbx.userByExtension('bob@example.com'), pbx.userByNumber('1002'), pbx.userByEmail('1002')], [undefined, undefined, undefined])
  })
})
