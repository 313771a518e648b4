/** Every action of XSI (model.md 5.2, column X) once by its reply and once by its event: what is reported, and what the house then is like. */
import assert from 'node:assert/strict'
import { ACTIONS, type ActionName, type ActionResult, type ExtraActionName } from '../../src/model'
import { actionsOf } from '../../src/session/registry'
import type { Connection } from '../../src/simulator/pbx/types'
import type { XsiOptions } from '../../src/xsi/session'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
const SUPPORT = 'support@example.com'
const BOB = 'bob@example.com'

/** Bob's calls and agent as an administrator sees them. */
const AGENT: Partial<XsiOptions> = {
  auth: { kind: 'basic', username: 'cti-admin@example.com', password: 'demo' }, scope: 'users', userList: [BOB], packages: ['Advanced Call', 'Call Center Agent', 'Call Center Queue'], queues: [SUPPORT]
}
const as = (user: string): Partial<XsiOptions> => ({ auth: { kind: 'basic', username: `${user}@example.com`, password: 'demo' } })

type Fields = Record<string, unknown>

class Scene {
  constructor (readonly house: House, readonly line: Line) {}

  get pbx (): House['pbx'] { return this.house.pbx }
  connections (user = 'bob'): Connection[] { return this.pbx.connectionsOf(user) }
  states (user = 'bob'): string[] { return this.connections(user).map(({ state }) => state) }

  async ringing (to = '1002'): Promise<Fields> {
    this.pbx.inbound({ from: CAROL, to })
    return { callId: (await this.line.event('call.ringing')).call?.id }
  }

  async talking (to = '1002', user = 'bob'): Promise<Fields> {
    const { callId } = await this.ringing(to)
    this.lift(user)
    await this.line.event('call.answered')
    return { callId }
  }

  /** The user's phone that rings is lifted. */
  lift (user = 'bob'): void {
    const rings = this.connections(user).find(({ state }) => state === 'alerting' || state === 'initiated')
    assert.ok(rings, `${user} is not rung`)
    this.pbx.answer(rings.key)
  }

  /** Talks to Alice, Carol is on hold. */
  async consulting (): Promise<{ callId: unknown; consultCallId: string }> {
    const { callId } = await this.talking()
    const { newCallId } = await this.line.perform('consult', { callId, to: '1001', confirm: 'completed' })
    const { picture } = this.line.session
    await this.house.until(() => this.states('alice').includes('alerting'), 'Alice to be rung')
    this.lift('alice')
    await this.line.until(() => picture.call(newCallId as string)?.state === 'active', 'Alice to answer')
    return { callId, consultCallId: newCallId as string }
  }

  async conferring (): Promise<Fields> {
    const { callId, consultCallId } = await this.consulting()
    await this.line.perform('conference', { callIds: [callId, consultCallId], confirm: 'completed' })
    await this.line.until(() => [...this.line.session.picture.calls()].every(({ conference }) => conference?.state === 'active'), 'both in the conference')
    return { callId }
  }

  async recording (...before: string[]): Promise<Fields> {
    const { callId } = await this.talking()
    for (const action of before) await this.line.perform(action, { callId, confirm: 'completed' })
    return { callId }
  }

  /** Bob as an agent: logged out, or logged in and ready. */
  async agent (state: 'loggedOut' | 'ready'): Promise<Fields> {
    for (const { key, loggedIn } of [...this.pbx.agents.values()]) if (loggedIn && (key !== 'agent-bob' || state === 'loggedOut')) this.pbx.signOut(key, { force: true })
    if (state === 'ready') {
      this.pbx.signIn('agent-bob')
      this.pbx.setRouting('agent-bob', 'ready')
    }
    await this.line.until(() => this.line.session.picture.agent(BOB)?.state === state, `Bob to be ${state}`)
    return { agent: '1002' }
  }

