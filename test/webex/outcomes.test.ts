/** Every action of Webex (model.md 5.2, column W) once by its reply and once by its event: what is reported, and what the house then is like. */
import assert from 'node:assert/strict'
import { ACTIONS, type ActionName, type ActionResult, type ExtraActionName } from '../../src/model'
import { actionsOf } from '../../src/session/registry'
import type { Connection } from '../../src/simulator/pbx/types'
import type { WebexOptions } from '../../src/webex'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
type Fields = Record<string, unknown>

class Scene {
  constructor (readonly house: House, readonly line: Line, readonly user: string) {}

  get pbx (): House['pbx'] { return this.house.pbx }
  connections (user = this.user): Connection[] { return this.pbx.connectionsOf(user) }
  states (user = this.user): string[] { return this.connections(user).map(({ state }) => state) }

  async ringing (to = '1002'): Promise<Fields> {
    this.pbx.inbound({ from: CAROL, to })
    return { callId: (await this.line.event('call.ringing')).call?.id }
  }

  async talking (to = '1002'): Promise<Fields> {
    const fields = await this.ringing(to)
    this.lift()
    await this.line.event('call.answered')
    return fields
  }

  /** The user's phone that rings is lifted. */
  lift (user = this.user): void {
    const rings = this.connections(user).find(({ state }) => state === 'alerting' || state === 'initiated')
    assert.ok(rings, `${user} is not rung`)
    this.pbx.answer(rings.key)
  }

  /** Talks to Alice, Carol is on hold. */
  async consulting (): Promise<{ callId: unknown; consultCallId: string }> {
    const { callId } = await this.talking()
    const { newCallId } = await this.line.perform('consult', { callId, to: '1001', confirm: 'completed' })
    await this.house.until(() => this.states('alice').includes('alerting'), 'Alice to be rung')
    this.lift('alice')
    await this.line.until(() => this.line.session.picture.call(newCallId as string)?.state === 'active', 'Alice to answer')
    return { callId, consultCallId: newCallId as string }
  }

  async conferring (): Promise<Fields> {
    const { callId, consultCallId } = await this.consulting()
    await this.line.perform('conference', { callIds: [callId, consultCallId], confirm: 'completed' })
    return { callId, consultCallId }
  }

  async recording (...before: string[]): Promise<Fields> {
    const fields = await this.talking()
    for (const action of before) await this.line.perform(action, { ...fields, confirm: 'completed' })
    return fields
  }

  /** Bob as an agent: logged out, or logged in and ready. */
  async agent (state: 'loggedOut' | 'ready' | 'notReady'): Promise<Fields> {
    if (state === 'loggedOut') { if (this.agentBob.loggedIn) this.pbx.signOut('agent-bob', { force: true }) } else {
      if (!this.agentBob.loggedIn) this.pbx.signIn('agent-bob')
      this.pbx.setRouting('agent-bob', state)
    }
    await this.line.until(() => [...this.line.session.picture.agents()].some((agent) => agent.state === state), `Bob to be ${state}`)
    return {}
  }

  /** Bob has had a call of the queue. */
  async servedQueue (): Promise<void> {
    await this.agent('ready')
    this.pbx.inbound({ from: CAROL, to: '1050' })
    await this.house.until(() => this.states().includes('alerting'), 'Bob to be rung')
    this.lift()
    await this.line.event('agent.busy')
    for (const { key } of this.connections()) this.pbx.release(key)
    await this.line.event('agent.wrapUp')
  }

  async queue (): Promise<string> {
    const { items } = await this.line.perform('agentStates')
    return (items as { queues: { id: string }[] }[])[0]!.queues[0]!.id
  }

  get agentBob (): { routing: string; loggedIn: boolean; wrapUp?: unknown } { return this.pbx.agents.get('agent-bob')! }
  get joined (): boolean | undefined { return this.pbx.queues.get('support')?.members.find(({ agentKey }) => agentKey === 'agent-bob')?.joined }
  get person (): ReturnType<House['pbx']['users']['get']> & object { return this.pbx.users.get(this.user)! }
}

interface Case {
  readonly by: 'event' | 'reply'
  /** Whose account; Bob's own when absent. */
  readonly as?: string
  readonly options?: (house: House) => Partial<WebexOptions>
  /** Brings about what the action needs, and gives its fields. */
  readonly given?: (scene: Scene) => Promise<Fields> | Fields
  /** What somebody does while the action waits for its event. */
  readonly meanwhile?: (scene: Scene) => Promise<void>
  readonly then: (scene: Scene, result: ActionResult) => boolean
}

