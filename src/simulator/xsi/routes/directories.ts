/** Directories, queues and agents of a user (xsi.md 3.4). */
import { type Queue, type User } from '../../pbx/types'
import { badRequest, CODES, notFound, XsiError } from '../errors'
import { type Reply, type UserCall } from '../http'
import { queuesOf } from '../render/acd'
import { route, type Route } from '../router'
import { page, search } from '../search'
import { type Site } from '../site'
import { el, type El, text, textOf } from '../tree'
import { forUser } from './users'

interface Entry { name: string; number: string }

function people (call: UserCall): User[] {
  const { site, query } = call
  const sort = query.get('sortcolumn')
  const users = [...site.pbx.users.values()]
  if (sort === 'firstName') users.sort((a, b) => a.first.localeCompare(b.first))
  else users.sort((a, b) => a.last.localeCompare(b.last) || a.first.localeCompare(b.first))
  const group = site.names.group
  return search(users, query, {
    firstName: (user) => user.first, lastName: (user) => user.last, name: (user) => `${user.first} ${user.last}`, userId: (user) => site.names.userId(user), groupId: () => group,
    number: (user) => user.numbers[0], extension: (user) => user.extension, mobileNo: () => undefined, department: (user) => user.department, emailAddress: (user) => user.email, impId: () => undefined,
    locationDialingCode: () => undefined, mpName: () => undefined
  })
}

function personEl (site: Site, user: User): El {
  return el('directoryDetails',
    text('userId', site.names.userId(user)), text('firstName', user.first), text('lastName', user.last), text('groupId', site.names.group), text('number', user.numbers[0]), text('extension', user.extension),
    el('additionalDetails', text('emailAddress', user.email), text('department', user.department)))
}

function userEl (site: Site, user: User): El {
  return el('userDetails', text('userId', site.names.userId(user)), text('firstName', user.first), text('lastName', user.last), text('groupId', site.names.group), text('number', user.numbers[0]), text('extension', user.extension))
}

/** The three counters are always there, also 0: a published client reads them without a test (xsi.md 3.1). */
function counted (root: string, found: { start: number; total: number; rows: unknown[] }, ...content: (El | El[])[]): El {
  return el(root, text('startIndex', found.start), text('numberOfRecords', found.rows.length), text('totalAvailableRecords', found.total), ...content)
}

function peopleDirectory (root: string, list: string): (call: UserCall) => Reply {
  return (call) => {
    const found = page(people(call), call.query, call.site.options.pageLimit)
    return { localised: true, body: counted(root, found, el(list, found.rows.map((user) => personEl(call.site, user)))) }
  }
}

function entryDirectory (root: string, item: string, rows: (call: UserCall) => Entry[]): (call: UserCall) => Reply {
  return (call) => {
    const fitting = search(rows(call), call.query, { name: (entry) => entry.name, number: (entry) => entry.number })
    const found = page(fitting, call.query, call.site.options.pageLimit)
    return { localised: true, body: counted(root, found, found.rows.map((entry) => el(item, text('name', entry.name), text('number', entry.number)))) }
  }
}

/** Numbers that the whole house knows: partners of the directory with a name. */
function common (call: UserCall): Entry[] {
  return [...call.site.pbx.externals].flatMap(([number, behaviour]) => behaviour.name === undefined ? [] : [{ name: behaviour.name, number }])
}

function personal (call: UserCall): Entry[] {
  return call.site.settings.list<Entry>(call.user.key, 'personal', () => common(call).slice(0, 1))
}

function sortedPersonal (call: UserCall): Entry[] {
  return [...personal(call)].sort((a, b) => a.name.localeCompare(b.name))
}

function addPersonal (call: UserCall): Reply {
  const entry = call.body?.name === 'Personal' ? call.body.children?.find((item) => item.name === 'entry') : call.body
  const name = textOf(entry, 'name')
  const number = textOf(entry, 'number')
  if (!name || !number) throw badRequest('name and number are expected')
  if (personal(call).some((item) => item.name === name)) throw new XsiError(409, CODES.notPermitted, 'The entry exists already')
  personal(call).push({ name, number })
  return { status: 201 }
}

function removePersonal (call: UserCall): Reply {
  const at = personal(call).findIndex((item) => item.name === call.params.name)
  if (at < 0) throw notFound('Entry not found')
  personal(call).splice(at, 1)
  return {}
}

function supervised (call: UserCall): Queue[] {
  return call.user.supervisor ? [...call.site.pbx.queues.values()] : []
}

