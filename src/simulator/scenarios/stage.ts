import { type PbxClock, VirtualClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Connection, type ExternalBehaviour, Refusal } from '../pbx/types'

/** Who plays: keys of users, agents and queues, numbers of people outside. */
export interface Cast {
  /** Three users with phones; `third` may monitor when the directory has a supervisor. */
  first: string
  second: string
  third: string
  /** Two more agents of `queue`, as user keys. */
  agents: [string, string]
  queue: string
  otherQueue: string
  /** Somebody who calls in and answers when called. */
  outside: string
  busy: string
  silent: string
  invalid: string
}

/** What a face can add to a script: the line to the clients breaks and comes back. */
export interface StageHooks { breakLine?: () => void; mendLine?: () => void }

/** What a script needs besides the PBX: time, the parts it plays with, and shorthand for what happens again and again. */
export class Stage {
  private stopped = false
  private readonly cancels = new Set<() => void>()

  readonly hooks: StageHooks
  private readonly clock: PbxClock
  private readonly drives: boolean

  constructor (readonly pbx: Pbx, readonly cast: Cast, options: { hooks?: StageHooks; drivesClock?: boolean } = {}) {
    this.clock = pbx.core.clock
    this.hooks = options.hooks ?? {}
    this.drives = options.drivesClock ?? true
  }

  /** Lets PBX time pass: at once when it moves a VirtualClock itself. Rejects with StageStopped when the stage was stopped. */
  async wait (ms: number): Promise<void> {
    if (this.stopped) throw new StageStopped()
    if (this.drives && this.clock instanceof VirtualClock) {
      this.clock.advance(ms)
      return
    }
    await new Promise<void>((resolve, reject) => {
      const cancel = this.clock.after(ms, () => {
        this.cancels.delete(stop)
        resolve()
      })
      const stop = (): void => {
        cancel()
        reject(new StageStopped())
      }
      this.cancels.add(stop)
    })
  }

  /** Ends the script at its present wait. */
  stop (): void {
    this.stopped = true
    for (const cancel of this.cancels) cancel()
    this.cancels.clear()
  }

  extension (userKey: string): string {
    const user = this.pbx.users.get(userKey)
    if (user === undefined) throw new Refusal('unknownUser', `no user ${userKey}`)
    return user.extension
  }

  queueNumber (queueKey: string): string {
    const queue = this.pbx.queues.get(queueKey)
    if (queue === undefined) throw new Refusal('unknownQueue', `no queue ${queueKey}`)
    return queue.extension ?? queue.number
  }

  agent (userKey: string): string {
    const key = this.pbx.users.get(userKey)?.agentKey
    if (key === undefined) throw new Refusal('unknownAgent', `${userKey} is no agent`)
    return key
  }

  /** The call that rings a user now. */
  ringing (userKey: string): Connection {
    return this.find(userKey, (connection) => connection.alertingDevices.length > 0)
  }

  /** The call in which a user talks now. */
  talking (userKey: string): Connection {
    return this.find(userKey, (connection) => connection.state === 'connected')
  }

  /** Somebody outside calls a user; the call rings. */
  ring (userKey: string, behaviour?: ExternalBehaviour): Connection {
    const rung = this.pbx.inbound({ from: this.cast.outside, to: this.extension(userKey), ...(behaviour === undefined ? {} : { behaviour }) })
    if (rung === undefined) throw new Refusal('noCall', `${userKey} cannot be rung`)
    return rung
  }

  /** Somebody outside calls a user, who answers after two seconds. */
  async talk (userKey: string): Promise<Connection> {
    const rung = this.ring(userKey)
    await this.wait(2000)
    this.pbx.answer(rung.key)
    await this.wait(1000)
    return rung
  }

  /** A user puts his call on hold and asks another one, who answers unless `answered` is false. Returns the consultation call. */
  async consult (held: Connection, userKey: string, answered = true): Promise<Connection> {
    this.pbx.hold(held.key)
    const consultation = this.pbx.originate(held.party.userKey ?? '', this.extension(userKey))
    await this.wait(1500)
    if (answered) {
      this.pbx.answer(this.ringing(userKey).key)
      await this.wait(1500)
    }
    return consultation
  }

