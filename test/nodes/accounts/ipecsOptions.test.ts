import assert from 'node:assert/strict'
import { importedFields, ipecsOptions } from '../../../nodes/accounts/options/ipecs'
import type { AccountSettings } from '../../../nodes/shared/accountSettings'
import { importWrapperConfig } from '../../../src/ipecs/wrapperConfig'
import { MemoryTokenStore } from '../../../src/session/tokenStore'

const tokenStore = new MemoryTokenStore()
const PLACE = { host: 'pbx.example.com', port: '8743' }
const settings = (properties: Record<string, unknown> = PLACE, part: Partial<AccountSettings> = {}): AccountSettings => ({
  accountId: 'acc', label: 'Office', properties, credentials: { username: 'apiuser', password: 'secret' }, stableId: (purpose) => `id-${purpose}`, ...part
})
const simulator = { url: () => 'https://127.0.0.1:4711', login: () => ({ username: 'apiuser', password: 'demo', ca: 'PEM' }) }
const options = (properties?: Record<string, unknown>, part?: Partial<AccountSettings>): ReturnType<typeof ipecsOptions> => ipecsOptions(settings(properties, part), tokenStore)

/** The cause of a refusal. */
function refusal (properties: Record<string, unknown>, credentials: Record<string, string> = { username: 'a', password: 'b' }): Record<string, unknown> {
  try {
    options({ ...PLACE, ...properties }, { credentials })
  } catch (error) {
    return (error as { cause: Record<string, unknown> }).cause
  }
  return assert.fail(`accepted: ${JSON.stringify(properties)}`)
}

