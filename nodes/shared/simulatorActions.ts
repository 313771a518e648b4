/** What the simulator's flow node can do to a simulated PBX: a table from action to deed. Nothing of Node-RED here. */
import { CtiError, type ErrorCode } from '../../src/model'
import { FAULT_KINDS, type FaultKind, type FaultSpec } from '../../src/simulator/faults/faults'
import { type Connection, type FaceName, Refusal, type RefusalCode, type User } from '../../src/simulator/pbx/types'
import type { Simulator } from '../../src/simulator/simulator'
import { isPlainObject, toCount, toText } from './coerce'
import type { Payload } from './payload'

/** Carol Diaz of the demo house; in another house a stranger. */
const DEFAULT_CALLER = '+12025550199'
const MAX_CALLS_PER_MINUTE = 6000
const MAX_AWAY_MS = 600_000

export interface SimulatorDeed {
  /** The field that plain text or a number stands for. */
  readonly textField?: string
  readonly run: (simulator: Simulator, fields: Payload) => unknown
}

const wrong = (field: string, message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { field, retryable: false })

function userOf (simulator: Simulator, value: unknown): User {
  const { pbx } = simulator
  const text = toText(value)
  const found = text === ''
    ? [...pbx.users.values()].find(({ devices }) => devices.length > 0)
    : pbx.users.get(text) ?? pbx.userByExtension(text) ?? pbx.userByNumber(text) ?? pbx.userByEmail(text)
  if (found === undefined) throw new CtiError('CTI_NOT_FOUND', `The simulated PBX has no user "${text}".`, { field: 'user', retryable: false })
  return found
}

/** A number to dial for what a person may write: a key of a user or queue, an extension, a number. */
function numberOf (simulator: Simulator, value: unknown): string {
  const text = toText(value)
  if (text === '') return userOf(simulator, '').extension
  return simulator.pbx.users.get(text)?.extension ?? simulator.pbx.queues.get(text)?.number ?? text
}

const ms = (seconds: unknown): number | undefined => {
  const count = toCount(seconds)
  return count === undefined ? undefined : count * 1000
}

function faceOf (simulator: Simulator, value: unknown): FaceName | undefined {
  const text = toText(value)
  if (text === '') return undefined
  const names = facesOf(simulator)
  return names.find((name) => name === text) ?? raise(wrong('face', `The simulator has no system "${text}". It has: ${names.join(', ')}.`))
}

const facesOf = (simulator: Simulator): FaceName[] => Object.keys(simulator.faces) as FaceName[]

function raise (error: Error): never {
  throw error
}

function shortly (connection: Connection): Record<string, unknown> {
  const { key, callKey, state, party, remote, heldBy } = connection
  return { connection: key, call: callKey, state, party, ...(remote === undefined ? {} : { remote }), ...(heldBy === undefined ? {} : { heldBy }) }
}

const ring: SimulatorDeed = {
  textField: 'from',
  run (simulator, { from = DEFAULT_CALLER, name, to, hangUpAfter, giveUpAfter }) {
    const hangUpAfterMs = ms(hangUpAfter)
    const giveUpAfterMs = ms(giveUpAfter)
    const reached = simulator.pbx.inbound({
      from: toText(from),
      to: numberOf(simulator, to),
      ...(toText(name) === '' ? {} : { name: toText(name) }),
      behaviour: { ...(hangUpAfterMs === undefined ? {} : { hangUpAfterMs }), ...(giveUpAfterMs === undefined ? {} : { giveUpAfterMs }) }
    })
    return reached === undefined ? { reached: false } : { reached: true, ...shortly(reached) }
  }
}

const answer: SimulatorDeed = {
  textField: 'user',
  run (simulator, { user }) {
    const { key, first } = userOf(simulator, user)
    const ringing = simulator.pbx.connectionsOf(key).find(({ state, personality }) => (state === 'alerting' && personality === 'terminator') || (state === 'initiated' && personality === 'clickToDial'))
    if (ringing === undefined) throw new CtiError('CTI_CONFLICT', `Nothing rings at ${first}.`, { retryable: false })
    simulator.pbx.answer(ringing.key)
    return shortly(ringing)
  }
}

