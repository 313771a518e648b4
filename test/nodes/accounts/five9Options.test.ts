import assert from 'node:assert/strict'
import { five9Options } from '../../../nodes/accounts/options/five9'
import type { AccountSettings } from '../../../nodes/shared/accountSettings'

const settings = (properties: Record<string, unknown> = {}, part: Partial<AccountSettings> = {}): AccountSettings => ({
  accountId: 'acc', label: 'Office', properties, credentials: { username: 'rosa@example.com', password: 'secret' }, stableId: (purpose) => `id-${purpose}`, ...part
})
const LOGIN = { username: 'bob', password: 'demo', adminUsername: 'dave', adminPassword: 'boss' }
const simulator = { url: () => 'http://127.0.0.1:4711', login: () => LOGIN, ca: 'PEM' }

/** The cause of the refusal of these properties. */
function refusal (properties: Record<string, unknown>, credentials: Record<string, string> = { username: 'a', password: 'b' }): Record<string, unknown> {
  try {
    five9Options(settings(properties, { credentials }))
  } catch (error) {
    return (error as { cause: Record<string, unknown> }).cause
  }
  return assert.fail(`accepted: ${JSON.stringify(properties)}`)
}

describe('the options of a Five9 account', () => {
  it('join the session of an agent in the United States, without a station, unless told', () => {
    assert.deepEqual(five9Options(settings()), {
      region: 'us', username: 'rosa@example.com', password: 'secret', role: 'agent', policy: 'attach', stationType: 'EMPTY', acceptNotices: true, logout: 'own'
    })
  })

  it('hold what was entered, also where an environment variable made a number or an object of it', () => {
    const options = five9Options(settings({
      region: 'eu', role: 'both', policy: 'takeOver', stationType: 'PSTN', stationId: 12025550100, skills: 'Support, 300000000000031', acceptNotices: 'false', logout: 'never', statsInterval: '0',
      advanced: { paths: { dtmf: '/x' } }
    }, { timeoutMs: 5000 }))
    assert.deepEqual(options, {
      region: 'eu', username: 'rosa@example.com', password: 'secret', role: 'both', policy: 'takeOver', stationType: 'PSTN', stationId: '12025550100', skills: ['Support', '300000000000031'],
      acceptNotices: false, logout: 'never', statsIntervalMs: 0, advanced: { paths: { dtmf: '/x' } }, timeoutMs: 5000
    })
    assert.deepEqual(five9Options(settings({ advanced: '{"logoutReason":true}' })).advanced, { logoutReason: true })
  })

  it('need no station for a supervisor, whatever is left of one in the form', () => {
    assert.equal(five9Options(settings({ role: 'supervisor', stationType: 'PSTN' })).stationType, undefined)
  })

  it('throw nobody out for a mere test of the connection', () => {
    assert.equal(five9Options(settings({ policy: 'takeOver' }, { trial: true })).policy, 'attach')
  })

  it('tell no skills from all skills', () => {
    assert.equal(five9Options(settings({ skills: ' ' })).skills, undefined)
    assert.deepEqual(five9Options(settings({ skills: 'None' })).skills, [])
  })

  it('take another host, and a proxy for it', () => {
    const options = five9Options(settings({ region: 'other', host: 'five9.example.com' }, { proxy: { url: 'http://proxy.example.com:3128', noProxy: [] } }))
    assert.deepEqual([options.baseUrl, options.region, options.proxy], ['five9.example.com', undefined, 'http://proxy.example.com:3128'])
    assert.equal(five9Options(settings({}, { proxy: { url: 'http://p', noProxy: ['five9.com'] } })).proxy, undefined)
  })

  it('name what has to be entered', () => {
    assert.equal(refusal({ region: 'other' }).missing, 'host')
    assert.equal(refusal({}, {}).missing, 'username')
    assert.equal(refusal({}, { username: 'a' }).missing, 'password')
  })

  it('refuse what they do not understand, rather than throw somebody out', () => {
    for (const [field, value] of [['region', 'mars'], ['role', 'boss'], ['policy', 'ForceIn'], ['logout', 'maybe'], ['advanced', '[1]'], ['advanced', '{'], ['advanced', '{"path":{}}']]) assert.equal(refusal({ [field!]: value }).field, field)
  })

  it('take address and login of a simulator: an agent with a softphone, or a supervisor', () => {
    const agent = five9Options(settings({ region: 'other', stationType: 'EMPTY' }, { simulator, credentials: {}, proxy: { url: 'http://p', noProxy: [] } }))
    assert.deepEqual([agent.baseUrl, agent.username, agent.stationType, agent.tls, agent.proxy], ['http://127.0.0.1:4711', 'bob', 'SOFTPHONE', { ca: 'PEM' }, undefined])
    assert.deepEqual(['supervisor', 'both'].map((role) => five9Options(settings({ role }, { simulator, credentials: {} })).username), ['dave', 'bob'])
  })
})
