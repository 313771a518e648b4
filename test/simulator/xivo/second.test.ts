import assert from 'node:assert/strict'
import { certificateFor } from '../../../src/simulator/certificate'
import { type Line, type RawClient } from './client'
import { PAT, XivoWorld } from './world'

const UUID = '0f5c0d0a-0000-4000-8000-000000000001'

describe('simulator/xivo 2.x and later releases', () => {
  let world: XivoWorld
  let dana: RawClient
  afterEach(() => world.close())
  const open = async (options: Parameters<typeof XivoWorld.open>[0] = { protocol: '2.3' }): Promise<void> => {
    world = await XivoWorld.open({ uuid: UUID, ...options })
    dana = await world.client2()
  }
  const timeless = (lines: string[]): string[] => lines.map((line) => line.replace(/,?"call_start":[\d.]+/g, ''))

  it('tells an inbound call by hints and calls only, as 9.2', async () => {
    await open({ protocol: '2.3', sheets: ['dial'] })
    dana.send({ class: 'subscribe', message: 'current_calls' })
    dana.send({ class: 'register_endpoint_status_update', endpoint_ids: [[UUID, 7]] })
    await dana.settle()
    const leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused')
    const [sheet, ...rest] = await dana.told()
    assert.match(sheet ?? '', /^sheet /)
    assert.deepEqual(rest, ['updatestatus phones 7 {"hintstatus":"8"}', `endpoint_status_update {"data":{"xivo_uuid":"${UUID}","endpoint_id":7,"status":8}}`])
    world.pbx.answer(leg.key)
    assert.deepEqual(timeless(await dana.told()), [
      'updatestatus phones 7 {"hintstatus":"1"}', `endpoint_status_update {"data":{"xivo_uuid":"${UUID}","endpoint_id":7,"status":1}}`,
      'current_calls {"current_calls":[{"cid_name":"Pat Placeholder","cid_number":"+12025550142","call_status":"up"}]}'
    ])
    world.pbx.release(leg.key)
    assert.deepEqual((await dana.told()).filter((line) => !line.startsWith('endpoint')), ['current_calls {"current_calls":[]}', 'updatestatus phones 7 {"hintstatus":"0"}'])
  })

  it('says nothing of a dial from 16.09 on, but what went wrong', async () => {
    await open()
    const dial = (destination: string): void => { dana.send({ class: 'ipbxcommand', command: 'dial', destination }) }
    dial('1009')
    assert.deepEqual(await dana.told(), ['updatestatus phones 7 {"hintstatus":"8"}'])
    dana.send({ class: 'hangup' })
    await dana.settle()
    dial('77')
    assert.deepEqual(await dana.told(), ['ipbxcommand {"error_string":"unreachable_extension:77"}'])
    dana.send({ class: 'direct_transfer', number: '77' })
    assert.deepEqual(await dana.told(), ['ipbxcommand {"error_string":"unreachable_extension:77"}'])
    world.simulator.face('xivo').act('expireCredentials')
    dial('1009')
    dana.send({ class: 'hangup' })
    dana.send({ class: 'direct_transfer', number: '1009' })
    assert.deepEqual(await dana.told(), ['call', 'hangup', 'transfer'].map((what) => `ipbxcommand {"error_string":"${what}_unauthorized"}`))
    world.simulator.face('xivo').act('renewCredentials')
    dial('1009')
    assert.deepEqual(await dana.told(), ['updatestatus phones 7 {"hintstatus":"8"}'])
    dana.send({ class: 'ipbxcommand', command: 'originate', source: 'user:xivo/5', destination: 'exten:xivo/1009' })
    assert.deepEqual(await dana.told(), [], 'unknown commands are silence')
  })

  it('still confirms a dial in 2.1', async () => {
    world = await XivoWorld.open({ protocol: '2.1' })
    dana = await world.connect()
    await dana.login2('dexample', { version: '2.1' })
    await dana.settle()
    dana.send({ class: 'ipbxcommand', command: 'dial', destination: '1009' })
    assert.equal((await dana.told())[0], 'dial_success {"exten":"1009"}')
  })

  it('tells when a consultation is cancelled', async () => {
    await open()
    const leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused')
    world.pbx.answer(leg.key)
    dana.send({ class: 'attended_transfer', number: '1009' })
    await dana.settle()
    dana.send({ class: 'cancel_transfer' })
    assert.ok((await dana.told()).includes('current_call_attended_transfer_cancelled {"line":"sip/dana77"}'))
    assert.equal(world.pbx.connections.get(leg.key)?.state, 'connected')
  })

  it('registers users by uuid, or by number when none of the list is a uuid', async () => {
    await open()
    dana.send({ class: 'people_search', pattern: 'lee' })
    const [{ relations }] = (await dana.of('people_search_result')).results as [{ relations: Line }]
    const uuid = String(relations.user_uuid)
    const register = async (ids: unknown[]): Promise<Line[]> => {
      dana.send({ class: 'register_user_status_update', user_ids: ids.map((id) => [UUID, id]) })
      return dana.settle()
    }
    const state = (status: string): Line => ({ class: 'user_status_update', data: { xivo_uuid: UUID, user_uuid: uuid, user_id: 5, status } })
    assert.deepEqual(await register(['5', 99]), [state('disconnected')])
    world.pbx.setPresence('lsample', 'away')
    assert.deepEqual((await dana.settle()).filter(({ class: name }) => name !== 'getlist'), [state('away')])
    dana.send({ class: 'unregister_user_status_update', user_ids: [[UUID, uuid]] })
    assert.deepEqual(await register([3, uuid]), [state('away')], 'the plain id is lost')
  })

  it('chats by uuid from 2.1 on, without an answer, and drops for another address', async () => {
    await open()
    dana.send({ class: 'get_relations' })
    await dana.of('relations')
    dana.send({ class: 'people_search', pattern: 'dana' })
    const [{ relations }] = (await dana.of('people_search_result')).results as [{ relations: Line }]
    const me = [UUID, relations.user_uuid]
    dana.send({ class: 'chitchat', alias: 'Dana', to: me, text: 'note to self' })
    assert.deepEqual(await dana.settle(), [{ class: 'chitchat', alias: 'Dana', from: me, to: me, text: 'note to self' }])
    dana.send({ class: 'chitchat', alias: 'Dana', to: ['xivo', '5'], text: 'x' })
    await dana.untilClosed()
  })

  it('drops for what a mailbox cannot be, and transfers to one', async () => {
    await open()
    const leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused')
    world.pbx.answer(leg.key)
    world.pbx.setFeature('lsample', 'voicemail', true)
    await dana.settle()
    dana.send({ class: 'blind_transfer_voicemail', voicemail: '1009' })
    await dana.settle()
    assert.equal(world.pbx.connectionsOf('dexample').length, 0)
    dana.send({ class: 'blind_transfer_voicemail', voicemail: '10/09' })
    await dana.untilClosed()
  })

  it('has neither channels nor their commands from 15.19 on', async () => {
    world = await XivoWorld.open({ release: '15.20' })
    dana = await world.client()
    world.pbx.inbound({ from: PAT, to: '1007' })
    assert.deepEqual(await dana.told(), ['updatestatus phones 7 {"hintstatus":"8"}'])
    dana.send({ class: 'ipbxcommand', command: 'hangup', channelids: 'chan:xivo/x', commandid: 4 })
    assert.deepEqual(await dana.told(), ['ipbxcommand {"replyid":4,"warning_string":"return_is_none"}'])
  })

  it('leaves out direction and kind from 15.13 on', async () => {
    world = await XivoWorld.open({ release: '15.13', commstatusLag: false })
    dana = await world.client()
    const leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused')
    world.pbx.answer(leg.key)
    const pushes = (await dana.settle()).filter(({ listname }) => listname === 'channels').map(({ status }) => status as Line)
    assert.deepEqual(Object.keys(pushes.at(-1) ?? {}).sort(), ['commstatus', 'holded', 'parked', 'state', 'talkingto_id', 'timestamp'])
    assert.equal(pushes.at(-1)?.commstatus, 'linked')
  })

  describe('with TLS', () => {
    let tls: { key: string; cert: string }
    before(async () => { tls = await certificateFor('pbx.example.com') })

    beforeEach(async () => { world = await XivoWorld.open({ protocol: '2.3' }) })

    it('offers it first and goes on in it', async () => {
      await world.close()
      world = await XivoWorld.open({ protocol: '2.3', tls })
      dana = await world.connect()
      assert.deepEqual(await dana.next().then(({ class: name, starttls, status }) => [name, starttls, status]), ['starttls', undefined, undefined])
      dana.send({ class: 'starttls', status: true, commandid: 7 })
      assert.deepEqual(await dana.next().then(({ class: name, starttls, replyid }) => [name, starttls, replyid]), ['starttls', true, undefined])
      await dana.secure()
      await dana.login2('dexample')
      assert.deepEqual((await dana.told()).at(-1), 'updatestatus users 3 {"availstate":"berightback"}')
      dana.send({ class: 'starttls', status: true })
      assert.deepEqual(await dana.settle(), [], 'a second one is ignored')
    })

    it('may be declined, left unanswered, or asked without an answer', async () => {
      await world.close()
      world = await XivoWorld.open({ protocol: '2.3', tls })
      const ask = async (message: Line): Promise<unknown> => {
        dana = await world.connect()
        await dana.of('starttls')
        dana.send(message)
        const { starttls } = await dana.of('starttls')
        await dana.login2('dexample')
        return starttls
      }
      assert.equal(await ask({ class: 'starttls', status: false }), false)
      assert.equal(await ask({ class: 'starttls' }), null)
      const plain = await world.connect()
      assert.equal((await plain.login2('lsample')).userid, '5')
    })

    it('gives up when the handshake does not come', async () => {
      await world.close()
      world = await XivoWorld.open({ protocol: '2.3', tls })
      dana = await world.connect()
      await dana.of('starttls')
      dana.send({ class: 'starttls', status: true })
      await dana.of('starttls')
      const waiting = world.clock.waiting
      while (world.clock.waiting === waiting && !dana.closed) {
        await new Promise((resolve) => { setImmediate(resolve) })
        world.clock.advance(500)
      }
      await dana.untilClosed()
    })

    it('begins with the first byte on a port of its own kind', async () => {
      await world.close()
      world = await XivoWorld.open({ tls: { ...tls, mode: 'immediate' } })
      assert.match(world.simulator.demoLogin('xivo').url, /^tls:/)
      dana = await world.connect()
      await dana.secure()
      assert.equal((await dana.login('dexample')).userid, '3')
    })

    it('does not start with a certificate that cannot be read', async () => {
      await assert.rejects(XivoWorld.open({ protocol: '2.3', tls: { key: 'x', cert: 'y' } }))
    })

    it('is not offered without a certificate, nor before 15.20', async () => {
      dana = await world.connect()
      dana.send({ class: 'starttls', status: true })
      await dana.login2('dexample')
      assert.equal(dana.lines.some(({ class: name }) => name === 'starttls'), false)
      await world.close()
      world = await XivoWorld.open({ protocol: '1.2', tls })
      dana = await world.client()
      assert.deepEqual(await dana.settle(), [])
    })
  })
})
