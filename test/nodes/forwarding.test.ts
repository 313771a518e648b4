import assert from 'node:assert/strict'
import forwarding from '../../nodes/actions/forwarding'
import type { ActionResult } from '../../src/model'
import type { User } from '../../src/simulator/pbx/types'
import { on } from './support/flows'
import { withSimulator } from './support/onSimulator'

const BOB = 'bob@example.com'

describe('the forwarding node', function () {
  this.timeout(20_000)
  const fixed = { vendor: 'xsi', xsi: 'acc', user: BOB, userType: 'str' }
  const stage = withSimulator([forwarding], [
    on('any', 'cti-forwarding', { vendor: 'xsi', xsi: 'acc', action: '' }), on('follow', 'cti-forwarding', { vendor: 'msg', action: 'setDnd', enabled: 'true', enabledType: 'bool' }),
    on('noAnswer', 'cti-forwarding', {
      ...fixed, action: 'setForwarding', kind: 'noAnswer', kindType: 'kind', enabled: 'true', enabledType: 'bool', to: '1001', toType: 'str', rings: '4', ringsType: 'num'
    }),
    on('read', 'cti-forwarding', { ...fixed, action: 'getForwarding' }), on('office', 'cti-forwarding', { ...fixed, action: 'setRemoteOffice', to: '+12025550188', toType: 'str' })
  ])
  const bob = (): User => stage().simulator.pbx.users.get('bob')!
  const ask = async (id: string, payload: object): Promise<ActionResult> => (await stage().run(id, payload)).payload as ActionResult

  it('sets a forwarding as the node says, and reads it', async () => {
    const result = await ask('noAnswer', { rings: 9, to: '1003' })
    assert.deepEqual({ enabled: result.forwarding?.rules.noAnswer?.enabled, to: result.forwarding?.rules.noAnswer?.to, rings: result.forwarding?.rules.noAnswer?.rings }, { enabled: true, to: '1001', rings: 4 })
    assert.deepEqual({ enabled: bob().forwarding.noAnswer.enabled, to: bob().forwarding.noAnswer.to, rings: bob().forwarding.noAnswer.rings }, { enabled: true, to: '1001', rings: 4 })
    assert.equal(result.warnings, undefined)
    await stage().event('forwarding.changed', ({ forwarding }) => forwarding?.changed?.join() === 'noAnswer' && forwarding.rules.noAnswer?.to === '1001')
    const read = await ask('read', {})
    assert.deepEqual(Object.keys(read.forwarding?.rules ?? {}).sort(), ['always', 'busy', 'noAnswer', 'notReachable'])
  })

  it('takes a rule, or several, from the message', async () => {
    await ask('any', { action: 'setForwarding', user: '1002', kind: 'always', enabled: 'true', to: { number: '1003' } })
    assert.deepEqual([bob().forwarding.always.enabled, bob().forwarding.always.to], [true, '1003'])
    await ask('any', { action: 'setForwarding', user: BOB, rules: { always: { enabled: false }, busy: { enabled: true, to: '1001' } } })
    assert.deepEqual([bob().forwarding.always.enabled, bob().forwarding.busy.enabled], [false, true])
    await stage().event('forwarding.changed', (event) => event.forwarding?.changed?.includes('busy') === true)
  })

  it('sets and reads do not disturb', async () => {
    assert.equal((await ask('any', { action: 'setDnd', user: BOB, enabled: true, ringSplash: true })).dnd?.ringSplash, true)
    assert.deepEqual(bob().dnd, { enabled: true, ringSplash: true })
    assert.equal((await stage().event('dnd.changed', (event) => event.dnd?.enabled === true)).user?.id, BOB)
    assert.equal((await ask('any', { action: 'getDnd', user: BOB })).dnd?.enabled, true)
  })

  it('sets remote office and recording', async () => {
    const office = await ask('office', { enabled: true })
    assert.deepEqual(office.feature, { name: 'remoteOffice', enabled: true, value: '+12025550188' })
    assert.deepEqual(bob().features.remoteOffice, { enabled: true, number: '+12025550188' })
    const recording = await ask('any', { action: 'setCallRecording', user: BOB, enabled: true, mode: 'on-demand' })
    assert.equal(recording.feature?.value, 'on-demand')
    assert.equal(bob().features.recording, 'on-demand')
  })

  it('acts on user and account of an event', async () => {
    stage().simulator.pbx.inbound({ from: '+12025550199', to: '1002' })
    const result = await ask('follow', await stage().event('call.ringing'))
    assert.equal(result.dnd?.enabled, true)
    assert.equal(bob().dnd.enabled, true)
  })

  it('has refusals at the Catch node', async () => {
    const cases: [object, string][] = [
      [{ action: 'setForwarding', user: BOB, kind: 'busy', enabled: true }, 'CTI_INVALID_REQUEST'], [{ action: 'setForwarding', user: BOB, kind: 'sometimes', enabled: true }, 'CTI_INVALID_REQUEST'],
      [{ action: 'setForwarding', user: BOB, enabled: true }, 'CTI_INVALID_REQUEST'], [{ action: 'setDnd', user: BOB }, 'CTI_INVALID_REQUEST'], [{ action: 'setDnd', user: BOB, enabled: 'perhaps' }, 'CTI_INVALID_REQUEST'],
      [{ action: 'setCallFilter', user: BOB, enabled: true }, 'CTI_UNSUPPORTED'], [{ action: 'getDnd', user: 'nobody@example.com' }, 'CTI_NOT_FOUND'], [{ action: 'originate' }, 'CTI_INVALID_REQUEST']
    ]
    for (const [payload, code] of cases) {
      const error = await stage().fail('any', payload)
      assert.equal(error.code, code, `${JSON.stringify(payload)}: ${error.message}`)
    }
  })
})
