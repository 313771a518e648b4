/** What an account is made of: options, the table of commands, settings of the wrapper. */
import assert from 'node:assert/strict'
import { COMMANDS, importWrapperConfig, IpecsDriver } from '../../src/ipecs'
import { commandsOf, fillParams } from '../../src/ipecs/commands'
import { settingsOf } from '../../src/ipecs/options'
import { socketUrl } from '../../src/ipecs/socket'
import { SwitchClock } from '../../src/ipecs/switchClock'
import { Serials } from '../../src/ipecs/serials'

const base = { host: 'pbx.example.com', port: 8743, username: 'apiuser', password: 'secret' }

describe('iPECS: the options', () => {
  it('make one address of host and port, also of a bare IPv6 address', () => {
    assert.equal(settingsOf(base).origin, 'https://pbx.example.com:8743')
    assert.equal(settingsOf({ ...base, host: '2001:db8::1' }).origin, 'https://[2001:db8::1]:8743')
    assert.equal(settingsOf({ ...base, baseUrl: 'pbx.example.com:1024' }).origin, 'https://pbx.example.com:1024')
  })

  const WRONG: Readonly<Record<string, object>> = {
    'no port': { port: undefined }, 'a port out of range': { port: 70_000 }, 'no user': { username: ' ' }, 'plain http to another machine': { baseUrl: 'http://pbx.example.com' }, 'an unknown type': { accountType: 'boss' },
    'an unknown socket form': { socketVariant: 'x' }, 'a reset time of 25 hours': { metricsResetTime: '25:00' }, 'a time zone that is none': { timeZone: 'Mars/North' }, 'stations from last to first': { stations: [9, 1] },
    'commands that are no JSON': { commands: '{' }, 'a host with a path': { host: 'pbx.example.com/x' }, 'a negative limit': { timeoutMs: -1 }, 'a fingerprint that is too short': { tls: { fingerprint256: 'AB' } }
  }
  for (const [what, change] of Object.entries(WRONG)) it(`refuse ${what}`, () => assert.throws(() => new IpecsDriver({ ...base, ...change }), { code: 'CTI_INVALID_REQUEST' }))

  it('try the form of the socket that is set first, and the others after it', () => {
    assert.deepEqual(settingsOf({ ...base, socketVariant: 'b' }).variants, ['b', 'c', 'd', 'a'])
    assert.equal(socketUrl('https://pbx.example.com:8743', 'api user', 'd', 'a+b'), 'wss://pbx.example.com:8743/ipxapi/server/v1/users/api%20user/login?token=a%2Bb')
    assert.equal(socketUrl('https://pbx.example.com:8743', 'u', 'a', 't'), 'wss://pbx.example.com:8743/ipxapi')
  })
})

describe('iPECS: the table of commands', () => {
  it('is corrected field by field and extended', () => {
    const table = commandsOf('{"monitorStart":{"envelope":true},"getAnonymousReject":{"path":"call/acr"},"lamp":{"path":"call/lamp","params":{"deviceNumber":"{device}","on":true}}}')
    assert.deepEqual(table.get('monitorStart'), { ...COMMANDS.monitorStart, envelope: true })
    assert.equal(table.get('getAnonymousReject')?.enabled, true)
    assert.deepEqual(fillParams(table.get('lamp')!.params, { device: '1001' }), { deviceNumber: '1001', on: true })
  })

  const WRONG: Readonly<Record<string, object>> = {
    'a field that does not exist': { hold: { pathh: 'x' } }, 'a method of its own': { hold: { method: 'PATCH' } }, 'a path upwards': { hold: { path: '../../admin' } }, 'a whole address': { hold: { path: 'https://example.com/' } },
    'a new command without a path': { lamp: { method: 'POST' } }, 'a row that is a text': { hold: 'call/hold' }
  }
  for (const [what, overrides] of Object.entries(WRONG)) it(`refuses ${what}`, () => assert.throws(() => commandsOf(overrides as Parameters<typeof commandsOf>[0]), { code: 'CTI_INVALID_REQUEST' }))

  it('leaves out what has no value, keeps lists, and reads nothing of the prototype', () => {
    assert.deepEqual(fillParams({ a: '{devices}', b: '{none}', c: 'x-{n}', d: '{constructor}' }, { devices: ['1', '2'], n: 3 }), { a: ['1', '2'], c: 'x-3' })
  })
})

