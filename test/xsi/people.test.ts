import assert from 'node:assert/strict'
import { parseXml } from '../../src/transport/xml'
import { People, personOf } from '../../src/xsi/people'
import type { XsiNode } from '../../src/xsi/protocol'

describe('XSI: who is who', () => {
  const entry = (first: string, last: string, userId: string): XsiNode => parseXml(`<directoryDetails><userId>${userId}</userId><firstName>${first}</firstName><lastName>${last}</lastName><groupId>sales</groupId><extension>1050</extension></directoryDetails>`).value as XsiNode

  it('is a user, or a call centre that the directory lists among the people', () => {
    assert.deepEqual(personOf(entry('Bob', 'Keller', 'bob@example.com'), undefined), { id: 'bob@example.com', kind: 'user', name: 'Bob Keller', extension: '1050' })
    assert.deepEqual(personOf(entry('Call Center', 'Support', 'support@example.com'), undefined), { id: 'support@example.com', kind: 'queue', name: 'Support', extension: '1050' })
  })

  it('is counted once, and a call centre is never taken for a user', () => {
    const people = new People()
    people.addQueue('support@example.com')
    for (const [first, last, id] of [['Support', 'Line', 'support@example.com'], ['Call Center', 'Billing', 'billing@example.com'], ['Bob', 'Keller', 'bob@example.com']] as const) people.add(personOf(entry(first, last, id), undefined) ?? assert.fail())
    assert.deepEqual(people.list('user').map(({ id }) => id), ['bob@example.com'])
    assert.deepEqual(people.list('queue').map(({ id }) => id), ['support@example.com', 'billing@example.com'])
  })
})
