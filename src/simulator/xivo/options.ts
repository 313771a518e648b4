/** Knobs of the XiVO face; the defaults are those of xivo-cti.md. */
import { type Protocol } from './release'

/** When a call form is pushed (xivo-cti.md 4.8). */
export type SheetTrigger = 'dial' | 'link' | 'unlink' | 'hangup' | 'incomingdid'

/** Things that have an integer id of their own. */
export type IdKind = 'user' | 'phone' | 'agent' | 'queue' | 'voicemail' | 'room'

export interface XivoTls {
  /** PEM. */
  key: string
  cert: string
  /** STARTTLS on the plain port (releases from 15.20), or TLS from the first byte (before). */
  mode?: 'starttls' | 'immediate'
  /** TLS 1.0 only, as the real server; needs clients that still allow it. */
  old?: boolean
}

export interface XivoOptions {
  /** Dialect. */
  protocol?: Protocol
  /** Release of the server, e.g. `15.08`; decides the dialect when `protocol` is absent. */
  release?: string
  tls?: XivoTls
  /** From the connection to the end of the log-in, ms; then the socket is closed without a word. */
  loginTimeoutMs: number
  /** For the TLS handshake after STARTTLS, ms. */
  handshakeMs: number
  /** Log-in errors of 1.2 are lost in the close, as seen with the real server. */
  swallowLoginErrors: boolean
  /** The push of an answer still shows the state before it (1.2). */
  commstatusLag: boolean
  /** `originate` of 1.2 tells how it went on in further lines. */
  originateProgress: boolean
  /** Somebody lifts the phone that rings for an own `dial` after this time, ms; false: nobody does. */
  liftAfterMs: number | false
  sheets: SheetTrigger[]
  /** Sheets are compressed. */
  zip: boolean
  /** A slash is written `\/`, as older encoders do. */
  escapeSlash: boolean
  /** Integer ids by kind and key of the thing; what is not named gets the next free one. */
  ids: Partial<Record<IdKind, Record<string, number>>>
  /** Names of lines by device key, e.g. `SIP/dana77`. */
  lines: Record<string, string>
  /** Log-in names by user key; absent: the key. */
  logins: Record<string, string>
  /** Numbers of agents by agent key; absent: that of the PBX. */
  agentNumbers: Record<string, string>
  /** Profile of a user where it is not the one for his role: its id, or null for none. */
  profiles: Record<string, number | null>
  /** Users whose CTI client is not enabled. */
  disabled: string[]
  /** First number of the channel names. */
  firstChannel: number
  /** Identifies the server; absent: a seeded one. */
  uuid?: string
}

export const DEFAULTS: XivoOptions = {
  loginTimeoutMs: 5000,
  handshakeMs: 500,
  swallowLoginErrors: false,
  commstatusLag: true,
  originateProgress: false,
  liftAfterMs: 2000,
  sheets: ['dial', 'link', 'unlink', 'hangup'],
  zip: true,
  escapeSlash: false,
  ids: {},
  lines: {},
  logins: {},
  agentNumbers: {},
  profiles: {},
  disabled: [],
  firstChannel: 0x1a
}
