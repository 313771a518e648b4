/** Codes on their way from an agreement to tokens: of the authorization page and of the device grant (webex-calling.md 2.3). */
import { createHash } from 'node:crypto'
import { type Ms, type User } from '../../pbx/types'
import { type Rng } from '../../pbx/rng'
import { hex } from '../../random'
import { type WebexOptions } from '../options'

interface CodeGrant { user: User; clientId: string; scopes: string[]; redirectUri: string; challenge?: string; until: Ms }
interface DeviceFlow { clientId: string; scopes: string[]; userCode: string; until: Ms; asked?: Ms; user?: User; denied?: boolean }
/** What a question about a device code comes to. */
type DeviceAnswer = { is: 'pending' | 'tooFast' | 'denied' | 'unknown' } | { is: 'agreed'; user: User; scopes: string[] }

const MOST = 1000

export class Flows {
  private readonly codes = new Map<string, CodeGrant>()
  private readonly devices = new Map<string, DeviceFlow>()

  constructor (private readonly needs: { options: WebexOptions; rng: Rng; now: () => Ms }) {}

  /** A single-use code for somebody who agreed. */
  code (grant: Omit<CodeGrant, 'until'>): string {
    const code = hex(this.needs.rng, 64).toLowerCase()
    this.tidy(this.codes)
    this.codes.set(code, { ...grant, until: this.needs.now() + this.needs.options.codeSeconds * 1000 })
    return code
  }

  /** Uses a code up. @returns undefined unless it is known, in time, and the client, address and verifier fit */
  redeem (code: string, shown: { clientId: string; redirectUri: string; verifier?: string }): CodeGrant | undefined {
    const grant = this.codes.get(code)
    this.codes.delete(code)
    if (grant === undefined || grant.until <= this.needs.now() || grant.clientId !== shown.clientId || grant.redirectUri !== shown.redirectUri) return undefined
    return grant.challenge === undefined || proves(shown.verifier, grant.challenge) ? grant : undefined
  }

  openDevice (clientId: string, scopes: string[]): { deviceCode: string; userCode: string } {
    const deviceCode = hex(this.needs.rng, 40).toLowerCase()
    const digits = String(this.needs.rng.integer(100_000, 999_999))
    this.tidy(this.devices)
    this.devices.set(deviceCode, { clientId, scopes, userCode: digits, until: this.needs.now() + this.needs.options.deviceCodeSeconds * 1000 })
    return { deviceCode, userCode: digits }
  }

  /** The flow that a person typed the code of. */
  deviceOf (userCode: string): { clientId: string; scopes: string[] } | undefined {
    return this.byUserCode(userCode)
  }

  /** A person agreed, or did not (`undefined`). @returns false for a code that is unknown or too old */
  decideDevice (userCode: string, user: User | undefined): boolean {
    const flow = this.byUserCode(userCode)
    if (flow === undefined) return false
    flow.user = user
    flow.denied = user === undefined
    return true
  }

  /** A client asks; an agreed code is used up by that. */
  askDevice (deviceCode: string, clientId: string): DeviceAnswer {
    const flow = this.devices.get(deviceCode)
    const now = this.needs.now()
    if (flow === undefined || flow.until <= now || flow.clientId !== clientId) return { is: 'unknown' }
    const tooFast = flow.asked !== undefined && now - flow.asked < this.needs.options.deviceIntervalSeconds * 1000
    flow.asked = now
    if (flow.user !== undefined || flow.denied === true) this.devices.delete(deviceCode)
    if (flow.denied === true) return { is: 'denied' }
    if (flow.user !== undefined) return { is: 'agreed', user: flow.user, scopes: flow.scopes }
    return { is: tooFast ? 'tooFast' : 'pending' }
  }

  private byUserCode (userCode: string): DeviceFlow | undefined {
    const digits = userCode.replace(/\D/g, '')
    return [...this.devices.values()].find((flow) => flow.userCode === digits && flow.until > this.needs.now() && flow.user === undefined && flow.denied !== true)
  }

  private tidy (flows: Map<string, { until: Ms }>): void {
    for (const [key, { until }] of flows) if (until <= this.needs.now()) flows.delete(key)
    if (flows.size >= MOST) flows.delete(flows.keys().next().value ?? '')
  }
}

/** PKCE with S256 (U4). */
function proves (verifier: string | undefined, challenge: string): boolean {
  return verifier !== undefined && createHash('sha256').update(verifier).digest('base64url') === challenge
}