describe('iPECS: settings of the wrapper', () => {
  const config = {
    ipecs: {
      BaseURI: 'https://pbx.example.com', Port: 8743, type: 'ipxapi', target: 'server', APIVersion: 'v1', FullWSS: 'wss://{0}:{1}/ipxapi/server/v1/users/{2}/login', uid: 'apiuser', pw: 'top-secret', 'uid-secure': false,
      verify: false, timeout: 6, 'socket-ping-interval': 67, 'max-missed-pings': 3, stations: [1001, 1003], queues: [6], 'metrics-reset-time': '22:00:00', 'metrics-reset-enabled': true
    },
    mongo: { host: 'db.example.com' }
  }
  it('become options of an account that can be used, without the password', () => {
    const { options, username, notes } = importWrapperConfig(JSON.stringify(config))
    assert.deepEqual(options, {
      host: 'pbx.example.com', port: 8743, socketVariant: 'c', tls: { rejectUnauthorized: false }, stations: [1001, 1003], extensions: ['1001', '1002', '1003'], lines: ['6'], metricsResetTime: '22:00:00', silenceMs: 201_000, timeoutMs: 6000
    })
    assert.equal(username, 'apiuser')
    assert.doesNotMatch(JSON.stringify(importWrapperConfig(config)), /top-secret/)
    assert.ok(notes.some((note) => note.includes('not verified')))
    assert.equal(settingsOf({ ...options, username: username!, password: 'x' }).origin, 'https://pbx.example.com:8743')
  })

  it('are read from sections and keys too, and nothing from nonsense', () => {
    const { options } = importWrapperConfig('[ipecs]\nBaseURI = https://pbx.example.com\nPort = 1024\nstations = [1001, 1002]\nverify = true\n[mongo]\nPort = 27017')
    assert.deepEqual([options.host, options.port, options.tls, options.stations], ['pbx.example.com', 1024, undefined, [1001, 1002]])
    for (const nonsense of [undefined, 3, [], '{', { ipecs: 'x' }, { ipecs: { stations: 'x', BaseURI: 'not a url%%' } }]) assert.equal(typeof importWrapperConfig(nonsense), 'object')
  })
})

describe('iPECS: the clock of the switch', () => {
  const now = Date.UTC(2024, 6, 2, 10, 15, 30)
  it('is learned with its zone to the quarter of an hour', () => {
    const clock = new SwitchClock(undefined)
    clock.learn('2024/07/02 15:46:00', now)
    assert.equal(clock.offsetMs, 30_000)
    assert.equal(clock.millis('2024/07/02 15:45:30'), now)
  })
  it('takes the zone that is set, also in summer, and is not moved by the way of a frame', () => {
    const clock = new SwitchClock('Europe/Rome')
    clock.learn('2024/07/02 12:15:29', now)
    assert.equal(clock.offsetMs, 0)
    assert.equal(clock.millis('2024/07/02 12:15:30'), now)
    clock.learn('nonsense', now)
    assert.equal(clock.offsetMs, 0)
  })
})

describe('iPECS: serial numbers', () => {
  it('tell a doubled, a missed and a restarted stream apart', () => {
    const serials = new Serials()
    assert.deepEqual([300, 301, 301, 304, 303, 305, 1, 2].map((one) => serials.check(one, `s${one}`)), ['new', 'new', 'duplicate', 'gap', 'new', 'new', 'restart', 'new'])
    assert.equal(serials.missed, 2)
  })
  it('stay quiet where gaps are the rule: one counter for the whole system', () => {
    const serials = new Serials()
    const verdicts = Array.from({ length: 40 }, (_, index) => serials.check(index * 7, 'x'))
    assert.equal(verdicts.at(-1), 'new')
    assert.equal(verdicts.filter((one) => one === 'gap').length, 9)
  })
  it('does not take an equal number of another event for a repetition', () => {
    const serials = new Serials()
    serials.check(5, 'a')
    assert.equal(serials.check(5, 'b'), 'new')
  })
})
