/** What XSI can do, by action (model.md 5.2, column X; xsi.md 7.2). The rows are in `actions/`, by group. */
import type { ActionTable } from '../session/types'
import { agentActions } from './actions/agents'
import { callActions } from './actions/calls'
import { conferenceActions } from './actions/conferences'
import { lookupActions } from './actions/lookups'
import { extraActions } from './actions/extras'
import { requestActions } from './actions/request'
import { settingsActions } from './actions/settings'
import { stateActions } from './actions/states'
import type { Access } from './actions/tools'
import { transferActions } from './actions/transfers'

/** @param access the driver's connection of now; entries use it when they run */
export function actionTable (access: Access): ActionTable {
  return {
    ...callActions(access), ...transferActions(access), ...conferenceActions(access), ...extraActions(access), ...stateActions(access), ...agentActions(access), ...settingsActions(access), ...lookupActions(access), ...requestActions(access)
  }
}
