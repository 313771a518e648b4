/** Every action of iPECS (model.md 5.2, column I) against the simulator: what is reported, and what the house then is like. */
import assert from 'node:assert/strict'
import { ACTIONS, type ActionResult } from '../../src/model'
import { actionsOf } from '../../src/session/registry'
import type { IpecsOptions } from '../../src/ipecs'
import type { Connection } from '../../src/simulator/pbx/types'
import { Stage } from './support/stage'

const CAROL = '+12025550199'
type Fields = Record<string, unknown>

class Scene {
  constructor (readonly stage: Stage) {}

  get pbx (): Stage['simulator']['pbx'] { return this.stage.simulator.pbx }
  connections (user = 'bob'): Connection[] { return this.pbx.connectionsOf(user).filter(({ state }) => state !== 'null') }
  states (user = 'bob'): string { return this.connections(user).map(({ state }) => state).sort().join() }
  leg (device = '1002', state?: string): string {
    const found = this.stage.session.picture.callsOf(device).find((call) => state === undefined || call.state === state)
    assert.ok(found, `${device} has no call ${state ?? ''}`)
    return found.id
  }

  async ringing (to = '1002'): Promise<Fields> {
    this.pbx.inbound({ from: CAROL, to })
    await this.stage.until(() => this.stage.session.picture.callsOf(to).some(({ state }) => state === 'ringing'), 'the ring')
    return { callId: this.leg(to) }
  }

  lift (user = 'bob'): void {
    const rings = this.connections(user).find(({ state }) => state === 'alerting' || state === 'initiated')
    assert.ok(rings, `${user} is not rung`)
    this.pbx.answer(rings.key)
  }

  async talking (): Promise<Fields> {
    const fields = await this.ringing()
    this.lift()
    await this.stage.until(() => this.stage.session.picture.callsOf('1002')[0]?.state === 'active', 'the talk')
    return fields
  }

  async consulting (purpose?: string): Promise<Fields> {
    const { callId } = await this.talking()
    const { newCallId } = await this.stage.perform('consult', { callId: callId as string, to: '1001', ...(purpose === undefined ? {} : { purpose }) })
    await this.stage.until(() => this.states('alice').includes('alerting'), 'Alice to be rung')
    this.lift('alice')
    await this.stage.until(() => this.stage.session.picture.call(newCallId!)?.state === 'active', 'Alice to answer')
    return { callId, consultCallId: newCallId }
  }

  async agent (): Promise<Fields> {
    await this.stage.perform('agentLogin', { user: '1002', agentId: '1002', queues: ['1050'], confirm: 'completed' })
    await this.stage.until(() => this.agentState === 'ready', 'Bob to be ready')
    return { agent: '1002' }
  }

  get agentState (): string | undefined { return [...this.stage.session.picture.agents()].find(({ device }) => device?.id === '1002')?.state }
  get bob (): { routing: string; loggedIn: boolean } { return this.pbx.agents.get('agent-bob')! }
}

interface Case { readonly by: 'event' | 'reply'; readonly account?: Partial<IpecsOptions>; readonly given?: (scene: Scene) => Promise<Fields> | Fields; readonly then?: (scene: Scene, result: ActionResult) => boolean }
const list = (_scene: Scene, { items }: ActionResult): boolean => Array.isArray(items)
const idle = (scene: Scene): boolean => scene.connections().length === 0

