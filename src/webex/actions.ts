/** What Webex Calling can do, by action (model.md 5.2, column W; webex-calling.md 7.2). The rows are in `actions/`, by group. */
import type { ActionName, ExtraActionName } from '../model'
import type { ActionEntry, ActionTable, Availability } from '../session/types'
import { agentActions } from './actions/agents'
import { callActions } from './actions/calls'
import { extraActions } from './actions/extras'
import { lookupActions } from './actions/lookups'
import { requestActions } from './actions/request'
import { settingsActions } from './actions/settings'
import type { Access } from './actions/tools'
import { transferActions } from './actions/transfers'
import type { Settings } from './options'

/** Each action may be asked for with the own authorisation of a person. */
const AS = { as: { kind: 'string' as const } }

type Need = (settings: Settings) => Availability
/** A service app has no user of its own; what only a user may do, people with an own authorisation still can. */
const ofUser: Need = ({ auth, client, tokens }) => auth.kind !== 'service' || (client !== undefined && tokens !== undefined) ? true : 'a service app cannot do that, only the user with the own authorisation'
const ofIntegration: Need = ({ client, tokens }) => client !== undefined && tokens !== undefined ? true : 'the account has no integration by which people could authorise'
const ofAdministrator: Need = ({ members }) => members ? true : 'only a service app or an administrator can do that'
const ofWriter: Need = ({ auth, bot }) => bot !== undefined || auth.kind !== 'service' ? true : 'the account has no bot'

const NEEDS: Readonly<Partial<Record<ActionName | ExtraActionName, Need>>> = {
  agentLogin: ofUser, agentLogout: ofUser, agentReady: ofUser, agentNotReady: ofUser, agentWrapUp: ofUser, voicemail: ofUser,
  'webex.authorize': ofIntegration, 'webex.forget': ofIntegration, 'webex.monitor': ofIntegration,
  'webex.interests': ofAdministrator, 'webex.mailboxLamp': ofAdministrator,
  'webex.sendMessage': ofWriter, 'webex.updateMessage': ofWriter, 'webex.deleteMessage': ofWriter
}

/** @param access the driver's connection of now; entries use it when they run */
export function actionTable (access: Access): ActionTable {
  const table: ActionTable = {
    ...callActions(access), ...transferActions(access), ...agentActions(access), ...settingsActions(access), ...lookupActions(access), ...extraActions(access), ...requestActions(access)
  }
  const entries = Object.entries(table) as [ActionName | ExtraActionName, ActionEntry][]
  return Object.fromEntries(entries.map(([name, entry]) => {
    const need = NEEDS[name]
    return [name, { ...entry, params: { ...entry.params, ...AS }, ...(need === undefined ? {} : { available: () => need(access.settings) }) }]
  }))
}
