/** Lists that turn ids into names: skills, campaigns, dispositions, reason codes, call variables, users (five9.md 3.2, 3.3, 3.5). */
import type { Ref, UserRef } from '../model'
import { CONTEXTS, type Half } from './protocol'
import { defined, flag, list, objects, text, textOf, type Fields } from './read'

export const LISTS = ['skills', 'campaigns', 'dispositions', 'notReadyCodes', 'logoutCodes', 'callVariables', 'users'] as const
export type ListName = typeof LISTS[number]

/** Paths of each list by half, the first that is there counts. `{uid}`, `{oid}` as in routes. */
const PATHS: Readonly<Record<ListName, Readonly<Partial<Record<Half, readonly string[]>>>>> = {
  skills: { supervisor: ['/orgs/{oid}/skills'], agent: ['/agents/{uid}/skills'] },
  campaigns: { supervisor: ['/orgs/{oid}/campaigns'], agent: ['/orgs/{oid}/campaigns', '/orgs/{oid}/available_campaigns'] },
  dispositions: { supervisor: ['/orgs/{oid}/dispositions'], agent: ['/orgs/{oid}/dispositions'] },
  notReadyCodes: { supervisor: ['/orgs/{oid}/not_ready_reason_codes'], agent: ['/orgs/{oid}/not_ready_reason_codes'] },
  logoutCodes: { supervisor: ['/orgs/{oid}/logout_reason_codes'], agent: ['/orgs/{oid}/logout_reason_codes'] },
  callVariables: { agent: ['/orgs/{oid}/call_variables'], supervisor: ['/orgs/{oid}/call_variables'] },
  users: { supervisor: ['/orgs/{oid}/users'], agent: ['/orgs/{oid}/users'] }
}

/** Which event says that a list has changed (five9.md 4.3, 4.4). */
const CHANGED_BY: Readonly<Record<string, readonly ListName[]>> = {
  19: ['skills'], 39: ['skills'], 48: ['notReadyCodes'], 49: ['notReadyCodes'], 50: ['logoutCodes'], 51: ['logoutCodes'], 66: ['callVariables'], 67: ['callVariables'],
  5002: ['dispositions'], 5003: ['skills'], 5005: ['campaigns'], 5006: ['users'], 5007: ['notReadyCodes', 'logoutCodes'], 6002: ['users']
}
/** Last words of the addresses that event 57 names. */
const CHANGED_URLS: Readonly<Record<string, ListName>> = {
  skills: 'skills', campaigns: 'campaigns', available_campaigns: 'campaigns', dispositions: 'dispositions', not_ready_reason_codes: 'notReadyCodes',
  logout_reason_codes: 'logoutCodes', call_variables: 'callVariables', users: 'users'
}
const RESOURCES_INVALIDATED = '57'

/** Where a list is read, best first: the supervisor's half knows all of the domain, the agent's half only what concerns him. */
export function placesOf (name: ListName, halves: readonly Half[]): string[] {
  const order: readonly Half[] = name === 'callVariables' ? ['agent', 'supervisor'] : ['supervisor', 'agent']
  return order.filter((half) => halves.includes(half)).flatMap((half) => (PATHS[name][half] ?? []).map((path) => CONTEXTS[half] + path))
}

/** The lists that an event makes stale. */
export function staleBy (eventId: string, payload: unknown): readonly ListName[] {
  if (eventId !== RESOURCES_INVALIDATED) return Object.hasOwn(CHANGED_BY, eventId) ? CHANGED_BY[eventId] ?? [] : []
  const urls = (Array.isArray(payload) ? payload : Object.values(objects([payload])[0] ?? {}).flat()).map(text)
  const words = urls.map((url) => url?.split('?')[0]?.split('/').filter((part) => part !== '').at(-1))
  return [...new Set(words.flatMap((word) => word !== undefined && Object.hasOwn(CHANGED_URLS, word) ? [CHANGED_URLS[word] as ListName] : []))]
}