const CASES: Readonly<Record<string, Case>> = {
  originate: { by: 'event', given: () => ({ user: '1002', to: CAROL }), then: (scene, { newCallId }) => newCallId !== undefined && scene.connections().length === 1 },
  answer: { by: 'event', given: (scene) => scene.ringing(), then: (scene) => scene.states() === 'connected' },
  reject: { by: 'event', given: (scene) => scene.ringing(), then: idle },
  hangup: { by: 'event', given: (scene) => scene.talking(), then: idle },
  hold: { by: 'event', given: (scene) => scene.talking(), then: (scene) => scene.states() === 'hold' },
  resume: {
    by: 'event',
    given: async (scene) => {
      const fields = await scene.talking()
      await scene.stage.perform('hold', { ...fields, confirm: 'completed' })
      return fields
    },
    then: (scene) => scene.states() === 'connected'
  },
  transfer: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice') === 'alerting' },
  consult: { by: 'event', given: async (scene) => ({ ...await scene.talking(), to: '1001' }), then: (scene, { newCallId }) => newCallId !== undefined && scene.connections().length === 2 },
  completeTransfer: { by: 'event', given: (scene) => scene.consulting(), then: (scene) => idle(scene) && scene.states('alice') === 'connected' },
  cancelTransfer: { by: 'event', given: (scene) => scene.consulting(), then: (scene) => scene.states() === 'connected' && scene.connections('alice').length === 0 },
  conference: {
    by: 'event',
    given: async (scene) => {
      const { callId, consultCallId } = await scene.consulting('conference')
      return { callIds: [callId, consultCallId] }
    },
    then: (scene) => scene.pbx.conferenceOf('bob')?.state === 'active'
  },
  park: { by: 'event', given: (scene) => scene.talking(), then: (scene, { slot }) => idle(scene) && slot?.number !== undefined },
  retrieve: {
    by: 'event',
    given: async (scene) => {
      const { slot } = await scene.stage.perform('park', { ...await scene.talking(), confirm: 'completed' })
      return { user: '1001', slot: slot?.number }
    },
    then: (scene) => scene.states('alice') === 'connected'
  },
  pickup: {
    by: 'event',
    given: async (scene) => {
      await scene.ringing()
      return { user: '1001', target: '1002' }
    },
    then: (scene) => idle(scene) && scene.states('alice') === 'connected'
  },
  redirect: { by: 'event', given: async (scene) => ({ ...await scene.ringing(), to: '1001' }), then: (scene) => idle(scene) && scene.states('alice') === 'alerting' },
  sendDtmf: { by: 'reply', given: async (scene) => ({ ...await scene.talking(), digits: '12#' }), then: (_scene, { sent }) => sent === 3 },
  agentLogin: { by: 'event', given: () => ({ user: '1002', agentId: '1002', queues: ['1050'] }), then: (scene) => scene.bob.loggedIn },
  agentLogout: { by: 'event', given: (scene) => scene.agent(), then: (scene) => !scene.bob.loggedIn },
  agentReady: {
    by: 'event',
    given: async (scene) => {
      const fields = await scene.agent()
      await scene.stage.perform('agentNotReady', { ...fields, reason: '5', confirm: 'completed' })
      return fields
    },
    then: (scene) => scene.bob.routing === 'ready'
  },
  agentNotReady: { by: 'event', given: async (scene) => ({ ...await scene.agent(), reason: '5' }), then: (scene) => scene.bob.routing === 'notReady' },
  queueJoin: { by: 'event', given: () => ({ user: '1002', agentId: '1002', queues: '1050' }), then: (scene) => scene.bob.loggedIn },
  queueLeave: { by: 'event', given: async (scene) => ({ ...await scene.agent(), queues: ['1050'] }) },
  getForwarding: { by: 'reply', given: () => ({ user: '1002' }), then: (_scene, { forwarding }) => forwarding?.complete === true },
  setForwarding: { by: 'event', given: () => ({ user: '1002', condition: 'noAnswer', enabled: true, to: '1001' }), then: (scene, { forwarding }) => forwarding?.rules.noAnswer?.to === '1001' && scene.pbx.users.get('bob')!.forwarding.noAnswer.enabled },
  getDnd: { by: 'reply', given: () => ({ user: '1002' }), then: (_scene, { dnd }) => dnd?.enabled === false },
  setDnd: { by: 'event', given: () => ({ user: '1002', enabled: true }), then: (scene) => scene.pbx.users.get('bob')!.dnd.enabled },
  voicemail: { by: 'reply', given: () => ({ user: '1002' }), then: (_scene, { voicemail }) => voicemail?.newMessages === 0 },
  listCalls: { by: 'reply', given: (scene) => scene.talking(), then: (_scene, { items }) => items?.length === 1 },
  listUsers: { by: 'reply', then: (_scene, { items }) => (items?.length ?? 0) >= 5 },
  listPhones: { by: 'reply', then: list },
  listAgents: { by: 'reply', then: list },
  listQueues: { by: 'reply', then: list },
  userStates: { by: 'reply', given: () => ({ ids: ['1002'] }), then: (_scene, { items }) => (items?.[0] as { presence?: { value: string } }).presence?.value === 'idle' },
  agentStates: { by: 'reply', then: list },
  queueStats: { by: 'reply', then: (_scene, { items }) => items?.length === 1 },
  reasonCodes: { by: 'reply', then: (_scene, { items }) => items?.length === 12 },
  callHistory: {
    by: 'reply',
    given: async (scene) => {
      const { callId } = await scene.talking()
      await scene.stage.perform('hangup', { callId: callId as string, confirm: 'completed' })
      return { user: '1002' }
    },
    then: (_scene, { items }) => (items?.[0] as { record?: object } | undefined)?.record !== undefined
  },
  request: { by: 'reply', given: () => ({ path: 'call/status', query: { deviceNumber: '1002' } }), then: (_scene, { data }) => (data as { body?: { data?: { state?: string } } }).body?.data?.state === 'idle' },
  'ipecs.records': { by: 'reply', given: () => ({ countOnly: true }), then: (_scene, { total }) => total === 0 },
  'ipecs.deleteRecords': { by: 'reply', given: () => ({ condition: {}, all: true }) },
  'ipecs.terminals': { by: 'reply', then: (_scene, { items }) => (items?.length ?? 0) >= 5 },
  'ipecs.command': { by: 'reply', given: () => ({ name: 'status', params: { device: '1002' } }), then: (_scene, { data }) => (data as { state?: string }).state === 'idle' },
  'ipecs.summary': { by: 'reply', then: (_scene, { data }) => (data as Fields)['total-inbound-calls'] === 0 },
  'ipecs.page': { by: 'reply', given: () => ({ page: '1', number: '1' }) },
  'ipecs.getRoom': { by: 'reply', given: () => ({ user: '1002', room: 1 }) },
  'ipecs.setRoom': { by: 'reply', given: () => ({ user: '1002', room: 1, enabled: true, password: '1234' }) }
}
/** Their answer is empty: what they trigger is waited for. */
const SILENT: ReadonlySet<string> = new Set(['answer', 'reject', 'hangup', 'hold', 'resume', 'redirect', 'retrieve', 'pickup', 'cancelTransfer', 'setForwarding', 'setDnd'])
/** Only on a busy tone, in a group of members, or for a client account: tested with the switch of the test. */
const ELSEWHERE: readonly string[] = ['bargeIn', 'ipecs.busyService', 'ipecs.groupStart', 'ipecs.groupAdd', 'ipecs.groupDrop', 'ipecs.groupMute', 'ipecs.clickCall', 'ipecs.cancelCallBack']

