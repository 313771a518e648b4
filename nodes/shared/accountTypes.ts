import { PLATFORMS, type Platform } from '../../src/model'

/** The node types of a platform. These names are forever (design.md). A sixth platform is a line here. */
export const PLATFORM_NODES: Readonly<Record<Platform, { readonly account: string; readonly events: string }>> = {
  xsi: { account: 'cti-xsi-account', events: 'cti-xsi-events' },
  xivo: { account: 'cti-xivo-account', events: 'cti-xivo-events' },
  five9: { account: 'cti-five9-account', events: 'cti-five9-events' },
  ipecs: { account: 'cti-ipecs-account', events: 'cti-ipecs-events' },
  webex: { account: 'cti-webex-account', events: 'cti-webex-events' }
}

/** Which platform an account node type belongs to; undefined for every other type. */
export function platformOfAccountType (type: unknown): Platform | undefined {
  return PLATFORMS.find((platform) => PLATFORM_NODES[platform].account === type)
}

export function isPlatform (value: unknown): value is Platform {
  return (PLATFORMS as readonly unknown[]).includes(value)
}
