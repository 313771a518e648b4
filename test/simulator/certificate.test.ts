import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { certificateFor } from '../../src/simulator/certificate'

describe('simulator/certificate', () => {
  it('names this machine and the host, is its own authority, and is valid now and not for long', async () => {
    const { cert, ca } = await certificateFor('pbx.example.com')
    const read = new X509Certificate(cert)
    assert.equal(ca, cert)
    assert.deepEqual([read.ca, read.checkIssued(read), read.verify(read.publicKey)], [true, true, true])
    for (const host of ['localhost', 'pbx.example.com']) assert.equal(read.checkHost(host), host)
    assert.equal(read.checkIP('127.0.0.1'), '127.0.0.1')
    assert.equal(read.checkHost('other.example.com'), undefined)
    const [from, to] = [Date.parse(read.validFrom), Date.parse(read.validTo)]
    assert.ok(from < Date.now() && to > Date.now() && to - from <= 31 * 86_400_000)
  })

  it('is the same for all servers of a host, unless a fresh one is wanted', async () => {
    const [one, two, other, fresh] = await Promise.all([certificateFor('127.0.0.1'), certificateFor('127.0.0.1'), certificateFor('pbx.example.com'), certificateFor('127.0.0.1', true)])
    assert.equal(one, two)
    assert.equal(new Set([one.cert, other.cert, fresh.cert]).size, 3)
    assert.equal(await certificateFor('127.0.0.1'), one)
  })
})
