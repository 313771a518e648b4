/** From facts of the PBX to events (five9.md 4.3, 4.7, 9). */
import { type Call, type Connection, type Fact, type User } from '../pbx/types'
import { DIRECT } from './direct'
import { type CallRecord, stateOf } from './ledger'
import { moveWhenIdle } from './migration'
import { callObject } from './render/calls'
import { type HalfName, type LoginState, type Session } from './sessions'
import { type Site } from './site'
import { interactionsOf } from './snapshots'
import { Statistics } from './statistics/statistics'
import { Followers } from './subscriptions'

/** Dispositions that the system sets have negative ids (five9.md 4.6). */
const SYSTEM_DISPOSITION = { ended: '-1', transferred: '-2', failed: '-3' }

export class Publisher {
  private readonly unsubscribe: () => void
  private readonly statistics: Statistics
  private readonly followers: Followers
  /** Interactions of queues as supervisors who follow them know them. */
  private readonly toldInteractions = new Map<string, string>()
  private readonly toldPresence = new Map<string, string>()
  /** Calls whose data may have changed at somebody whom no fact named. */
  private readonly touched = new Set<string>()
  /** Connections that were answered for their agents before all was told of how they rang. */
  private readonly restored = new Set<string>()

  constructor (private readonly site: Site) {
    this.statistics = new Statistics(site)
    this.followers = new Followers(site)
    this.unsubscribe = site.pbx.facts.on((fact) => { this.take(fact) })
    site.out.beforeFlush = () => { this.settle() }
    site.sessions.hooks = {
      changed: (session, name, before) => { this.loginChanged(session, name, before) },
      ended: (session) => { this.sessionEnded(session) },
      connected: (session) => site.sockets.list().some((socket) => socket.session === session)
    }
    site.sockets.opened = (socket) => { this.statistics.opened(socket) }
    site.variables.grown = (variable) => { site.out.broadcast('agent', 66, variable, 'CREATED') }
    site.campaigns.changed = () => { this.statistics.touch() }
    site.requestStatistics = (session) => { this.statistics.full(session) }
    site.statisticsChanged = () => { this.statistics.touch() }
    site.statisticsFields = () => this.statistics.fields()
    site.update = (record) => { this.updateLive(record) }
  }

  close (): void {
    this.unsubscribe()
    this.statistics.close()
    this.site.out.beforeFlush = () => {}
    this.site.sessions.hooks = { changed: () => {}, ended: () => {}, connected: () => false }
  }

  private take (fact: Fact): void {
    if (fact.type === 'reset') this.forget()
    const { connection, call, userKey } = fact
    const user = this.site.pbx.users.get(userKey ?? connection?.party.userKey ?? '')
    if (call !== undefined) this.touched.add(call.key)
    if (connection !== undefined && call !== undefined && connection.party.kind === 'user' && user?.agentKey !== undefined) this.callFact(fact, user, connection, call)
    if (user !== undefined) DIRECT[fact.type]?.(this.site, user, fact)
    if (fact.type === 'agent' && user !== undefined) this.agentFact(fact, user)
    this.statistics.take(fact)
    this.site.out.schedule()
  }

  private callFact (fact: Fact, user: User, connection: Connection, call: Call): void {
    const { ledger, pbx, out } = this.site
    if (fact.type === 'delivered' && connection.recall === 'transfer' && this.transferFailed(user, connection)) return
    const known = ledger.byKey(connection.key)
    if (known === undefined && stateOf(pbx, connection) === 'FINISHED') return
    const record = ledger.record(connection, call)
    if (this.restored.has(connection.key) && fact.type !== 'established') return
    this.restored.delete(connection.key)
    if (fact.type === 'failed') this.failed(record, fact)
    const second = ledger.get(record.consult?.recordId ?? '')
    // A consultation that ends together with its first call ends before it (five9.md 9.3).
    if (second !== undefined && stateOf(pbx, pbx.connections.get(second.connectionKey) ?? connection) === 'FINISHED') this.updateLive(second)
    this.update(record, connection, call, fact)
    if (fact.type === 'established') this.answered(record)
    if (fact.type === 'transferred' && fact.detail?.role === 'target') out.toUser(user.key, 'agent', 32, { interactionId: record.id, channelType: 'CALL' }, 'CREATED')
  }

