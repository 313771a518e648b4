/** TLS of an account: one secure context for all its connections (performance.md: memory), and trust by certificate authority or by fingerprint. */
import tls from 'node:tls'
import { CtiError } from '../model'

type Pem = string | Buffer

export interface TlsOptions {
  ca?: Pem | Pem[]
  cert?: Pem | Pem[]
  key?: Pem
  passphrase?: string
  /** Default true. False accepts any certificate. */
  rejectUnauthorized?: boolean
  /** Name asked for and compared, when it is not the host of the URL. */
  servername?: string
  /** SHA-256 of the server's certificate, hex with or without colons. Only that certificate is accepted then, whoever signed it. */
  fingerprint256?: string
}

/** TLS options made ready once. */
export interface TlsSettings {
  readonly secureContext: tls.SecureContext
  readonly rejectUnauthorized: boolean
  readonly servername?: string
  /** Upper-case hex without colons. */
  readonly fingerprint256?: string
}

/** Code of the error when the server shows another certificate than the pinned one. */
export const WRONG_FINGERPRINT = 'WRONG_FINGERPRINT'

const bare = (fingerprint: string): string => fingerprint.replace(/[^0-9A-Fa-f]/g, '').toUpperCase()

/** @throws CtiError CTI_INVALID_REQUEST when certificate, key or fingerprint cannot be used */
export function tlsSettings (options: TlsOptions = {}): TlsSettings {
  const { ca, cert, key, passphrase, servername } = options
  const fingerprint256 = options.fingerprint256 ? bare(options.fingerprint256) : undefined
  if (fingerprint256 !== undefined && fingerprint256.length !== 64) {
    throw new CtiError('CTI_INVALID_REQUEST', 'The fingerprint of the server certificate must be a SHA-256 in hex (64 digits).', { retryable: false })
  }
  try {
    return {
      secureContext: tls.createSecureContext({ ca, cert, key, passphrase, minVersion: 'TLSv1.2' }),
      rejectUnauthorized: fingerprint256 === undefined && options.rejectUnauthorized !== false,
      ...(servername ? { servername } : {}),
      ...(fingerprint256 ? { fingerprint256 } : {})
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new CtiError('CTI_INVALID_REQUEST', 'The TLS certificate, key or passphrase cannot be read: check the TLS configuration.', { ...(code ? { code } : {}), retryable: false })
  }
}

/** What is wrong with the peer of a finished handshake, beyond what Node checks itself. */
export function fingerprintError (socket: tls.TLSSocket, settings: TlsSettings): Error | undefined {
  if (settings.fingerprint256 === undefined) return undefined
  const shown = bare(socket.getPeerCertificate().fingerprint256 ?? '')
  if (shown === settings.fingerprint256) return undefined
  return Object.assign(new Error('the certificate is not the pinned one'), { code: WRONG_FINGERPRINT })
}
