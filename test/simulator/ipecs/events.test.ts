/** Events beside the timelines: what each fact of the PBX tells, and the forms that options give (ipecs.md 4). */
import assert from 'node:assert/strict'
import { type RawClient } from './client'
import { ADA, IpecsWorld } from './world'

describe('simulator/ipecs events', () => {
  let world: IpecsWorld
  let client: RawClient
  const open = async (options: Parameters<typeof IpecsWorld.open>[0] = {}): Promise<void> => {
    world = await IpecsWorld.open(options)
    client = await world.listener('1001', '1002', '1003', '1005', '620', '630')
  }
  afterEach(() => world.close())
  const codes = async (...wanted: number[]): Promise<string[]> => (await client.told()).filter((line) => wanted.some((code) => line.startsWith(`A ${code} `)))

  it('tells of a station that waits in a group, and of the overflow', async () => {
    await open()
    world.pbx.signIn('agent-ann', { routing: 'notReady' })
    await client.settle()
    world.pbx.originate('cleo', '620')
    assert.deepEqual((await client.told()).slice(2), [
      'A 59 ref214 Station/1003>/620 0008 0000', 'A 62 ref214 Station/1003>/ 0008 -',
      'C queueing 620 callingDN=1003 calledDN=620 diversionNum= qCount=1 primaryAgentId= primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup= cause=23',
      'C queued 1003 callingDN=1003 calledDN=620 qCount=1 primaryAgentId= primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup= cause=23'
    ])
    world.clock.advance(120_000)
    assert.deepEqual((await client.told()).filter((line) => !line.startsWith('A 68')).slice(0, 3), [
      'A 61 Station/1003>/ 0008 -', 'A 59 ref214 Station/1003>/630 0001 0000', 'A 62 ref214 Station/1003>/ 0001 -'
    ])
  })

  it('tells of the end of an offer that nobody took, and waits again', async () => {
    await open()
    world.pbx.signIn('agent-ann', { routing: 'ready' })
    world.ring('620')
    world.pbx.setDnd('ann', true)
    await client.settle()
    world.clock.advance(18_000)
    assert.deepEqual(await client.told(), [
      'C released 1001 ref214 releasedDN=1001 cause=10', 'A 18 Station/1001>/ - -', 'A 62 ref214 CO/0006>/ 0008 -',
      'C queueing 620 callingDN=2025550123 calledDN=620 diversionNum= qCount=1 primaryAgentId= primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup= cause=23'
    ])
  })

  it('tells of supervisors, changed groups, mailboxes, digits from outside and late names', async () => {
    await open()
    world.pbx.signIn('agent-eve', { routing: 'notReady' })
    world.pbx.signOut('agent-eve')
    assert.deepEqual(await codes(23, 24, 13), ['A 23 Station/1005>/ 0001 1005', 'A 13 Station/1005>/ - 0001', 'A 24 Station/1005>/ 0001 -'])
    world.pbx.setNight('sales', true, '1001')
    assert.deepEqual(await codes(77), ['A 77 Station/1005>/ 0008 -'])
    world.pbx.setRegistered('dan-desk', true)
    const box = world.ring('*981004')
    assert.deepEqual(await codes(63), ['A 63 ref214 Station/1004>/ 0090 0000'])
    world.pbx.external(box.key).hangUp()
    assert.deepEqual(await codes(44, 2), ['A 44 ref214 CO/0006>/ 0000 -', 'A 2 CO/0006>/ - -'])
    const leg = world.ring('1001')
    world.pbx.answer(leg.key)
    await client.settle()
    const caller = world.pbx.otherEnd(leg)?.key ?? ''
    world.pbx.dtmf(caller, '1,#')
    world.pbx.external(caller).identify('Ada Lovelace Example of the Long Name')
    assert.deepEqual(await client.told(), ['A 80 ref215 CO/0006>/ 1 -', 'A 80 ref215 CO/0006>/ # -', 'A 72 ref215 CO/0006>Station/1001 2025550123 Ada Lovelace Example of'])
  })

  it('tells of the next hold of a station whose held call was passed on by the other side', async () => {
    await open()
    world.pbx.originate('ann', '1002')
    world.pbx.answer(world.only('ben').key)
    world.pbx.hold(world.only('ann').key)
    world.pbx.blindTransfer(world.only('ben').key, '1003')
    world.pbx.answer(world.only('cleo').key)
    await client.settle()
    world.pbx.hold(world.only('ann').key)
    assert.deepEqual((await client.told()).filter((line) => line.startsWith('C hold')), ['C hold 1001 ref214 holdDN=1001'])
  })

  it('takes a line for each call outside, lowest first', async () => {
    await open()
    world.ring('1001')
    world.pbx.originate('ben', '+12025550124')
    assert.deepEqual(await codes(1), ['A 1 ref214 CO/0006>Station/ - -', 'A 1 ref215 CO/0007>Station/1002 - -'])
    world.pbx.external(world.only('ann').key).hangUp()
    world.ring('1001')
    assert.deepEqual(await codes(1), ['A 1 ref216 CO/0006>Station/ - -'])
  })

  it('shows calls that other faces place, with the digits of this switch', async () => {
    await open()
    world.pbx.originate('ann', '+12025550124')
    assert.equal((await client.told())[0], 'C proceeding 1001 ref214 dialDigit=912025550124')
  })

  it('tells who was wanted elsewhere, and why a call was forwarded', async () => {
    await open()
    world.pbx.setForwarding('ann', 'always', { enabled: true, to: '1003' })
    await client.settle()
    world.ring('1001')
    assert.deepEqual(await client.told(), [
      'A 3 ref214 CO/0006>/ - 0002', 'A 1 ref214 CO/0006>Station/ - -', 'A 48 ref214 Station/1001>Station/1003 - -', 'A 72 ref214 CO/0006>Station/1003 2025550123 Ada Example',
      'A 66 ref214 Station/1003>CO/0006 0000 0000', 'C ringing 1003 ref214 callingDN=2025550123 calledDN=1003 diversionNum=1001 cause=6'
    ])
  })

  it('recalls a parked call and a transfer that nobody answers', async () => {
    await open()
    world.pbx.answer(world.ring('1001').key)
    await client.post('park', { deviceNumber: '1001', callRefID: 214 })
    await client.settle()
    world.clock.advance(45_000)
    assert.deepEqual((await client.told()).slice(0, 3), ['A 50 ref214 Station/1001>CO/0006 - -', 'A 66 ref214 Station/1001>CO/0006 0000 0000', 'C ringing 1001 ref214 callingDN=2025550123 calledDN=1001 cause=27'])
    world.pbx.answer(world.only('ann').key)
    await client.post('1step_transfer', { deviceNumber: '1001', callRefID: 214, transferDN: '1002' })
    await client.settle()
    world.clock.advance(20_000)
    assert.deepEqual((await client.told()).filter((line) => line.startsWith('C')), ['C released 1002 ref214 releasedDN=1002 cause=10', 'C ringing 1001 ref214 callingDN=2025550123 calledDN=1001 cause=27'])
  })

  it('begins anew when the PBX loses its calls: all stations go and come, references start again', async () => {
    await open()
    world.pbx.signIn('agent-ann', { routing: 'ready' })
    world.pbx.answer(world.ring('1001').key)
    await client.settle()
    world.pbx.restart()
    const told = await client.told()
    assert.deepEqual(told.filter((line) => line.startsWith('A 8')).map((line) => line.slice(2, 4)), ['82', '82', '82', '82', '84', '84', '84', '84'])
    assert.ok(told.includes('C unregistered 1001') && told.includes('C registered 1001'))
    assert.equal(told.filter((line) => line.startsWith('C agent_logon 1001')).length, 1)
    world.ring('1002')
    assert.equal((await codes(3))[0], 'A 3 ref214 CO/0006>/ - 0002')
    assert.equal((await client.request('POST', 'checkconnection')).status, 200)
  })

  it('carries references and blanks as some systems do', async () => {
    await open({ extraRefs: [2, 43], blankTypes: true, bareEvents: true, serials: 'system', releasedAsc: 'only', utcOffsetMinutes: 120, rawControls: true })
    world.pbx.inbound({ from: ADA, name: 'Ada\u0001', to: '1001' })
    const frames = await client.settle()
    const ringing = frames.find(({ event }) => event === 'call')?.data as Record<string, unknown>
    assert.deepEqual([ringing.type, ringing.evtSerialNum], [' ringing', 1])
    assert.ok(client.garbage[0]?.includes('"data2":"Ada\u0001"'))
    assert.equal((frames[0]?.data as { time: string }).time, '2024/05/02 12:15:04')
    world.pbx.external(world.only('ann').key).hangUp()
    assert.deepEqual(await codes(43, 2), ['A 43 ref214 CO/0006>Station/1001 - -', 'A 2 ref214 CO/0006>/ - -'])
    world.pbx.answer(world.ring('1001').key)
    world.pbx.external(world.only('ann').key).hangUp()
    assert.equal((await client.told()).filter((line) => line.includes('released')).join(), 'C  releasedasc 1001 ref215 releasedAscDN=2025550123 cause=48')
    const serial = async (): Promise<number> => ((await client.settle()).findLast(({ event }) => event === 'call')?.data as { evtSerialNum: number }).evtSerialNum
    world.pbx.setDnd('ann', true)
    const first = await serial()
    world.pbx.setDnd('dan', true)
    world.pbx.setDnd('ann', false)
    assert.ok(await serial() > first + 1, 'events of devices that nobody monitors count too')
    world.simulator.face('ipecs').act('resync')
    const [plan] = await client.settle()
    assert.equal(plan?.event, undefined)
    assert.deepEqual([plan?.type, (plan?.deviceINFO as unknown[])[0]], [' numbering', { devicePhy: '1', deviceNumber: '1001', deviceType: 'lip' }])
    assert.deepEqual(plan?.systemINFO, [{ parkStartNumber: '601', parkEndNumber: '602' }, { groupStartNumber: '620', groupEndNumber: '630' }])
  })

  it('has no references without call tracking', async () => {
    await open({ callTracking: false })
    world.ring('1001')
    assert.ok((await client.told()).every((line) => !line.includes('ref')))
  })

  it('tells the dialled number late', async () => {
    await open({ numberDialedMs: 30_000 })
    world.pbx.originate('ann', ADA)
    assert.deepEqual(await codes(67), [])
    world.clock.advance(30_000)
    assert.deepEqual(await codes(67), ['A 67 ref214 Station/1001>CO/0006 - 912025550123'])
  })
})
