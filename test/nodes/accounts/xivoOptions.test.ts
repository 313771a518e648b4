import assert from 'node:assert/strict'
import { xivoOptions, xivoSettleMs } from '../../../nodes/accounts/options/xivo'
import type { AccountSettings } from '../../../nodes/shared/accountSettings'

const settings = (properties: Record<string, unknown> = {}, part: Partial<AccountSettings> = {}): AccountSettings => ({
  accountId: 'acc', label: 'Office', properties: { host: 'xivo.example.com', ...properties }, credentials: { username: 'alice', password: 'secret' },
  stableId: (purpose) => `id-${purpose}`, ...part
})
const simulator = { url: () => 'tcp://127.0.0.1:4711', login: () => ({ username: 'alice', password: 'demo' }), ca: 'PEM' }
const OWN = { users: 'own', phones: 'own', agents: 'own', queues: 'own' }

/** The cause of the refusal of these properties. */
function refusal (properties: Record<string, unknown>, credentials: Record<string, string> = { username: 'a', password: 'b' }): Record<string, unknown> {
  try {
    xivoOptions(settings(properties, { credentials }))
  } catch (error) {
    return (error as { cause: Record<string, unknown> }).cause
  }
  return assert.fail(`accepted: ${JSON.stringify(properties)}`)
}

describe('the options of a XiVO account', () => {
  it('ask for the user\'s own, take encryption that is offered, and never send the password in clear, unless told', () => {
    assert.deepEqual(xivoOptions(settings()), {
      host: 'xivo.example.com', login: 'alice', password: 'secret', protocol: 'auto', tls: 'auto', tlsOptions: {}, legacyTls: false, allowClearPassword: false, lastConnWins: false, watch: OWN
    })
  })

  it('hold what was entered, also where an environment variable made a number of it', () => {
    const options = xivoOptions(settings({
      port: 5013, starttls: 'direct', dialect: 1.2, release: 15.08, profile: 2, presence: 'away', lastConnWins: 'true', legacyTls: true, clearPassword: true,
      fingerprint: 'AB:CD', agentLogin: true, agentId: '2001', agentNumber: 1007
    }))
    assert.deepEqual([options.port, options.tls, options.protocol, options.profile, options.presence], [5013, 'direct', '1.2', '2', 'away'])
    assert.deepEqual([options.lastConnWins, options.legacyTls, options.allowClearPassword], [true, true, true])
    assert.deepEqual([options.tlsOptions, options.agent], [{ fingerprint256: 'AB:CD' }, { id: '2001', number: '1007' }])
    assert.deepEqual(xivoOptions(settings({ agentLogin: true, agentId: ' ' })).agent, {}, 'the user\'s own agent, on its own phone')
    assert.equal(xivoOptions(settings({ agentLogin: false, agentId: '2001' })).agent, undefined)
  })

  it('say in the driver\'s words what encryption is wanted', () => {
    assert.deepEqual(['auto', 'required', 'direct', 'off', ''].map((starttls) => xivoOptions(settings({ starttls })).tls), ['auto', 'require', 'direct', 'off', 'auto'])
  })

  it('name what has to be entered', () => {
    assert.equal(refusal({ host: ' ' }).missing, 'host')
    assert.equal(refusal({}, {}).missing, 'username')
    assert.equal(refusal({}, { username: 'a' }).missing, 'password')
    assert.equal(refusal({ scope: 'users', userList: ' , ' }).missing, 'userList')
  })

  it('refuse what they do not understand, rather than fall back to something less safe', () => {
    for (const [field, value] of [['starttls', 'yes'], ['starttls', 'toString'], ['dialect', '3.0'], ['scope', 'nobody'], ['scope', 'constructor'], ['port', '0'], ['port', '70000'], ['port', 'cti'], ['port', '50.5']]) {
      assert.equal(refusal({ [field!]: value }).field, field, `${field} ${value}`)
    }
  })

  it('watch users, and phones, agents and queues with them unless these are named', () => {
    const watch = (properties: Record<string, unknown>): unknown => xivoOptions(settings(properties)).watch
    assert.deepEqual(watch({ scope: 'all' }), { users: 'all', phones: 'all', agents: 'all', queues: 'all' })
    assert.deepEqual(watch({ scope: 'users', userList: 'Alice Martin, 1002' }), { users: ['Alice Martin', '1002'], phones: 'users', agents: 'users', queues: 'users' })
    assert.deepEqual(watch({ userList: 'left over', phones: 'all', queues: 'Support, 3002' }), { ...OWN, phones: 'all', queues: ['Support', '3002'] })
  })

  it('use a certificate of one\'s own, and a proxy', () => {
    const options = xivoOptions(settings({}, { tls: { ca: 'CA', rejectUnauthorized: true }, proxy: { url: 'http://proxy.example.com:3128', noProxy: [] } }))
    assert.deepEqual([options.tlsOptions, options.proxy], [{ ca: 'CA', rejectUnauthorized: true }, 'http://proxy.example.com:3128'])
    assert.equal(xivoOptions(settings({}, { proxy: { url: 'http://p', noProxy: ['example.com'] } })).proxy, undefined)
  })

  it('take address, login and certificate of a simulator, and nothing that was entered for a system', () => {
    const options = xivoOptions(settings({ port: '1', starttls: 'off', dialect: '2.3', release: '18.03', fingerprint: 'AB' }, {
      simulator, credentials: { username: 'left over', password: 'left over' }, proxy: { url: 'http://p', noProxy: [] }
    }))
    assert.deepEqual([options.host, options.port, options.login, options.password], ['127.0.0.1', 4711, 'alice', 'demo'])
    assert.deepEqual([options.tls, options.tlsOptions, options.protocol, options.serverRelease, options.proxy], ['auto', { ca: 'PEM' }, 'auto', undefined, undefined])
  })

  it('hold a ringing call back for its caller a quarter of a second, or as long as is said', () => {
    assert.deepEqual([undefined, '', 'x', '0', 0, '400'].map((settleMs) => xivoSettleMs(settings({ settleMs }))), [250, 250, 250, 0, 0, 400])
  })
})
