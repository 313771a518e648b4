/** All that an account of XiVO can be asked to do (model.md 5.2, column V). */
import type { ActionTable } from '../../session/types'
import type { Desk } from '../desk'
import { agentActions } from './agentActions'
import { callActions } from './callActions'
import { extraActions } from './extras'
import { lookupActions } from './lookupActions'
import { requestAction } from './requestAction'
import { serviceActions } from './serviceActions'
import { transferActions } from './transferActions'

export function actionsOf (desk: Desk): ActionTable {
  return {
    ...callActions(desk),
    ...transferActions(desk),
    ...agentActions(desk),
    ...serviceActions(desk),
    ...lookupActions(desk),
    ...extraActions(desk),
    request: requestAction(desk)
  }
}