  /** Nobody took a call that was sent away: it comes back, and who sent it from here talks again at once (five9.md 9.3). Returns whether he does. */
  private transferFailed (user: User, connection: Connection): boolean {
    const { ledger, pbx, out, sessions } = this.site
    const record = ledger.of(user.key).find((each) => each.state === 'WRAP_UP' && pbx.connections.get(each.connectionKey)?.callKey === connection.callKey)
    const agent = pbx.agentOf(user.key)
    if (record !== undefined) {
      const wrapsUp = agent?.wrapUp?.connectionKey === record.connectionKey
      ledger.adopt(record, connection.key)
      if (agent !== undefined && wrapsUp) pbx.endWrapUp(agent.key)
    }
    if (!ledger.cameBack(user.key, connection.callKey) || sessions.of(user.key)?.halves.agent.state !== 'WORKING') return false
    out.toUser(user.key, 'agent', 58, { id: record?.id ?? null, message: 'Transfer failed' })
    this.restored.add(connection.key)
    pbx.answer(connection.key)
    return true
  }

  private failed (record: CallRecord, { cause, connection }: Fact): void {
    const { out } = this.site
    const message = `Call failed: ${cause ?? 'unknown'}`
    const eventId = record.clickToDial ? 75 : record.consultOf === undefined ? 65 : cause === 'noAnswer' ? 40 : 58
    out.toUser(record.userKey, 'agent', eventId, { id: record.consultOf ?? record.id, number: connection?.remote?.number ?? '', message })
  }

  /** An agent talks: he is recorded where a supervisor wants it, and a second call that was made for a conference joins. */
  private answered (record: CallRecord): void {
    const { ledger, pbx } = this.site
    const first = record.consultOf === undefined ? undefined : ledger.get(record.consultOf)
    if (this.site.recorded.has(record.userKey) && pbx.recordingControls(record.connectionKey).includes('start')) pbx.record(record.connectionKey, 'start')
    if (first?.consult?.joins !== true || first.consult.recordId !== record.id || pbx.connections.get(record.connectionKey)?.state !== 'connected') return
    first.consult.joins = false
    if (pbx.conferenceOf(record.userKey) === undefined) pbx.conferenceStart(record.userKey, [first.connectionKey, record.connectionKey])
    else pbx.conferenceAdd(record.userKey, record.connectionKey)
  }

  private agentFact ({ agent, agentBefore, detail }: Fact, user: User): void {
    const over = agentBefore?.wrapUp?.connectionKey
    if (over !== undefined && agent?.wrapUp?.connectionKey !== over) this.updateLive(this.site.ledger.byKey(over))
    if (detail?.change === 'signOut') {
      const session = this.site.sessions.of(user.key)
      if (session !== undefined) this.site.sessions.stop(session, 'agent')
    }
    this.tellPresence(user, over !== undefined)
  }

  private tellPresence (user: User, anyway = false): void {
    const presence = this.site.presences.of(user)
    const shape = JSON.stringify([presence.currentState, presence.pendingState])
    if (this.toldPresence.get(user.key) === shape && !anyway) return
    this.toldPresence.set(user.key, shape)
    this.tell(user, 12, presence)
  }

  /** Renders a call as the PBX has it now. */
  private updateLive (record: CallRecord | undefined): void {
    const { pbx } = this.site
    const connection = pbx.connections.get(record?.connectionKey ?? '')
    const call = pbx.calls.get(connection?.callKey ?? '')
    if (record !== undefined && connection !== undefined && call !== undefined) this.update(record, connection, call)
  }

  private update (record: CallRecord, connection: Connection, call: Call, fact?: Fact): void {
    const { site } = this
    record.state = stateOf(site.pbx, connection)
    record.talked ||= record.state === 'TALKING'
    const code = connection.disposition
    if (code !== undefined) record.dispositionId = site.ids.dispositions.id(code)
    const failed = fact?.type === 'failed'
    if (record.state === 'FINISHED') record.dispositionId ??= failed ? SYSTEM_DISPOSITION.failed : connection.cause?.includes('ransfer') === true ? SYSTEM_DISPOSITION.transferred : SYSTEM_DISPOSITION.ended
    const payLoad = callObject(site, record, connection, call)
    const shape = JSON.stringify(payLoad)
    const user = site.pbx.users.get(record.userKey)
    if (shape === record.shown || user === undefined) return
    const first = record.shown === ''
    record.shown = shape
    if (first) this.twice(user, 3, 30, payLoad, 'CREATED')
    else if (!failed) this.tell(user, 4, payLoad)
    if (record.state === 'FINISHED') {
      this.twice(user, 5, 31, payLoad, 'DELETED')
      site.ledger.forget(record)
      site.stores.forgetCall(record.id)
      this.statistics.finished(record, connection)
      if (record.consultOf !== undefined) this.updateLive(site.ledger.get(record.consultOf))
    }
    if (record.state === 'FINISHED' || record.state === 'WRAP_UP') moveWhenIdle(site, user.key)
  }

