/** Whatever node, TLS or axios threw, as a CtiError whose cause is plain and free of credentials. */
import { CtiError, type ErrorCode } from '../model'
import { CLIENT_CLOSED, CONNECT_TIMED_OUT, PROXY_REFUSED } from './connect'
import { WRONG_FINGERPRINT } from './tls'

interface Kind { code: ErrorCode; text: string; sent: boolean; retryable: boolean }

const unreachable = (text: string, sent = false): Kind => ({ code: 'CTI_UNAVAILABLE', text, sent, retryable: true })
const NOT_ACCEPTED = 'its TLS certificate was not accepted'
const certificate = (why: string): Kind => unreachable(`${NOT_ACCEPTED}: ${why}`)

const OWN_AUTHORITY = 'it is signed by an authority that is not known here. Put that authority\'s certificate into the TLS configuration'

const KINDS: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: unreachable('nothing listens there: check host and port'),
  ENOTFOUND: unreachable('the host name is not known: check its spelling and the DNS'),
  EAI_AGAIN: unreachable('the host name could not be looked up just now: check the DNS'),
  EAI_NODATA: unreachable('the host name has no address: check the DNS'),
  EHOSTUNREACH: unreachable('there is no way to the host: check the network'),
  ENETUNREACH: unreachable('there is no way to the network: check the network'),
  EADDRNOTAVAIL: unreachable('no local address is free'),
  ETIMEDOUT: unreachable('the connection timed out', true),
  ECONNRESET: unreachable('the connection was closed by the other side', true),
  ECONNABORTED: unreachable('the connection was closed by the other side', true),
  EPIPE: unreachable('the connection was closed by the other side', true),
  EPROTO: unreachable('no TLS could be agreed on: check that the port speaks TLS'),
  [CONNECT_TIMED_OUT]: { code: 'CTI_TIMEOUT', text: 'no connection in time: check host, port and firewall', sent: false, retryable: true },
  [CLIENT_CLOSED]: { code: 'CTI_NOT_CONNECTED', text: 'the connection is being closed', sent: false, retryable: true },
  [WRONG_FINGERPRINT]: certificate('it is not the pinned one. When the server has a new certificate, change the fingerprint'),
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate('it is self-signed. Put it into the TLS configuration as an authority, or pin its fingerprint'),
  SELF_SIGNED_CERT_IN_CHAIN: certificate(OWN_AUTHORITY),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate(OWN_AUTHORITY),
  UNABLE_TO_GET_ISSUER_CERT: certificate(OWN_AUTHORITY),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate(OWN_AUTHORITY),
  CERT_UNTRUSTED: certificate(OWN_AUTHORITY),
  CERT_HAS_EXPIRED: certificate('it has expired. Renew it on the server, and check the clock of this machine'),
  CERT_NOT_YET_VALID: certificate('it is not valid yet. Check the clock of this machine'),
  CERT_REVOKED: certificate('it was revoked'),
  ERR_TLS_CERT_ALTNAME_INVALID: certificate('it is for another host name. Use the name in the certificate as host, or set the server name in the TLS configuration')
}

const tooLarge: Kind = { code: 'CTI_PROTOCOL', text: 'the reply is larger than allowed', sent: true, retryable: false }
const notHttp: Kind = { code: 'CTI_PROTOCOL', text: 'the answer is not HTTP: check that the port is the right one', sent: true, retryable: false }

interface Thrown { code?: unknown; message?: unknown; status?: unknown; errors?: unknown }

function kindOf (thrown: Thrown, code: string): Kind {
  if (Object.hasOwn(KINDS, code)) return KINDS[code]
  if (code === PROXY_REFUSED) {
    const status = Number(thrown.status)
    const why = status === 407 ? 'the proxy asks for a user name and password: put them into the proxy\'s address' : `the proxy does not let us through (status ${status})`
    return unreachable(why)
  }
  if (typeof thrown.message === 'string' && thrown.message.startsWith('maxContentLength')) return tooLarge
  if (code === 'TOO_LARGE') return tooLarge
  if (code.startsWith('HPE_')) return notHttp
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code.startsWith('ERR_OSSL')) return unreachable('the TLS handshake failed: check that the port speaks TLS and whether a client certificate is asked for')
  return unreachable('the request failed', true)
}

/** Host and port of an address: all that a message may show of it (a query or a path can hold secrets). */
export function placeOf (url: string): string {
  try {
    return new URL(url).host
  } catch {
    return 'the server'
  }
}

/** @param url where the request was going; only its host is shown */
export function connectionError (error: unknown, url: string): CtiError {
  if (error instanceof CtiError) return error
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : {}
  const first: Thrown | undefined = Array.isArray(thrown.errors) ? thrown.errors[0] as Thrown : undefined
  const code = typeof thrown.code === 'string' ? thrown.code : typeof first?.code === 'string' ? first.code : 'UNKNOWN'
  const kind = kindOf(thrown, code)
  const place = placeOf(url)
  return new CtiError(kind.code, `${place}: ${kind.text}.`, { code, retryable: kind.retryable, sent: kind.sent, host: place })
}

export function timeoutError (url: string, ms: number, what = 'no answer'): CtiError {
  const place = placeOf(url)
  return new CtiError('CTI_TIMEOUT', `${place}: ${what} within ${ms} ms.`, { retryable: true, sent: true, host: place })
}

export function tooLargeError (url: string, limit: number): CtiError {
  const place = placeOf(url)
  return new CtiError('CTI_PROTOCOL', `${place}: ${tooLarge.text} (${limit} bytes).`, { retryable: false, sent: true, host: place })
}

/** What an aborted request is told. */
export function abortError (signal: AbortSignal | undefined, url: string): CtiError {
  const reason: unknown = signal?.reason
  if (reason instanceof CtiError) return reason
  return new CtiError('CTI_NOT_CONNECTED', `${placeOf(url)}: the request was given up.`, { retryable: true, aborted: true, sent: true })
}
