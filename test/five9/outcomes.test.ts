/** Every action of Five9 (model.md 5.2, column F) once by its reply and once by its event: what is reported, and what the house then is like. */
import assert from 'node:assert/strict'
import type { Five9Options } from '../../src/five9'
import { ACTIONS, type ActionName, type ActionResult, type ExtraActionName } from '../../src/model'
import { actionsOf } from '../../src/session/registry'
import type { Connection } from '../../src/simulator/pbx/types'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { Line } from './harness'

const CAROL = '+12025550199'
type Fields = Record<string, unknown>

class Scene {
  constructor (readonly sim: Simulator, readonly line: Line) {}

  get pbx (): Simulator['pbx'] { return this.sim.pbx }
  get uid (): string { return [...this.line.session.picture.agents()].find(({ name }) => name === 'Bob Keller')?.id ?? '' }
  get bob (): { routing: string; loggedIn: boolean; reason?: string; wrapUp?: unknown } { return this.pbx.agents.get('agent-bob')! }
  get joined (): boolean | undefined { return this.pbx.queues.get('support')?.members.find(({ agentKey }) => agentKey === 'agent-bob')?.joined }
  connections (user = 'bob'): Connection[] { return this.pbx.connectionsOf(user).filter(({ state }) => state !== 'null') }
  states (user = 'bob'): string[] { return this.connections(user).map(({ state }) => state) }

  lift (user: string): void {
    const rings = this.connections(user).find(({ state }) => state === 'alerting' || state === 'initiated')
    assert.ok(rings, `${user} is not rung`)
    this.pbx.answer(rings.key)
  }

  async ringing (): Promise<Fields> {
    this.pbx.inbound({ from: CAROL, to: '1002' })
    return { callId: (await this.line.event('call.ringing')).call?.id }
  }

  async talking (): Promise<Fields> {
    const fields = await this.ringing()
    this.lift('bob')
    await this.line.event('call.answered')
    return fields
  }

  /** Talks to Alice, Carol is on hold. */
  async consulting (): Promise<{ callId: string; consultCallId: string }> {
    const { callId } = await this.talking() as { callId: string }
    const { newCallId } = await this.line.perform('consult', { callId, to: '1001', confirm: 'completed' })
    assert.ok(newCallId)
    await until(() => this.states('alice').includes('alerting'), 'Alice to be rung')
    this.lift('alice')
    const { picture } = this.line.session
    await this.line.until(() => picture.call(newCallId)?.state === 'active' && picture.call(callId)?.state === 'held', 'Alice to answer')
    return { callId, consultCallId: newCallId }
  }

  /** A queue call of Bob is over and waits for its disposition. */
  async wrappingUp (): Promise<Fields> {
    await this.ready()
    this.pbx.inbound({ from: CAROL, to: '1050' })
    const { call } = await this.line.event('call.ringing')
    this.lift('bob')
    await this.line.event('call.answered')
    await this.line.perform('hangup', { callId: call?.id, confirm: 'completed' })
    await this.line.event('agent.wrapUp')
    return { callId: call?.id }
  }

  async ready (): Promise<Fields> {
    this.pbx.setRouting('agent-bob', 'ready')
    await this.line.until(() => [...this.line.session.picture.agents()].some(({ name, state }) => name === 'Bob Keller' && state === 'ready'), 'Bob to be ready')
    return { agent: '1002' }
  }

  async recording (...before: string[]): Promise<Fields> {
    const { callId } = await this.talking()
    for (const action of before) await this.line.perform(action, { callId, confirm: 'completed' })
    return { callId }
  }
}

async function until (holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 4000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}

interface Case {
  /** `either`: the reply tells the new state, so it stands also when no event comes. */
  readonly by: 'event' | 'reply' | 'either'
  readonly as?: 'supervisor'
  readonly given?: (scene: Scene) => Promise<Fields> | Fields
  readonly then?: (scene: Scene, result: ActionResult) => boolean
}