  /** Each of these comes in two versions, the old one last (five9.md 4.7). */
  private twice (user: User, eventId: number, old: number, payLoad: unknown, reason: string): void {
    this.tell(user, eventId, payLoad, reason)
    this.tell(user, old, payLoad, reason)
  }

  /** Only who works hears of calls and presence. */
  private tell (user: User, eventId: number, payLoad: unknown, reason = 'UPDATED'): void {
    if (this.site.sessions.of(user.key)?.halves.agent.state === 'WORKING') this.site.out.toUser(user.key, 'agent', eventId, payLoad, reason)
  }

  private settle (): void {
    const { ledger, pbx } = this.site
    if (this.touched.size > 0) {
      for (const record of ledger.all()) if (this.touched.has(pbx.connections.get(record.connectionKey)?.callKey ?? '')) this.updateLive(record)
      this.touched.clear()
    }
    this.statistics.settle()
    this.followers.settle()
    for (const entry of this.toldInteractions.keys()) if (!this.site.stores.followed.has(entry)) this.toldInteractions.delete(entry)
    for (const entry of this.site.stores.followed) this.tellFollower(entry)
  }

  private tellFollower (entry: string): void {
    const { pbx, ids, out } = this.site
    const [userKey = '', queueKey = ''] = entry.split(' ')
    const queue = pbx.queues.get(queueKey)
    const interactions = queue === undefined ? [] : interactionsOf(this.site, queue)
    const shape = JSON.stringify(interactions)
    const known = this.toldInteractions.get(entry)
    this.toldInteractions.set(entry, shape)
    if (known !== undefined && known !== shape) out.toUser(userKey, 'supervisor', 5014, { skillId: ids.skills.id(queueKey), interactions })
  }

  /** A log-in state changed: the agent's half in `WORKING` is an agent who is logged in. */
  private loginChanged (session: Session, name: HalfName, before: LoginState): void {
    const { out, pbx } = this.site
    const { state, station } = session.halves[name]
    const { user } = session
    const agent = pbx.agentOf(user.key)
    if (name === 'agent' && agent !== undefined) {
      if (state === 'WORKING' && before !== 'RELOGIN' && !agent.loggedIn) pbx.signIn(agent.key)
      if (state === 'SELECT_STATION' && agent.loggedIn) pbx.signOut(agent.key, { force: true })
    }
    if (state === 'WORKING' || state === 'SELECT_STATION') out.toUser(user.key, name, 18, { ...station })
    out.toUser(user.key, name, 17, state)
    // A socket that was open before its half worked gets everything now.
    if (state === 'WORKING') for (const receiver of out.receivers) if (receiver.session === session && receiver.half === name) this.statistics.opened(receiver)
    if (state === 'WORKING' && before === 'RELOGIN' && this.site.sessions.maintenance) out.toUser(user.key, name, 73, null, null)
    this.statistics.touch()
  }

  private sessionEnded (session: Session): void {
    this.site.out.flush()
    this.site.stores.forgetUser(session.user.key)
    this.site.sockets.drop((socket) => socket.session === session, 1000, 'Session ended')
    this.statistics.touch()
  }

  /** The PBX lost its calls: they are over. */
  private forget (): void {
    const { ledger, pbx } = this.site
    for (const record of ledger.all()) {
      const user = pbx.users.get(record.userKey)
      const payLoad = { ...JSON.parse(record.shown) as Record<string, unknown>, state: 'FINISHED', dispositionId: SYSTEM_DISPOSITION.failed }
      if (user === undefined) continue
      this.tell(user, 4, payLoad)
      this.twice(user, 5, 31, payLoad, 'DELETED')
    }
    ledger.clear()
    for (const user of pbx.users.values()) if (user.agentKey !== undefined) this.tellPresence(user)
  }
}
