/** Who is who: users and queues by id, extension, number, e-mail, as profiles and directories tell them (xsi.md 3.3, 3.4). */
import type { XsiNode } from './protocol'
import { child, defined, text } from './read'
import type { Person } from './scope'
import { plainNumber } from './snapshot'

const MAX_PEOPLE = 50_000

/** First name under which directories list call centres among the people; the last name is that of the call centre then. */
const CALL_CENTRE = 'Call Center'

function nameOf (details: XsiNode | undefined): string | undefined {
  const name = [text(details, 'firstName'), text(details, 'lastName')].filter((part) => part !== undefined).join(' ')
  return name === '' ? undefined : name
}

/** A user of a profile (`details`, `additionalDetails`) or a directory entry, which holds the same names at one level. */
export function personOf (details: XsiNode | undefined, more: XsiNode | undefined): Person | undefined {
  const id = text(details, 'userId')
  if (id === undefined) return undefined
  const callCentre = text(details, 'firstName') === CALL_CENTRE
  return defined({
    id,
    kind: callCentre ? 'queue' as const : 'user' as const,
    name: callCentre ? text(details, 'lastName') : nameOf(details),
    number: plainNumber(text(details, 'number')),
    extension: text(details, 'extension'),
    email: text(more, 'emailAddress') ?? text(child(details, 'additionalDetails'), 'emailAddress')
  }) as Person
}

export class People {
  private readonly byId = new Map<string, Person>()
  private readonly byWord = new Map<string, string>()
  /** Ids that paths take where events use another (Webex: uuid and user id, xsi.md 2.1). */
  private readonly pathIds = new Map<string, string>()
  /** Id of the account's own user in events. */
  own: string | undefined

  add (person: Person, pathId?: string): void {
    if (this.byId.size >= MAX_PEOPLE && !this.byId.has(person.id)) return
    const known = this.byId.get(person.id)
    const merged: Person = { ...known, ...person, kind: known?.kind === 'queue' ? 'queue' : person.kind }
    this.byId.set(person.id, merged)
    for (const word of [merged.id, merged.extension, merged.number, merged.email, pathId]) if (word !== undefined) this.byWord.set(word.toLowerCase(), merged.id)
    if (pathId !== undefined && pathId !== person.id) {
      this.pathIds.set(person.id, pathId)
      this.byId.set(pathId, merged)
    }
  }

  addQueue (id: string, known: Partial<Omit<Person, 'id' | 'kind'>> = {}): void {
    this.add({ ...this.byId.get(id), ...known, id, kind: 'queue' })
  }

  get (id: string): Person | undefined {
    return this.byId.get(id)
  }

  /** Id of a user or queue that was named by id, extension, number or e-mail. */
  find (word: string): string | undefined {
    return this.byWord.get(word.trim().toLowerCase()) ?? this.byWord.get(word.replace(/[^\d+]/g, ''))
  }

  /** What stands for the user in a path. */
  pathId (id: string): string {
    return this.pathIds.get(id) ?? id
  }

  list (kind: Person['kind']): Person[] {
    return [...new Set(this.byId.values())].filter((person) => person.kind === kind)
  }
}
