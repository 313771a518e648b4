/** Calls from the own phone (xivo-cti.md 3.5). */
import { Refusal } from '../../pbx/types'
import { Drop, need } from '../codec'
import { type Site } from '../site'
import { type Handlers } from './types'

const PSEUDO_URL = /^(\w+):(\w+)\/(.*)$/
const CALLER_ID = /<([^>]+)>\s*$/
/** Number that one listens to his mailbox with. */
const OWN_MAILBOX = '*98'

/** Number that a destination means. @throws Drop for what the server has not written */
export function destinationOf (site: Site, userKey: string, destination: unknown): string {
  if (typeof destination !== 'string') throw new Drop('destination is no text')
  const [, kind, , id = ''] = PSEUDO_URL.exec(destination) ?? []
  if (kind === undefined) return CALLER_ID.exec(destination)?.[1] ?? destination
  if (kind === 'exten') return id
  if (kind === 'voicemail') return `${OWN_MAILBOX}${site.pbx.users.get(site.ids.key('voicemail', id) ?? '')?.extension ?? ''}`
  if (kind === 'vm_consult') return `${OWN_MAILBOX}${site.pbx.users.get(userKey)?.extension ?? ''}`
  throw new Drop(`dialling ${kind} is not written`)
}

/** The own phone rings first; somebody may lift it after a while. @throws Refusal */
export function clickToDial (site: Site, userKey: string, number: string): void {
  const { pbx, later, options } = site
  const connection = pbx.originate(userKey, number, { clickToDial: true })
  if (options.liftAfterMs === false) return
  const { key } = connection
  later(options.liftAfterMs, () => {
    const now = pbx.connections.get(key)
    if (now !== connection || now.state !== 'initiated' || now.personality !== 'clickToDial') return
    try {
      pbx.answer(key)
    } catch (error) {
      // The phone went away in the meantime: nobody is there to lift it.
      if (!(error instanceof Refusal)) throw error
    }
  })
}

export const dialCommands: Handlers = {
  dial: ({ site, session, user, message }) => {
    const number = destinationOf(site, user.key, need(message, 'destination'))
    const fail = (error: string): void => { session.send({ class: 'ipbxcommand', error_string: error }) }
    const told = !site.release.from('16.09')
    if (!told && site.memory.expired) return fail('call_unauthorized')
    if (site.pbx.resolve(number).kind === 'invalid') return fail(`unreachable_extension:${number}`)
    clickToDial(site, user.key, number)
    if (told && site.release.from('14.06')) session.send({ class: 'dial_success', exten: number })
  }
}
