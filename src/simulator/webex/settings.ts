/** What people set that the PBX has no notion of. */
import { type Json } from './http'

type SettingName = 'voicemail' | 'intercept' | 'preferredEndpoint' | 'dndExtras' | 'mobility'

export class Settings {
  private readonly stored = new Map<string, Json>()

  get (owner: string, name: SettingName): Json {
    return this.stored.get(`${name} ${owner}`) ?? {}
  }

  set (owner: string, name: SettingName, value: Json): void {
    this.stored.set(`${name} ${owner}`, value)
  }
}
