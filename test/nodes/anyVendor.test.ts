import assert from 'node:assert/strict'
import type { NodeAPI } from 'node-red'
import five9Account from '../../nodes/accounts/five9-account'
import ipecsAccount from '../../nodes/accounts/ipecs-account'
import webexAccount from '../../nodes/accounts/webex-account'
import xivoAccount from '../../nodes/accounts/xivo-account'
import xsiAccount from '../../nodes/accounts/xsi-account'
import call from '../../nodes/actions/call'
import five9Events from '../../nodes/events/five9-events'
import ipecsEvents from '../../nodes/events/ipecs-events'
import webexEvents from '../../nodes/events/webex-events'
import xivoEvents from '../../nodes/events/xivo-events'
import xsiEvents from '../../nodes/events/xsi-events'
import { isSimulatedPbx } from '../../nodes/shared/simulatedPbx'
import simulatorPbx from '../../nodes/simulator/simulator-pbx'
import type { Platform, TelephonyEvent } from '../../src/model'
import { collect, helper, load, node, on, served, until, type FlowNode } from './support/flows'

type Register = (RED: NodeAPI) => void
/** Account and event node of a system, and who its demo login is. */
const SYSTEMS: Readonly<Record<Platform, { nodes: Register[]; user: string }>> = {
  xsi: { nodes: [xsiAccount, xsiEvents], user: 'alice' },
  xivo: { nodes: [xivoAccount, xivoEvents], user: 'alice' },
  five9: { nodes: [five9Account, five9Events], user: 'bob' },
  ipecs: { nodes: [ipecsAccount, ipecsEvents], user: 'alice' },
  webex: { nodes: [webexAccount, webexEvents], user: 'alice' }
}
const CAROL = '+12025550199'

describe('one flow, whatever the system', function () {
  this.timeout(20_000)
  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  for (const [platform, { nodes, user }] of Object.entries(SYSTEMS)) {
    it(`ends a call of ${platform} once it is answered, only account and event node being its own`, async () => {
      // Not part of the vendor: an action node that takes account and call from the event.
      const common: FlowNode[] = [on('end', 'cti-call', { action: 'hangup', wires: [['done']] }), on('done', 'helper'), on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper'), on('seen', 'helper')]
      await load([served, simulatorPbx, call, ...nodes], [
        { id: 'pbx', type: 'cti-simulator-pbx', name: '' }, { id: 'acc', type: `cti-${platform}-account`, name: 'Office', connectTo: 'simulator', simulator: 'pbx' },
        on('all', `cti-${platform}-events`, { account: 'acc', wires: [['seen']] }), on('answered', `cti-${platform}-events`, { account: 'acc', events: ['call.answered'], wires: [['end']] }), ...common
      ], {})
      const [seen, done, failed] = [collect('seen'), collect('done'), collect('failed')]
      const event = async (name: string, id?: string): Promise<TelephonyEvent> => {
        const find = (): TelephonyEvent | undefined => seen.map(({ payload }) => payload as TelephonyEvent).find((one) => one.event === name && (id === undefined || one.call?.id === id))
        await until(() => find() !== undefined, 8000).catch(() => assert.fail(`no ${name}; seen: ${seen.map(({ topic }) => topic).join(', ')}; failed: ${failed[0]?.error?.message}`))
        return find()!
      }
      await event('connection.online')
      const config: unknown = node('pbx')
      assert.ok(isSimulatedPbx(config))
      const { pbx } = await config.simulator()
      pbx.inbound({ from: CAROL, to: pbx.users.get(user)!.extension })
      await event('call.ringing')
      const rings = [...pbx.connections.values()].find(({ party, state }) => party.userKey === user && state === 'alerting')
      pbx.answer(rings!.key)
      // Another phone of the user may ring as a leg of its own, and end first.
      const { call: leg } = await event('call.answered')
      const ended = await event('call.ended', leg?.id)
      assert.deepEqual([ended.call?.direction, ended.platform], ['inbound', platform])
      await until(() => done.length === 1 || failed.length > 0)
      assert.deepEqual(failed.map(({ error }) => error?.message), [])
    })
  }
})
