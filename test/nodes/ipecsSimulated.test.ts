import assert from 'node:assert/strict'
import ipecsAccount from '../../nodes/accounts/ipecs-account'
import agent from '../../nodes/actions/agent'
import call from '../../nodes/actions/call'
import lookup from '../../nodes/actions/lookup'
import originate from '../../nodes/actions/originate'
import ipecsEvents from '../../nodes/events/ipecs-events'
import { helper, served } from './support/flows'
import { leavesNothingBehind, withSimulated } from './support/simulated'

const CAROL = '+12025550199'

describe('nodes on a simulated iPECS', function () {
  this.timeout(30_000)
  const stage = withSimulated('ipecs', [served, ipecsAccount, ipecsEvents], { originate, call, agent, lookup })

  it('ring, answer and hang up, with nothing typed into the account', async () => {
    const { start, event, run, simulator } = stage()
    await start()
    const { pbx } = await simulator()
    pbx.inbound({ from: CAROL, to: '1001' })
    const ringing = await event('call.ringing')
    assert.match(ringing.call?.from?.number ?? '', /2025550199$/)
    await run('call', { action: 'answer', callId: ringing.call?.id })
    await event('call.answered', (one) => one.call?.id === ringing.call?.id)
    await run('call', { action: 'hangup', callId: ringing.call?.id })
    await event('call.ended', (one) => one.call?.id === ringing.call?.id)
  })

  it('place a call from an extension', async () => {
    const { start, event, run } = stage()
    await start()
    await run('originate', { user: '1001', to: '1002' })
    await event('call.ringing', (one) => one.call?.owner.number === '1002')
  })

  it('import a wrapper\'s configuration for the dialog', async () => {
    const { start } = stage()
    await start()
    const reply = await fetch(`${helper.url()}/cti-ipecs/import`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: '{"ipecs":{"BaseURI":"https://pbx.example.com","Port":8743,"uid":"apiuser","pw":"geheim"}}' })
    })
    const body = await reply.text()
    assert.deepEqual((JSON.parse(body) as { values: unknown }).values, { host: 'pbx.example.com', port: '8743', username: 'apiuser' })
    assert.equal(body.includes('geheim'), false)
  })

  leavesNothingBehind(stage)
})
