/** Commands without an id that act on the user's own call (xivo-cti.md 3.5). */
import { Refusal } from '../../pbx/types'
import { Drop, needText } from '../codec'
import { cancelTransfer, completeTransfer, consult, currentCall, takeQueued, talkingCall, transferTo } from '../own-calls'
import { type Call, type Handler, type Handlers } from './types'

type Family = 'hangup' | 'transfer'

/** 2.x tells what went wrong, 1.2 only its log. */
function failing (family: Family, act: Handler, numberKey?: string): Handler {
  return (call) => {
    const { site, session, message } = call
    const number = numberKey === undefined ? undefined : needText(message, numberKey)
    const fail = (error: string): void => { session.send({ class: 'ipbxcommand', error_string: error }) }
    if (site.release.second && site.memory.expired) return fail(`${family}_unauthorized`)
    if (site.release.second && number !== undefined && site.pbx.resolve(number).kind === 'invalid') return fail(`unreachable_extension:${number}`)
    act(call)
  }
}

/** Mailbox number of a command. @throws Drop unless it is letters and digits, Refusal when nobody has it */
function mailboxOf ({ site, message }: Call): { key: string; number: string } {
  const mailbox = needText(message, 'voicemail')
  if (!/^[0-9a-z]+$/i.test(mailbox)) throw new Drop('voicemail is not alphanumeric')
  const owner = site.pbx.userByExtension(mailbox)
  if (owner?.features.voicemail !== true) throw new Refusal('notAssigned', `no mailbox ${mailbox}`)
  return { key: owner.key, number: `*98${owner.extension}` }
}

const take: Handler = ({ site, user, message }) => { takeQueued(site, user.key, needText(message, 'unique_id')) }

export const callCommands: Handlers = {
  hangup: failing('hangup', ({ site, user }) => {
    const call = currentCall(site, user.key)
    if (call !== undefined) site.pbx.release(call.key)
  }),
  direct_transfer: failing('transfer', ({ site, user, message }) => { transferTo(site, user.key, needText(message, 'number')) }, 'number'),
  attended_transfer: failing('transfer', ({ site, user, message }) => { consult(site, user.key, needText(message, 'number')) }, 'number'),
  complete_transfer: failing('transfer', ({ site, user }) => { completeTransfer(site, user.key) }),
  cancel_transfer: failing('transfer', ({ site, user }) => { cancelTransfer(site, user.key) }),
  attended_transfer_voicemail: (call) => { consult(call.site, call.user.key, mailboxOf(call).number) },
  blind_transfer_voicemail: (call) => {
    const { key } = mailboxOf(call)
    call.site.pbx.toVoicemail(talkingCall(call.site, call.user.key).key, key)
  },
  hold_switchboard: ({ site, user, message }) => {
    const queue = site.pbx.queues.get(needText(message, 'queue_name'))
    if (queue !== undefined) transferTo(site, user.key, queue.extension ?? queue.number)
  },
  resume_switchboard: take,
  unhold_switchboard: take,
  answer: take
}
