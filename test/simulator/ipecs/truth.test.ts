/** What a client makes of the events is what the commands say, and what the PBX is: after every scenario, under traffic, and whatever a monkey does. */
import assert from 'node:assert/strict'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Simulator, startSimulator } from '../../../src/simulator/simulator'
import { Monkey } from '../pbx/monkey'
import { brief, type Frame, RawClient } from './client'

const STATIONS = ['1001', '1002', '1003', '1004', '1005']
const LEG: Record<string, string> = {
  dialing: 'calling', proceeding: 'calling', alerting: 'calling', ringing: 'ringing', connected: 'talking', hold: 'hold', held: 'hold', retrieve: 'talking', retrieved: 'talking', fail: 'failed'
}

interface Leg { state: string; peer: string }

/** Keeps legs, lines and stations as the sheet says that a client should. */
class Mirror {
  /** By device and reference. */
  readonly legs = new Map<string, Map<number, Leg>>()
  readonly lines = new Set<string>()
  readonly offHook = new Set<string>()
  readonly agents = new Map<string, string>()
  readonly groups = new Map<string, Set<string>>()
  readonly presence = new Map<string, string>()
  last = 0
  private gone = 0

  take (frame: Frame): void {
    const data = frame.data as Record<string, string> & { callRefID?: number; eventCode?: number; memberDN?: string[]; evtSerialNum?: number }
    if (frame.event === 'acd') this.acd(data.eventCode ?? 0, data)
    if (frame.event !== 'call') return
    assert.equal(data.evtSerialNum, this.last + 1, 'serials run on')
    this.last++
    this.call(data.type ?? '', data.deviceNumber ?? '', data.callRefID ?? 0, data)
  }

  of (device: string): Map<number, Leg> {
    const own = this.legs.get(device) ?? new Map<number, Leg>()
    this.legs.set(device, own)
    return own
  }

  private acd (code: number, { sourceNumber = '' }: Record<string, string>): void {
    // All of them at once: the switch was restarted, and says nothing of the lines.
    this.gone = code === 82 ? this.gone + 1 : 0
    if (this.gone === STATIONS.length) {
      this.lines.clear()
      this.legs.clear()
      this.offHook.clear()
    }
    if (code === 1) this.lines.add(sourceNumber)
    if (code === 2) assert.ok(this.lines.delete(sourceNumber), `line ${sourceNumber} becomes idle and was not busy`)
    if (code === 17) this.offHook.add(sourceNumber)
    if (code === 18) this.offHook.delete(sourceNumber)
  }

  private call (type: string, device: string, ref: number, data: Record<string, string> & { memberDN?: string[] }): void {
    const legs = this.of(device)
    const peer = [data.callingDN === device ? data.calledDN : data.callingDN, data.holdDN, data.retrieveDN].find((each) => each !== undefined && each !== device)
    const state = LEG[type]
    if (type === 'presence') this.presence.set(device, data.status ?? '')
    if (type.startsWith('agent_')) this.agent(type, device, [data.primaryAcdGroup, data.secondaryAcdGroup])
    if (state !== undefined) legs.set(ref, { state, peer: peer ?? legs.get(ref)?.peer ?? data.dialDigit ?? '' })
    if (type === 'released') assert.ok(legs.delete(ref), `${device} is released from ${ref}, which it has not`)
    // The call between the two who stay ends without a word: it is known by its other party.
    if (type === 'transferring' && data.callType !== 'blind') for (const [other, leg] of legs) if (other !== ref && leg.peer.replace(/^\*98/, '') === data.transferToDN) legs.delete(other)
    // A target knows the call under another reference: the newest one with the party that transfers.
    const consulted = [...legs].findLast(([, leg]) => leg.peer === data.transferorDN)
    if (type === 'transferred' && !legs.has(ref) && consulted !== undefined) this.rename(legs, consulted[0], ref)
    const moved = legs.get(ref)
    if (type === 'transferred' && moved !== undefined && data.transferToDN !== device) moved.peer = data.transferToDN ?? ''
    if (type === 'conferencing') for (const [other, leg] of [...legs]) if (data.memberDN?.includes(leg.peer) === true) this.rename(legs, other, ref)
    if (type === 'conferenced') for (const [other, leg] of [...legs]) if (leg.peer === data.masterDN) this.rename(legs, other, ref)
  }

  private agent (type: string, device: string, named: (string | undefined)[]): void {
    const groups = this.groups.get(device) ?? new Set<string>()
    this.groups.set(device, groups)
    for (const group of named) {
      if (group === undefined || group === '') continue
      if (type === 'agent_logoff') groups.delete(group)
      else groups.add(group)
    }
    this.agents.set(device, type)
  }

  private rename (legs: Map<number, Leg>, from: number, to: number): void {
    const leg = legs.get(from)
    legs.delete(from)
    if (leg !== undefined) legs.set(to, leg)
  }
}

