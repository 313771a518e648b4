/** The vendor Five9 VCC: what the rest of the package uses of it. */
export { Five9Driver } from './session'
export { REGIONS, STATION_TYPES, type Five9Advanced, type Five9Logout, type Five9Options, type Five9Policy, type Five9Region, type Five9Role } from './options'
