/** Commands of the control API, one row each. Bodies and replies are JSON. */
import { type Face, type FaceAction } from '../face'
import { FAULT_KINDS, type FaultKind, type Faults, type FaultSpec } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Connection, type ExternalBehaviour, type FaceName } from '../pbx/types'
import { scenarios } from '../scenarios'
import { type Traffic } from '../traffic'
import { type EventLog } from './log'

export class ControlError extends Error {
  constructor (readonly status: number, message: string) {
    super(message)
    this.name = 'ControlError'
  }
}

export interface ControlNeeds { pbx: Pbx; faults: Faults; traffic: Traffic; log: EventLog; faces: ReadonlyMap<FaceName, Face>; clock: PbxClock; runScenario: (name: string) => Promise<void> }
export interface ControlCall extends ControlNeeds { params: Record<string, string>; query: URLSearchParams; body: Record<string, unknown> }
export interface Command { method: string; path: string[]; help: string; run: (call: ControlCall) => unknown }

function text (call: ControlCall, name: string): string | undefined {
  const value = call.body[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string' && typeof value !== 'number') throw new ControlError(400, `${name} must be text`)
  return String(value)
}

function needed (call: ControlCall, name: string): string {
  const value = text(call, name)
  if (value === undefined || value === '') throw new ControlError(400, `${name} is missing`)
  return value
}

function faceOf (call: ControlCall): Face {
  const face = call.faces.get(call.params.face as FaceName)
  if (!face) throw new ControlError(404, `No face ${call.params.face ?? ''}`)
  return face
}

/** The connection named in the path; with no name the newest that rings. */
function connectionOf (call: ControlCall): Connection {
  const connection = call.pbx.connections.get(call.params.connection ?? '')
  if (!connection || connection.state === 'null') throw new ControlError(404, 'No such connection')
  return connection
}

function summary (connection: Connection): Record<string, unknown> {
  const { key, callKey, state, heldBy, personality, party, remote } = connection
  return { key, call: callKey, state, heldBy, personality, party: party.userKey ?? party.queueKey ?? party.number, remote: remote?.name ?? remote?.number }
}

function state ({ pbx, faces, faults, traffic }: ControlCall): unknown {
  return {
    now: pbx.now(),
    users: [...pbx.users.values()].map((user) => ({ key: user.key, name: `${user.first} ${user.last}`, extension: user.extension, hook: user.hook, dnd: user.dnd.enabled })),
    agents: [...pbx.agents.values()].map((agent) => ({ key: agent.key, user: agent.userKey, state: pbx.agentState(agent.key), reason: agent.reason })),
    queues: [...pbx.queues.values()].map((queue) => ({ key: queue.key, name: queue.name, waiting: queue.entries.length, figures: queue.figures })),
    connections: [...pbx.connections.values()].filter((connection) => connection.state !== 'null').map(summary),
    faces: [...faces.values()].map((face) => ({ name: face.name, url: face.url, connections: face.connections(), figures: face.figures() })),
    faults: faults.list(),
    traffic: traffic.rate
  }
}

function inbound (call: ControlCall): unknown {
  const behaviour = call.body.behaviour
  const leg = call.pbx.inbound({ from: text(call, 'from'), name: text(call, 'name'), to: needed(call, 'to'), behaviour: behaviour !== null && typeof behaviour === 'object' ? behaviour as ExternalBehaviour : undefined })
  return leg ? summary(leg) : { refused: true }
}

const ACTIONS: FaceAction[] = ['dropConnections', 'expireCredentials', 'renewCredentials', 'endSubscriptions', 'resync']

/** A failure that every face can play, or a command that only this one has. */
function act (call: ControlCall): unknown {
  const face = faceOf(call)
  const action = call.params.action ?? ''
  if (ACTIONS.includes(action as FaceAction)) return { met: face.act(action as FaceAction, text(call, 'connection')) }
  const commands = face.commands ?? {}
  if (Object.hasOwn(commands, action)) return commands[action]?.run(call.body)
  throw new ControlError(404, `Actions are ${[...ACTIONS, ...Object.keys(commands)].join(', ')}`)
}

const NUMBERS = ['times', 'chance', 'status', 'retryAfter', 'ms', 'size'] as const
const TEXTS = ['face', 'connection', 'method', 'path', 'body', 'contentType', 'location'] as const

/** A fault as told from outside, checked. @throws ControlError 400 */
export function faultSpec (given: Record<string, unknown>): FaultSpec {
  const spec: Record<string, unknown> = {}
  if (!FAULT_KINDS.includes(given.kind as FaultKind)) throw new ControlError(400, `kind must be one of ${FAULT_KINDS.join(', ')}`)
  for (const name of NUMBERS) {
    if (given[name] === undefined) continue
    const value = Number(given[name])
    if (!Number.isFinite(value) || value < 0) throw new ControlError(400, `${name} must be a number`)
    spec[name] = value
  }
  for (const name of TEXTS) if (given[name] !== undefined) spec[name] = String(given[name])
  return { ...spec, kind: given.kind as FaultKind }
}

async function restart (call: ControlCall): Promise<unknown> {
  return faceOf(call).restart({ downMs: Number(text(call, 'downMs') ?? 0) || 0 })
}

function scenarioList (): unknown {
  return [...scenarios].map(([name, scenario]) => ({ name, title: scenario.title }))
}

/** With `wait` the reply comes at the end of the script, otherwise at once. */
async function scenario (call: ControlCall): Promise<unknown> {
  const name = call.params.scenario ?? ''
  if (!scenarios.has(name)) throw new ControlError(404, `No scenario ${name}`)
  const run = call.runScenario(name)
  if (call.body.wait === true) await run
  else run.catch((error: unknown) => { process.emitWarning(`scenario ${name}: ${error instanceof Error ? error.message : String(error)}`, { type: 'SimulatorWarning' }) })
  return { scenario: name }
}

function rate (given: unknown): number {
  const value = Number(given)
  if (!Number.isFinite(value) || value < 0) throw new ControlError(400, 'A rate is a number from 0')
  return value
}

function traffic (call: ControlCall): unknown {
  const { callsPerMinute, eventsPerSecond } = call.body
  if (callsPerMinute === undefined && eventsPerSecond === undefined) throw new ControlError(400, 'callsPerMinute or eventsPerSecond is missing')
  call.traffic.start({ callsPerMinute: callsPerMinute === undefined ? undefined : rate(callsPerMinute), eventsPerSecond: eventsPerSecond === undefined ? undefined : rate(eventsPerSecond) })
  return call.traffic.rate
}

function row (line: string, help: string, run: Command['run']): Command {
  const [method = '', path = ''] = line.split(' ')
  return { method, path: path.split('/').slice(1), help, run }
}

export const COMMANDS: Command[] = [
  row('GET /state', 'what is there now', state),
  row('GET /log', 'what happened; ?since=n&limit=n', ({ log, query }) => log.read(Number(query.get('since') ?? 0) || 0, Number(query.get('limit') ?? 200) || 200)),
  row('POST /calls/inbound', 'somebody outside calls: {from, name, to, behaviour}', inbound),
  row('POST /calls/outbound', 'somebody dials on the phone: {user, to}', (call) => summary(call.pbx.originate(needed(call, 'user'), needed(call, 'to')))),
  row('POST /calls/:connection/answer', 'lift the phone', (call) => { call.pbx.answer(connectionOf(call).key) }),
  row('POST /calls/:connection/hangup', 'hang up', (call) => { call.pbx.release(connectionOf(call).key) }),
  row('POST /calls/:connection/hold', 'hold', (call) => { call.pbx.hold(connectionOf(call).key) }),
  row('POST /calls/:connection/resume', 'resume', (call) => { call.pbx.resume(connectionOf(call).key) }),
  row('GET /scenarios', 'scripts by name', scenarioList),
  row('POST /scenarios/:scenario', 'play a script: {wait: true} answers at its end', scenario),
  row('POST /traffic', 'calls by themselves: {callsPerMinute} or {eventsPerSecond}; 0 is off', traffic),
  row('GET /faults', 'faults that are set', ({ faults }) => ({ active: faults.list(), counts: faults.counts })),
  row('POST /faults', 'set a fault: {kind, face, connection, times, chance, …}', ({ faults, body }) => faults.inject(faultSpec(body))),
  row('DELETE /faults', 'end all faults', ({ faults }) => { faults.clear() }),
  row('DELETE /faults/:id', 'end one fault', ({ faults, params }) => { if (!faults.revoke(Number(params.id))) throw new ControlError(404, 'No such fault') }),
  row('POST /faces/:face/restart', 'a face goes away and comes back: {downMs}', restart),
  row('GET /faces/:face/commands', 'what only this face can do', (call) => Object.entries(faceOf(call).commands ?? {}).map(([name, { help }]) => ({ name, help }))),
  row('POST /faces/:face/:action', `a failure at once: ${ACTIONS.join(', ')}; or a command of the face`, act),
  row('POST /pbx/restart', 'the PBX loses its calls', ({ pbx }) => { pbx.restart() }),
  row('GET /', 'this list', () => COMMANDS.map((command) => ({ command: `${command.method} /${command.path.join('/')}`, help: command.help })))
]