  /** Bob has had a call of the queue, and is ready again or still in wrap-up. */
  async servedQueue (after: 'ready' | 'wrapUp'): Promise<Fields> {
    const fields = await this.agent('ready')
    this.pbx.inbound({ from: CAROL, to: '1050' })
    await this.house.until(() => this.states().includes('alerting'), 'Bob to be rung')
    this.lift()
    for (const { key } of this.connections()) this.pbx.release(key)
    if (after === 'ready') this.pbx.setRouting('agent-bob', 'ready')
    await this.line.event('agent.wrapUp')
    await this.line.until(() => this.line.session.picture.agent(BOB)?.state === after && [...this.line.session.picture.calls()].length === 0, `Bob to be ${after}`)
    return fields
  }

  get bob (): { routing: string; loggedIn: boolean; wrapUp?: unknown } { return this.pbx.agents.get('agent-bob')! }
  get joined (): boolean | undefined { return this.pbx.queues.get('support')?.members.find(({ agentKey }) => agentKey === 'agent-bob')?.joined }
  get user (): ReturnType<House['pbx']['users']['get']> & object { return this.pbx.users.get('bob')! }
}

interface Case {
  readonly by: 'event' | 'reply'
  /** Whose account; Bob's own when absent. */
  readonly as?: Partial<XsiOptions>
  /** Brings about what the action needs, and gives its fields. */
  readonly given?: (scene: Scene) => Promise<Fields> | Fields
  /** What somebody does while the action waits for its event. */
  readonly meanwhile?: (scene: Scene) => Promise<void>
  readonly then: (scene: Scene, result: ActionResult) => boolean
}

const list = (result: ActionResult): boolean => Array.isArray(result.items)
const idle = (scene: Scene): boolean => scene.connections().length === 0
const liftsOwnPhone = async (scene: Scene): Promise<void> => {
  await scene.house.until(() => scene.states().some((state) => state === 'alerting' || state === 'initiated'), 'Bob to be rung')
  scene.lift()
}
const monitors = (mode: string): Pick<Case, 'by' | 'as' | 'given' | 'then'> => ({
  by: 'reply',
  as: as('dave'),
  given: async (scene) => {
    scene.pbx.inbound({ from: CAROL, to: '1002' })
    scene.lift()
    return { target: '1002' }
  },
  then: (scene, { newCallId }) => {
    scene.lift('dave')
    return newCallId !== undefined && scene.connections('dave').some(({ monitor }) => monitor?.mode === mode)
  }
})

