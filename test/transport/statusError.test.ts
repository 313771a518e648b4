import assert from 'node:assert/strict'
import { type ErrorCode } from '../../src/model'
import { retryAfterMs, statusError } from '../../src/transport/http'

describe('HTTP status as error', () => {
  const table: [number, ErrorCode, boolean][] = [
    [400, 'CTI_INVALID_REQUEST', false], [401, 'CTI_UNAUTHORIZED', false], [403, 'CTI_FORBIDDEN', false], [404, 'CTI_NOT_FOUND', false], [405, 'CTI_UNSUPPORTED', false], [501, 'CTI_UNSUPPORTED', false],
    [409, 'CTI_CONFLICT', false], [412, 'CTI_CONFLICT', false], [429, 'CTI_RATE_LIMITED', true], [500, 'CTI_UNAVAILABLE', true], [502, 'CTI_UNAVAILABLE', true], [503, 'CTI_UNAVAILABLE', true],
    [599, 'CTI_UNAVAILABLE', true], [418, 'CTI_INVALID_REQUEST', false], [302, 'CTI_PROTOCOL', false], [200, 'CTI_PROTOCOL', false], [0, 'CTI_PROTOCOL', false]
  ]
  for (const [status, code, retryable] of table) {
    it(`${status} is ${code}`, () => {
      const error = statusError({ status, headers: {}, url: 'https://xsp1.example.com/path?token=hidden' }, 'xsi', 'the vendor\'s words.')
      assert.equal(error.code, code)
      assert.deepEqual(error.cause, { vendor: 'xsi', httpStatus: status, retryable, text: 'the vendor\'s words.' })
      assert.equal(error.message, `xsp1.example.com: the vendor's words (status ${status}).`)
    })
  }

  it('takes Retry-After as seconds and as a date', () => {
    const now = Date.parse('2026-01-01T10:00:00Z')
    assert.equal(retryAfterMs('30', now), 30_000)
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 10:01:00 GMT', now), 60_000)
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 09:00:00 GMT', now), 0)
    for (const none of [undefined, '', 'soon']) assert.equal(retryAfterMs(none, now), undefined)
    assert.equal(statusError({ status: 503, headers: { 'retry-after': '2' }, url: 'https://h' }, 'webex').cause.retryAfterMs, 2000)
  })
})
