/** The log-in in three steps, STARTTLS and what a client gets wrong in it (xivo-cti.md 2.3 to 2.9). */
import { createHash } from 'node:crypto'
import { type User } from '../pbx/types'
import { Drop, type Message, need, needInteger, needText, textOf } from './codec'
import { applyPresence } from './presence'
import { makeSessionId, type Session } from './session'
import { type Site } from './site'

type Request = Message & { class: string }

/** Error line; the dialect decides about the id and what follows. */
function fail (site: Site, session: Session, message: Request, error: string): void {
  session.step = 'over'
  if (site.release.second || message.class === 'login_id') return session.send({ class: message.class, error_string: error })
  if (!site.options.swallowLoginErrors) session.send({ class: message.class, ...replyId(message), error_string: error })
  session.end()
}

/** `replyid` for a request that has an id other than 0: any number or text comes back as it was sent. */
export function replyId ({ commandid }: Message): Message {
  return commandid !== '' && commandid !== 0 && ['number', 'string'].includes(typeof commandid) ? { replyid: commandid } : {}
}

function byLogin (site: Site, login: unknown): User | undefined {
  for (const user of site.pbx.users.values()) if (site.ids.login(user) === login && !site.options.disabled.includes(user.key)) return user
  return undefined
}

function loginId (site: Site, session: Session, message: Request): void {
  const { release } = site
  need(message, 'company')
  need(message, 'ident')
  const login = needText(message, 'userlogin')
  const version = release.versionKey === 'wazoversion' ? message.wazoversion ?? message.xivoversion : message.xivoversion
  // From 2.3 on the version is looked up softly: without one the answer names nothing.
  if (version === undefined && release.protocol !== '2.3') throw new Drop('no version')
  session.step = 'over'
  if (version !== release.protocol) return fail(site, session, message, `${release.versionKey}_client:${version === undefined ? 'None' : textOf(version)};${release.protocol}`)
  const user = byLogin(site, login)
  if (user === undefined && !release.second) return fail(site, session, message, 'login_password')
  session.user = user
  session.sessionId = makeSessionId(site.rng)
  session.step = 'login_pass'
  session.send({ class: 'login_id', sessionid: session.sessionId, [release.versionKey]: release.protocol })
}

/** Whether the password fits: its hash with the session id, or in 2.x itself. @throws Drop without the key of 2.x */
function fits (site: Site, session: Session, message: Request): boolean {
  const { user } = session
  const given = site.release.second ? needText(message, 'password') : message.hashedpassword
  if (user === undefined || site.memory.expired) return false
  const wanted = site.release.second ? user.password : createHash('sha1').update(`${session.sessionId}:${user.password}`, 'utf8').digest('hex')
  return given === wanted
}

function loginPass (site: Site, session: Session, message: Request): void {
  const { release, profiles } = site
  if (!release.second && message.hashedpassword === undefined) return fail(site, session, message, 'missing:hashedpassword')
  if (!fits(site, session, message)) return fail(site, session, message, 'login_password')
  const profile = session.user === undefined ? undefined : profiles.of(session.user)
  if (profile === undefined) return fail(site, session, message, release.second ? 'login_password' : 'capaid_undefined')
  session.step = 'login_capas'
  session.listening = true
  session.send({ class: 'login_pass', ...(release.second ? {} : replyId(message)), capalist: [profile] })
}

/** 1.2 asks whether the profile exists first, 2.x whether it is the user's own (xivo-cti.md 2.6). */
function profileError (site: Site, id: number, own: number | undefined): string | undefined {
  const { release, profiles } = site
  if (!release.second && !profiles.known(id)) return 'unknown cti_profile_id'
  if (id !== own) return 'wrong cti_profile_id'
  return profiles.known(id) ? undefined : 'unknown cti_profile_id'
}

function loginCapas (site: Site, session: Session, message: Request): void {
  const { release, profiles, ids } = site
  const { user } = session
  if (user === undefined) throw new Drop('nobody logged in')
  const missing = ['capaid', 'lastconnwins', 'loginkind', 'state'].filter((name) => message[name] === undefined)
  if (!release.second && missing.length > 0) return fail(site, session, message, `missing:${missing.join(',')}`)
  const state = needText(message, 'state')
  const error = profileError(site, needInteger(message, 'capaid'), profiles.of(user))
  if (error !== undefined) return fail(site, session, message, error)
  session.step = 'in'
  session.send({ class: 'login_capas', ...(release.second ? {} : replyId(message)), ...profiles.reply(user, ids.id('user', user.key), state) })
  applyPresence(site, user, state)
}

function starttls (session: Session, message: Request): void {
  if (!session.offered) return
  session.offered = false
  session.send({ class: 'starttls', starttls: message.status ?? null })
  if (message.status === true) session.upgrade()
}

const STEPS: Record<string, (site: Site, session: Session, message: Request) => void> = { login_id: loginId, login_pass: loginPass, login_capas: loginCapas }

/**
 * Handles a message of the log-in. One out of turn: 2.x, and a step that was done already, say nothing; 1.2 loses the connection, as it
 * works with what the missing step should have left (the sheet names no line for it).
 * @returns false for a message of another kind. @throws Drop
 */
export function login (site: Site, session: Session, message: Request): boolean {
  if (message.class === 'starttls') {
    starttls(session, message)
    return true
  }
  const step = Object.hasOwn(STEPS, message.class) ? STEPS[message.class] : undefined
  if (step === undefined) return message.class.startsWith('login_') && !site.release.second
  if (session.step === message.class) step(site, session, message)
  else if (!site.release.second && ahead(session.step, message.class)) throw new Drop(`${message.class} is not next`)
  return true
}

const ORDER = ['login_id', 'login_pass', 'login_capas']

function ahead (step: string, asked: string): boolean {
  return ORDER.includes(step) && ORDER.indexOf(asked) > ORDER.indexOf(step)
}
