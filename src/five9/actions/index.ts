/** What Five9 can do, by action (model.md 5.2, column F; five9.md 7.2). The rows are in the files beside, by group. */
import type { ActionTable, Availability } from '../../session/types'
import { agentActions } from './agents'
import { callActions } from './calls'
import { extraActions } from './extras'
import { lookupActions } from './lookups'
import { requestActions } from './request'
import { supervisorActions } from './supervisor'
import type { Access } from './tools'
import { transferActions } from './transfers'

/** Actions of an agent on his own calls and desk; a supervisor's session has none of them (five9.md 7.2). */
const OF_AGENT: ReadonlySet<string> = new Set([
  'originate', 'answer', 'reject', 'hangup', 'hold', 'resume', 'park', 'retrieve', 'transfer', 'consult', 'completeTransfer', 'cancelTransfer', 'conference',
  'pauseRecording', 'resumeRecording', 'setDisposition', 'setCallData', 'agentLogin', 'five9.clickToDial', 'five9.dropParticipant', 'five9.transferToCall',
  'five9.contacts', 'five9.updateContact', 'five9.playPrompt', 'five9.stopPrompt', 'five9.restartStation', 'five9.testCall', 'five9.returnMissedCall',
  'five9.scheduleCallback', 'five9.callbacks', 'five9.deleteCallback', 'five9.addToDnc'
])
const OF_SUPERVISOR: ReadonlySet<string> = new Set([
  'listen', 'whisper', 'bargeIn', 'stopListen', 'queueStats', 'five9.startCampaign', 'five9.stopCampaign', 'five9.resetCampaign', 'five9.statisticsFilter', 'five9.requestStatistics',
  'five9.statistics', 'five9.queueSnapshot', 'five9.watchQueue', 'five9.migrate', 'five9.parkedCalls', 'five9.sessionHistory', 'five9.auxiliaryStatistics'
])

function availability ({ memory }: Access, action: string): () => Availability {
  return () => {
    if (OF_AGENT.has(action) && !memory.isAgent) return 'the account has the role of a supervisor only'
    return OF_SUPERVISOR.has(action) && !memory.isSupervisor ? 'the account has not the role of a supervisor' : true
  }
}

/** @param access the driver's connection of now; entries use it when they run */
export function actionTable (access: Access): ActionTable {
  const table: ActionTable = {
    ...callActions(access), ...transferActions(access), ...agentActions(access), ...supervisorActions(access), ...lookupActions(access), ...extraActions(access), ...requestActions(access)
  }
  return Object.fromEntries(Object.entries(table).map(([action, entry]) => [action, OF_AGENT.has(action) || OF_SUPERVISOR.has(action) ? { ...entry, available: availability(access, action) } : entry])) as ActionTable
}
