import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = '.cti-instance'
const SHAPE = /^[0-9a-f]{32}$/

/** Registry of this process: id by user directory, so that an unwritable directory still gives one id until the end of the process. */
const known = new Map<string, string>()

function read (path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return SHAPE.test(text) ? text : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Id of this Node-RED installation: 32 hex digits kept in `<userDir>/.cti-instance` (mode 0600), made at first use.
 * @param userDir Node-RED's user directory; undefined or unwritable: the id lives in memory only
 * @param warn told once, with the reason, when the id cannot be kept
 */
export function instanceId (userDir: string | undefined, warn: (reason: string) => void): string {
  const cached = known.get(userDir ?? '')
  if (cached !== undefined) return cached
  let id = randomBytes(16).toString('hex')
  if (userDir !== undefined) {
    try {
      const path = join(userDir, FILE)
      const kept = read(path)
      if (kept === undefined) writeFileSync(path, `${id}\n`, { mode: 0o600 })
      else id = kept
    } catch (error) {
      warn((error as NodeJS.ErrnoException).code ?? 'unknown')
    }
  }
  known.set(userDir ?? '', id)
  return id
}

/** Ids that one account shows to its vendor at each start: the same after a restart, different in another installation. */
export function stableId (instance: string, accountId: string, purpose: string): string {
  return `cti-${createHash('sha256').update(`${instance}\n${accountId}\n${purpose}`).digest('hex').slice(0, 24)}`
}
