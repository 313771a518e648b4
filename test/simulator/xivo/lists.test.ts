import assert from 'node:assert/strict'
import { type Line, type RawClient } from './client'
import { XivoWorld } from './world'

describe('simulator/xivo lists', () => {
  let world: XivoWorld
  let dana: RawClient
  afterEach(() => world.close())
  const open = async (options?: Parameters<typeof XivoWorld.open>[0]): Promise<void> => {
    world = await XivoWorld.open(options)
    dana = options?.protocol === undefined ? await world.client() : await world.client2()
  }
  const get = async (fields: Line): Promise<Line> => {
    dana.send({ class: 'getlist', tipbxid: 'xivo', ...fields })
    const line = await dana.of('getlist')
    delete line.timenow
    return line
  }
  const G = (what: string, listname: string, rest: Line): Line => ({ class: 'getlist', function: what, listname, tipbxid: 'xivo', ...rest })

  it('answers the golden messages of 3.2', async () => {
    await open()
    assert.deepEqual(await get({ function: 'listid', listname: 'users' }), G('listid', 'users', { list: ['3', '5', '12', '13'] }))
    const user = { firstname: 'Dana', lastname: 'Example', fullname: 'Dana Example', mobilephonenumber: '', agentid: 4, voicemailid: null, enablevoicemail: 0, enablednd: 0, incallfilter: 0, enableunc: 0, destunc: '', enablebusy: 0, destbusy: '', enablerna: 0, destrna: '', enablexfer: 1, enableclient: 1, profileclient: null, linelist: ['7'] }
    assert.deepEqual(await get({ function: 'updateconfig', listname: 'users', tid: '3' }), G('updateconfig', 'users', { tid: '3', config: user }))
    assert.deepEqual(await get({ function: 'updateconfig', listname: 'phones', tid: '7' }), G('updateconfig', 'phones', { tid: '7', config: { allowtransfer: null, context: 'default', identity: 'SIP/dana77', iduserfeatures: 3, initialized: null, number: '1007', protocol: 'sip' } }))
    assert.deepEqual(await get({ function: 'updatestatus', listname: 'phones', tid: '7' }), G('updatestatus', 'phones', { tid: '7', status: { channels: [], groups: [], hintstatus: '0', queues: [] } }))
    assert.deepEqual(await get({ function: 'updatestatus', listname: 'users', tid: '3' }), G('updatestatus', 'users', { tid: '3', status: { availstate: 'berightback', connection: 'yes' } }))
    assert.deepEqual(await get({ function: 'listid', listname: 'agents' }), G('listid', 'agents', { list: ['4', '6'] }))
    assert.deepEqual(await get({ function: 'updateconfig', listname: 'agents', tid: '4' }), G('updateconfig', 'agents', { tid: '4', config: { context: 'default', firstname: 'Dana', lastname: 'Example', number: '2004' } }))
    assert.deepEqual(await get({ function: 'updatestatus', listname: 'agents', tid: '4' }), G('updatestatus', 'agents', { tid: '4', status: { availability: 'logged_out', availability_since: 1716203045.41, channel: null, groups: [], nonacd_call_status: null, on_call_acd: false, on_wrapup: false, phonenumber: null, queues: ['2'] } }))
    assert.deepEqual(await get({ function: 'updateconfig', listname: 'queues', tid: '2' }), G('updateconfig', 'queues', { tid: '2', config: { context: 'default', displayname: 'Blue team', name: 'blue', number: '3002' } }))
    assert.deepEqual(await get({ function: 'updatestatus', listname: 'queues', tid: '2' }), G('updatestatus', 'queues', { tid: '2', status: { agentmembers: ['4'], phonemembers: [] } }))
    assert.deepEqual(await get({ function: 'listid', listname: 'queuemembers' }), G('listid', 'queuemembers', { list: ['Agent/2004,blue', 'Agent/2006,red'] }))
    assert.deepEqual((await get({ function: 'updatestatus', listname: 'queuemembers', tid: 'Agent/2004,blue' })).status, { queue_name: 'blue', interface: 'Agent/2004', membership: 'static', status: '101', paused: '0', penalty: '0', callstaken: '0', lastcall: '' })
  })

  it('counts a mailbox as text once something is in it', async () => {
    await open()
    world.pbx.setFeature('dexample', 'voicemail', true)
    assert.deepEqual(await dana.told(), ['addconfig voicemails  ["21"]', 'updateconfig users 3 {"enablevoicemail":true,"voicemailid":21}'])
    assert.deepEqual((await get({ function: 'updateconfig', listname: 'voicemails', tid: '21' })).config, { context: 'default', mailbox: '1007', fullname: 'Dana Example', email: 'dexample@example.com' })
    assert.deepEqual((await get({ function: 'updatestatus', listname: 'voicemails', tid: '21' })).status, { waiting: false, old: '0', new: 0 })
    const message = world.pbx.leaveVoicemail('dexample', { kind: 'external', number: '+12025550142' }, 5000)
    assert.deepEqual(await dana.told(), ['updatestatus voicemails 21 {"waiting":true,"old":"0","new":"1"}'])
    world.pbx.markVoicemail('dexample', message.id, true)
    assert.deepEqual(await dana.told(), ['updatestatus voicemails 21 {"waiting":false,"old":"1","new":"0"}'])
  })

  it('answers unknown ids empty, and integers too, as list keys are text', async () => {
    await open()
    assert.deepEqual((await get({ function: 'updateconfig', listname: 'users', tid: '99' })).config, {})
    assert.deepEqual(await get({ function: 'updateconfig', listname: 'users', tid: 3 }), G('updateconfig', 'users', { tid: 3, config: {} }))
    assert.deepEqual((await get({ function: 'updatestatus', listname: 'users', tid: '99' })).status, {})
    assert.equal((await get({ function: 'updatestatus', listname: 'queuemembers', tid: 'Agent/1,x' })).status, null)
    assert.equal((await get({ function: 'updatestatus', listname: 'channels', tid: 'SIP/x-1' })).status, null)
    assert.deepEqual((await get({ function: 'updatestatus', listname: 'cars', tid: '1' })).status, {})
    assert.deepEqual((await get({ function: 'listid', listname: 'groups' })).list, [])
    dana.send({ class: 'getlist', function: 'updateconfig', listname: 'channels', tid: 'SIP/x-1' })
    await dana.untilClosed()
  })

  it('leaves out in 2.x what is gone, and drops for an unknown user', async () => {
    await open({ protocol: '2.3', uuid: '0f5c0d0a-0000-4000-8000-000000000001' })
    assert.deepEqual((await get({ function: 'updateconfig', listname: 'phones', tid: '7' })).config, { identity: 'SIP/dana77', iduserfeatures: 3, number: '1007' })
    assert.deepEqual((await get({ function: 'updatestatus', listname: 'phones', tid: '7' })).status, { hintstatus: '0' })
    assert.deepEqual((await get({ function: 'updatestatus', listname: 'users', tid: '3' })).status, { availstate: 'berightback' })
    const config = (await get({ function: 'updateconfig', listname: 'users', tid: '3' })).config as Line
    assert.deepEqual([config.xivo_uuid, config.enablexfer], ['0f5c0d0a-0000-4000-8000-000000000001', undefined])
    assert.equal('groups' in ((await get({ function: 'updatestatus', listname: 'agents', tid: '4' })).status as object), false)
    dana.send({ class: 'getlist', function: 'listid', listname: 'groups' })
    assert.deepEqual(await dana.settle(), [])
    dana.send({ class: 'getlist', function: 'updatestatus', listname: 'users', tid: '99' })
    await dana.untilClosed()
  })

  it('gives each kind of thing ids of its own when none are named, and the same ones in each run', async () => {
    const ids = async (): Promise<unknown[]> => {
      await open({ ids: {} })
      const all: unknown[] = []
      for (const listname of ['users', 'phones', 'agents', 'queues', 'voicemails', 'meetmes']) all.push((await get({ function: 'listid', listname })).list)
      return all
    }
    const first = await ids()
    await world.close()
    assert.deepEqual(await ids(), first)
    assert.deepEqual(first, [['3', '5', '12', '13'], ['7', '8', '9'], ['4', '5'], ['2', '6', '8'], [], ['31', '32', '33']])
  })
})
