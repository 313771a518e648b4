import assert from 'node:assert/strict'
import { CAROL, openHouse, type House } from '../support/house'
import { EVENTS } from '../support/xsiClient'

describe('simulator/xsi faults', () => {
  let house: House
  beforeEach(async () => { house = await openHouse() })
  afterEach(() => house.close())
  const profile = () => house.bob.user('GET', 'bob@example.com', '/profile')

  it('answers the next requests with a status, a page or a redirect, then as always', async () => {
    const { faults } = house.simulator
    faults.failNext('xsi', 429, { retryAfter: 7 })
    const limited = await profile()
    assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '7'])
    faults.failNext('xsi', 401, { times: 2, body: '<html>denied</html>' })
    assert.match(String((await profile()).headers['content-type']), /^text\/html/)
    assert.equal((await profile()).status, 401)
    faults.failNext('xsi', 302, { location: 'http://127.0.0.1/elsewhere', path: '/profile' })
    assert.equal((await house.bob.user('GET', 'bob@example.com', '/calls')).status, 200, 'another path')
    assert.equal((await profile()).headers.location, 'http://127.0.0.1/elsewhere')
    assert.equal((await profile()).status, 200)
  })

  it('cuts, empties, delays and recodes replies', async () => {
    const { faults } = house.simulator
    faults.inject({ kind: 'cut', times: 1 })
    await assert.rejects(profile())
    faults.inject({ kind: 'empty', times: 1 })
    assert.equal((await profile()).text, '')
    faults.inject({ kind: 'latin1', times: 1 })
    const latin = await profile()
    assert.match(String(latin.headers['content-type']), /ISO-8859-1/)
    assert.match(latin.text, /^<\?xml version="1\.0" encoding="ISO-8859-1"\?>/)
    faults.inject({ kind: 'slow', ms: 2000, times: 1 })
    let answered = false
    const slow = profile().then(() => { answered = true })
    while (house.clock.waiting === 0) await new Promise((resolve) => { setImmediate(resolve) })
    assert.equal(answered, false)
    house.clock.advance(2000)
    await slow
  })

  it('refuses all credentials when they expire, until they are renewed', async () => {
    house.simulator.face('xsi').act('expireCredentials')
    assert.equal((await profile()).status, 401)
    house.simulator.face('xsi').act('renewCredentials')
    assert.equal((await profile()).status, 200)
  })

  it('splits the stream at every byte, also within a letter of a name', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    await house.bob.subscribe('user/bob@example.com', 'Basic Call', 'set-1')
    await channel.settle()
    const fault = house.simulator.faults.inject({ kind: 'split', size: 1, connection: channel.id, ms: 0 })
    house.simulator.pbx.inbound({ from: CAROL, name: 'Zoë Müller', to: '1002' })
    await channel.until(() => /Zoë Müller.*<\/xsi:Event>$/s.test(channel.documents.at(-1) ?? ''))
    assert.ok(channel.chunks.slice(-500).every((chunk) => chunk.length === 1))
    house.simulator.faults.revoke(fault.id)
    assert.ok((await channel.settle()).some((event) => event.type === 'CallReceivedEvent'))
  })

  it('loses, doubles and delays events and heartbeats, and sends events before the reply', async () => {
    const { faults, pbx } = house.simulator
    const channel = await house.bob.open({ set: 'set-1' })
    faults.inject({ kind: 'eventsFirst', times: 1 })
    await house.bob.subscribe('user/bob@example.com', 'Do Not Disturb', 'set-1')
    assert.equal((await channel.settle()).length, 1)
    faults.inject({ kind: 'noEvents', times: 1 })
    pbx.setDnd('bob', true)
    faults.inject({ kind: 'lose', times: 1 })
    pbx.setDnd('bob', false)
    faults.inject({ kind: 'duplicate', times: 1 })
    pbx.setDnd('bob', true)
    assert.deepEqual((await channel.settle()).map((event) => event.sequence), [1, 3, 3], 'a gap, then a duplicate')
    faults.inject({ kind: 'noHeartbeat', times: 1 })
    const count = channel.chunks.length
    assert.equal((await house.bob.request('PUT', `${EVENTS}/channel/${channel.id}/heartbeat`)).status, 200)
    await channel.settle()
    assert.equal(channel.chunks.length, count + 1)
  })

  it('makes events pretty and gives them other prefixes when asked', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    house.simulator.faults.inject({ kind: 'pretty', times: 1 })
    await house.bob.subscribe('user/bob@example.com', 'Do Not Disturb', 'set-1')
    await channel.settle()
    assert.match(channel.documents[1] ?? '', /\n {2}<xsi:eventID>/)
    house.simulator.faults.inject({ kind: 'prefixes', times: 1 })
    house.simulator.pbx.setDnd('bob', true)
    await channel.settle()
    assert.match(channel.documents[3] ?? '', /^<\?xml [^>]+><b:Event xmlns:b="http:\/\/schema\.broadsoft\.com\/xsi" xmlns:i="[^"]+" i:type="b:SubscriptionEvent">.*<b:eventData i:type="b:DoNotDisturbEvent">.*<\/b:Event>$/)
  })
})
