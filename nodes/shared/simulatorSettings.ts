/** Reads what a simulator node holds as text. Pure; errors are CTI_INVALID_REQUEST. */
import { CtiError } from '../../src/model'
import type { Directory, FaceName } from '../../src/simulator/pbx/types'
import { isPlainObject, toText } from './coerce'

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