const CASES: Partial<Record<ActionName | ExtraActionName, Case>> = {
  originate: { by: 'event', given: () => ({ to: CAROL }), then: (scene, { newCallId }) => newCallId !== undefined && scene.connections().length === 1 },
  answer: { by: 'event', given: (scene) => scene.ringing(), then: (scene) => scene.states().join() === 'connected' },
  reject: { by: 'event', given: (scene) => scene.ringing(), then: idle },
  hangup: { by: 'event', given: (scene) => scene.talking(), then: idle },
  hold: { by: 'event', given: (scene) => scene.talking(), then: (scene) => scene.states().join() === 'hold' },
  resume: {
    by: 'event',
    given: async (scene) => {
      const fields = await scene.talking()
      await scene.line.perform('hold', { ...fields, confirm: 'completed' })
      return fields
    },
    then: (scene) => scene.states().join() === 'connected'
  },
  mute: { by: 'reply', given: (scene) => scene.conferring(), then: (scene) => scene.pbx.conferenceOf('bob')?.ownerMuted === true },
  unmute: {
    by: 'reply',
    given: async (scene) => {
      const fields = await scene.conferring()
      scene.pbx.conferenceMute('bob', true)
      return fields
    },
    then: (scene) => scene.pbx.conferenceOf('bob')?.ownerMuted === false
  },
  transfer: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice').join() === 'alerting' },
  consult: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene, { newCallId }) => newCallId !== undefined && scene.states().includes('hold') && scene.connections().length === 2 },
  completeTransfer: { by: 'event', given: (scene) => scene.consulting(), then: (scene) => idle(scene) && scene.states('alice').join() === 'connected' },
  cancelTransfer: { by: 'event', given: (scene) => scene.consulting(), then: (scene) => scene.states().join() === 'connected' && scene.connections('alice').length === 0 },
  conference: {
    by: 'event',
    given: async (scene) => {
      const { callId, consultCallId } = await scene.consulting()
      return { callIds: [callId, consultCallId] }
    },
    then: (scene) => scene.pbx.conferenceOf('bob')?.state === 'active'
  },
  park: { by: 'event', given: async (scene) => ({ ...await scene.talking(), slot: '2222' }), then: (scene, { slot }) => idle(scene) && slot?.number === '2222' },
  retrieve: {
    by: 'event',
    given: (scene) => {
      const call = scene.pbx.inbound({ from: CAROL, to: '1001' })!
      scene.pbx.answer(call.key)
      scene.pbx.park(call.key, '2222')
      return { slot: '2222' }
    },
    meanwhile: liftsOwnPhone,
    then: (scene, { newCallId }) => newCallId !== undefined && scene.connections().length === 1
  },
  pickup: {
    by: 'event',
    given: (scene) => {
      scene.pbx.inbound({ from: CAROL, to: '1001' })
      return { target: '1001' }
    },
    meanwhile: liftsOwnPhone,
    then: (scene, { newCallId }) => newCallId !== undefined && scene.connections().length === 1
  },
  redirect: { by: 'event', given: async (scene) => ({ ...await scene.ringing(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice').join() === 'alerting' },
  push: { by: 'event', as: as('frank'), given: (scene) => scene.talking('1005', 'frank'), then: (scene) => scene.states('alice').join() === 'alerting' },
  sendDtmf: { by: 'reply', given: async (scene) => ({ ...await scene.talking(), digits: '12#' }), then: (_scene, { sent }) => sent === 3 },
  listen: monitors('listen'),
  whisper: monitors('whisper'),
  bargeIn: monitors('bargeIn'),
  stopListen: {
    by: 'reply',
    as: as('dave'),
    given: async (scene) => {
      scene.pbx.inbound({ from: CAROL, to: '1002' })
      scene.lift()
      const { newCallId } = await scene.line.perform('listen', { target: '1002' })
      scene.lift('dave')
      await scene.line.event('call.answered')
      assert.ok(newCallId)
      return {}
    },
    then: (scene) => scene.connections('dave').length === 0 && scene.states().join() === 'connected'
  },
  startRecording: { by: 'event', given: (scene) => scene.recording(), then: (scene) => scene.connections()[0]?.recording?.state !== undefined },
  stopRecording: { by: 'event', given: (scene) => scene.recording('startRecording'), then: (scene) => scene.connections()[0]?.recording?.state !== 'on' },
  pauseRecording: { by: 'event', given: (scene) => scene.recording('startRecording'), then: (scene) => scene.connections()[0]?.recording?.state === 'paused' },
  resumeRecording: { by: 'event', given: (scene) => scene.recording('startRecording', 'pauseRecording'), then: (scene) => scene.connections()[0]?.recording?.state === 'on' },
  setDisposition: { by: 'event', as: AGENT, given: async (scene) => { await scene.servedQueue('wrapUp'); return { user: '1002', code: 'SALE' } }, then: (_scene, { disposition }) => disposition?.id === 'SALE' },
  setCallData: { by: 'event', given: async (scene) => ({ ...await scene.talking(), data: { info: 'Ticket 7' } }), then: (scene) => scene.pbx.callOf(scene.connections()[0]!).info === 'Ticket 7' },

  agentLogin: { by: 'event', as: AGENT, given: (scene) => scene.agent('loggedOut'), then: (scene) => scene.bob.loggedIn },
  agentLogout: { by: 'event', as: AGENT, given: async (scene) => ({ ...await scene.agent('ready'), force: true }), then: (scene) => !scene.bob.loggedIn },
  agentReady: {
    by: 'event',
    as: AGENT,
    given: async (scene) => {
      const fields = await scene.agent('ready')
      scene.pbx.setRouting('agent-bob', 'notReady', 'LUNCH')
      await scene.line.until(() => scene.line.session.picture.agent(BOB)?.state === 'notReady', 'Bob to be at lunch')
      return fields
    },
    then: (scene) => scene.bob.routing === 'ready'
  },
  agentNotReady: { by: 'event', as: AGENT, given: async (scene) => ({ ...await scene.agent('ready'), reason: 'LUNCH' }), then: (scene, { agent }) => scene.bob.routing === 'notReady' && agent?.reason?.id === 'LUNCH' },
  agentWrapUp: { by: 'event', as: AGENT, given: (scene) => scene.servedQueue('ready'), then: (scene) => scene.bob.wrapUp !== undefined },
  queueJoin: {
    by: 'event',
    as: AGENT,
    given: async (scene) => {
      const fields = { ...await scene.agent('ready'), queues: [SUPPORT] }
      scene.pbx.join('agent-bob', 'support', false)
      await scene.line.event('agent.queueLeft')
      return fields
    },
    then: (scene) => scene.joined === true
  },
  queueLeave: { by: 'event', as: AGENT, given: async (scene) => ({ ...await scene.agent('ready'), queues: SUPPORT }), then: (scene) => scene.joined === false },
  setPresence: { by: 'reply', given: () => ({ presence: 'Meeting' }), then: (_scene, { presence }) => presence?.value === 'Meeting' },

  getForwarding: { by: 'reply', then: (_scene, { forwarding }) => forwarding?.complete === true },
  setForwarding: { by: 'reply', given: () => ({ condition: 'busy', enabled: true, to: '1001' }), then: (scene, { forwarding }) => scene.user.forwarding.busy.to === '1001' && forwarding?.rules.busy?.enabled === true },
  getDnd: { by: 'reply', then: (_scene, { dnd }) => dnd?.enabled === false },
  setDnd: { by: 'reply', given: () => ({ enabled: true }), then: (scene, { dnd }) => scene.user.dnd.enabled && dnd?.enabled === true },
  setRemoteOffice: { by: 'reply', given: () => ({ enabled: true, number: CAROL }), then: (scene, { feature }) => scene.user.features.remoteOffice.number === CAROL && feature?.enabled === true },
  setCallRecording: { by: 'reply', given: () => ({ enabled: false }), then: (scene, { feature }) => scene.user.features.recording === 'never' && feature?.enabled === false },

  listCalls: { by: 'reply', given: async (scene) => { await scene.talking(); return {} }, then: (_scene, { items }) => items?.length === 1 },
  listUsers: { by: 'reply', then: (_scene, { items }) => (items?.length ?? 0) > 4 },
  listAgents: { by: 'reply', as: AGENT, then: (_scene, { items }) => items?.length === 1 },
  listQueues: { by: 'reply', as: AGENT, then: (_scene, { items }) => (items?.length ?? 0) >= 1 },
  userStates: { by: 'reply', given: () => ({ ids: ['1002'] }), then: (_scene, { items }) => (items?.[0] as { user?: { id: string } } | undefined)?.user?.id === BOB },
  agentStates: { by: 'reply', as: AGENT, given: () => ({ ids: ['1002'] }), then: (_scene, { items }) => (items?.[0] as { id?: string } | undefined)?.id === BOB },
  reasonCodes: { by: 'reply', then: (_scene, { items }) => items?.length === 4 },
  dispositions: { by: 'reply', as: AGENT, given: () => ({ queue: SUPPORT }), then: (_scene, { items }) => items?.length === 3 },
  searchDirectory: { by: 'reply', given: () => ({ query: 'Martin' }), then: (_scene, { items }) => items?.length === 1 },
  callHistory: { by: 'reply', then: (_scene, result) => list(result) },
  profile: { by: 'reply', then: (_scene, { items }) => (items?.[0] as { extension?: string } | undefined)?.extension === '1002' },
  voicemail: { by: 'reply', then: (_scene, { voicemail }) => voicemail?.newMessages === 0 },
  request: { by: 'reply', given: () => ({ path: `/v2.0/user/${BOB}/profile` }), then: (_scene, { data }) => (data as { status?: number } | undefined)?.status === 200 },
  listPhones: { by: 'reply', given: () => ({ query: 'bob' }), then: (_scene, { items }) => (items?.[0] as { registered?: boolean } | undefined)?.registered === true },
  queueStats: { by: 'reply', as: AGENT, given: () => ({ ids: [SUPPORT] }), then: (_scene, { items }) => items?.length === 1 },
  'xsi.callMeNow': { by: 'reply', given: () => ({ to: CAROL }), then: (scene) => scene.connections().length === 1 },
  'xsi.featureCodes': { by: 'reply', then: (_scene, { items }) => (items?.length ?? 0) > 4 },
  'xsi.monitorMode': {
    by: 'reply',
    as: as('dave'),
    given: async (scene) => {
      scene.pbx.inbound({ from: CAROL, to: '1002' })
      scene.lift()
      await scene.line.perform('listen', { target: '1002' })
      scene.lift('dave')
      return { mode: 'bargeIn' }
    },
    then: (scene) => scene.connections('dave').some(({ monitor }) => monitor?.mode === 'bargeIn')
  }
}

describe('XSI: what is reported of each action', () => {
  let house: House
  beforeEach(async () => { house = await House.build() })
  afterEach(() => house.close())

  async function prepared (one: Case): Promise<{ scene: Scene; fields: Fields }> {
    const scene = new Scene(house, await house.online({ initialEventMs: 200, ...one.as }))
    return { scene, fields: await one.given?.(scene) ?? {} }
  }

  it('has a case for each action of the table', () => assert.deepEqual(Object.keys(CASES).sort(), Object.keys(actionsOf('xsi') ?? {}).sort()))

  for (const [action, one] of Object.entries(CASES) as [string, Case][]) {
    it(`${action} is ${one.by === 'event' ? 'accepted while no event comes' : 'completed by its reply'}`, async () => {
      const { scene, fields } = await prepared(one)
      house.faults.inject({ kind: 'stall', face: 'xsi' })
      const result = await scene.line.perform(action, fields)
      assert.equal(result.outcome, one.by === 'event' ? 'accepted' : 'completed')
      assert.ok(one.then(scene, result), `${action}: ${JSON.stringify(result)}`)
    })

    if (one.by === 'reply') continue
    it(`${action} is completed by its event`, async () => {
      const { scene, fields } = await prepared(one)
      const [result] = await Promise.all([scene.line.perform(action, { ...fields, confirm: 'completed' }), one.meanwhile?.(scene)])
      assert.equal(result.outcome, 'completed', JSON.stringify(result))
      assert.ok(one.then(scene, result), `${action}: ${JSON.stringify(result)}`)
    })
  }

  it('what was taken and not confirmed in time stays accepted, with a warning: XSI replies to everything, so nothing is unconfirmed', async () => {
    const { scene, fields } = await prepared(CASES.hold!)
    house.faults.inject({ kind: 'stall', face: 'xsi' })
    const result = await scene.line.perform('hold', { ...fields, confirm: 'completed', timeoutMs: 200 })
    assert.equal(result.outcome, 'accepted')
    assert.match(result.warnings?.join() ?? '', /No event confirmed "hold"/)
    assert.deepEqual(Object.entries(actionsOf('xsi') ?? {}).filter(([, entry]) => entry?.confirmDefault === 'completed'), [])
  })

  it('names the systems that can when XSI cannot', async () => {
    const line = await house.online()
    const lacking = Object.keys(ACTIONS).filter((action) => !Object.hasOwn(CASES, action))
    assert.ok(lacking.includes('setCallFilter'))
    for (const action of lacking) await assert.rejects(line.perform(action, { enabled: true }), { code: 'CTI_UNSUPPORTED' }, action)
  })
})
