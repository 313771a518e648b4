import assert from 'node:assert/strict'
import type { Protocol } from '../../src/xivo/dialect'
import { hashPassword, Login, type Credentials, type LoginStep } from '../../src/xivo/login'

const base: Credentials = { login: 'dexample', password: 's3cr3t', company: 'default', ident: 'node-red', presence: 'available', lastConnWins: false, fixedProtocol: true, allowClearPassword: true }
const id = { class: 'login_id', sessionid: 'Zk3QpLw8Ra' }
const pass = { class: 'login_pass', capalist: [2, 5] }

function steps (protocol: Protocol, more: Partial<Credentials> = {}, encrypted = false): Login {
  const login = new Login({ ...base, ...more }, protocol, () => encrypted)
  login.start()
  return login
}
const code = (step: LoginStep): string => step.kind === 'failed' ? step.error.code : step.kind
const sent = (step: LoginStep): Record<string, unknown> => step.kind === 'send' ? step.message : {}

describe('logging in to XiVO, step by step', () => {
  it('hashes as the protocol sheet computes it', () => {
    assert.equal(hashPassword('Zk3QpLw8Ra', 's3cr3t'), '648bb8df96d189042030c4ac63389038617b70e1')
  })

  it('sends what each version needs', () => {
    assert.deepEqual(new Login(base, '1.2', () => false).start(), {
      class: 'login_id', commandid: 1, company: 'default', ident: 'node-red', userlogin: 'dexample', version: '9999', xivoversion: '1.2', 'lastlogout-datetime': '', 'lastlogout-stopper': ''
    })
    const two = new Login(base, '2.1', () => false)
    assert.deepEqual(two.start(), { class: 'login_id', commandid: 1, company: 'default', ident: 'node-red', userlogin: 'dexample', wazoversion: '2.1', xivoversion: '2.1' })
    assert.deepEqual(sent(two.take(id)), { class: 'login_pass', commandid: 2, password: 's3cr3t' })
    assert.deepEqual(sent(two.take(pass)), { class: 'login_capas', commandid: 3, capaid: 2, state: 'available' })
  })

  it('takes the profile asked for', () => {
    const login = steps('1.2', { profile: '5' })
    login.take(id)
    assert.equal(sent(login.take(pass)).capaid, 5)
  })

  it('keeps what the server grants', () => {
    const login = steps('1.2')
    login.take(id)
    login.take(pass)
    const done = login.take({ class: 'login_capas', userid: 3, appliname: 'Agent', capaxlets: [['identity', 'grid', '0']], capas: { services: ['enablednd'], preferences: false, userstatus: { away: { longname: 'Away' } } } })
    assert.ok(done.kind === 'done')
    assert.deepEqual([done.capabilities.userId, done.capabilities.profile, done.capabilities.profileId, done.capabilities.services], ['3', 'Agent', '2', ['enablednd']])
    assert.equal(login.take({ class: 'login_capas', error_string: 'x' }).kind, 'ignore')
  })

  it('passes over lines of another step, and stops at a server that is at another one', () => {
    const login = steps('1.2')
    assert.equal(login.take(pass).kind, 'ignore')
    assert.equal(login.take({ class: 'getlist' }).kind, 'ignore')
    assert.equal(login.take({}).kind, 'ignore')
    assert.equal(code(login.take({ class: 'keepalive', error_string: 'notloggedyet' })), 'CTI_PROTOCOL')
  })

  it('does not go on without what a step must bring', () => {
    assert.equal(code(steps('1.2').take({ class: 'login_id' })), 'CTI_PROTOCOL')
    const login = steps('1.2')
    login.take(id)
    assert.equal(code(login.take({ class: 'login_pass', capalist: ['no number'] })), 'CTI_FORBIDDEN')
    const other = steps('1.2')
    other.take(id)
    other.take(pass)
    assert.equal(code(other.take({ class: 'login_capas', capas: {} })), 'CTI_PROTOCOL')
  })

  it('goes over to the version that the server names, unless it was set by hand or is none', () => {
    const auto = { fixedProtocol: false }
    assert.deepEqual(steps('2.3', auto).take({ class: 'login_id', error_string: 'xivoversion_client:2.3;1.2' }), { kind: 'reconnect', protocol: '1.2' })
    assert.equal(code(steps('2.3', auto).take({ class: 'login_id', error_string: 'wazoversion_client:2.3;9.9' })), 'CTI_UNSUPPORTED')
    assert.equal(code(steps('2.3', auto).take({ class: 'login_id', error_string: 'wazoversion_client:2.3;2.3' })), 'CTI_PROTOCOL')
    assert.equal(code(steps('2.3').take({ class: 'login_id', error_string: 'wazoversion_client:2.3;2.2' })), 'CTI_UNSUPPORTED')
  })

  it('gives a clear password to encrypted lines only', () => {
    assert.equal(code(steps('2.0', { allowClearPassword: false }).take(id)), 'CTI_UNSUPPORTED')
    assert.equal(sent(steps('2.0', { allowClearPassword: false }, true).take(id)).password, 's3cr3t')
  })

  it('knows what a close in each step means', () => {
    const one = steps('1.2')
    assert.deepEqual([one.closed(10).code, one.closed(10).cause.retryable], ['CTI_UNAVAILABLE', true])
    one.take(id)
    assert.deepEqual([one.closed(10).code, one.closed(10).cause.retryable], ['CTI_UNAUTHORIZED', false])
    assert.deepEqual([one.closed(5000).code, one.closed(5000).cause.retryable], ['CTI_UNAVAILABLE', true])
    one.take(pass)
    assert.equal(one.closed(10).code, 'CTI_FORBIDDEN')
    const two = steps('2.2')
    two.take(id)
    assert.deepEqual([two.closed(10).code, two.closed(10).cause.retryable], ['CTI_UNAVAILABLE', true])
  })

  it('reads every error of the protocol sheet', () => {
    for (const [error, wanted] of [
      ['login_password', 'CTI_UNAUTHORIZED'], ['capaid_undefined', 'CTI_FORBIDDEN'], ['xivo_auth_error', 'CTI_UNAVAILABLE'], ['user_not_found', 'CTI_UNAVAILABLE'], ['missing:hashedpassword', 'CTI_PROTOCOL'],
      ['something_new', 'CTI_PROTOCOL'], ['constructor', 'CTI_PROTOCOL']
    ]) {
      const login = steps('1.2')
      login.take(id)
      assert.equal(code(login.take({ class: 'login_pass', error_string: error })), wanted)
    }
  })
})
