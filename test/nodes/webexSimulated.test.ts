import assert from 'node:assert/strict'
import webexAccount from '../../nodes/accounts/webex-account'
import call from '../../nodes/actions/call'
import forwarding from '../../nodes/actions/forwarding'
import originate from '../../nodes/actions/originate'
import request from '../../nodes/actions/request'
import webexEvents from '../../nodes/events/webex-events'
import { TAB, helper, until } from './support/flows'
import { leavesNothingBehind, withSimulated } from './support/simulated'

const CAROL = '+12025550199'

describe('nodes on a simulated Webex', function () {
  this.timeout(30_000)
  const stage = withSimulated('webex', [webexAccount, webexEvents], { originate, call, forwarding, request })

  it('ring by webhook, answer and hang up, with nothing typed into the account', async () => {
    const { start, event, run, simulator } = stage()
    await start()
    const { pbx, face } = await simulator()
    assert.ok(face('webex').connections().length > 0, 'the account made webhooks, and does not poll')
    pbx.inbound({ from: CAROL, to: '1001' })
    const ringing = await event('call.ringing')
    assert.equal(ringing.call?.from?.number, CAROL)
    await run('call', { action: 'answer', callId: ringing.call?.id })
    await event('call.answered', (one) => one.call?.id === ringing.call?.id)
    await run('call', { action: 'hangup', callId: ringing.call?.id })
    await event('call.ended', (one) => one.call?.id === ringing.call?.id)
  })

  it('place a call and set do not disturb', async () => {
    const { start, event, run } = stage()
    await start()
    const placed = await run('originate', { to: CAROL })
    await event('call.answered', (one) => one.call?.id === placed.newCallId)
    await run('forwarding', { action: 'setDnd', enabled: true })
    assert.equal(((await run('forwarding', { action: 'getDnd' })).dnd as { enabled: boolean }).enabled, true)
  })

  it('let a person of the chat authorise, and act with that authorisation only', async () => {
    const { start, run, event } = stage()
    await start({ auth: 'bot' }, { systems: '{"webex":{"autoConsent":"alice"}}' })
    const alice = 'alice@example.com'
    const before = await run('request', { action: 'webex.authorization', as: alice }) as { data: { authorized: boolean } }
    assert.equal(before.data.authorized, false)
    const { data } = await run('request', { action: 'webex.authorize', as: alice }) as { data: { url: string } }
    const page = await fetch(data.url)
    assert.equal(page.status, 200, await page.text())
    const placed = await run('originate', { to: CAROL, vendor: { as: alice } })
    assert.equal(typeof placed.newCallId, 'string', JSON.stringify(placed))

    // Alice agrees to what Bob was asked for: that is thrown away.
    const other = await run('request', { action: 'webex.authorize', as: 'bob@example.com' }) as { data: { url: string } }
    assert.equal((await fetch(other.data.url)).status, 400)
    const bob = await run('request', { action: 'webex.authorization', as: 'bob@example.com' }) as { data: { authorized: boolean } }
    assert.equal(bob.data.authorized, false)
    await event('connection.online')
  })

  it('take their webhooks away when the account is removed', async () => {
    const { start, simulator } = stage()
    await start()
    const { face } = await simulator()
    const webex = face('webex')
    assert.ok(webex.connections().length > 0)
    await helper.setFlows([TAB, { id: 'pbx', type: 'cti-simulator-pbx', name: '' }], 'nodes')
    await until(() => webex.connections().length === 0, 4000)
  })

  leavesNothingBehind(stage)
})
