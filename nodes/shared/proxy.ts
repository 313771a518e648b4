import type { ProxyOptions } from './accountSettings'

function hostOf (address: string): string {
  const text = address.includes('://') ? address : `https://${address}`
  return URL.canParse(text) ? new URL(text).hostname.toLowerCase() : ''
}

/** `example.com` and `.example.com` mean the domain and what is below it; `*` means every host. */
function isExcepted (host: string, exceptions: readonly string[]): boolean {
  return exceptions.some((exception) => {
    const domain = exception.toLowerCase().replace(/^\*?\.?/, '').replace(/:\d+$/, '')
    return exception === '*' || (domain !== '' && (host === domain || host.endsWith(`.${domain}`)))
  })
}

/**
 * Address of the proxy with its credentials, as clients take it.
 * @param target address or host of the server; undefined is not excepted
 * @returns undefined when no proxy is to be used for this target
 */
export function proxyUrl (proxy: ProxyOptions | undefined, target: string | undefined): string | undefined {
  if (proxy === undefined || isExcepted(hostOf(target ?? ''), proxy.noProxy)) return undefined
  const text = proxy.url.includes('://') ? proxy.url : `http://${proxy.url}`
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (proxy.username !== undefined) url.username = encodeURIComponent(proxy.username)
  if (proxy.password !== undefined) url.password = encodeURIComponent(proxy.password)
  return url.href.replace(/\/$/, '')
}
