import assert from 'node:assert/strict'
import type { HttpClient, HttpReply } from '../../src/transport/http'
import { Acknowledger, MOST_UNANSWERED } from '../../src/xsi/acknowledger'
import { Authorization } from '../../src/xsi/api'

interface Sent { answer (status: number): void; fail (): void }

function unanswering (): { http: HttpClient; sent: Sent[] } {
  const sent: Sent[] = []
  const never = (): never => { throw new Error('not of this test') }
  const http: HttpClient = {
    request: never, openStream: never, pinned: never, close: never,
    fire: () => new Promise<HttpReply>((resolve, reject) => {
      sent.push({ answer: (status) => resolve({ status, headers: {}, body: Buffer.alloc(0), url: '', text: () => '' }), fail: () => reject(new Error('no reply')) })
    })
  }
  return { http, sent }
}

const settled = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

describe('XSI: acknowledgements that are not answered', () => {
  function build (): { acknowledger: Acknowledger; sent: Sent[]; busy: boolean[]; failures: (number | undefined)[] } {
    const { http, sent } = unanswering()
    const busy: boolean[] = []
    const failures: (number | undefined)[] = []
    const acknowledger = new Acknowledger({
      http,
      base: 'http://xsi.example.com/events',
      authorization: new Authorization({ kind: 'basic', username: 'bob@example.com', password: 'demo' }),
      signal: new AbortController().signal,
      failed: (status) => failures.push(status),
      busy: (isBusy) => busy.push(isBusy)
    })
    return { acknowledger, sent, busy, failures }
  }

  it('stop the reading at a high-water mark, and let it go on when half of them are answered', async () => {
    const { acknowledger, sent, busy } = build()
    for (let n = 1; n < MOST_UNANSWERED; n++) acknowledger.received(`e${n}`)
    assert.deepEqual(busy, [])
    acknowledger.received('last')
    acknowledger.received('one more, already on its way')
    assert.deepEqual(busy, [true])
    for (const one of sent.splice(0, MOST_UNANSWERED / 2)) one.answer(200)
    await settled()
    assert.deepEqual(busy, [true])
    sent[0].answer(200)
    await settled()
    assert.deepEqual(busy, [true, false])
  })

  it('do not stop it for ever: one that fails or is refused counts as answered', async () => {
    const { acknowledger, sent, busy, failures } = build()
    for (let n = 0; n < MOST_UNANSWERED; n++) acknowledger.received(`e${n}`)
    sent.forEach((one, index) => index % 2 === 0 ? one.fail() : one.answer(503))
    await settled()
    assert.deepEqual(busy, [true, false])
    assert.equal(failures.length, MOST_UNANSWERED)
  })
})
