/** The web socket of the events: four forms of its address, tried until one is taken (ipecs.md 2.5). */
import { CtiError } from '../model'
import { WebSocketClient, type WebSocketListener } from '../transport/webSocket'
import type { Settings } from './options'
import type { SocketVariant } from './protocol'

/** Statuses that mean: not this address. */
const OTHER_FORM: ReadonlySet<unknown> = new Set([400, 403, 404, 405, 426])

/** Address of a form; the token goes into the address of form d only. */
export function socketUrl (origin: string, username: string, variant: SocketVariant, token: string): string {
  const base = `${origin.replace(/^http/, 'ws')}/ipxapi`
  const user = `${base}/server/v1/users/${encodeURIComponent(username)}`
  return { a: base, b: `${user}/acd`, c: `${user}/login`, d: `${user}/login?token=${encodeURIComponent(token)}` }[variant]
}

/**
 * Opens the socket with the first form that the switch takes.
 * @param preferred the form that worked last
 * @returns the socket and its form. @throws CtiError CTI_UNAUTHORIZED when the token is gone, the last refusal when none is taken, errors of the transport
 */
export async function openSocket (settings: Settings, token: string, signal: AbortSignal, listener: WebSocketListener, preferred?: SocketVariant): Promise<{ socket: WebSocketClient; variant: SocketVariant }> {
  const { origin, username, tls, proxy, pingMs, pongMs, timeoutMs } = settings
  const variants = preferred === undefined ? settings.variants : [preferred, ...settings.variants.filter((one) => one !== preferred)]
  let refusal: CtiError | undefined
  for (const variant of variants) {
    try {
      const socket = await WebSocketClient.open({
        vendor: 'ipecs', url: socketUrl(origin, username, variant, token), headers: { Origin: origin, ...(variant === 'd' ? {} : { Authorization: `Bearer ${token}` }) },
        pingIntervalMs: pingMs, pongTimeoutMs: pongMs, handshakeTimeoutMs: timeoutMs, lenientText: true, signal, ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy })
      }, listener)
      return { socket, variant }
    } catch (error) {
      refusal = CtiError.from(error, 'ipecs')
      if (!OTHER_FORM.has(refusal.cause.httpStatus)) throw refusal
    }
  }
  // No form was taken: that may as well be the token, or a socket that is open already. A new login decides.
  throw new CtiError('CTI_UNAVAILABLE', `The switch took no form of the web socket's address (status ${String(refusal?.cause.httpStatus)}). Is another socket open for this account?`, { vendor: 'ipecs', ...refusal?.cause, retryable: true })
}