describe('iPECS: what is reported of each action', () => {
  let stage: Stage
  afterEach(() => stage.close())

  it('has a case for each action of the table', async () => {
    stage = await Stage.open()
    assert.deepEqual([...Object.keys(CASES), ...ELSEWHERE].sort(), Object.keys(actionsOf('ipecs') ?? {}).sort())
  })

  for (const [action, one] of Object.entries(CASES)) {
    it(`${action} is completed by its ${one.by}`, async () => {
      stage = await Stage.open({}, one.account)
      const scene = new Scene(stage)
      const fields = await one.given?.(scene) ?? {}
      const result = await stage.perform(action as 'hold', { ...fields, ...(one.by === 'event' ? { confirm: 'completed', timeoutMs: 20_000 } : {}) })
      assert.equal(result.outcome, 'completed', JSON.stringify(result))
      assert.ok(one.then?.(scene, result) ?? true, `${action}: ${JSON.stringify(result)}; Bob ${scene.states()}, Alice ${scene.states('alice')}`)
    })

    if (one.by === 'event') {
      it(`${action} is ${SILENT.has(action) ? 'waited for' : 'accepted by its reply'} when nobody says which`, async () => {
        stage = await Stage.open({}, one.account)
        const fields = await one.given?.(new Scene(stage)) ?? {}
        const { outcome } = await stage.perform(action as 'hold', fields)
        assert.match(outcome, SILENT.has(action) ? /^completed$/ : /^(?:accepted|completed)$/)
      })
    }
  }

  it('names the systems that can when iPECS cannot', async () => {
    stage = await Stage.open()
    const known = Object.keys(actionsOf('ipecs') ?? {})
    const lacking = Object.keys(ACTIONS).filter((action) => !known.includes(action))
    assert.ok(lacking.includes('startRecording') && lacking.includes('agentWrapUp'))
    for (const action of lacking) await assert.rejects(stage.perform(action as 'hold', { enabled: true }), { code: 'CTI_UNSUPPORTED' }, action)
  })
})
