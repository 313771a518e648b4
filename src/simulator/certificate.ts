/** The certificate of the simulator's TLS servers: signed by itself, made at need, and shared by all servers of the process for a while. */
import { isIP } from 'node:net'
import { generate } from 'selfsigned'

/** PEM. A client trusts the servers when it takes `ca` as an authority. */
export interface Certificate { key: string; cert: string; ca: string }

const DAY_MS = 86_400_000
const VALID_DAYS = 30
/** One that is older is not given to a new server. */
const SHARED_MS = DAY_MS
const NAMES = ['localhost', '127.0.0.1', '::1']

const made = new Map<string, { at: number; certificate: Promise<Certificate> }>()

/**
 * A certificate for this machine and, where it is another name, for the host that the server listens on.
 * @param fresh true: not the shared one, as after a change of certificate
 */
export function certificateFor (host: string, fresh = false): Promise<Certificate> {
  const known = made.get(host)
  if (!fresh && known !== undefined && Date.now() - known.at < SHARED_MS) return known.certificate
  const certificate = make(host)
  if (!fresh) {
    made.set(host, { at: Date.now(), certificate })
    certificate.catch(() => { made.delete(host) })
  }
  return certificate
}

async function make (host: string): Promise<Certificate> {
  const names = [...new Set([...NAMES, host])]
  // From yesterday: a clock that is a little behind must not refuse it.
  const notBeforeDate = new Date(Date.now() - DAY_MS)
  const { private: key, cert } = await generate([{ name: 'commonName', value: `Simulated PBX ${host}` }], {
    keyType: 'ec', algorithm: 'sha256', notBeforeDate, notAfterDate: new Date(notBeforeDate.getTime() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((name) => isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }) }
    ]
  })
  return { key, cert, ca: cert }
}