const idle = (scene: Scene): boolean => scene.connections().length === 0
const liftsOwnPhone = async (scene: Scene): Promise<void> => {
  await scene.house.until(() => scene.states().some((state) => state === 'alerting' || state === 'initiated'), 'the own phone to ring')
  scene.lift()
}
const bot = (house: House): Partial<WebexOptions> => ({ bot: { accessToken: house.simulator.demoLogin('webex').botToken ?? '' } })
const integration = (house: House): Partial<WebexOptions> => {
  const { clientId = '', clientSecret = '' } = house.simulator.demoLogin('webex')
  return { ...bot(house), client: { clientId, clientSecret, redirectUri: 'http://localhost:1880/cti/oauth' } }
}
const joined = async (scene: Scene): Promise<Fields> => {
  scene.pbx.inbound({ from: CAROL, to: '1002' })
  scene.lift('bob')
  await scene.line.perform('bargeIn', { target: '1002' })
  await liftsOwnPhone(scene)
  await scene.line.event('call.answered')
  return {}
}
const sent = async (scene: Scene): Promise<Fields> => {
  const { data } = await scene.line.perform('webex.sendMessage', { toPersonEmail: 'alice@example.com', text: 'Hello' })
  const { id, roomId } = data as { id: string; roomId: string }
  return { messageId: id, roomId }
}
const told = (result: ActionResult): Record<string, unknown> => result.data as Record<string, unknown>

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
  mute: { by: 'event', given: (scene) => scene.talking(), then: (_scene, result) => result.outcome === 'accepted' || result.call?.muted === true },
  unmute: {
    by: 'event',
    given: async (scene) => {
      const fields = await scene.talking()
      await scene.line.perform('mute', { ...fields, confirm: 'completed' })
      return fields
    },
    then: (_scene, result) => result.outcome === 'accepted' || result.call?.muted !== true
  },
  transfer: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice').join() === 'alerting' },
  redirect: { by: 'event', given: async (scene) => ({ ...await scene.ringing(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice').join() === 'alerting' },
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
  push: { by: 'event', as: 'frank', given: (scene) => scene.talking('1005'), then: (scene) => scene.states('alice').join() === 'alerting' },
  sendDtmf: { by: 'reply', given: async (scene) => ({ ...await scene.talking(), digits: '12#' }), then: (_scene, { sent: digits }) => digits === 3 },
  bargeIn: {
    by: 'reply',
    as: 'dave',
    given: (scene) => {
      scene.pbx.inbound({ from: CAROL, to: '1002' })
      scene.lift('bob')
      return { target: '1002' }
    },
    then: (scene, { newCallId }) => {
      scene.lift()
      return newCallId !== undefined && scene.connections().some(({ monitor }) => monitor?.mode === 'bargeIn')
    }
  },
  whisper: { by: 'reply', as: 'dave', given: joined, then: (scene) => scene.connections().some(({ monitor }) => monitor?.mode === 'whisper') },
  stopListen: { by: 'reply', as: 'dave', given: joined, then: (scene) => idle(scene) && scene.states('bob').join() === 'connected' },
  startRecording: { by: 'event', given: (scene) => scene.recording(), then: (scene) => scene.connections()[0]?.recording?.state !== undefined },
  stopRecording: { by: 'event', given: (scene) => scene.recording('startRecording'), then: (scene) => scene.connections()[0]?.recording?.state !== 'on' },
  pauseRecording: { by: 'event', given: (scene) => scene.recording('startRecording'), then: (scene) => scene.connections()[0]?.recording?.state === 'paused' },
  resumeRecording: { by: 'event', given: (scene) => scene.recording('startRecording', 'pauseRecording'), then: (scene) => scene.connections()[0]?.recording?.state === 'on' },
  setDisposition: {
    by: 'reply',
    given: async (scene) => {
      await scene.servedQueue()
      return { code: 'Sale' }
    },
    then: (_scene, { disposition }) => disposition?.name === 'Sale'
  },

  agentLogin: { by: 'event', given: (scene) => scene.agent('loggedOut'), then: (scene) => scene.agentBob.loggedIn },
  agentLogout: { by: 'event', given: (scene) => scene.agent('ready'), then: (scene) => !scene.agentBob.loggedIn },
  agentReady: { by: 'event', given: (scene) => scene.agent('notReady'), then: (scene) => scene.agentBob.routing === 'ready' },
  agentNotReady: { by: 'event', given: (scene) => scene.agent('ready'), then: (scene) => scene.agentBob.routing === 'notReady' },
  agentWrapUp: { by: 'event', given: async (scene) => { await scene.servedQueue(); return scene.agent('ready') }, then: (scene) => scene.agentBob.wrapUp !== undefined },
  queueJoin: {
    by: 'event',
    given: async (scene) => {
      await scene.agent('ready')
      const queues = await scene.queue()
      scene.pbx.join('agent-bob', 'support', false)
      await scene.line.event('agent.queueLeft')
      return { queues }
    },
    then: (scene) => scene.joined === true
  },
  queueLeave: {
    by: 'event',
    given: async (scene) => {
      await scene.agent('ready')
      return { queues: await scene.queue() }
    },
    then: (scene) => scene.joined === false
  },

  getForwarding: { by: 'reply', then: (_scene, { forwarding }) => forwarding?.complete === true && Object.keys(forwarding.rules).length === 4 },
  setForwarding: { by: 'reply', given: () => ({ condition: 'busy', enabled: true, to: '1001' }), then: (scene, { forwarding }) => scene.person.forwarding.busy.to === '1001' && forwarding?.rules.busy?.enabled === true },
  getDnd: { by: 'reply', then: (_scene, { dnd }) => dnd?.enabled === false },
  setDnd: { by: 'reply', given: () => ({ enabled: true }), then: (scene, { dnd }) => scene.person.dnd.enabled && dnd?.enabled === true },

  listCalls: { by: 'reply', given: async (scene) => { await scene.talking(); return {} }, then: (_scene, { items }) => items?.length === 1 },
  listUsers: { by: 'reply', given: () => ({ query: 'Ali' }), then: (_scene, { items }) => items?.length === 1 },
  listPhones: { by: 'reply', then: (_scene, { items }) => (items?.length ?? 0) > 0 },
  listAgents: { by: 'reply', as: 'cti-admin', options: () => ({ members: true }), then: (_scene, { items }) => (items?.length ?? 0) >= 3 },
  listQueues: { by: 'reply', as: 'cti-admin', options: () => ({ members: true }), then: (_scene, { items }) => items?.length === 2 },
  userStates: { by: 'reply', given: () => ({ ids: ['alice@example.com'] }), then: (_scene, { items }) => (items?.[0] as { presence?: { value: string } }).presence !== undefined },
  agentStates: { by: 'reply', then: (_scene, { items }) => items?.length === 1 },
  queueStats: {
    by: 'reply',
    as: 'cti-admin',
    options: () => ({ members: true }),
    given: async (scene) => ({ ids: ((await scene.line.perform('listQueues')).items as { id: string }[]).map(({ id }) => id) }),
    then: (_scene, { items }) => items?.length === 2
  },
  searchDirectory: { by: 'reply', given: () => ({ query: 'Ali' }), then: (_scene, { items }) => (items?.[0] as { numbers: unknown[] } | undefined)?.numbers !== undefined },
  callHistory: {
    by: 'reply',
    given: async (scene) => {
      await scene.talking()
      for (const { key } of scene.connections()) scene.pbx.release(key)
      return {}
    },
    then: (_scene, { items }) => items?.length === 1
  },
  profile: { by: 'reply', then: (_scene, { items }) => (items?.[0] as { extension?: string } | undefined)?.extension === '1002' },
  voicemail: { by: 'reply', then: (_scene, { voicemail }) => voicemail?.newMessages === 0 },
  request: { by: 'reply', given: () => ({ path: '/people/me' }), then: (_scene, result) => told(result).status === 200 },

  'webex.transferOnAnswer': { by: 'reply', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (_scene, { newCallId }) => newCallId !== undefined },
  'webex.callDetails': { by: 'reply', given: (scene) => scene.talking(), then: (_scene, result) => told(result).state === 'connected' },
  'webex.featureCodes': { by: 'reply', then: (_scene, { items }) => (items?.length ?? 0) > 0 },
  'webex.setPreferredEndpoint': { by: 'reply', given: async (scene) => ({ endpoint: ((await scene.line.perform('listPhones')).items as { id: string }[])[0]!.id }), then: () => true },
  'webex.getIntercept': { by: 'reply', as: 'cti-admin', options: () => ({ members: true }), given: () => ({ user: 'bob@example.com' }), then: (_scene, result) => told(result).enabled === false },
  'webex.setIntercept': { by: 'reply', as: 'cti-admin', options: () => ({ members: true }), given: () => ({ user: 'bob@example.com', value: { enabled: true } }), then: (_scene, result) => told(result).enabled === true },
  'webex.getVoicemailSettings': { by: 'reply', then: (_scene, result) => typeof told(result).enabled === 'boolean' },
  'webex.setVoicemailSettings': { by: 'reply', given: () => ({ value: { sendUnansweredCalls: { numberOfRings: 5 } } }), then: (_scene, result) => (told(result).sendUnansweredCalls as { numberOfRings: number }).numberOfRings === 5 },
  'webex.getCallRecording': { by: 'reply', then: (_scene, result) => typeof told(result) === 'object' },
  'webex.sendMessage': { by: 'reply', options: bot, given: () => ({ toPersonEmail: 'alice@example.com', markdown: '**Hi**', card: { type: 'AdaptiveCard', version: '1.3', body: [] } }), then: (_scene, result) => typeof told(result).id === 'string' },
  'webex.updateMessage': { by: 'reply', options: bot, given: async (scene) => ({ ...await sent(scene), text: 'Changed' }), then: (_scene, result) => told(result).text === 'Changed' },
  'webex.deleteMessage': { by: 'reply', options: bot, given: async (scene) => ({ messageId: (await sent(scene)).messageId }), then: () => true },
  'webex.authorize': { by: 'reply', options: integration, given: () => ({ as: 'alice@example.com' }), then: (_scene, result) => String(told(result).url).includes('state=') },
  'webex.authorization': { by: 'reply', options: integration, given: () => ({ as: 'alice@example.com' }), then: (_scene, result) => told(result).authorized === false },
  'webex.forget': { by: 'reply', options: integration, given: () => ({ as: 'alice@example.com' }), then: () => true },
  'webex.monitor': {
    by: 'reply',
    options: integration,
    given: async (scene) => {
      const { items } = await scene.line.perform('searchDirectory', { query: 'alice@example.com' })
      const { id } = (items as { id: string }[])[0]!
      await scene.line.options.tokens?.write(id === '' ? '' : Buffer.from(id, 'base64').toString().split('/').at(-1)!, { accessToken: scene.house.token('alice'), expiresAt: Date.now() + 3_600_000, holder: { id } })
      return { as: id, enabled: true }
    },
    then: (_scene, result) => told(result).monitored === true
  },
  'webex.interests': { by: 'reply', as: 'cti-admin', options: () => ({ members: true }), then: (_scene, result) => Array.isArray(told(result).interests) },
  'webex.pull': { by: 'reply', as: 'alice', given: async (scene) => { await scene.talking('1001'); return {} }, then: (_scene, { newCallId }) => newCallId !== undefined },
  'webex.monitorMode': { by: 'reply', as: 'dave', given: async (scene) => { await joined(scene); return { mode: 'listen' } }, then: (scene) => scene.connections().some(({ monitor }) => monitor?.mode === 'listen') },
  'webex.deafen': { by: 'reply', given: async (scene) => ({ member: (await scene.conferring()).callId, enabled: true }), then: (scene) => [...scene.line.session.picture.calls()].some(({ conference }) => conference?.members.some(({ deaf }) => deaf)) },
  'webex.holdConference': { by: 'reply', given: async (scene) => { await scene.conferring(); return { enabled: true } }, then: (scene) => [...scene.line.session.picture.calls()].some(({ conference }) => conference?.state === 'held') },
  'webex.mailboxLamp': { by: 'reply', as: 'cti-admin', options: () => ({ members: true }), given: () => ({ user: 'bob@example.com', enabled: true }), then: () => true },
  'webex.silence': { by: 'reply', given: (scene) => scene.ringing(), then: () => true }
}

describe('Webex: what is reported of each action', () => {
  let house: House
  beforeEach(async () => { house = await House.build({ webex: { liftAfterMs: false } }) })
  afterEach(() => house.close())

  async function prepared (one: Case): Promise<{ scene: Scene; fields: Fields }> {
    const user = one.as ?? 'bob'
    const line = await house.online({ auth: { kind: 'token', accessToken: house.token(user) }, ...one.options?.(house) })
    const scene = new Scene(house, line, user)
    return { scene, fields: await one.given?.(scene) ?? {} }
  }

  it('has a case for each action of the table', () => assert.deepEqual(Object.keys(CASES).sort(), Object.keys(actionsOf('webex') ?? {}).sort()))

  for (const [action, one] of Object.entries(CASES) as [string, Case][]) {
    it(`${action} is ${one.by === 'event' ? 'accepted by its reply' : 'completed by its reply'}`, async () => {
      const { scene, fields } = await prepared(one)
      const result = await scene.line.perform(action, fields)
      assert.ok(one.by === 'event' ? result.outcome === 'accepted' || result.outcome === 'completed' : result.outcome === 'completed', result.outcome)
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

  it('names the systems that can when Webex cannot', async () => {
    const line = await house.online()
    const lacking = Object.keys(ACTIONS).filter((action) => !Object.hasOwn(CASES, action))
    assert.ok(lacking.includes('setCallFilter'))
    for (const action of lacking) await assert.rejects(line.perform(action, { enabled: true, presence: 'x', data: {} }), { code: 'CTI_UNSUPPORTED' }, action)
  })
})
