/** All that an iPECS account can be asked to do (model.md 5.2, column I). */
import type { ActionTable } from '../../session/types'
import { agentActions } from './agents'
import { callActions } from './calls'
import { extraActions } from './extras'
import { lookupActions } from './lookups'
import { requestActions } from './request'
import { serviceActions } from './services'
import type { Access } from './tools'
import { transferActions } from './transfers'

export function actionsOf (access: Access): ActionTable {
  return {
    ...callActions(access),
    ...transferActions(access),
    ...agentActions(access),
    ...serviceActions(access),
    ...lookupActions(access),
    ...extraActions(access),
    ...requestActions(access)
  }
}
