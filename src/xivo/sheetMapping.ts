/** What a call form tells about its call (xivo-cti.md 4.8, 7.1). */
import type { Call, Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { defined, isFields } from './read'
import { draft, legStep, legsOfPhone, type Reducer, type Scope } from './scope'
import { sheetData, sheetFacts, type Sheet } from './sheet'
import type { StoredSheet } from './tables'

/** ms between a sheet and the ringing that it belongs to, where no channel ties them. */
const NEAR_MS = 5000
/** Key of the last sheet of the account's own user. */
const OWN = '@own'

/** The decoded sheet that `prepare` put into the message. */
function decoded (scope: Scope): Sheet | undefined {
  const { sheet } = scope.message
  return isFields(sheet) && Array.isArray(sheet.fields) ? sheet as unknown as Sheet : undefined
}

function fill (leg: CallDraft, { facts, data }: StoredSheet, tables: Scope['tables']): CallDraft {
  const next: CallDraft = { ...leg }
  const caller = defined({ number: facts.number, name: facts.name }) as Party
  if (leg.direction === 'inbound' && leg.from?.userId === undefined && Object.keys(caller).length > 0) {
    next.from = { ...caller, kind: 'external', ...leg.from }
    if (leg.remote === undefined || leg.remote.userId === undefined) next.remote = { ...caller, kind: 'external', ...leg.remote }
  }
  const dialled = facts.did ?? facts.calledNumber
  if (leg.dialed === undefined && dialled !== undefined) next.dialed = defined({ number: dialled, name: facts.calledName }) as Party
  if (facts.rdnis !== undefined && leg.redirections === undefined) next.redirections = [{ party: { number: facts.rdnis }, reason: 'forwarded' }]
  if (facts.queue !== undefined && leg.queue === undefined) {
    const id = tables.queueOfName(facts.queue)
    next.queue = id === undefined ? { name: facts.queue } : { name: facts.queue, ...tables.queueRef(id) }
  }
  next.correlationId ??= facts.uniqueid
  if (next.correlationId === undefined) delete next.correlationId
  if (Object.keys(data).length > 0) next.data = { ...leg.data, ...data }
  return next
}

/** A leg with what sheets told of its channel or of the channel at the other end. */
export function completeBySheet (scope: Pick<Scope, 'tables'>, leg: CallDraft, ...channels: (string | undefined)[]): CallDraft {
  let next = leg
  for (const channel of channels) {
    const sheet = channel === undefined ? undefined : scope.tables.sheets.get(channel)
    if (sheet !== undefined) next = fill(next, sheet, scope.tables)
  }
  return next
}

/** A leg of the own phone with the sheet that came just before it; servers without channels (xivo-cti.md 9.2). */
export function completeByOwnSheet (scope: Pick<Scope, 'tables' | 'now'>, leg: CallDraft): CallDraft {
  const sheet = scope.tables.sheets.get(OWN)
  return sheet === undefined || scope.now - sheet.at > NEAR_MS || sheet.where === 'hangup' || sheet.where === 'unlink' ? leg : fill(leg, sheet, scope.tables)
}

/** `link` belongs to the call that is talked on, the others to one that rings. */
function ownLeg (scope: Scope, where: string | undefined): Call | undefined {
  const phone = scope.tables.ownPhone
  const legs = phone === undefined ? [] : legsOfPhone(scope, phone).filter(({ direction }) => direction === 'inbound')
  if (where === 'hangup' || where === 'unlink') return undefined
  return legs.find(({ state }) => state === 'ringing') ?? (where === 'link' ? legs.findLast(({ state }) => state === 'active') : undefined)
}

/** Answered as the sheet says: it may come before the phone shows it. */
function afterLink (leg: Call, filled: CallDraft): CallDraft {
  return leg.state === 'ringing' ? { ...filled, state: 'active' } : filled
}

export const reduceSheet: Reducer = (scope) => {
  const { tables, picture } = scope
  const news: EventDraft[] = [draft(scope, 'vendor.sheet')]
  const sheet = decoded(scope)
  if (sheet === undefined) return news
  const stored: StoredSheet = defined({ facts: sheetFacts(sheet), data: sheetData(sheet), at: scope.now, where: sheet.where }) as StoredSheet
  if (sheet.channel !== undefined) tables.keepSheet(sheet.channel, stored)
  if (!tables.hasChannels) {
    tables.keepSheet(OWN, stored)
    const leg = ownLeg(scope, sheet.where)
    if (leg === undefined) return news
    const filled = fill(leg, stored, tables)
    return [...legStep(scope, leg, sheet.where === 'link' ? afterLink(leg, filled) : filled), ...news]
  }
  const channel = sheet.channel
  if (channel === undefined) return news
  for (const leg of picture.calls()) {
    if (leg.vendorId === channel || leg.correlationId?.split(' ').includes(channel) === true) news.unshift(...legStep(scope, leg, fill(leg, stored, tables)))
  }
  return news
}
