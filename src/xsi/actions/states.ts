/** Present states: users with their phones, phones, figures of queues (xsi.md 3.2, 3.3; model.md 5.2). */
import type { DeviceState, Queue, Stats } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { eachLimited } from '../../session/eachLimited'
import { children, defined, text } from '../read'
import { targetFor } from '../scope'
import { command, optional, userPath, pageOf, type Access, type Run } from './tools'

const WIDTH = 5

function idsOf (access: Access, asked: unknown, all: () => readonly string[]): readonly string[] {
  return (asked as readonly string[] | undefined)?.map((word) => access.memory.people.find(word) ?? word) ?? all()
}

/** The hook is told by events of calls; who is not watched is asked. */
async function deviceOf (access: Access, id: string, context: ActionContext): Promise<DeviceState | undefined> {
  const known = context.picture.device(id)
  if (known !== undefined) return known
  const reply = await optional(command(access, context, 'GET', userPath(access, id, 'calls', 'HookStatus')))
  const told = text(reply?.node, 'hookStatus')
  return told === undefined ? undefined : { id, hook: told === 'Off-Hook' ? 'off' : 'on' }
}

const userStates = (access: Access): Run => async (request, context) => {
  const { picture } = context
  const ids = idsOf(access, request.ids, () => access.memory.people.list('user').map(({ id }) => id))
  const items = new Map<string, object>()
  await eachLimited(ids, WIDTH, async (id) => {
    const device = await deviceOf(access, id, context)
    items.set(id, defined({ user: { ...targetFor(id, access.connection().reduceContext()).user, id }, device, presence: picture.presence(id), dnd: picture.dnd(id) }))
  })
  return { items: ids.map((id) => items.get(id)) }
}

type Phone = DeviceState & { user: object; address?: string; agent?: string }

/** Phones that are registered, and those that are assigned and are not. They are named by their line port. */
async function phonesOf (access: Access, id: string, context: ActionContext): Promise<Phone[]> {
  const [registrations, devices] = await Promise.all(['Registrations', 'Device'].map((name) => optional(command(access, context, 'GET', userPath(access, id, 'profile', name)))))
  const user = { ...targetFor(id, access.connection().reduceContext()).user, id }
  const phones = new Map<string, Phone>()
  for (const node of children(devices?.node, 'accessDevice')) {
    const port = text(node, 'deviceLinePort') ?? text(node, 'deviceName')
    if (port !== undefined) phones.set(port, defined({ id: port, name: text(node, 'deviceName'), model: text(node, 'deviceType'), user, registered: false }) as Phone)
  }
  for (const node of children(registrations?.node, 'registration')) {
    const port = text(node, 'linePort')
    if (port !== undefined) phones.set(port, defined({ ...phones.get(port), id: port, user, registered: true, address: text(node, 'uri'), agent: text(node, 'userAgent') }) as Phone)
  }
  return [...phones.values()]
}

/** One page of people at a time, with all phones of each: every person costs two requests. */
const listPhones = (access: Access): Run => async (request, context) => {
  const { start, results } = pageOf(request)
  const word = (request.query as string | undefined)?.toLowerCase() ?? ''
  const people = access.memory.people.list('user').filter(({ id, name = '', extension = '' }) => [id, name, extension].some((part) => part.toLowerCase().includes(word)))
  const shown = people.slice(start - 1, start - 1 + results)
  const found = new Map<string, Phone[]>()
  await eachLimited(shown, WIDTH, async ({ id }) => { found.set(id, await phonesOf(access, id, context)) })
  const next = start + shown.length
  return { items: shown.flatMap(({ id }) => found.get(id) ?? []), ...(next <= people.length ? { nextCursor: String(next) } : {}) }
}

/** Figures that the package for monitoring has told last, and what is known of the queue now beside them. */
function statsOf (queue: Queue, told: Stats | undefined): Stats {
  const { waiting, longestWaitSeconds, estimatedWaitSeconds, agents } = queue
  return {
    window: { kind: 'now' },
    metrics: {},
    source: 'computed',
    ...told,
    subject: defined({ kind: 'queue' as const, id: queue.id, name: queue.name }) as Stats['subject'],
    vendorMetrics: { ...told?.vendorMetrics, ...defined({ waiting, longestWaitSeconds, estimatedWaitSeconds, agents }) }
  }
}

const queueStats = (access: Access): Run => async (request, context) => {
  const { picture } = context
  const ids = idsOf(access, request.ids, () => [...new Set([...access.memory.queues, ...[...picture.queues()].map(({ id }) => id)])])
  const { reader } = access.connection()
  await eachLimited(ids, WIDTH, async (id) => { if (picture.queue(id)?.waiting === undefined) await reader.queue(id) })
  return { items: ids.map((id) => statsOf({ ...picture.queue(id), id }, access.memory.stats.get(id))) }
}

export function stateActions (access: Access): ActionTable {
  return {
    userStates: { run: userStates(access) },
    listPhones: { run: listPhones(access) },
    queueStats: { run: queueStats(access) }
  }
}