const idle = (scene: Scene): boolean => scene.connections().length === 0
const list = (_scene: Scene, { items }: ActionResult): boolean => Array.isArray(items)
const some = (_scene: Scene, { items }: ActionResult): boolean => (items?.length ?? 0) > 0
const listening: Case = {
  by: 'reply',
  as: 'supervisor',
  given: async (scene) => {
    scene.pbx.signIn('agent-bob', { routing: 'ready' })
    scene.pbx.inbound({ from: CAROL, to: '1002' })
    scene.lift('bob')
    await scene.line.event('call.answered')
    return { target: '1002' }
  }
}
const campaignOf = (scene: Scene): Promise<Fields> => scene.line.perform('five9.reference', { list: 'campaigns' }).then(({ items }) => ({ campaign: (items?.[0] as { id: string }).id }))

const CASES: Partial<Record<ActionName | ExtraActionName, Case>> = {
  originate: { by: 'event', given: () => ({ to: CAROL }), then: (scene) => scene.connections().length === 1 },
  'five9.clickToDial': { by: 'event', given: () => ({ to: CAROL }), then: (scene) => scene.connections().length === 1 },
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
  transfer: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice').join() === 'alerting' },
  consult: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene) => scene.states().includes('hold') && scene.connections().length === 2 },
  completeTransfer: { by: 'event', given: async (scene) => ({ callId: (await scene.consulting()).callId }), then: (scene) => idle(scene) && scene.states('alice').join() === 'connected' },
  cancelTransfer: { by: 'event', given: async (scene) => ({ callId: (await scene.consulting()).callId }), then: (scene) => scene.states().join() === 'connected' && scene.connections('alice').length === 0 },
  conference: {
    by: 'event',
    given: async (scene) => {
      const { callId, consultCallId } = await scene.consulting()
      return { callIds: [callId, consultCallId] }
    },
    then: (scene) => scene.pbx.conferenceOf('bob')?.state === 'active'
  },
  park: { by: 'event', given: (scene) => scene.talking(), then: (scene) => !scene.states().includes('connected') },
  retrieve: {
    by: 'event',
    given: async (scene) => {
      const fields = await scene.talking()
      await scene.line.perform('park', { ...fields, confirm: 'completed' })
      return fields
    },
    then: (scene) => scene.connections().length === 1
  },
  startRecording: { by: 'reply', given: (scene) => scene.recording(), then: (scene) => scene.connections()[0]?.recording?.state !== undefined },
  stopRecording: { by: 'reply', given: (scene) => scene.recording('startRecording'), then: (scene) => scene.connections()[0]?.recording?.state !== 'on' },
  pauseRecording: { by: 'reply', given: (scene) => scene.recording('startRecording'), then: (scene) => scene.connections()[0]?.recording?.state === 'paused' },
  resumeRecording: { by: 'reply', given: (scene) => scene.recording('startRecording', 'pauseRecording'), then: (scene) => scene.connections()[0]?.recording?.state === 'on' },
  setDisposition: { by: 'event', given: async (scene) => ({ ...await scene.wrappingUp(), code: 'Sale' }), then: (_scene, { disposition }) => disposition?.name === 'Sale' },
  setCallData: { by: 'event', given: async (scene) => ({ ...await scene.talking(), data: await variable(scene) }) },

  agentLogin: {
    by: 'either',
    given: async (scene) => {
      await scene.line.perform('agentLogout', { confirm: 'completed' })
      return {}
    },
    then: (scene) => scene.bob.loggedIn
  },
  agentLogout: { by: 'either', then: (scene) => !scene.bob.loggedIn },
  agentReady: { by: 'either', then: (scene) => scene.bob.routing === 'ready' },
  agentNotReady: { by: 'either', given: async (scene) => ({ ...await scene.ready(), reason: 'Lunch' }), then: (scene) => scene.bob.routing === 'notReady' && scene.bob.reason === 'LUNCH' },
  queueJoin: {
    by: 'either',
    given: async (scene) => {
      scene.pbx.join('agent-bob', 'support', false)
      await scene.line.event('agent.queueLeft')
      return { queues: ['Support'] }
    },
    then: (scene) => scene.joined === true
  },
  queueLeave: { by: 'either', given: () => ({ queues: 'support' }), then: (scene) => scene.joined === false },

  listen: listening,
  whisper: listening,
  bargeIn: listening,
  stopListen: {
    ...listening,
    given: async (scene) => {
      const fields = await listening.given?.(scene)
      await scene.line.perform('listen', fields)
      return {}
    }
  },
  listCalls: { by: 'reply', given: async (scene) => { await scene.talking(); return {} }, then: (_scene, { items }) => items?.length === 1 },
  listUsers: { by: 'reply', given: () => ({ query: 'keller' }), then: (_scene, { items }) => items?.length === 1 },
  listPhones: { by: 'reply', then: (_scene, { items }) => (items?.[0] as { registered?: boolean } | undefined)?.registered === true },
  listAgents: { by: 'reply', as: 'supervisor', then: (_scene, { items }) => (items?.length ?? 0) >= 3 },
  listQueues: { by: 'reply', as: 'supervisor', then: (_scene, { items }) => items?.length === 2 },
  userStates: { by: 'reply', given: () => ({ ids: ['1002'] }), then: some },
  agentStates: { by: 'reply', as: 'supervisor', given: () => ({ ids: ['1002'] }), then: (_scene, { items }) => (items?.[0] as { name?: string }).name === 'Bob Keller' },
  queueStats: { by: 'reply', as: 'supervisor', given: () => ({ ids: ['Support'] }), then: (_scene, { items }) => items?.length === 1 },
  reasonCodes: { by: 'reply', then: (_scene, { items }) => (items as { name: string }[]).some(({ name }) => name === 'Lunch') },
  dispositions: { by: 'reply', then: (_scene, { items }) => (items as { name: string }[]).some(({ name }) => name === 'Sale') },
  searchDirectory: { by: 'reply', given: () => ({ query: 'Martin' }), then: some },
  callHistory: { by: 'reply', then: list },
  profile: { by: 'reply', then: (_scene, { items }) => (items?.[0] as { extension?: string }).extension === '1002' },
  voicemail: { by: 'reply', then: (_scene, { voicemail }) => voicemail?.newMessages === 0 },
  request: { by: 'reply', given: () => ({ path: '/agents/{uid}/presence' }), then: (_scene, { data }) => (data as { status?: number }).status === 200 },

  'five9.contacts': { by: 'reply', given: (scene) => scene.talking(), then: list },
  'five9.updateContact': { by: 'reply', given: async (scene) => {
    const { data } = await scene.line.perform('request', { path: '/orgs/{oid}/contact_fields' })
    const [field] = (data as { body: { id: string }[] }).body
    assert.ok(field)
    return { ...await scene.talking(), fields: { [field.id]: 'Lind' } }
  } },
  'five9.dropParticipant': {
    by: 'reply',
    given: async (scene) => {
      const { callId, consultCallId } = await scene.consulting()
      await scene.line.perform('conference', { callIds: [callId, consultCallId], confirm: 'completed' })
      const { vendorId } = scene.line.session.picture.call(callId)!
      const { data } = await scene.line.perform('request', { path: `/agents/{uid}/interactions/calls/${vendorId}` })
      const { participants } = (data as { body: { participants: { id: string; number?: string }[] } }).body
      return { callId, participant: participants.find(({ number }) => number !== undefined && number.endsWith('199'))?.id ?? participants.at(-1)?.id }
    }
  },
  'five9.transferToCall': {
    by: 'event',
    given: async (scene) => {
      const { callId } = await scene.talking()
      await scene.line.perform('park', { callId, confirm: 'completed' })
      const from = scene.line.events.length
      scene.pbx.inbound({ from: '+12025550177', to: '1002' })
      const { call } = await scene.line.event('call.ringing', from)
      scene.lift('bob')
      await scene.line.event('call.answered', from)
      return { callId: call?.id, otherCallId: callId }
    }
  },
  'five9.playPrompt': { by: 'reply', given: (scene) => prompted(scene) },
  'five9.stopPrompt': {
    by: 'reply',
    given: async (scene) => {
      const { callId, prompt } = await prompted(scene)
      await scene.line.perform('five9.playPrompt', { callId, prompt })
      return { callId }
    }
  },
  'five9.restartStation': { by: 'reply' },
  'five9.testCall': { by: 'reply' },
  'five9.returnMissedCall': {
    by: 'reply',
    given: async (scene) => {
      const ringing = scene.pbx.inbound({ from: CAROL, to: '1002' })!
      await scene.line.event('call.ringing')
      scene.pbx.external(ringing.key).hangUp()
      await scene.line.event('call.ended')
      return {}
    }
  },
  'five9.scheduleCallback': { by: 'reply', given: () => ({ number: CAROL, time: '2027-01-05T09:00:00Z' }) },
  'five9.callbacks': { by: 'reply', then: list },
  'five9.deleteCallback': {
    by: 'reply',
    given: async (scene) => {
      const { data } = await scene.line.perform('five9.scheduleCallback', { number: CAROL, time: '2027-01-05T09:00:00Z' })
      return { callback: (data as { id: string }).id }
    }
  },
  'five9.addToDnc': { by: 'reply', given: () => ({ number: CAROL }) },
  'five9.reference': { by: 'reply', given: () => ({ list: 'callVariables' }), then: some },
  'five9.startCampaign': { by: 'reply', as: 'supervisor', given: campaignOf },
  'five9.stopCampaign': { by: 'reply', as: 'supervisor', given: campaignOf },
  'five9.resetCampaign': { by: 'reply', as: 'supervisor', given: campaignOf },
  'five9.statisticsFilter': { by: 'reply', as: 'supervisor', given: () => ({ filter: { range: 'ROLLING_HOUR' } }), then: (_scene, { data }) => (data as { range?: string }).range === 'ROLLING_HOUR' },
  'five9.requestStatistics': { by: 'reply', as: 'supervisor' },
  'five9.statistics': { by: 'reply', as: 'supervisor', given: () => ({ source: 'ACD_STATUS' }), then: some },
  'five9.queueSnapshot': { by: 'reply', as: 'supervisor', given: () => ({ queue: 'Support' }), then: some },
  'five9.parkedCalls': { by: 'reply', as: 'supervisor', given: () => ({ agent: 'Bob Keller' }), then: list },
  'five9.sessionHistory': { by: 'reply', as: 'supervisor', given: () => ({ agent: 'Bob Keller' }), then: list },
  'five9.auxiliaryStatistics': { by: 'reply', as: 'supervisor', given: () => ({ agent: 'Bob Keller' }), then: some },
  'five9.watchQueue': { by: 'reply', as: 'supervisor', given: () => ({ queue: 'Support' }) },
  'five9.migrate': { by: 'reply', as: 'supervisor' }
}

