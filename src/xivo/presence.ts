/**
 * The presence that a log-in announces. Choosing one does what its profile says besides: it switches do-not-disturb, pauses queues (xivo-cti.md 2.5;
 * 10, trap 8). The first log-in takes the one that the account names. A line that comes back must not undo what was set meanwhile, so it logs in with a
 * presence that does nothing, reads what is, announces the one before the gap, and puts right what that changed.
 */
import { DISCONNECTED, xid, type Outgoing, type XivoMessage } from './protocol'
import { fields, flag, text } from './read'
import type { Requests } from './requests'
import type { Tables } from './tables'

/** ms that a server may take to show a presence or a setting; 2.x is asynchronous (xivo-cti.md 3.4). */
const SHOWN_MS = 2000

/**
 * @param last presence before the gap; undefined at the first log-in
 * @returns what to log in with, and what to announce once the present state is known
 */
export function loginPresence (tables: Tables, last: string | undefined, wanted: string): { state: string; later?: string } {
  if (last === undefined) return { state: wanted }
  const isIdle = (key: string): boolean => key !== DISCONNECTED && Object.keys(tables.presence(key).actions).length === 0
  const idle = isIdle(last) ? last : Object.keys(tables.capabilities?.userStatus ?? {}).find(isIdle)
  return idle === undefined ? { state: last } : idle === last ? { state: last } : { state: idle, later: last }
}

/** What has to be sent after a presence so that do-not-disturb and pauses are as they were. */
function corrections (tables: Tables, presence: string): Outgoing[] {
  const { actions } = tables.presence(presence)
  const { enablednd } = tables.row('users', tables.userId).config
  const dnd = flag(enablednd)
  const messages: Outgoing[] = []
  if ('enablednd' in actions && dnd !== undefined && flag(actions.enablednd) !== dnd) messages.push({ class: 'featuresput', function: 'enablednd', value: dnd })
  const pauses = 'queuepause_all' in actions
  const agent = tables.ownAgent
  if (agent === undefined || (!pauses && !('queueunpause_all' in actions))) return messages
  const member = xid('agent', agent)
  for (const { queue, paused } of tables.pausesOf(agent)) {
    if (paused !== pauses) messages.push({ class: 'ipbxcommand', command: paused ? 'queuepause' : 'queueunpause', member, queue: xid('queue', queue) })
  }
  return messages
}

/** Announces a presence and leaves the rest as it is. Before the first snapshot: what it changes for a moment is no news. @throws CtiError when the line is gone */
export async function announce (requests: Requests, tables: Tables, presence: string, signal: AbortSignal): Promise<void> {
  const own = (message: XivoMessage, name: string): boolean => message.class === 'getlist' && message.function === name && message.listname === 'users' && text(message.tid) === tables.userId
  const after = corrections(tables, presence)
  await requests.ask({ message: { class: 'availstate', availstate: presence }, quietMs: SHOWN_MS, signal, reply: (message) => own(message, 'updatestatus') && fields(message.status).availstate === presence })
  for (const message of after) {
    const isShown = message.class === 'featuresput' ? (line: XivoMessage): boolean => own(line, 'updateconfig') && flag(fields(line.config).enablednd) === message.value
      : (line: XivoMessage): boolean => line.class === 'getlist' && line.listname === 'queuemembers'
    await requests.ask({ message, quietMs: SHOWN_MS, signal, reply: isShown })
  }
}
