/** Who is who: people and queues by id, number, extension, e-mail, as `/people` tells them (webex-calling.md 2.3, 3.10). */
import { diallable } from '../model'
import { keyOf } from './ids'
import { defined, records, text, type Json } from './read'

export interface Person {
  readonly id: string
  readonly name?: string
  readonly number?: string
  readonly extension?: string
  readonly email?: string
  readonly orgId?: string
}

const MAX_PEOPLE = 50_000

function emailOf (node: Json): string | undefined {
  const list = node.emails
  return Array.isArray(list) ? list.find((one): one is string => typeof one === 'string' && one !== '') : undefined
}

/** A person of the API; undefined without an id. */
export function personOf (node: Json): Person | undefined {
  const id = text(node, 'id')
  if (id === undefined) return undefined
  const numbers = records(node, 'phoneNumbers')
  const work = numbers.find((one) => one.primary === true) ?? numbers.find((one) => text(one, 'type') === 'work')
  const raw = text(work, 'value')
  const extension = text(node, 'extension') ?? text(numbers.find((one) => text(one, 'type') === 'work_extension'), 'value')
  const name = text(node, 'displayName') ?? [text(node, 'firstName'), text(node, 'lastName')].filter((part) => part !== undefined).join(' ')
  return defined({
    id, name: name === '' ? undefined : name, number: raw === undefined ? undefined : diallable(raw) ?? raw, extension, email: emailOf(node), orgId: text(node, 'orgId')
  }) as Person
}

export class People {
  private readonly byKey = new Map<string, Person>()
  private readonly byWord = new Map<string, string>()

  /** What is known already is completed; the id stays in the form that came first. */
  add (person: Person): Person {
    const key = keyOf(person.id)
    const known = this.byKey.get(key)
    if (known === undefined && this.byKey.size >= MAX_PEOPLE) return person
    const merged: Person = { ...known, ...person, id: known?.id ?? person.id }
    this.byKey.set(key, merged)
    for (const word of [merged.extension, merged.number, merged.email]) if (word !== undefined) this.byWord.set(word.toLowerCase(), key)
    return merged
  }

  /** By any form of the id. */
  get (id: string): Person | undefined {
    return this.byKey.get(keyOf(id))
  }

  /** By id, extension, number or e-mail. */
  find (word: string): Person | undefined {
    return this.get(word) ?? this.named(word.trim().toLowerCase()) ?? this.named(word.replace(/[^\d+]/g, ''))
  }

  list (): Person[] {
    return [...this.byKey.values()]
  }

  private named (word: string): Person | undefined {
    const key = word === '' ? undefined : this.byWord.get(word)
    return key === undefined ? undefined : this.byKey.get(key)
  }
}
