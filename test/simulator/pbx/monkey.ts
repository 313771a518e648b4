import { type Pbx } from '../../../src/simulator/pbx/pbx'
import { Rng } from '../../../src/simulator/pbx/rng'
import { type VirtualClock } from '../../../src/simulator/pbx/clock'
import { type Condition, type Connection, Refusal } from '../../../src/simulator/pbx/types'

const NUMBERS = ['1001', '1002', '1003', '1004', '1005', '1050', '1060', '2222', '2223', '*981001', '+12025550199', '+12025550188', '+12025550177', '+12025550166', '+12025550155', '999', '1099']
const CONDITIONS: Condition[] = ['always', 'busy', 'noAnswer', 'notReachable']
const REASONS = ['BREAK', 'LUNCH', undefined]
const MODES = ['listen', 'whisper', 'bargeIn'] as const
const RECORDER = ['start', 'stop', 'pause', 'resume'] as const

/** Does one thing after the other to a PBX, without sense but the same for the same seed. What is refused is counted. */
export class Monkey {
  readonly rng: Rng
  refused = 0
  done = 0
  last = ''

  constructor (private readonly pbx: Pbx, private readonly clock: VirtualClock, seed: number) {
    this.rng = new Rng(seed)
  }

  step (): void {
    const [name, act] = this.rng.pick(this.tricks)
    this.last = name
    try {
      act()
      this.done++
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refused++
    }
  }

  private get user (): string { return this.rng.pick(['alice', 'bob', 'dave', 'erin', 'frank', 'bob', 'erin']) }
  private get agent (): string { return this.rng.pick(['agent-bob', 'agent-erin', 'agent-frank']) }
  private get queue (): string { return this.rng.pick(['support', 'billing']) }
  private get number (): string { return this.rng.pick(NUMBERS) }
  private get device (): string { return this.rng.pick([...this.pbx.devices.keys()]) }

  private any (wanted: (connection: Connection) => boolean = () => true): Connection {
    const open = [...this.pbx.connections.values()].filter((connection) => connection.state !== 'null' && wanted(connection))
    if (open.length === 0) throw new Refusal('noCall', 'nothing to play with')
    return this.rng.pick(open)
  }

  private of (user: string): Connection {
    const own = this.pbx.connectionsOf(user)
    if (own.length === 0) throw new Refusal('noCall', 'nothing to play with')
    return this.rng.pick(own)
  }

  private readonly users = (connection: Connection): boolean => connection.party.kind === 'user'
  private readonly outside = (connection: Connection): boolean => connection.party.kind === 'external'
  private readonly waiting = (connection: Connection): boolean => connection.party.kind === 'queue'
  private readonly ringing = (connection: Connection): boolean => connection.alertingDevices.length > 0

