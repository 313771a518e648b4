/** The directory service: users, known people outside, personal contacts, favourites (xivo-cti.md 3.8). */
import { type User } from '../pbx/types'
import { type Message } from './codec'
import { type Site } from './site'

export interface Person { source: 'internal' | 'phonebook' | 'personal'; entryId: string; name: string; number: string; mobile: string; email: string; user?: User }
export type ContactInfos = Record<string, string>

export const HEADERS = ['Name', 'Phone', 'Mobile', 'E-mail', 'Agent', 'Favorite']
export const TYPES = ['name', 'number_office', 'number_mobile', 'email', 'relation_agent', 'favorite']

const CONTACT_LIMIT = 1000
/** Columns of an imported or exported file. */
const COLUMNS = ['firstname', 'lastname', 'number', 'mobile', 'email']

/** Personal contacts and favourites of each user. */
export class ContactBook {
  private readonly contacts = new Map<string, Map<string, ContactInfos>>()
  private readonly favourites = new Map<string, Set<string>>()
  private last = 0

  contactsOf (userKey: string): Map<string, ContactInfos> {
    const own = this.contacts.get(userKey) ?? new Map<string, ContactInfos>()
    this.contacts.set(userKey, own)
    return own
  }

  favouritesOf (userKey: string): Set<string> {
    const own = this.favourites.get(userKey) ?? new Set<string>()
    this.favourites.set(userKey, own)
    return own
  }

  /** @returns false when the book is full */
  add (userKey: string, infos: ContactInfos): boolean {
    const own = this.contactsOf(userKey)
    if (own.size >= CONTACT_LIMIT) return false
    own.set(`contact-${++this.last}`, infos)
    return true
  }

  /** Reads lines with a heading; a line without a name or number fails. */
  importCsv (userKey: string, csv: string): { created: number; failed: { line: number; errors: string[] }[] } {
    const [heading = '', ...lines] = csv.split(/\r?\n/)
    const names = heading.split(',')
    const failed: { line: number; errors: string[] }[] = []
    let created = 0
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue
      const cells = line.split(',')
      const infos = Object.fromEntries(names.map((name, column) => [name, cells[column] ?? '']))
      const complete = cells.length === names.length && nameOf(infos) !== ''
      if (complete && this.add(userKey, infos)) created++
      else failed.push({ line: index + 2, errors: [complete ? 'too many contacts' : 'missing fields'] })
    }
    return { created, failed }
  }

  exportCsv (userKey: string): string {
    const rows = [...this.contactsOf(userKey).values()].map((infos) => COLUMNS.map((name) => infos[name] ?? '').join(','))
    return [COLUMNS.join(','), ...rows, ''].join('\r\n')
  }
}

export function nameOf (infos: ContactInfos): string {
  return `${infos.firstname ?? ''} ${infos.lastname ?? ''}`.trim()
}

function personal (site: Site, userKey: string): Person[] {
  return [...site.contacts.contactsOf(userKey)].map(([entryId, infos]) => ({ source: 'personal', entryId, name: nameOf(infos), number: infos.number ?? '', mobile: infos.mobile ?? '', email: infos.email ?? '' }))
}

/** Everybody whom a user can find. */
export function everybody (site: Site, userKey: string): Person[] {
  const users = [...site.pbx.users.values()].map((user): Person => ({
    source: 'internal', entryId: site.ids.id('user', user.key), name: `${user.first} ${user.last}`, number: user.extension, mobile: '', email: user.email, user
  }))
  const outside = [...site.pbx.externals].flatMap(([number, { name }]): Person[] => name === undefined ? [] : [{ source: 'phonebook', entryId: number, name, number, mobile: '', email: '' }])
  return [...users, ...outside, ...personal(site, userKey)]
}

/** People whose name, number or address holds the pattern. */
export function search (site: Site, userKey: string, pattern: string): Person[] {
  const wanted = pattern.toLowerCase()
  return everybody(site, userKey).filter(({ name, number, email }) => [name, number, email].some((text) => text.toLowerCase().includes(wanted)))
}

/** A person as a row of a result. */
export function row (site: Site, userKey: string, person: Person): Message {
  const { ids } = site
  const { user } = person
  const agent = user?.agentKey === undefined ? undefined : ids.number('agent', user.agentKey)
  const phone = user?.devices[0]
  return {
    column_values: [person.name, person.number, person.mobile, person.email, agent ?? null, site.contacts.favouritesOf(userKey).has(`${person.source} ${person.entryId}`)],
    relations: {
      xivo_id: user === undefined ? null : ids.uuid, agent_id: agent ?? null, user_id: user === undefined ? null : ids.number('user', user.key), user_uuid: user === undefined ? null : ids.userUuid(user.key),
      endpoint_id: phone === undefined ? null : ids.number('phone', phone), source_entry_id: person.entryId
    },
    source: person.source
  }
}
