/** How XSI names the people and queues of the PBX, and who is meant by an id in a path (xsi.md 1, 2.1). */
import { type Queue, type User } from '../pbx/types'

/** What the names need of the PBX. */
export interface People { users: ReadonlyMap<string, User>; queues: ReadonlyMap<string, Queue> }

export class Names {
  constructor (private readonly people: People, readonly enterprise: string, readonly group: string, readonly domain: string) {}

  userId (user: User): string {
    return user.ids.xsi ?? (user.key.includes('@') ? user.key : `${user.key}@${this.domain}`)
  }

  queueId (queue: Queue): string {
    return queue.ids.xsi ?? (queue.key.includes('@') ? queue.key : `${queue.key}@${this.domain}`)
  }

  userIdOf (key: string | undefined): string | undefined {
    const user = key === undefined ? undefined : this.people.users.get(key)
    return user && this.userId(user)
  }

  queueIdOf (key: string | undefined): string | undefined {
    const queue = key === undefined ? undefined : this.people.queues.get(key)
    return queue && this.queueId(queue)
  }

  /** By user id, by the id of another platform of the same vendor (a Webex person's uuid), or by a directory number. */
  findUser (id: string): User | undefined {
    const digits = id.replace(/^(tel:)?\+?/, '')
    for (const user of this.people.users.values()) if (this.userId(user) === id || user.ids.webex === id) return user
    for (const user of this.people.users.values()) if (user.numbers.some((number) => number.slice(1) === digits)) return user
    return undefined
  }

  findQueue (id: string): Queue | undefined {
    for (const queue of this.people.queues.values()) if (this.queueId(queue) === id || queue.ids.webex === id) return queue
    return undefined
  }

  /** Address of record of a device's line. */
  addressOfRecord (user: User, deviceKey: string | undefined): string {
    const line = (user.numbers[0] ?? user.extension).replace('+', '')
    const index = deviceKey === undefined ? 0 : Math.max(0, user.devices.indexOf(deviceKey))
    return `${line}${index === 0 ? '' : `_${index + 1}`}@sip.${this.domain}`
  }
}

const TWO_DIGITS = new Set('20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(' '))

/** Country calling code of a number in E.164; undefined for an extension. */
export function countryCode (number: string | undefined): string | undefined {
  if (!number?.startsWith('+')) return undefined
  if (/^\+[17]/.test(number)) return number[1]
  const two = number.slice(1, 3)
  return TWO_DIGITS.has(two) ? two : number.slice(1, 4)
}
