import assert from 'node:assert/strict'
import { openHouse, type House } from '../support/house'
import { brief } from '../support/xsiClient'
import { RawClient } from './client'

describe('simulator/xivo beside XSI', () => {
  let house: House
  let bob: RawClient
  beforeEach(async () => {
    house = await openHouse({ xivo: { sheets: [], liftAfterMs: false } })
    bob = await RawClient.open(house.simulator.demoLogin('xivo').url)
    await bob.login('bob')
    await bob.settle()
  })
  afterEach(async () => {
    bob.close()
    await house.close()
  })

  it('shows a call that was placed through XSI', async () => {
    await house.bob.user('POST', 'bob@example.com', '/calls/new?address=1001')
    const own = (await bob.settle()).find(({ listname }) => listname === 'channels')
    assert.match(String(own?.tid), /^SIP\/bobdesk-/)
    const [leg] = house.simulator.pbx.connectionsOf('bob')
    house.simulator.pbx.answer(leg?.key ?? '')
    const lines = await bob.told()
    assert.ok(lines.some((line) => /^updatestatus phones \d+ \{"hintstatus":"8"\}$/.test(line)), 'the phones of Alice ring')
  })

  it('places a call that XSI shows, and sees an answer given through XSI', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    await channel.settle()
    bob.send({ class: 'ipbxcommand', command: 'dial', destination: '1003' })
    assert.equal((await bob.told())[0], 'dial_success {"exten":"1003"}')
    const events = (await channel.settle()).map(brief)
    assert.ok(events.some((event) => event.startsWith('CallOriginating')), events.join('\n'))
    const [leg] = house.simulator.pbx.connectionsOf('bob')
    house.simulator.pbx.answer(leg?.key ?? '')
    await bob.settle()
    bob.send({ class: 'hangup' })
    await bob.settle()
    assert.ok((await channel.settle()).some(({ type }) => type === 'CallReleasedEvent'))
  })

  it('names addresses and logins that work', async () => {
    const login = house.simulator.demoLogin('xivo')
    const client = await RawClient.open(login.url)
    assert.match(login.url, /^tcp:\/\/127\.0\.0\.1:\d+$/)
    assert.equal((await client.login(login.username, { password: login.password })).appliname, 'Client')
    const admin = await RawClient.open(login.url)
    assert.equal((await admin.login(login.adminUsername, { password: login.adminPassword })).appliname, 'Supervisor')
    client.close()
    admin.close()
  })
})
