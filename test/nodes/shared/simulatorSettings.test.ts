import assert from 'node:assert/strict'
import { CtiError } from '../../../src/model'
import { readDirectory, readPorts, readSystems } from '../../../nodes/shared/simulatorSettings'

const refused = (field: string) => (error: unknown): boolean => error instanceof CtiError && error.code === 'CTI_INVALID_REQUEST' && error.cause.field === field

describe('ports of the simulator', () => {
  it('are free to choose when nothing is written', () => {
    for (const nothing of ['', '  ', undefined, null]) assert.deepEqual(readPorts(nothing), {})
  })

  it('are read as a number, or by the name of the system', () => {
    assert.deepEqual(readPorts('8080'), { xsi: 8080 })
    assert.deepEqual(readPorts(8080), { xsi: 8080 }, 'an environment variable makes a number of it')
    assert.deepEqual(readPorts(' xsi: 8080 , xivo=5003,'), { xsi: 8080, xivo: 5003 })
  })

  it('are refused when they are none', () => {
    for (const wrong of ['port', '65536', '-1', 'sip:5060', 'xsi:', '80 81', '1e3', 'xsi:8080;five9:1', 'constructor:80']) assert.throws(() => readPorts(wrong), refused('ports'), wrong)
  })
})

describe('directory of the simulator', () => {
  it('is the demo house when nothing is written', () => assert.equal(readDirectory(''), undefined))

  it('is read from JSON text, or taken as an object from an environment variable', () => {
    assert.deepEqual(readDirectory('{"users":[]}'), { users: [] })
    assert.deepEqual(readDirectory({ users: [] }), { users: [] })
  })

  it('is refused when it is no JSON or has no users', () => {
    for (const wrong of ['{', 'null', '[]', '{"users":{}}', '7', 7, true]) assert.throws(() => readDirectory(wrong), refused('directory'), String(wrong))
  })
})

describe('options of the simulated systems', () => {
  it('are none when nothing is written', () => assert.deepEqual(readSystems({}), {}))

  it('come from the rows of the form and, over that, from JSON by system', () => {
    assert.deepEqual(readSystems({ xivoRelease: 15.08 }), { xivo: { release: '15.08' } })
    assert.deepEqual(readSystems({ xivoRelease: '15.08', systems: '{"xivo":{"zip":false},"five9":{"servers":2}}' }, { key: 'K', cert: 'C' }), {
      xivo: { release: '15.08', tls: { key: 'K', cert: 'C', mode: 'starttls' }, zip: false }, five9: { servers: 2 }
    })
  })

  it('are refused when they are no object, or of no system', () => {
    for (const systems of ['{', '[]', '7', '{"teams":{}}', '{"xivo":1}', 7]) assert.throws(() => readSystems({ systems }), refused('systems'), String(systems))
  })
})
