/** Voice mail counters and message lists (xsi.md 3.2, 3.4, 4.10). */
import { type User } from '../../pbx/types'
import { type El, el, text } from '../tree'

function count (name: string, amount: number): El | undefined {
  return amount > 0 ? text(name, amount) : undefined
}

/** Counters; zero is expressed by leaving the element out. */
export function messageSummary (user: User, name: string): El {
  const { messages } = user.mailbox
  const fresh = messages.filter((message) => !message.read)
  const old = messages.filter((message) => message.read)
  return el(name,
    count('newMessages', fresh.length),
    count('oldMessages', old.length),
    count('newUrgentMessages', fresh.filter((message) => message.urgent).length),
    count('oldUrgentMessages', old.filter((message) => message.urgent).length))
}
