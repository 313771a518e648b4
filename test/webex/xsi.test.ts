/** An XSI account that borrows token and addresses of a Webex account. */
import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import { Session } from '../../src/session/session'
import { keyOf } from '../../src/webex/ids'
import { createXsiDriver } from '../../src/xsi/session'
import { House } from './harness'

describe('XSI on Webex', () => {
  let house: House
  let session: Session | undefined
  afterEach(async () => {
    await session?.close('removed')
    session = undefined
    await house.close()
  })

  it('finds its servers by the organisation, logs in by the borrowed token, and sees the same call', async () => {
    house = await House.build({ xsi: { trackingUuids: true } })
    const webex = await house.online({ auth: { kind: 'token', accessToken: house.token('cti-admin') }, members: true, userList: ['bob@example.com'] })
    const place = await webex.driver.xsi.discover()
    assert.match(place.userId, /^[0-9a-f-]{36}$/)
    assert.equal(new URL(place.actionsUrl).origin, house.simulator.face('xsi').url)
    const events: TelephonyEvent[] = []
    let seen = (): void => undefined
    const { token } = house.line().driver.xsi
    const driver = createXsiDriver({ ...place, auth: { kind: 'bearer', token }, userId: keyOf(webex.driver.ownerOf('bob@example.com') ?? ''), applicationId: 'app', channelSetId: 'set' })
    session = new Session({ accountId: 'xsi', account: 'XSI', driver, graceMs: 10, random: () => 0 })
    session.join({
      event: (event) => {
        events.push(event)
        seen()
      }
    })
    await session.whenOnline(4000)
    const rung = new Promise<void>((resolve) => {
      seen = () => { if (events.some(({ event }) => event === 'call.ringing')) resolve() }
    })
    house.pbx.inbound({ from: '+12025550199', to: '1002' })
    await rung
    const here = events.find(({ event }) => event === 'call.ringing')?.call
    const there = (await webex.event('call.ringing')).call
    assert.equal(here?.from?.number, there?.from?.number)
    assert.equal(here?.state, there?.state)
    assert.match(here?.correlationId ?? '', /^[0-9a-f]{8}-/)
    assert.equal(here?.correlationId, there?.correlationId, 'by which a flow pairs them')
  })

  it('says when there is nothing to borrow', async () => {
    house = await House.build()
    const { botToken = '' } = house.simulator.demoLogin('webex')
    const line = await house.online({ auth: { kind: 'none' }, bot: { accessToken: botToken } })
    await assert.rejects(line.driver.xsi.discover(), { code: 'CTI_INVALID_REQUEST' })
  })
})
