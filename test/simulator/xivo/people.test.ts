import assert from 'node:assert/strict'
import { type Line, type RawClient } from './client'
import { PAT, XivoWorld } from './world'

describe('simulator/xivo people, history, chat', () => {
  let world: XivoWorld
  let dana: RawClient
  afterEach(() => world.close())
  const open = async (options?: Parameters<typeof XivoWorld.open>[0]): Promise<void> => {
    world = await XivoWorld.open(options)
    dana = await world.client()
  }
  /** Sends, and gives what came back in short. */
  const tell = async (message: Line): Promise<string[]> => {
    dana.send(message)
    return dana.told()
  }
  const talk = (): string => {
    const leg = world.pbx.inbound({ from: PAT, to: '1007' }) ?? assert.fail('refused')
    world.pbx.answer(leg.key)
    return leg.key
  }

  it('search a table, with relations', async () => {
    await open({ uuid: '0f5c0d0a-0000-4000-8000-000000000001' })
    dana.send({ class: 'people_search', pattern: 'DANA' })
    const result = await dana.of('people_search_result')
    assert.equal(result.term, 'DANA')
    const [row] = result.results as { column_values: unknown[]; relations: Line; source: string }[]
    assert.deepEqual(row?.column_values, ['Dana Example', '1007', '', 'dexample@example.com', 4, false])
    assert.deepEqual({ ...row.relations, user_uuid: '' }, { xivo_id: '0f5c0d0a-0000-4000-8000-000000000001', agent_id: 4, user_id: 3, user_uuid: '', endpoint_id: 7, source_entry_id: '3' })
    assert.equal((result.column_types as unknown[]).length, row.column_values.length)
    dana.send({ class: 'people_headers' })
    assert.deepEqual((await dana.of('people_headers_result')).column_types, result.column_types)
    const id = dana.send({ class: 'directory', pattern: 'exa' })
    assert.deepEqual(await dana.of('directory').then(({ replyid, status, resultlist }) => [replyid, status, (resultlist as string[])[0]]), [id, 'ok', 'Dana Example;1007;;dexample@example.com'])
    dana.send({ class: 'switchboard_directory_search', pattern: 'dana' })
    assert.deepEqual((await dana.of('directory_search_result')).results, [{ name: 'Dana Example', number: '1007', number_type: 'office' }])
    dana.send({ class: 'get_switchboard_directory_headers' })
    assert.deepEqual((await dana.of('directory_headers')).headers, [['Name', 'name'], ['Number', 'number']])
    dana.send({ class: 'people_favorites' })
    assert.deepEqual(await dana.settle(), [], 'since 15.12')
    const nora = await world.client('nophone')
    nora.send({ class: 'directory', pattern: 'x' })
    const [failed] = await nora.settle()
    assert.deepEqual(failed, { status: 'ko', reason: 'undefined_context' })
  })

  it('keep personal contacts and favourites from 15.14 on', async () => {
    await open({ release: '15.18', uuid: '0f5c0d0a-0000-4000-8000-000000000001' })
    const ask = async (name: string, fields: Line = {}): Promise<Line> => {
      dana.send({ class: name, ...fields })
      return dana.next((line) => String(line.class).startsWith('people') || line.class === 'relations')
    }
    assert.deepEqual((await ask('people_create_personal_contact', { contact_infos: { firstname: 'Gus', lastname: 'Garage', number: '5550111' } })).class, 'people_personal_contact_created')
    const [row] = (await ask('people_personal_contacts')).results as { relations: Line }[]
    const entry = { source: 'personal', source_entry_id: row?.relations.source_entry_id }
    assert.deepEqual((await ask('people_personal_contact_raw', entry)).contact_infos, { firstname: 'Gus', lastname: 'Garage', number: '5550111' })
    assert.equal((await ask('people_set_favorite', { ...entry, favorite: true })).class, 'people_favorite_update')
    assert.equal(((await ask('people_favorites')).results as unknown[]).length, 1)
    assert.deepEqual(await ask('people_import_personal_contacts_csv', { csv_contacts: 'firstname,lastname,number\nIda,Import,5550112\n,,5\nshort' }).then(({ created_count: count, failed }) => [count, failed]), [1, [{ line: 3, errors: ['missing fields'] }, { line: 4, errors: ['missing fields'] }]])
    assert.match(String((await ask('people_export_personal_contacts_csv')).csv_contacts), /^firstname,lastname,number,mobile,email\r\nGus,Garage,5550111,,\r\nIda,Import/)
    assert.equal((await ask('people_delete_personal_contact', entry)).class, 'people_personal_contact_deleted')
    assert.equal((await ask('people_purge_personal_contacts')).class, 'people_personal_contacts_purged')
    assert.deepEqual((await ask('get_relations')).data, { xivo_uuid: '0f5c0d0a-0000-4000-8000-000000000001', user_id: 3, endpoint_id: 7, agent_id: 4 })
  })

  it('tell the history one mode at a time up to 15.08', async () => {
    await open()
    const key = talk()
    world.clock.advance(58_000)
    world.pbx.release(key)
    world.pbx.inbound({ from: PAT, to: '1007', behaviour: { giveUpAfterMs: 1000 } })
    world.clock.advance(1000)
    await dana.settle()
    const history = async (mode: unknown): Promise<Line> => {
      dana.send({ class: 'history', mode, size: '8', xuserid: 'xivo/3' })
      return dana.of('history')
    }
    const received = await history('1')
    assert.deepEqual([received.mode, received.replyid], ['1', undefined])
    const [call] = received.history as Line[]
    assert.deepEqual([call?.duration, call?.fullname], [58, `"Pat Placeholder" <${PAT}>`])
    assert.match(String(call?.calldate), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.410000$/)
    assert.equal(((await history('2')).history as Line[]).length, 1)
    assert.equal((await history(1)).mode, null)
    const nora = await world.client('nophone')
    nora.send({ class: 'history', mode: '1', size: '8' })
    assert.deepEqual(await nora.settle(), [{}])
  })

  it('tell the history in one from 15.09 on', async () => {
    await open({ release: '15.09' })
    world.pbx.inbound({ from: PAT, to: '1007', behaviour: { giveUpAfterMs: 1000 } })
    world.clock.advance(1000)
    dana.send({ class: 'history', size: 8 })
    const [call] = (await dana.of('history')).history as Line[]
    assert.deepEqual([call?.duration, call?.fullname, call?.extension, call?.mode], [0, 'Pat Placeholder', PAT, '2'])
  })

  it('carry a chat to all sessions of somebody', async () => {
    await open()
    const lee = [await world.client('lsample'), await world.client('lsample')] as const
    assert.match((await tell({ class: 'chitchat', commandid: 81, to: 'xivo/5', text: 'call me back' })).at(-1) ?? '', /chitchat {"replyid":81,"warning_string":"return_is_none"}/)
    for (const each of lee) assert.deepEqual(await each.of('chitchat').then(({ to, from, text }) => [to, from, text]), ['xivo/5', 'xivo/3', 'call me back'])
  })

  it('send a fax by data from 15.18 on', async () => {
    await open({ release: '15.18' })
    const data = Buffer.from('%PDF /Type /Page /Type /Page').toString('base64')
    dana.send({ class: 'faxsend', commandid: 6, filename: 'a.pdf', destination: '+12025550142', size: 28, data })
    assert.deepEqual(await dana.settle(), [
      { class: 'faxsend', replyid: 6, warning_string: 'return_is_none' }, { class: 'fax_progress', status: 'PRESENDFAX', pages: null }, { class: 'fax_progress', status: 'SUCCESS', pages: 2 }
    ])
  })

  it('give a form to the call and invite to a conference without a class', async () => {
    await open()
    talk()
    await tell({ class: 'call_form_result', infos: { buttonname: 'saveandclose', variables: { XIVOFORM_reason: 'billing', other: 'x' } } })
    assert.deepEqual(world.pbx.callOf(world.pbx.connectionsOf('dexample')[0] ?? assert.fail()).data, { reason: 'billing' })
    await dana.settle()
    dana.send({ class: 'invite_confroom', invitee: 'user:xivo/5' })
    assert.deepEqual(await dana.settle(), [{ message: 'Command sent succesfully' }])
  })

  it('register for states by numbers, of which text is another', async () => {
    await open({ uuid: '0f5c0d0a-0000-4000-8000-000000000001' })
    const id = '0f5c0d0a-0000-4000-8000-000000000001'
    assert.deepEqual(await tell({ class: 'register_endpoint_status_update', endpoint_ids: [[id, 7], [id, '9']] }), [`endpoint_status_update {"data":{"xivo_uuid":"${id}","endpoint_id":7,"status":0}}`])
    assert.deepEqual(await tell({ class: 'register_agent_status_update', agent_ids: [[id, 4]] }), [`agent_status_update {"data":{"xivo_uuid":"${id}","agent_id":4,"status":"logged_out"}}`])
    assert.deepEqual(await tell({ class: 'register_user_status_update', user_ids: [[id, 5]] }).then((lines) => lines.map((line) => line.replace(/\{.*/, ''))), ['user_status_update '])
    world.pbx.inbound({ from: PAT, to: '1007' })
    world.pbx.signIn('agent-dana', { routing: 'ready' })
    world.pbx.setPresence('lsample', 'away')
    const lines = await dana.told()
    for (const [name, end] of [['endpoint', '"endpoint_id":7,"status":8}}'], ['agent', '"agent_id":4,"status":"logged_in"}}'], ['user', '"user_id":5,"status":"away"}}']] as const) {
      assert.deepEqual(lines.filter((line) => line.startsWith(`${name}_status_update`)), [`${name}_status_update {"data":{"xivo_uuid":"${id}",${end}`])
    }
    await tell({ class: 'unregister_endpoint_status_update', endpoint_ids: [[id, 7]] })
    world.pbx.setRegistered('dexample-desk', false)
    assert.deepEqual((await dana.told()).filter((line) => line.startsWith('endpoint')), [])
  })
})
