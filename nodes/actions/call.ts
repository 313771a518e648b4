import type { NodeAPI } from 'node-red'
import { ACTIONS, type ActionName, type ActionSpec } from '../../src/model'
import { registerActionNode } from '../shared/actionNode'

const CALL_ACTIONS = (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].group === 'call')

/** One field for whom or where an action aims at: the parameter has another name in some actions. */
const TARGET_PARAM: Readonly<Record<string, string>> = { redirect: 'to', park: 'slot', retrieve: 'slot' }

function targetParam (action: string): string | undefined {
  const spec: ActionSpec | undefined = Object.hasOwn(ACTIONS, action) ? ACTIONS[action as ActionName] : undefined
  return TARGET_PARAM[action] ?? (spec && Object.hasOwn(spec.params, 'target') ? 'target' : undefined)
}

/** The *call* node: everything done to a call that is there. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-call',
    actions: CALL_ACTIONS,
    fields: [
      { name: 'callId' }, { name: 'user' }, { name: 'device' },
      { name: 'digits', param: (action) => action === 'sendDtmf' ? 'digits' : undefined },
      { name: 'disposition', param: (action) => action === 'setDisposition' ? 'code' : undefined },
      { name: 'target', param: targetParam }
    ]
  })
}
