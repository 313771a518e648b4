import type { NodeAPI } from 'node-red'
import { ACTIONS, type ActionName } from '../../src/model'
import { registerActionNode } from '../shared/actionNode'

const SETTINGS = (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].group === 'forwarding')

/** A forwarding has a destination, other features have a number. */
const TO_PARAM: Readonly<Partial<Record<string, string>>> = { setForwarding: 'to', setRemoteOffice: 'number', setCallFilter: 'number' }

/** The *forwarding* node: reads and sets what happens to the calls of a user: forwarding, do not disturb, filter, recording, remote office. */
export default function register (RED: NodeAPI): void {
  registerActionNode(RED, {
    type: 'cti-forwarding',
    actions: SETTINGS,
    fields: [
      { name: 'user' },
      { name: 'kind', param: (action) => action === 'setForwarding' ? 'condition' : undefined },
      { name: 'enabled' },
      { name: 'to', param: (action) => TO_PARAM[action] },
      { name: 'rings' }
    ]
  })
}