export interface Item extends Ref { readonly id: string; readonly name?: string; readonly selectable?: boolean; readonly group?: string; readonly row: Fields }
export interface User extends UserRef { readonly id: string; readonly userName?: string }

function itemOf (row: Fields): Item | undefined {
  const id = textOf(row, 'id')
  return id === undefined ? undefined : defined({ id, name: textOf(row, 'name', 'fullName', 'userName'), group: textOf(row, 'group'), selectable: flag(row.selectable), row }) as Item
}

export class Reference {
  private readonly lists = new Map<ListName, Map<string, Item>>()
  private people = new Map<string, User>()
  /** `group.name` in lower case to the id of the variable. */
  private variableIds = new Map<string, string>()

  /** Replaces a list by what was read. An answer that is no list leaves it as it is. @returns whether it was one */
  set (name: ListName, body: unknown): boolean {
    if (!Array.isArray(body)) return false
    const items = new Map<string, Item>()
    for (const row of objects(list(body))) {
      const item = itemOf(row)
      if (item !== undefined) items.set(item.id, item)
    }
    this.lists.set(name, items)
    if (name === 'users') this.people = new Map([...items.values()].map((item) => [item.id, userOf(item)]))
    if (name === 'callVariables') this.variableIds = new Map([...items.values()].map(({ id, group, name: word }) => [`${group ?? ''}.${word ?? ''}`.toLowerCase(), id]))
    return true
  }

  /** A user who is told of apart from the list: the account's own, who may not read the list. */
  know (row: Fields): void {
    const item = itemOf(row)
    if (item !== undefined) this.people.set(item.id, { ...this.people.get(item.id), ...userOf(item) })
  }

  has (name: ListName): boolean {
    return this.lists.has(name)
  }

  items (name: ListName): Item[] {
    return [...this.lists.get(name)?.values() ?? []]
  }

  item (name: ListName, id: string | undefined): Item | undefined {
    return id === undefined ? undefined : this.lists.get(name)?.get(id)
  }

  name (name: ListName, id: string | undefined): string | undefined {
    return this.item(name, id)?.name
  }

  /** Id and, when it is known, name. */
  ref (name: ListName, id: string): Ref {
    return defined({ id, name: this.name(name, id) })
  }

  /** The id of what a flow names by id or by name (any case); undefined when nothing is called so, or several are. */
  find (name: ListName, word: string): string | undefined {
    if (this.lists.get(name)?.has(word) === true) return word
    const lower = word.trim().toLowerCase()
    const found = this.items(name).filter((item) => item.name?.toLowerCase() === lower)
    return found.length === 1 ? found[0]?.id : undefined
  }

  user (id: string): User | undefined {
    return this.people.get(id)
  }

  users (): User[] {
    return [...this.people.values()]
  }

  /** A user's id by id, login name, e-mail, extension or full name. */
  findUser (word: string): string | undefined {
    if (this.people.has(word)) return word
    const lower = word.trim().toLowerCase()
    const is = (...parts: (string | undefined)[]): boolean => parts.some((part) => part?.toLowerCase() === lower)
    return this.users().find(({ userName, email, extension }) => is(userName, email, extension))?.id ?? this.users().find(({ name }) => is(name))?.id
  }

  /** `Group.name` of a call variable. */
  variableName (id: string): string | undefined {
    const item = this.item('callVariables', id)
    return item?.name === undefined ? undefined : item.group === undefined ? item.name : `${item.group}.${item.name}`
  }

  /** Id of a variable by id, `Group.name` in any case, or by the bare name when only one group has it. */
  variableId (word: string): string | undefined {
    const lower = word.trim().toLowerCase()
    const exact = this.variableIds.get(lower)
    if (exact !== undefined) return exact
    return this.find('callVariables', word)
  }
}

function userOf ({ id, row }: Item): User {
  const extension = textOf(row, 'extension')
  return defined({ id, name: textOf(row, 'fullName', 'name'), extension, number: extension, email: textOf(row, 'email', 'EMail'), userName: textOf(row, 'userName') }) as User
}
