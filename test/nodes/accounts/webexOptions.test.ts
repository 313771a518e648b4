import assert from 'node:assert/strict'
import { webexOptions } from '../../../nodes/accounts/options/webex'
import type { AccountSettings } from '../../../nodes/shared/accountSettings'
import { MemoryTokenStore } from '../../../src/session/tokenStore'
import { WebhookInbox } from '../../../src/webex'

const tokens = new MemoryTokenStore()
const CLIENT = { clientId: 'C1' }
const settings = (properties: Record<string, unknown> = CLIENT, part: Partial<AccountSettings> = {}): AccountSettings => ({
  accountId: 'acc', label: 'Office', properties, credentials: { clientSecret: 'secret' }, stableId: (purpose) => `id-${purpose}`, ...part
})
const LOGIN = { username: 'alice', password: 'demo', token: 'T', adminToken: 'A', clientId: 'C', clientSecret: 'S', serviceClientId: 'SC', serviceClientSecret: 'SS', serviceRefreshToken: 'SR', botToken: 'B' }
const simulator = { url: () => 'http://127.0.0.1:4711', login: () => LOGIN }
const options = (properties?: Record<string, unknown>, part?: Partial<AccountSettings>, means: object = {}): ReturnType<typeof webexOptions> => webexOptions(settings(properties, part), { tokens, ...means })

/** The cause of a refusal. */
function refusal (properties: Record<string, unknown>, credentials: Record<string, string> = { clientSecret: 'x' }): Record<string, unknown> {
  try {
    options(properties, { credentials })
  } catch (error) {
    return (error as { cause: Record<string, unknown> }).cause
  }
  return assert.fail(`accepted: ${JSON.stringify(properties)}`)
}

describe('the options of a Webex account', () => {
  it('are those of an integration for one\'s own calls, unless told', () => {
    const { client, ...rest } = options()
    assert.deepEqual(rest, { accountId: 'acc', instanceId: 'id-webhooks', auth: { kind: 'integration' }, tokens, ownPaths: 'calls' })
    assert.deepEqual([client?.clientId, client?.clientSecret], ['C1', 'secret'])
    assert.deepEqual([...client?.scopes ?? []].sort(), ['spark:calls_read', 'spark:calls_write', 'spark:kms', 'spark:people_read', 'spark:telephony_config_read', 'spark:telephony_config_write'])
  })

  it('hold what was entered', () => {
    const hooks = new WebhookInbox({ publicUrl: 'https://nodered.example.com', path: '/cti/hooks/acc/x', secret: 'x'.repeat(32) })
    const read = options({
      ...CLIENT, redirectUri: 'https://nodered.example.com/cti/oauth/callback', features: ['calls', 'xsi'], members: true, userList: 'bob@example.com', queues: 'q1, q2', interests: ['Agent', 'Virtual Lines'],
      orgId: 'org', ownPaths: 'membersMe', pollIdle: '3000', pollBusy: '0', settingsEvery: '0', baseUrl: 'https://api.example.com/v1'
    }, { timeoutMs: 4000 }, { hooks, redirectUri: 'http://127.0.0.1:1880/x' })
    assert.equal(read.client?.redirectUri, 'https://nodered.example.com/cti/oauth/callback')
    assert.deepEqual([read.members, read.userList, read.queues, read.interests, read.orgId, read.ownPaths], [true, ['bob@example.com'], ['q1', 'q2'], ['Agent', 'Virtual Lines'], 'org', 'membersMe'])
    assert.deepEqual([read.pollIdleMs, read.pollBusyMs, read.settingsMs, read.baseUrl, read.timeoutMs, read.hooks], [3000, undefined, 0, 'https://api.example.com/v1', 4000, hooks])
    assert.ok(read.client?.scopes?.includes('spark:xsi'))
  })

  it('come back to this machine when no redirect address is entered', () => {
    assert.equal(options(CLIENT, {}, { redirectUri: 'http://127.0.0.1:1880/cti/oauth/callback' }).client?.redirectUri, 'http://127.0.0.1:1880/cti/oauth/callback')
  })

  it('are those of a service app, a token, or a bot with an integration for its people', () => {
    assert.deepEqual(options({ ...CLIENT, auth: 'service' }, { credentials: { clientSecret: 's', refreshToken: 'r' } }).auth, { kind: 'service', refreshToken: 'r' })
    assert.deepEqual(options({ auth: 'token' }, { credentials: { accessToken: 't' } }).auth, { kind: 'token', accessToken: 't' })
    const bot = options({ ...CLIENT, auth: 'bot' }, { credentials: { clientSecret: 's', botToken: 'b' } })
    assert.deepEqual([bot.auth, bot.bot, bot.client?.clientId], [{ kind: 'none' }, { accessToken: 'b' }, 'C1'])
    assert.equal(options({ auth: 'bot' }, { credentials: { botToken: 'b' } }).client, undefined)
  })

  it('name what has to be entered, and refuse what they do not understand', () => {
    assert.equal(refusal(CLIENT, {}).missing, 'clientSecret')
    assert.equal(refusal({}).missing, 'clientId')
    assert.equal(refusal({ ...CLIENT, auth: 'bot' }).missing, 'botToken')
    for (const [field, value] of [['auth', 'magic'], ['features', ['calls', 'everything']], ['ownPaths', 'x']] as const) assert.equal(refusal({ ...CLIENT, [field]: value }).field, field)
  })

  it('take everything from a simulator: a person, an administrator, a service app, a bot', () => {
    const on = (properties: Record<string, unknown>): ReturnType<typeof webexOptions> => options(properties, { simulator, credentials: {} })
    assert.deepEqual([on({}).auth, on({}).baseUrl, on({}).client?.clientId], [{ kind: 'token', accessToken: 'T' }, 'http://127.0.0.1:4711/v1', 'C'])
    assert.deepEqual(on({ members: true }).auth, { kind: 'token', accessToken: 'A' })
    assert.deepEqual([on({ auth: 'service' }).auth, on({ auth: 'service' }).client?.clientId], [{ kind: 'service', refreshToken: 'SR' }, 'SC'])
    assert.deepEqual([on({ auth: 'bot' }).auth, on({ auth: 'bot' }).bot], [{ kind: 'none' }, { accessToken: 'B' }])
  })
})