/** A call, and a prompt that may be played in it. */
async function prompted (scene: Scene): Promise<Fields> {
  const { callId } = await scene.talking()
  const { vendorId } = scene.line.session.picture.call(callId as string)!
  const { data } = await scene.line.perform('request', { path: `/agents/{uid}/interactions/calls/${vendorId}/audio` })
  const { body } = data as { body: { id: string }[] | { prompts: { id: string }[] } }
  const prompt = (Array.isArray(body) ? body : body.prompts)[0]?.id
  assert.ok(prompt, JSON.stringify(body))
  return { callId, prompt }
}

async function variable (scene: Scene): Promise<Fields> {
  const { items } = await scene.line.perform('five9.reference', { list: 'callVariables' })
  const free = (items as { name: string; group: string }[]).find(({ group }) => group.toLowerCase() !== 'call') ?? (items as { name: string; group: string }[])[0]
  return { [`${free?.group}.${free?.name}`]: 'ORDER-7' }
}

describe('Five9: what is reported of each action', () => {
  let sim: Simulator
  const lines: Line[] = []
  beforeEach(async () => { sim = await startSimulator({}) })
  afterEach(async () => {
    await Promise.all(lines.splice(0).map((line) => line.close()))
    await sim.close()
  })

  async function online (as?: 'supervisor', more: Partial<Five9Options> = {}): Promise<Line> {
    const { url, username, password, adminUsername, adminPassword } = sim.demoLogin('five9')
    const line = new Line(as === undefined
      ? { baseUrl: url, username, password, stationType: 'SOFTPHONE', ...more }
      : { baseUrl: url, username: adminUsername, password: adminPassword, role: as, ...more })
    lines.push(line)
    return line.online()
  }

  async function prepared (one: Case): Promise<{ scene: Scene; fields: Fields }> {
    const scene = new Scene(sim, await online(one.as))
    return { scene, fields: await one.given?.(scene) ?? {} }
  }

  it('has a case for each action of the table', () => assert.deepEqual(Object.keys(CASES).sort(), Object.keys(actionsOf('five9') ?? {}).sort()))

  for (const [action, one] of Object.entries(CASES) as [string, Case][]) {
    it(`${action} is ${one.by === 'event' ? 'accepted while no event comes' : 'completed by its reply'}`, async () => {
      const { scene, fields } = await prepared(one)
      if (one.by !== 'reply') sim.faults.inject({ kind: 'stall', face: 'five9' })
      const result = await scene.line.perform(action, fields)
      assert.equal(result.outcome, one.by === 'event' ? 'accepted' : 'completed', JSON.stringify(result))
      assert.ok(one.then?.(scene, result) ?? true, `${action}: ${JSON.stringify(result)}`)
    })

    if (one.by === 'reply') continue
    it(`${action} is completed by its event`, async () => {
      const { scene, fields } = await prepared(one)
      const result = await scene.line.perform(action, { ...fields, confirm: 'completed' })
      assert.equal(result.outcome, 'completed', JSON.stringify(result))
      assert.ok(one.then?.(scene, result) ?? true, `${action}: ${JSON.stringify(result)}`)
    })
  }

  it('hangs up with a disposition as one action: the end is waited for, and the interaction is finished', async () => {
    const scene = new Scene(sim, await online())
    await scene.ready()
    sim.pbx.inbound({ from: CAROL, to: '1050' })
    const { call } = await scene.line.event('call.ringing')
    scene.lift('bob')
    await scene.line.event('call.answered')
    const result = await scene.line.perform('setDisposition', { callId: call?.id, code: 'Sale', hangup: true, confirm: 'completed' })
    assert.equal(result.outcome, 'completed')
    assert.equal(result.disposition?.name, 'Sale')
    assert.ok(idle(scene))
    await scene.line.event('agent.ready', scene.line.names.indexOf('call.disposition'))
  })

  it('does not end a call for a disposition unless it is told to', async () => {
    const scene = new Scene(sim, await online())
    const fields = await scene.talking()
    await assert.rejects(scene.line.perform('setDisposition', { ...fields, code: 'Sale' }), { code: 'CTI_CONFLICT' })
    assert.deepEqual(scene.states(), ['connected'])
  })

  it('names the systems that can when Five9 cannot', async () => {
    const line = await online()
    const lacking = Object.keys(ACTIONS).filter((action) => !Object.hasOwn(CASES, action))
    assert.ok(lacking.includes('setForwarding') && lacking.includes('sendDtmf') && lacking.includes('agentWrapUp'))
    for (const action of lacking) await assert.rejects(line.perform(action, { enabled: true }), { code: 'CTI_UNSUPPORTED' }, action)
  })
})
