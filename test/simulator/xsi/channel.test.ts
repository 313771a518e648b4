import assert from 'node:assert/strict'
import { openHouse, type House } from '../support/house'
import { at, brief, type ChannelReader, EVENTS, parse } from '../support/xsiClient'

describe('simulator/xsi channel', () => {
  let house: House
  beforeEach(async () => { house = await openHouse() })
  afterEach(() => house.close())

  it('opens with the head and the very bytes of a live server', async () => {
    const channel = await house.bob.open({ set: 'set-1', expires: 86400 })
    const lines = channel.head.split('\r\n')
    assert.equal(lines[0], 'HTTP/1.1 200 OK')
    assert.match(lines[1] ?? '', /^Set-Cookie: JSESSIONID=[0-9A-F]{32}; Path=\/com\.broadsoft\.xsi-events; Secure; HttpOnly$/)
    assert.deepEqual(lines.slice(2), ['Expires: Thu, 01 Jan 1970 00:00:00 GMT', 'Content-Type: text/xml;charset=UTF-8', 'Transfer-Encoding: chunked', 'Keep-Alive: timeout=4', 'Connection: keep-alive', '', ''])
    assert.equal(channel.chunks.length, 1)
    assert.equal(channel.chunks[0]?.length, 0xb5)
    assert.match(String(channel.chunks[0]), /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Channel xmlns="http:\/\/schema\.broadsoft\.com\/xsi"><channelId>[0-9a-f-]{36}<\/channelId><expires>86400<\/expires><\/Channel>$/)
  })

  it('answers a heartbeat with an empty 200 and 97 bytes on the stream', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    const answer = await house.bob.request('PUT', `${EVENTS}/channel/${channel.id}/heartbeat`)
    await channel.until(() => channel.chunks.length === 2)
    assert.equal(answer.status, 200)
    assert.equal(answer.text, '')
    assert.equal(String(channel.chunks[1]), '<?xml version="1.0" encoding="UTF-8"?><ChannelHeartBeat xmlns="http://schema.broadsoft.com/xsi"/>')
    assert.equal(channel.chunks[1]?.length, 0x61)
  })

  it('sends each event as one chunk that begins with the declaration and has no newline', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    await channel.until(() => channel.chunks.length === 2)
    assert.match(String(channel.chunks[1]), /^<\?xml version="1\.0" encoding="UTF-8"\?><xsi:Event xmlns:xsi="http:\/\/schema\.broadsoft\.com\/xsi" xmlns:xsi1="http:\/\/www\.w3\.org\/2001\/XMLSchema-instance" xsi1:type="xsi:SubscriptionEvent"><xsi:eventID>[^\n]*<\/xsi:Event>$/)
  })

  it('raises short expiries, grants never, and lists and refreshes the channel', async () => {
    const short = await house.bob.open({ set: 'set-1', expires: 60 })
    const never = await house.bob.open({ set: 'set-1', expires: 2147483647 })
    assert.equal(at(parse(short.documents[0] ?? ''), 'Channel', 'expires'), '3600')
    assert.equal(at(parse(never.documents[0] ?? ''), 'Channel', 'expires'), '2147483647')
    house.clock.advance(10_000)
    const list = await house.bob.request('GET', `${EVENTS}/channelset/set-1`)
    assert.match(list.text, new RegExp(`<channel><channelId>${short.id}</channelId><channelSetId>set-1</channelSetId><priority>1</priority><weight>50</weight><expires>3590</expires></channel>`))
    const refreshed = await house.bob.request('PUT', `${EVENTS}/channel/${short.id}`, { body: '<Channel xmlns="http://schema.broadsoft.com/xsi"><expires>7200</expires></Channel>' })
    assert.equal(at(refreshed.xml(), 'Channel', 'expires'), '7200')
  })

  it('says ExplicitDelete and ends the response when deleted', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    const answer = await house.bob.request('DELETE', `${EVENTS}/channel/${channel.id}`)
    await channel.until(() => channel.ended)
    assert.equal(answer.status, 200)
    assert.deepEqual(terminated(channel), ['ExplicitDelete'])
    assert.equal((await house.bob.request('PUT', `${EVENTS}/channel/${channel.id}/heartbeat`)).status, 404)
  })

  it('ends a channel without heartbeat after 30 s and keeps one with', async () => {
    const quiet = await house.bob.open({ set: 'set-1' })
    const alive = await house.bob.open({ set: 'set-2' })
    house.clock.advance(20_000)
    await alive.settle()
    house.clock.advance(15_000)
    await quiet.until(() => quiet.ended)
    await alive.settle()
    assert.equal(alive.ended, false)
  })

  it('ends an expired channel with the reason', async () => {
    const channel = await house.bob.open({ set: 'set-1', expires: 3600 })
    for (let minute = 0; minute < 240 && !channel.ended; minute++) {
      house.clock.advance(15_000)
      if (minute < 239) await channel.settle()
    }
    await channel.until(() => channel.ended)
    assert.deepEqual(terminated(channel), ['Expired'])
  })

  it('ends the channels of the first set when the same application opens another one', async () => {
    const first = await house.bob.open({ set: 'set-1', applicationId: 'app' })
    const second = await house.bob.open({ set: 'set-2', applicationId: 'app' })
    await first.until(() => first.ended)
    assert.deepEqual(terminated(first), ['DuplicateChannelSet'])
    await second.settle()
    assert.equal(second.ended, false)
  })

  it('resends an event that nobody acknowledges over the next channel with the same id, then ends both', async () => {
    const preferred = await house.bob.open({ set: 'set-1', priority: 1, acknowledge: false })
    const spare = await house.bob.open({ set: 'set-1', priority: 2, acknowledge: false })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    await preferred.until(() => preferred.events.length === 1)
    assert.equal(spare.events.length, 0)
    house.clock.advance(5_000)
    await spare.until(() => spare.events.length === 1)
    assert.equal(spare.events[0]?.id, preferred.events[0]?.id)
    assert.equal(spare.events[0]?.sequence, 1)
    assert.match(spare.events[0]?.raw ?? '', new RegExp(`<xsi:channelId>${spare.id}<`))
    house.clock.advance(5_000)
    await Promise.all([preferred.until(() => preferred.ended), spare.until(() => spare.ended)])
    assert.deepEqual([terminated(preferred), terminated(spare)], [['NonResponsiveChannel'], ['NonResponsiveChannel']])
  })

  it('does as the status of an acknowledgement says', async () => {
    const first = await house.bob.open({ set: 'set-1', priority: 1, acknowledge: false })
    const second = await house.bob.open({ set: 'set-1', priority: 2, acknowledge: false })
    const subscription = await house.bob.subscribe('user/bob@example.com', 'Do Not Disturb', 'set-1')
    await first.until(() => first.events.length === 1)
    await house.bob.acknowledge(first.events[0]?.id ?? '', 500)
    await second.until(() => second.events.length === 1)
    await house.bob.acknowledge(second.events[0]?.id ?? '', 200)
    house.simulator.pbx.setDnd('bob', true)
    await first.until(() => first.events.length === 2)
    await house.bob.acknowledge(first.events[1]?.id ?? '', 404)
    await first.until(() => first.ended)
    assert.deepEqual(terminated(first), ['UnknownChannel'])
    await second.until(() => second.events.length === 2)
    await house.bob.acknowledge(second.events[1]?.id ?? '', 481)
    assert.equal((await house.bob.request('GET', `${EVENTS}/subscription/${subscription}`)).status, 403)
    assert.equal(second.ended, false)
    assert.equal((await house.bob.acknowledge('x', 999)).status, 400)
  })

  it('answers what does not belong on the stream with an ErrorEvent and goes on', async () => {
    const channel = await house.bob.open({ set: 'set-1' })
    channel.socket.write('<nonsense/>\r\n\r\n')
    await channel.until(() => channel.documents.length > 1)
    assert.match(channel.documents[1] ?? '', /xsi1:type="xsi:ErrorEvent"><xsi:errorCode>400<\/xsi:errorCode><xsi:errorMessage>Unexpected content<\/xsi:errorMessage><\/xsi:Event>$/)
    channel.socket.write('<?xml version="1.0" encoding="UTF-8"?><ChannelHeartBeat xmlns="http://schema.broadsoft.com/xsi"/>')
    await channel.until(() => channel.documents.length > 2)
    assert.match(channel.documents[2] ?? '', /<ChannelHeartBeat /)
    await channel.settle()
    assert.equal(channel.ended, false)
  })

  it('keeps the subscription when the channel breaks and goes on over a new one of the set', async () => {
    const broken = await house.bob.open({ set: 'set-1' })
    const subscription = await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    await broken.settle()
    broken.socket.destroy()
    const next = await house.bob.open({ set: 'set-1' })
    const refreshed = await house.bob.request('PUT', `${EVENTS}/subscription/${subscription}`, { body: '<Subscription xmlns="http://schema.broadsoft.com/xsi"><expires>7200</expires></Subscription>' })
    assert.equal(refreshed.status, 200)
    const events = await next.settle()
    assert.deepEqual(events.map(brief), ['CallSubscription On-Hook'])
    assert.equal(events[0]?.sequence, 2)
  })
})

function terminated (channel: ChannelReader): unknown[] {
  return channel.events.filter((event) => event.kind === 'ChannelTerminatedEvent').map((event) => event.data['xsi:reason'])
}
