/** Reads what a simulator node holds as text. Pure; errors are CTI_INVALID_REQUEST. */
import { CtiError } from '../../src/model'
import type { Directory, FaceName } from '../../src/simulator/pbx/types'
import { isPlainObject, toText } from './coerce'

/** Where simulators in Node-RED listen: nobody else is to reach them. */
export const HOST = '127.0.0.1'
const FACES: readonly FaceName[] = ['xsi', 'xivo', 'five9', 'ipecs', 'webex']
const HIGHEST_PORT = 65535

const wrong = (field: string, why: string): CtiError => new CtiError('CTI_INVALID_REQUEST', why, { field, retryable: false })

/** `8080` or `xsi:8080, xivo:5003`: ports by face; empty means any free port. A bare number is the port of the first face. */
export function readPorts (value: unknown): Partial<Record<FaceName, number>> {
  const ports: Partial<Record<FaceName, number>> = {}
  for (const part of toText(value).split(',').map((each) => each.trim()).filter((each) => each !== '')) {
    const [, name = FACES[0], digits] = /^(?:([a-z0-9]+)\s*[:=]\s*)?(\d{1,5})$/.exec(part) ?? []
    const face = FACES.find((each) => each === name)
    const port = Number(digits)
    if (face === undefined || !(port <= HIGHEST_PORT)) throw wrong('ports', `"${part}" is no port: write 8080, or by system xsi:8080.`)
    ports[face] = port
  }
  return ports
}

/** The directory, or undefined for the demo house. Its entries are checked by the PBX, which knows what fits together. */
export function readDirectory (value: unknown): Directory | undefined {
  if (value === undefined || value === null || value === '') return undefined
  let directory: unknown = value
  if (typeof value === 'string') {
    try {
      directory = JSON.parse(value)
    } catch (error) {
      throw wrong('directory', `The directory of the simulator is no JSON: ${(error as Error).message}`)
    }
  }
  if (isPlainObject(directory) && Array.isArray(directory.users)) return directory as unknown as Directory
  throw wrong('directory', 'The directory of the simulator needs a list "users".')
}

function objectOf (value: unknown): Record<string, unknown> {
  if (value === undefined || value === null || value === '') return {}
  let read: unknown = value
  if (typeof value === 'string') {
    try {
      read = JSON.parse(value)
    } catch (error) {
      throw wrong('systems', `The options of the simulated systems are no JSON: ${(error as Error).message}`)
    }
  }
  if (isPlainObject(read)) return read
  throw wrong('systems', 'The options of the simulated systems are no JSON object.')
}

/**
 * Options of the faces, by face: what the rows of the form say, and over that what the JSON says. What is in them is checked by the faces.
 * @param tls certificate of the XiVO side when it is to offer STARTTLS
 */
export function readSystems (def: Readonly<Record<string, unknown>>, tls?: { key: string; cert: string }): Partial<Record<FaceName, object>> {
  const systems = objectOf(def.systems)
  const unknown = Object.keys(systems).find((name) => !(FACES as readonly string[]).includes(name))
  if (unknown !== undefined) throw wrong('systems', `There is no simulated system "${unknown.slice(0, 40)}". Possible: ${FACES.join(', ')}.`)
  for (const [name, options] of Object.entries(systems)) if (!isPlainObject(options)) throw wrong('systems', `The options of "${name}" are no JSON object.`)
  const release = toText(def.xivoRelease)
  const xivo = { ...(release === '' ? {} : { release }), ...(tls === undefined ? {} : { tls: { key: tls.key, cert: tls.cert, mode: 'starttls' } }), ...systems.xivo as object }
  return { ...systems, ...(Object.keys(xivo).length === 0 ? {} : { xivo }) }
}