const hangup: SimulatorDeed = {
  textField: 'user',
  run (simulator, { user, by }) {
    const { key, first } = userOf(simulator, user)
    const open = simulator.pbx.connectionsOf(key)
    const chosen = open.find(({ state }) => state === 'connected') ?? open[0]
    if (chosen === undefined) throw new CtiError('CTI_CONFLICT', `${first} has no call.`, { retryable: false })
    if (toText(by) === 'caller') simulator.pbx.external(chosen.key).hangUp()
    else simulator.pbx.release(chosen.key)
    return shortly(chosen)
  }
}

const OF_FAULT = { text: ['connection', 'method', 'path', 'body', 'contentType', 'location'], number: ['times', 'chance', 'status', 'retryAfter', 'ms', 'size'] } as const

const fault: SimulatorDeed = {
  textField: 'kind',
  run (simulator, fields) {
    const kind = toText(fields.kind)
    const known = FAULT_KINDS.find((each) => each === kind) ?? raise(wrong('kind', `"${kind}" is no failure. Possible: ${FAULT_KINDS.join(', ')}.`))
    const spec: Record<string, unknown> = { kind: known satisfies FaultKind }
    const face = faceOf(simulator, fields.face)
    if (face !== undefined) spec.face = face
    for (const name of OF_FAULT.text) if (toText(fields[name]) !== '') spec[name] = toText(fields[name])
    for (const name of OF_FAULT.number) {
      const value = toCount(fields[name])
      if (value !== undefined) spec[name] = value
    }
    simulator.faults.inject(spec as unknown as FaultSpec)
    return { faults: simulator.faults.list() }
  }
}

const clearFaults: SimulatorDeed = {
  run (simulator) {
    simulator.faults.clear()
    return { faults: [] }
  }
}

const drop: SimulatorDeed = {
  textField: 'face',
  run (simulator, { face }) {
    const one = faceOf(simulator, face)
    const names = one === undefined ? facesOf(simulator) : [one]
    return { dropped: names.reduce((sum, name) => sum + (simulator.face(name).act('dropConnections')), 0) }
  }
}

const restart: SimulatorDeed = {
  textField: 'face',
  async run (simulator, { face, downMs }) {
    const one = faceOf(simulator, face)
    const names = one === undefined ? facesOf(simulator) : [one]
    const away = Math.min(toCount(downMs) ?? 0, MAX_AWAY_MS)
    await Promise.all(names.map((name) => simulator.restartFace(name, { downMs: away })))
    return { restarted: names, downMs: away }
  }
}

const traffic: SimulatorDeed = {
  textField: 'callsPerMinute',
  run (simulator, { callsPerMinute }) {
    const count = toCount(callsPerMinute)
    if (count === undefined || count > MAX_CALLS_PER_MINUTE) throw wrong('callsPerMinute', `callsPerMinute is a number from 0 to ${MAX_CALLS_PER_MINUTE}.`)
    simulator.traffic.start({ callsPerMinute: count })
    return { callsPerMinute: count }
  }
}

const scenario: SimulatorDeed = {
  textField: 'scenario',
  async run (simulator, fields) {
    const name = toText(fields.scenario)
    if (!simulator.scenarios.includes(name)) throw wrong('scenario', `There is no scenario "${name.slice(0, 40)}". Possible: ${simulator.scenarios.join(', ')}.`)
    await simulator.runScenario(name)
    return { scenario: name }
  }
}

const state: SimulatorDeed = {
  run (simulator) {
    const { pbx, faults } = simulator
    return {
      users: [...pbx.users.values()].map(({ key, first, last, extension, hook, dnd }) => ({ key, name: `${first} ${last}`, extension, hook, dnd: dnd.enabled })),
      calls: [...pbx.connections.values()].filter((each) => each.state !== 'null').map(shortly),
      queues: [...pbx.queues.values()].map(({ key, name, number, entries }) => ({ key, name, number, waiting: entries.length })),
      agents: [...pbx.agents.values()].map(({ key, userKey, loggedIn, routing, reason }) => ({ key, userKey, loggedIn, routing, ...(reason === undefined ? {} : { reason }) })),
      systems: facesOf(simulator).map((name) => ({ name, url: simulator.faces[name]?.url, connections: simulator.face(name).connections() })),
      faults: faults.list(),
      scenarios: [...simulator.scenarios]
    }
  }
}