describe('simulator/ipecs truth', () => {
  const warnings: string[] = []
  const watch = (warning: Error): void => { if (warning.name === 'SimulatorWarning') warnings.push(String(warning.stack)) }
  let simulator: Simulator
  let client: RawClient
  let mirror: Mirror
  let clock: VirtualClock
  const history: string[] = []

  const connect = async (): Promise<void> => {
    // Sessions of a client that lost its socket live on until they are forgotten.
    simulator.face('ipecs').commands?.forgetTokens?.run({})
    simulator.pbx.restart()
    client = new RawClient(simulator.demoLogin('ipecs'))
    mirror = new Mirror()
    await client.ready(...STATIONS, '1050', '1060')
    await client.request('POST', 'call/presence', { body: { deviceNumber: STATIONS } })
    for (const device of STATIONS) mirror.presence.set(device, await status(device))
    await client.settle()
  }
  const status = async (device: string): Promise<string> => String(((await client.request('GET', `call/status?deviceNumber=${device}`)).body.data as { state: string }).state)

  const read = async (): Promise<void> => {
    for (const frame of await client.settle()) {
      history.push(brief(frame))
      mirror.take(frame)
    }
    history.splice(0, history.length - 80)
  }

  const compare = async (what: string, asks = true): Promise<void> => {
    const { pbx } = simulator
    const place = (): string => `${what}\n${history.join('\n')}`
    try {
      await read()
    } catch (error) {
      assert.fail(`${place()}\n${String(error)}`)
    }
    const lines = [...pbx.connections.values()].filter(({ state, party }) => state !== 'null' && party.kind === 'external').length
    assert.equal(mirror.lines.size, lines, `lines: ${place()}`)
    assert.equal(simulator.face('ipecs').figures().lines, lines)
    for (const device of STATIONS) {
      const user = pbx.userByExtension(device)
      const open = pbx.connectionsOf(user?.key ?? '').filter(({ personality, state }) => personality !== 'clickToDial' || state !== 'initiated')
      const inConference = open.filter(({ conferenceKey }) => conferenceKey !== undefined).length
      const legs = mirror.of(device)
      assert.equal(legs.size, inConference > 1 ? open.length - inConference + 1 : open.length, `legs of ${device} ${JSON.stringify([...legs])}: ${place()}`)
      const rings = open.filter(({ personality, state }) => personality === 'terminator' && state === 'alerting').length
      assert.equal([...legs.values()].filter(({ state }) => state === 'ringing').length, rings, `${device} rings: ${place()}`)
      assert.equal(mirror.offHook.has(device), user?.hook === 'off', `hook of ${device}: ${place()}`)
      if (asks) assert.equal(mirror.presence.get(device), await status(device), `presence of ${device}: ${place()}`)
      const agent = pbx.agentOf(user?.key ?? '')
      if (agent === undefined || !mirror.agents.has(device)) continue
      const told = mirror.agents.get(device)
      const groups = agent.loggedIn ? [...pbx.queues.values()].filter(({ members }) => members.some(({ agentKey, joined }) => agentKey === agent.key && joined)) : []
      assert.deepEqual([...mirror.groups.get(device) ?? []].sort(), groups.map(({ extension }) => extension).sort(), `groups of ${device}: ${place()}`)
      if (agent.wrapUp !== undefined && agent.pending === undefined && groups.length > 0) assert.equal(told, 'agent_work', `${device}: ${place()}`)
    }
    assert.deepEqual(warnings, [], place())
  }

  before(() => { process.on('warning', watch) })
  after(() => { process.off('warning', watch) })
  beforeEach(async () => {
    warnings.length = 0
    history.length = 0
    clock = new VirtualClock()
    simulator = await startSimulator({ clock })
    await connect()
  })
  afterEach(async () => {
    client.close()
    await simulator.close()
  })

  it('holds after every scenario', async function () {
    this.timeout(60_000)
    for (const name of simulator.scenarios.filter((each) => each !== 'load')) {
      await simulator.runScenario(name)
      // The wait for the line to be cut and mended is over when the face listens again.
      await simulator.face('ipecs').line(true)
      await read()
      if (client.closed !== undefined) await connect()
      await compare(name)
    }
  })

  it('holds under traffic', async function () {
    this.timeout(60_000)
    simulator.traffic.start({ callsPerMinute: 30 })
    for (let minute = 0; minute < 8; minute++) {
      for (let second = 0; second < 60; second++) clock.advance(1000)
      await compare(`minute ${minute}`)
    }
    await simulator.traffic.stop()
  })

  it('holds whatever is done', async function () {
    this.timeout(60_000)
    for (const seed of [1, 2, 3, 4]) {
      const monkey = new Monkey(simulator.pbx, clock, seed)
      for (let step = 0; step < 400; step++) {
        monkey.step()
        await compare(`seed ${seed} step ${step} ${monkey.last}`, step % 20 === 0)
      }
    }
  })
})