describe('the options of an iPECS account', () => {
  it('verify the certificate, monitor nothing and tell the summary, unless told', () => {
    assert.deepEqual(options(), {
      host: 'pbx.example.com', port: 8743, username: 'apiuser', password: 'secret', accountType: 'server', presence: true, legacySummary: true, socketVariant: 'auto', alwaysEnvelope: false, tokenStore
    })
  })

  it('hold what was entered', () => {
    const read = options({
      ...PLACE, accountType: 'client', extensions: '1001-1003, 1010', presence: false, groups: [{ number: '620', bin: '0008', name: 'Support' }, { number: 621, bin: '', name: '' }, { number: '', bin: '1' }],
      stations: '1001 - 1016', lines: '6, 7', legacySummary: false, summaryReset: '22:00', statsInterval: '500', timeZone: 'Europe/Rome', socket: 'd', alwaysEnvelope: true, loginRetry: '5', loginLimit: '0',
      commands: '{"originate":{"path":"call/dial"}}'
    })
    assert.deepEqual([read.accountType, read.extensions, read.presence, read.legacySummary], ['client', ['1001', '1002', '1003', '1010'], false, false])
    assert.deepEqual([read.groups, read.groupNames], [{ 620: '0008' }, { 620: 'Support' }])
    assert.deepEqual([read.stations, read.lines, read.metricsResetTime, read.statsIntervalMs, read.timeZone], [[1001, 1016], ['6', '7'], '22:00', 500, 'Europe/Rome'])
    assert.deepEqual([read.socketVariant, read.alwaysEnvelope, read.alreadyLoginMs, read.alreadyLoginLimitMs, read.commands], ['d', true, 5000, 1, { originate: { path: 'call/dial' } }])
  })

  it('wait for a login that is in use as long as it says, and not at all in a test', () => {
    const limit = (loginLimit: string, part?: Partial<AccountSettings>): number | undefined => options({ ...PLACE, loginLimit }, part).alreadyLoginLimitMs
    assert.deepEqual([limit(''), limit('60'), limit('60', { trial: true }), limit('', { trial: true })], [undefined, 60_000, 1, 1])
  })

  it('take a whole address for the host, with the port in it or in its own field', () => {
    const baseUrl = (host: string, port = ''): unknown => options({ host, port }).baseUrl
    assert.deepEqual(['https://pbx.example.com:8743', 'https://pbx.example.com:8743/'].map((host) => baseUrl(host, '1024')), ['https://pbx.example.com:8743', 'https://pbx.example.com:8743/'])
    assert.deepEqual([baseUrl('https://pbx.example.com/', '8743'), baseUrl('https://pbx.example.com')], ['https://pbx.example.com:8743', 'https://pbx.example.com'])
    const proxy = { url: 'proxy.example.com:3128', noProxy: ['.example.com'] }
    assert.equal(options({ host: 'https://pbx.example.com:8743' }, { proxy }).proxy, undefined)
  })

  it('keep leading zeros of extensions, know all, and bound a range', () => {
    assert.deepEqual(options({ ...PLACE, extensions: '0098-0101' }).extensions, ['0098', '0099', '0100', '0101'])
    assert.equal(options({ ...PLACE, extensions: 'All' }).extensions, 'all')
    for (const wrong of ['1-999999999', '1010-1001', '1-3000, 1-3000']) assert.equal(refusal({ extensions: wrong }).field, 'extensions')
  })

  it('do not verify a certificate only where that was chosen', () => {
    const tls = { ca: 'CA', rejectUnauthorized: true }
    const trust = (properties: Record<string, unknown>): unknown => options({ ...PLACE, ...properties }, { tls }).tls
    assert.deepEqual(trust({}), tls)
    assert.deepEqual(trust({ trust: 'none' }), { ca: 'CA', rejectUnauthorized: false })
    assert.deepEqual(trust({ trust: 'fingerprint', fingerprint: 'AB:CD' }), { ...tls, fingerprint256: 'AB:CD' })
    assert.equal(refusal({ trust: 'fingerprint' }).missing, 'fingerprint')
    assert.equal(refusal({ trust: 'whatever' }).field, 'trust')
  })

  it('name what has to be entered', () => {
    assert.equal(refusal({ host: ' ' }).missing, 'host')
    assert.equal(refusal({ port: '' }).missing, 'port')
    assert.equal(refusal({}, {}).missing, 'username')
    assert.equal(refusal({}, { username: 'a' }).missing, 'password')
    assert.equal(refusal({ stations: '1001' }).field, 'stations')
  })

  it('take address, login and certificate of a simulator, and monitor all', () => {
    const read = options({ trust: 'none', accountType: 'client', socket: 'b' }, { simulator, credentials: {} })
    assert.deepEqual([read.baseUrl, read.username, read.tls, read.extensions, read.accountType, read.socketVariant], ['https://127.0.0.1:4711', 'apiuser', { ca: 'PEM' }, 'all', 'server', 'auto'])
  })
})

describe('the import of a wrapper\'s configuration', () => {
  it('fills in the fields of the dialog, but no password', () => {
    const { values, notes } = { values: importedFields(importWrapperConfig({
      ipecs: { BaseURI: 'https://pbx.example.com', Port: 8743, type: 'ipxapi', target: 'server', FullWSS: 'wss://{0}:{1}/ipxapi/server/v1/users/{2}/login', uid: 'apiuser', pw: 'secret', verify: false, stations: [1001, 1016], queues: [6], 'metrics-reset-time': '22:00:00', 'metrics-reset-enabled': true }
    })), notes: importWrapperConfig({ ipecs: { pw: 'secret' } }).notes }
    assert.deepEqual(values, {
      host: 'pbx.example.com', port: '8743', username: 'apiuser', socket: 'c', trust: 'none', stations: '1001-1016', extensions: '1001-1016', lines: '6', summaryReset: '22:00:00'
    })
    assert.equal(JSON.stringify(notes).includes('secret'), false)
    assert.ok(notes.some((note) => /password/.test(note)))
  })

  it('fills in nothing from what is no configuration', () => {
    for (const nonsense of ['', 'x', '{', [], 7, null]) assert.deepEqual(importedFields(importWrapperConfig(nonsense)), {})
  })
})
