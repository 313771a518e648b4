/** What stands where a secret was. */
export const REDACTED = '***'

const SECRET_NAME = /^(?:proxy-)?authorization$|cookie|passw(?:or)?d|passphrase|secret|(?:^|[-_])pin$|token|api[-_]?key|credential|^(?:dtmf)?digits$|dtmf|tokenKey/i
const MAX_DEPTH = 8
const MAX_TEXT = 4000

const NAMES = '(?:access_token|refresh_token|id_token|auth_token|token|password|passwd|passphrase|secret|client_secret|api[-_]?key|pin|code_verifier|digits|(?:play)?dtmf)'

/** Each finds a secret in running text and says what stays of it. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b((?:proxy-)?authorization\s*[:=]\s*)(?:[A-Za-z]+\s+)?[^\s,;"'<>]+/gi, `$1${REDACTED}`],
  [/\b((?:set-)?cookie\s*[:=]\s*)[^\r\n"]+/gi, `$1${REDACTED}`],
  [/\b(basic|bearer|digest)\s+[A-Za-z0-9+/._~=-]{6,}/gi, `$1 ${REDACTED}`],
  [new RegExp(`([?&;\\s,{(]|^)(["']?${NAMES}["']?\\s*[=:]\\s*)("[^"]*"|'[^']*'|[^&\\s,;}"'<>]+)`, 'gi'), `$1$2${REDACTED}`],
  [new RegExp(`<(${NAMES})>[^<]*</`, 'gi'), `<$1>${REDACTED}</`],
  [/(\/\/)[^/\s:@]+:[^/\s@]+@/g, `$1${REDACTED}@`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]+)?/g, REDACTED]
]

/** Text without passwords, tokens, cookies and DTMF digits: for everything that is logged, shown or thrown. Long text is cut. */
export function redactText (text: string): string {
  let clean = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  for (const [pattern, kept] of PATTERNS) clean = clean.replace(pattern, kept)
  return clean
}

/** A copy of any value with its secrets replaced: fields by their name, texts by what they hold. Cycles and depth beyond 8 are cut. */
export function redact (value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '…'
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) }
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, SECRET_NAME.test(key) ? REDACTED : redact(item, depth + 1)]))
}