/** What only one system's face can do: somebody writes to a bot, a wallboard is looked at … */
const command: SimulatorDeed = {
  textField: 'command',
  async run (simulator, { action: _action, face, command: asked, ...given }) {
    const named = faceOf(simulator, face)
    const name = toText(asked)
    const places = (named === undefined ? facesOf(simulator) : [named]).map((one) => ({ one, commands: simulator.face(one).commands ?? {} }))
    const place = places.find(({ commands }) => Object.hasOwn(commands, name))
    const possible = places.flatMap(({ one, commands }) => Object.keys(commands).map((each) => `${one}: ${each}`))
    if (place === undefined) throw wrong('command', `"${name.slice(0, 40)}" is no command of a system. Possible: ${possible.join(', ')}.`)
    return { face: place.one, command: name, result: await place.commands[name]?.run(given) }
  }
}

export const SIMULATOR_DEEDS = { ring, answer, hangup, scenario, traffic, fault, clearFaults, drop, restart, command, state } as const satisfies Record<string, SimulatorDeed>
export type SimulatorAction = keyof typeof SIMULATOR_DEEDS

const CODES: Readonly<Record<RefusalCode, ErrorCode>> = {
  unknownUser: 'CTI_NOT_FOUND', unknownCall: 'CTI_NOT_FOUND', unknownQueue: 'CTI_NOT_FOUND', unknownAgent: 'CTI_NOT_FOUND', unknownDevice: 'CTI_NOT_FOUND',
  wrongState: 'CTI_CONFLICT', noCall: 'CTI_CONFLICT', full: 'CTI_UNAVAILABLE', notAllowed: 'CTI_FORBIDDEN', notAssigned: 'CTI_FORBIDDEN',
  invalidNumber: 'CTI_INVALID_REQUEST', invalidValue: 'CTI_INVALID_REQUEST'
}

function asCtiError (error: unknown): CtiError {
  if (error instanceof Refusal) return new CtiError(CODES[error.code], `The simulated PBX refuses: ${error.message}.`, { code: error.code, text: error.message, retryable: false })
  return CtiError.from(error)
}

function fieldsOf (payload: unknown, textField: string | undefined): Payload {
  if (isPlainObject(payload)) return payload
  // An inject node's time stamp is a mere trigger; only the traffic is a number by nature.
  if (textField === undefined || (typeof payload === 'number' && textField !== traffic.textField)) return {}
  const text = toText(payload)
  return text === '' ? {} : { [textField]: text }
}

/**
 * Runs one action for one message.
 * @param chosen the node's action; empty: `payload.action`, and without one `ring`
 * @param rings whom a call rings that names nobody; empty: the first user of the house
 * @returns the action's name and what happened
 * @throws CtiError when there is no such action, or the PBX refuses
 */
export async function runSimulatorAction (simulator: Simulator, chosen: string, payload: unknown, rings = ''): Promise<{ action: SimulatorAction } & Record<string, unknown>> {
  const asked = chosen || toText(isPlainObject(payload) ? payload.action : undefined) || 'ring'
  if (!Object.hasOwn(SIMULATOR_DEEDS, asked)) throw wrong('action', `"${asked.slice(0, 40)}" is not an action of the simulator. Possible: ${Object.keys(SIMULATOR_DEEDS).join(', ')}.`)
  const action = asked as SimulatorAction
  const deed: SimulatorDeed = SIMULATOR_DEEDS[action]
  try {
    const fields = fieldsOf(payload, deed.textField)
    return { action, ...await deed.run(simulator, action === 'ring' && toText(fields.to) === '' ? { ...fields, to: rings } : fields) as Record<string, unknown> }
  } catch (error) {
    throw asCtiError(error)
  }
}
