/** On whose behalf requests are made, and where their paths are (webex-calling.md 3, 3.4, 3.6, 7.3). */
import { path, type Query, type WebexApi } from './api'

/** `calls`: one's own, with a user's token; `membersMe`: the same by the newer family; `member`: of somebody else, with an administrator's or service app's. */
export type Family = 'calls' | 'membersMe' | 'member'

export interface Line {
  /** Id of the person, as the API gives it. */
  readonly id: string
  readonly family: Family
  readonly api: WebexApi
  /** For the family `member`. */
  readonly orgId?: string
}

const CALLS = ['telephony', 'calls'] as const
const CONFERENCE = ['telephony', 'conference'] as const

function prefix ({ family, id }: Line, root: readonly string[]): string[] {
  return family === 'calls' ? [...root] : family === 'membersMe' ? [...root, 'members', 'me'] : [...root, 'members', id]
}

/** What every request of the family `member` carries. */
export function lineQuery ({ family, orgId }: Line): Query | undefined {
  return family === 'member' && orgId !== undefined ? { orgId } : undefined
}

/** Path of an action: `dial`, `hold` … */
export function actionPath (line: Line, action: string): string {
  return path(...prefix(line, CALLS), action)
}

/** Path of the list of calls, or of one call. */
export function callsPath (line: Line, callId?: string): string {
  return path(...prefix(line, CALLS), ...(line.family === 'calls' ? [] : ['calls']), ...(callId === undefined ? [] : [callId]))
}

export function historyPath (line: Line): string {
  return path(...prefix(line, CALLS), 'history')
}

/** Path of the conference itself (start, look, release). */
export function conferencePath (line: Line): string {
  return path(...prefix(line, CONFERENCE), ...(line.family === 'calls' ? [] : ['conference']))
}

/** Path of what is done with the conference: `addParticipant`, `mute` … */
export function conferenceActionPath (line: Line, action: string): string {
  return path(...prefix(line, CONFERENCE), action)
}

export type Setting = 'callForwarding' | 'doNotDisturb' | 'voicemail' | 'intercept' | 'callRecording'

/** Paths of a person's setting, the first that serves is taken: one's own by the self API, where it is granted. */
export function settingPaths (line: Line, setting: Setting): string[] {
  const admin = path('people', line.id, 'features', setting)
  return line.family === 'member' || setting === 'intercept' ? [admin] : [path('telephony', 'config', 'people', 'me', 'settings', setting), admin]
}