  private readonly tricks: [string, () => void][] = [
    ['inbound', () => { this.pbx.inbound({ ...(this.rng.chance(0.9) ? { from: '+12025550199' } : {}), to: this.number, behaviour: this.rng.chance(0.3) ? { giveUpAfterMs: 9000, hangUpAfterMs: 20000 } : {} }) }],
    ['inbound', () => { this.pbx.inbound({ from: '+12025550123', to: this.rng.pick(['1050', '1060', '1001', '+12025550102', '+12025550140']) }) }],
    ['originate', () => { this.pbx.originate(this.user, this.number, { clickToDial: this.rng.chance(0.5), autoAnswer: this.rng.chance(0.3) }) }],
    ['originate', () => { this.pbx.originate(this.user, this.rng.pick(['1001', '1002', '1004', '1050']), {}) }],
    ['answer', () => { this.pbx.answer(this.any(this.ringing).key, { byCti: this.rng.chance(0.5) }) }],
    ['answer', () => { this.pbx.answer(this.any(this.ringing).key) }],
    ['answer', () => { this.pbx.answer(this.any(this.ringing).key) }],
    ['answer', () => { this.pbx.answer(this.any(this.ringing).key) }],
    ['silence', () => { this.pbx.silence(this.any(this.ringing).key) }],
    ['reject', () => { this.pbx.reject(this.any(this.ringing).key, this.rng.pick(['busy', 'unavailable'])) }],
    ['release', () => { this.pbx.release(this.any(this.users).key) }],
    ['release', () => { this.pbx.release(this.any().key) }],
    ['hold', () => { this.pbx.hold(this.any(this.users).key) }],
    ['resume', () => { this.pbx.resume(this.any(this.users).key) }],
    ['reconnect', () => { this.pbx.reconnect(this.any(this.users).key) }],
    ['mute', () => { this.pbx.setMuted(this.any(this.users).key, this.rng.chance(0.5)) }],
    ['deaf', () => { this.pbx.setDeaf(this.any(this.users).key, this.rng.chance(0.5)) }],
    ['dtmf', () => { this.pbx.dtmf(this.any(this.users).key, '12#') }],
    ['data', () => { this.pbx.setData(this.any().key, { ticket: String(this.rng.integer(1, 9)), gone: '' }) }],
    ['info', () => { this.pbx.setInfo(this.any().key, 'note') }],
    ['blind', () => { this.pbx.blindTransfer(this.any(this.users).key, this.number, { toFront: this.rng.chance(0.3) }) }],
    ['deflect', () => { this.pbx.deflect(this.any(this.ringing).key, this.number) }],
    ['voicemail', () => { this.pbx.toVoicemail(this.any(this.users).key, this.rng.pick([undefined, 'alice', 'dave'])) }],
    ['mute transfer', () => { this.pbx.muteTransfer(this.any(this.users).key, this.number) }],
    ['complete', () => { const user = this.user; this.pbx.completeTransfer(this.of(user).key, this.of(user).key) }],
    ['complete', () => { const user = this.any(this.users).party.userKey ?? ''; this.pbx.completeTransfer(this.of(user).key, this.of(user).key) }],
    ['conference', () => { const user = this.any(this.users).party.userKey ?? ''; this.pbx.conferenceStart(user, this.pbx.connectionsOf(user).map(({ key }) => key)) }],
    ['conference', () => { const user = this.user; this.pbx.conferenceStart(user, [this.of(user).key, this.of(user).key]) }],
    ['conference add', () => { const user = this.user; this.pbx.conferenceAdd(user, this.of(user).key) }],
    ['conference hold', () => { this.pbx.conferenceHold(this.user) }],
    ['conference resume', () => { this.pbx.conferenceResume(this.user) }],
    ['conference mute', () => { this.pbx.conferenceMute(this.user, this.rng.chance(0.5)) }],
    ['conference leave', () => { this.pbx.leave(this.user) }],
    ['conference release', () => { this.pbx.conferenceRelease(this.user) }],
    ['park', () => { this.pbx.park(this.any(this.users).key, this.rng.pick([undefined, '2222', '1001']), { group: this.rng.chance(0.5) }) }],
    ['retrieve', () => { this.pbx.retrieve(this.user, this.rng.pick([undefined, '2222', '1001', '2223']), { clickToDial: this.rng.chance(0.5) }) }],
    ['pickup', () => { this.pbx.pickup(this.user, this.rng.pick([undefined, '1001', '1004']), { clickToDial: this.rng.chance(0.5) }) }],
    ['monitor', () => { this.pbx.monitor('dave', this.user, this.rng.pick(MODES), { clickToDial: this.rng.chance(0.3) }) }],
    ['switch monitor', () => { this.pbx.switchMonitor(this.of('dave').key, this.rng.pick(MODES)) }],
    ['push', () => { this.pbx.push(this.of('frank').key) }],
    ['record', () => { this.pbx.record(this.any(this.users).key, this.rng.pick(RECORDER)) }],
    ['dispose', () => { this.pbx.dispose(this.agent, 'SALE') }],
    ['external', () => { this.pbx.external(this.any(this.outside).key).hangUp() }],
    ['external', () => { const hand = this.pbx.external(this.any(this.outside).key); this.rng.pick([hand.answer, hand.hold, hand.resume, hand.busy])() }],
    ['sign in', () => { this.pbx.signIn(this.agent, { routing: this.rng.pick(['ready', 'ready', 'notReady']) }) }],
    ['sign out', () => { this.pbx.signOut(this.agent, { force: this.rng.chance(0.3) }) }],
    ['routing', () => { this.pbx.setRouting(this.agent, this.rng.pick(['ready', 'ready', 'notReady']), this.rng.pick(REASONS), this.rng.pick(['self', 'supervisor'])) }],
    ['wrap-up', () => { if (this.rng.chance(0.5)) this.pbx.wrapUp(this.agent); else this.pbx.endWrapUp(this.agent) }],
    ['join', () => { this.pbx.join(this.agent, this.queue, this.rng.chance(0.7)) }],
    ['pause queue', () => { this.pbx.pauseQueue(this.agent, this.queue, this.rng.chance(0.3)) }],
    ['queue release', () => { this.pbx.queueRelease(this.any(this.waiting).key) }],
    ['queue redirect', () => { this.pbx.queueRedirect(this.any(this.waiting).key, this.number) }],
    ['queue promote', () => { this.pbx.queuePromote(this.any(this.waiting).key) }],
    ['queue reorder', () => { this.pbx.queueReorder(this.any(this.waiting).key, this.rng.integer(0, 2)) }],
    ['queue escape', () => { this.pbx.queueEscape(this.any(this.waiting).key, '1001') }],
    ['name', () => { this.pbx.external(this.any(this.outside).key).identify('Somebody Else') }],
    ['night', () => { this.pbx.setNight(this.queue, this.rng.chance(0.2), this.rng.pick([undefined, '1001', '1060'])) }],
    ['forwarding', () => { this.pbx.setForwarding(this.user, this.rng.pick(CONDITIONS), { enabled: this.rng.chance(0.3), to: this.number, rings: this.rng.integer(0, 4) }) }],
    ['dnd', () => { this.pbx.setDnd(this.user, this.rng.chance(0.2)) }],
    ['feature', () => { this.pbx.setFeature(this.user, this.rng.pick(['callWaiting', 'voicemail']), this.rng.chance(0.7)) }],
    ['recording mode', () => { this.pbx.setFeature(this.user, 'recording', this.rng.pick(['never', 'always', 'on-demand-user-start'])) }],
    ['registered', () => { this.pbx.setRegistered(this.device, this.rng.chance(0.8)) }],
    ['time', () => { this.clock.advance(this.rng.integer(1, 4000)) }],
    ['time', () => { this.clock.advance(this.rng.integer(1, 4000)) }],
    ['time', () => { this.clock.advance(this.rng.integer(1, 30_000)) }]
  ]
}
