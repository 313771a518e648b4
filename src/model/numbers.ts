import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min'
import type { Party } from './types'

const CACHE_SIZE = 5000
const URI = /^(?:tel|sips?|callto):/i

/** A telephone address without its URI dress (model.md R4). Neither part is guessed: what is not there is absent. */
export interface Address { number?: string; extension?: string; host?: string }

/** Takes `tel:+12025550199;ext=1001`, `sip:1001@example.com`, `1001`: cuts scheme, host and parameters into fields. */
export function parseAddress (raw: string): Address {
  const text = raw.trim().replace(URI, '')
  const [main = '', ...parameters] = text.split(';')
  const at = main.indexOf('@')
  const number = at < 0 ? main : main.slice(0, at)
  const extension = parameters.find((parameter) => /^ext=/i.test(parameter))?.slice(4)
  return { ...(number ? { number } : {}), ...(extension ? { extension } : {}), ...(at < 0 ? {} : { host: main.slice(at + 1) }) }
}

/** What may be dialled: digits, the signs of a keypad, a leading plus, and the blanks and dashes that people write. */
const DIALLABLE = /^\+?[0-9*#A-D,]+$/i
const DECORATION = /[\s().\-/]/g

/** The number as it may be sent to a vendor, or undefined when it holds letters or nothing to dial. */
export function diallable (text: string): string | undefined {
  const bare = text.trim().replace(URI, '').replace(DECORATION, '')
  return DIALLABLE.test(bare) ? bare : undefined
}

/** Adds E.164 to numbers as they came, by the country of the account. Remembers its answers: parsing costs microseconds. */
export class NumberHelper {
  private readonly known = new Map<string, string>()

  /** @param country ISO 3166 alpha-2 of numbers without international prefix; without it only numbers with a plus get `e164` */
  constructor (private readonly country?: string) {}

  e164 (number: string): string | undefined {
    const known = this.known.get(number)
    if (known !== undefined) return known || undefined
    const parsed = parsePhoneNumberFromString(number, this.country as CountryCode | undefined)
    const answer = parsed?.isPossible() === true ? parsed.number : ''
    if (this.known.size >= CACHE_SIZE) this.known.clear()
    this.known.set(number, answer)
    return answer || undefined
  }

  /** Fills `e164` in place unless the vendor gave it. */
  complete (party: Party | undefined): void {
    if (party?.number === undefined || party.e164 !== undefined) return
    const e164 = this.e164(party.number)
    if (e164 !== undefined) party.e164 = e164
  }
}
