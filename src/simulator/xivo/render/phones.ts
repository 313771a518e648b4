/** State of phones as Asterisk's extension states (xivo-cti.md 3.3). */
import { type Connection, type Device } from '../../pbx/types'
import { type Site } from '../site'

/** Device state of a queue member by hint code. */
const MEMBER_STATUS: Record<string, string> = { 0: '1', 1: '2', 2: '3', 4: '5', 8: '6', 9: '7', 16: '8' }

export function ringsAt (connection: Connection, device: Device): boolean {
  const rings = connection.state === 'alerting' && connection.personality === 'terminator'
  const ownRings = connection.state === 'initiated' && connection.personality === 'clickToDial'
  return (rings || ownRings) && connection.alertingDevices.includes(device.key)
}

/** Whether somebody else holds does not show: only the own hold key does. */
function heldHere (connection: Connection): boolean {
  return connection.state === 'hold' && connection.heldBy !== 'remote'
}

/** Hint code of a phone. */
export function hintOf (site: Site, device: Device): string {
  if (!device.registered) return '4'
  const open = site.pbx.connectionsOf(device.userKey)
  const used = open.filter((connection) => connection.deviceKey === device.key)
  const rings = open.some((connection) => ringsAt(connection, device))
  if (rings) return used.length > 0 ? '9' : '8'
  if (used.length === 0) return '0'
  return used.every(heldHere) ? '16' : '1'
}

export function memberStatusOf (hint: string): string {
  return MEMBER_STATUS[hint] ?? '0'
}

/** The first phone of a user, which the server tracks calls of. */
export function mainDevice (site: Site, userKey: string): Device | undefined {
  return site.pbx.devices.get(site.pbx.users.get(userKey)?.devices[0] ?? '')
}
