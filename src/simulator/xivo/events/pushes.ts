/** The pushes about phones and channels (xivo-cti.md 4.3, 4.4). */
import { type Channel } from '../channels'
import { type Message } from '../codec'
import { phoneStatus } from '../render/lists'
import { hintOf } from '../render/phones'
import { endpointState } from '../render/registered'
import { type Site } from '../site'

/** A phone: only its channels. */
export function pushPhoneChannels (site: Site, deviceKey: string): void {
  if (site.release.channels) site.out.getlist('updatestatus', 'phones', { tid: site.ids.id('phone', deviceKey), status: { channels: site.channels.namesOf(deviceKey) } })
}

/** A phone: everything, with the hint as it was last told. */
export function pushPhone (site: Site, deviceKey: string | undefined): void {
  if (deviceKey !== undefined && site.release.channels) site.out.getlist('updatestatus', 'phones', { tid: site.ids.id('phone', deviceKey), status: phoneStatus(site, deviceKey) })
}

/** The hint of a phone, when it is another one than last told. */
export function pushHint (site: Site, deviceKey: string): void {
  const device = site.pbx.devices.get(deviceKey)
  if (device === undefined) return
  const hint = hintOf(site, device)
  if (site.memory.hints.get(deviceKey) === hint) return
  site.memory.hints.set(deviceKey, hint)
  const id = site.ids.number('phone', deviceKey)
  site.out.getlist('updatestatus', 'phones', { tid: String(id), status: { hintstatus: hint } })
  const registered = endpointState(site, id)
  if (registered !== undefined) site.out.toThose((session) => session.registered.endpoint.has(id), registered)
}

/** A channel as it is; from 15.13 on without direction and kind. */
export function pushChannel (site: Site, channel: Channel): void {
  if (!site.release.channels) return
  const { direction, talkingto_kind: kind, ...rest } = channel.status
  const status: Message = { ...rest }
  if (!site.release.from('15.13')) Object.assign(status, direction === undefined ? {} : { direction }, kind === undefined ? {} : { talkingto_kind: kind })
  site.out.getlist('updatestatus', 'channels', { tid: channel.name, status })
}

/** A channel is gone: its phone without it, then the list. */
export function pushGone (site: Site, channel: Channel): void {
  site.channels.close(channel)
  pushPhone(site, channel.deviceKey)
  if (site.release.channels) site.out.getlist('delconfig', 'channels', { list: [channel.name] })
}