  /** Agents log in, ready; others of the queue that are ready are set not ready, so that nobody else is rung. Undone by the result. */
  staff (...userKeys: string[]): () => void {
    const others = [...this.pbx.agents.values()].filter((agent) => !userKeys.includes(agent.userKey) && agent.loggedIn && agent.routing === 'ready')
    for (const agent of others) this.pbx.setRouting(agent.key, 'notReady', undefined, 'system')
    const before = userKeys.map((key) => this.pbx.agents.get(this.agent(key))?.loggedIn === true)
    for (const key of userKeys) this.pbx.signIn(this.agent(key), { routing: 'ready' })
    return () => {
      for (const [n, key] of userKeys.entries()) {
        const agent = this.pbx.agents.get(this.agent(key))
        if (before[n] === false && agent?.loggedIn === true) this.pbx.signOut(agent.key, { force: true })
      }
      for (const agent of others) if (agent.loggedIn) this.pbx.setRouting(agent.key, 'ready', undefined, 'system')
    }
  }

  /** A call to the queue; returns the queue's connection. */
  queueCall (queueKey = this.cast.queue, behaviour?: ExternalBehaviour): Connection {
    const entry = this.pbx.inbound({ from: this.cast.outside, to: this.queueNumber(queueKey), ...(behaviour === undefined ? {} : { behaviour }) })
    if (entry === undefined) throw new Refusal('noCall', `${queueKey} takes no calls`)
    return entry
  }

  /** Hangs up if the call is still there. */
  end (connection: Connection): void {
    if (this.pbx.connections.get(connection.key) === connection && connection.state !== 'null') this.pbx.release(connection.key)
  }

  /** Hangs up whatever the user has. */
  clear (userKey: string): void {
    for (const connection of this.pbx.connectionsOf(userKey)) this.end(connection)
  }

  /** Does something that the PBX must refuse. @throws Error when it does not */
  refused (act: () => void): void {
    try {
      act()
    } catch (error) {
      if (error instanceof Refusal) return
      throw error
    }
    throw new Error('the PBX allowed what it must refuse')
  }

  private find (userKey: string, wanted: (connection: Connection) => boolean): Connection {
    const found = this.pbx.connectionsOf(userKey).find(wanted)
    if (found === undefined) throw new Refusal('noCall', `${userKey} has no such call`)
    return found
  }
}

/** A script was stopped from outside. */
export class StageStopped extends Error {
  constructor () {
    super('the scenario was stopped')
    this.name = 'StageStopped'
  }
}

/** A scenario script. It leaves settings as they were and no call behind, unless it is refused on the way. */
export interface Scenario {
  title: string
  run: (stage: Stage) => Promise<void>
}
export type Scenarios = Record<string, Scenario>

/** A cast from what the directory has. @throws Refusal `notAllowed` naming what is missing */
export function castOf (pbx: Pbx): Cast {
  const phones = [...pbx.users.values()].filter((user) => user.devices.length > 0)
  const supervisor = phones.find((user) => user.supervisor)
  const staff = phones.filter((user) => user.agentKey !== undefined)
  const [queue, otherQueue = queue] = [...pbx.queues.values()].sort((a, b) => b.members.length - a.members.length)
  const agents = staff.filter((user) => queue?.members.some(({ agentKey }) => agentKey === user.agentKey) === true).slice(-2)
  const people = phones.filter((user) => user !== supervisor && !agents.includes(user))
  const [first, second] = people
  const third = supervisor ?? people[2]
  const [one, two] = agents
  if (first === undefined || second === undefined || third === undefined) throw new Refusal('notAllowed', 'the scenarios need three users with phones')
  if (queue === undefined || otherQueue === undefined || one === undefined || two === undefined) throw new Refusal('notAllowed', 'the scenarios need a queue with two agents')
  const outside = (wanted: (behaviour: ExternalBehaviour) => boolean, otherwise: string): string => [...pbx.externals].find(([, behaviour]) => wanted(behaviour))?.[0] ?? otherwise
  return {
    first: first.key, second: second.key, third: third.key, agents: [one.key, two.key], queue: queue.key, otherQueue: otherQueue.key,
    outside: outside((behaviour) => behaviour.answerAfterMs !== undefined && behaviour.hangUpAfterMs === undefined, '+12025550199'),
    busy: outside(({ busy }) => busy === true, '+12025550188'),
    silent: outside(({ silent }) => silent === true, '+12025550177'),
    invalid: outside(({ invalid }) => invalid === true, 'invalid')
  }
}