function agentsOf (site: Site, queue: Queue): User[] {
  return queue.members.map((member) => site.pbx.users.get(site.pbx.agents.get(member.agentKey)?.userKey ?? '')).filter((user) => user !== undefined)
}

function agents (call: UserCall): Reply {
  const { site } = call
  return { localised: true, body: el('CallCenterAgents', supervised(call).map((queue) => el('callCenter', text('serviceUserID', site.names.queueId(queue)), el('agentList', agentsOf(site, queue).map((user) => userEl(site, user)))))) }
}

/** Whether nobody else of the queue is signed in. */
function lastStaffing (site: Site, queue: Queue, agentKey: string): boolean {
  return queue.members.every((member) => member.agentKey === agentKey || !member.joined || site.pbx.agents.get(member.agentKey)?.loggedIn !== true)
}

function callCenters (call: UserCall): Reply {
  const { site, user, query } = call
  const role = query.get('user')?.toLowerCase()
  if (role !== 'agent' && role !== 'supervisor') throw badRequest('Parameter user must be Agent or Supervisor')
  const agentKey = user.agentKey ?? ''
  const onlyLast = query.get('onlylaststaffing')?.toLowerCase() === 'true'
  const queues = role === 'supervisor' ? supervised(call) : queuesOf(site, agentKey).filter((queue) => !onlyLast || lastStaffing(site, queue, agentKey))
  return {
    localised: true,
    body: el('CallCenters', queues.map((queue) => el('callCenter', text('serviceUserID', site.names.queueId(queue)), role === 'agent' && lastStaffing(site, queue, agentKey) ? text('numberCallsInQueue', queue.entries.length) : undefined)))
  }
}

function supervisors (call: UserCall): Reply {
  const { site, user } = call
  const all = [...site.pbx.users.values()].filter((other) => other.supervisor)
  const queues = queuesOf(site, user.agentKey ?? '')
  const rows = all.length > 0 ? queues.map((queue) => el('callCenter', text('serviceUserID', site.names.queueId(queue)), el('supervisorList', all.map((other) => userEl(site, other))))) : []
  return { localised: true, body: el('Supervisors', rows.length > 0 && el('callCenters', rows)) }
}

/** Desks that take guests: nobody here does. */
const hosts = (root: string) => (): Reply => ({ localised: true, body: el(root, { name: 'hostUserIdList' }) })

const DIRECTORIES = '/user/:user/directories'

export const directoryRoutes: Route[] = [
  route('actions', `GET ${DIRECTORIES}/Enterprise`, forUser(peopleDirectory('Enterprise', 'enterpriseDirectory'))),
  route('actions', `GET ${DIRECTORIES}/Group`, forUser(peopleDirectory('Group', 'groupDirectory'))),
  route('actions', `GET ${DIRECTORIES}/EnterpriseCommon`, forUser(entryDirectory('EnterpriseCommon', 'commonPhoneEntry', common))),
  route('actions', `GET ${DIRECTORIES}/GroupCommon`, forUser(entryDirectory('GroupCommon', 'commonPhoneEntry', common))),
  route('actions', `GET ${DIRECTORIES}/Personal`, forUser(entryDirectory('Personal', 'entry', sortedPersonal))),
  route('actions', `POST ${DIRECTORIES}/Personal`, forUser(addPersonal)),
  route('actions', `DELETE ${DIRECTORIES}/Personal/:name`, forUser(removePersonal)),
  route('actions', `GET ${DIRECTORIES}/CustomContact`, forUser(() => ({ localised: true, body: el('CustomContact', el('directory', text('name', 'Partners'))) }))),
  route('actions', `GET ${DIRECTORIES}/CustomContact/:name`, forUser((call) => {
    if (call.params.name !== 'Partners') throw notFound('Directory not found')
    const found = page(common(call), call.query, call.site.options.pageLimit)
    return { localised: true, body: counted('Directory', found, el('contacts', found.rows.map((entry) => el('contact', text('number', entry.number), text('name', entry.name))))) }
  })),
  route('actions', `GET ${DIRECTORIES}/Agents`, forUser(agents)),
  route('actions', `GET ${DIRECTORIES}/CallCenters`, forUser(callCenters)),
  route('actions', `GET ${DIRECTORIES}/Supervisors`, forUser(supervisors)),
  route('actions', `GET ${DIRECTORIES}/HotelingHosts`, forUser(hosts('AvailableHotelingHosts'))),
  route('actions', `GET ${DIRECTORIES}/FlexibleSeatingHosts`, forUser(hosts('AvailableFlexibleSeatingHosts')))
]
