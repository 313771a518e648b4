import type { NodeAPI } from 'node-red'
import { ACTIONS, type ActionName } from '../../src/model'
import { registerActionNode } from '../shared/actionNode'
import { idFromPayload } from '../shared/payload'

const AGENT_ACTIONS = (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].group === 'agent')

type Params = Readonly<Partial<Record<string, string>>>
/** Where a field goes, by action; an action that is not named has no use for it. */
const CHANNEL: Params = { agentReady: 'channels', agentNotReady: 'channels' }
const QUEUE: Params = { agentReady: 'queue', agentNotReady: 'queue', agentLogin: 'queues', agentLogout: 'queues', queueJoin: 'queues', queueLeave: 'queues' }
const EXTENSION: Params = { agentLogin: 'device' }
const DISPOSITION: Params = { setDisposition: 'code' }
const CALL: Params = { setDisposition: 'callId' }
/** Actions of a person, who need not be an agent. */
const PERSON: Params = { setPresence: 'user', setDisposition: 'user' }

const by = (params: Params) => (action: string): string | undefined => params[action]

/** The *agent* node: logs agents in and out, makes them ready, moves them between queues; presence and disposition too. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-agent',
    actions: [...AGENT_ACTIONS, 'setDisposition'],
    fields: [
      { name: 'agent', param: (action) => PERSON[action] ?? 'agent' },
      { name: 'channel', param: by(CHANNEL) },
      { name: 'reason' },
      // Only where the queue is what the action is about: else a call that came by a queue would narrow "ready" to that queue.
      { name: 'queue', param: by(QUEUE), fromFrame: (payload, action) => action === 'queueJoin' || action === 'queueLeave' ? idFromPayload('queue', payload) : undefined },
      { name: 'extension', param: by(EXTENSION) },
      { name: 'disposition', param: by(DISPOSITION) },
      { name: 'presence' },
      { name: 'callId', param: by(CALL) }
    ]
  })
}
