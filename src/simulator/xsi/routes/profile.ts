/** Profile of a user and what belongs to it (xsi.md 3.3). */
import { type Reply, type UserCall } from '../http'
import { route, type Route } from '../router'
import { attrs, el, text } from '../tree'
import { forUser } from './users'

const CODES: [name: string, code: string, alternate?: string][] = [
  ['Call Forwarding Always Activation', '*72'], ['Call Forwarding Always Deactivation', '*73'], ['Call Park', '*68'], ['Call Park Retrieve', '*88'], ['Call Pickup', '*98', '#98'],
  ['Directed Call Pickup', '*97'], ['Do Not Disturb Activation', '*78'], ['Do Not Disturb Deactivation', '*79'], ['Voice Mail Retrieval', '*86', '*62']
]

function profile ({ site, user, userId }: UserCall): Reply {
  const base = `/v2.0/user/${userId}/profile`
  const number = user.numbers[0]
  return {
    localised: true,
    body: el('Profile',
      el('details',
        text('userId', userId),
        text('firstName', user.first),
        text('lastName', user.last),
        text('hiranganaLastName', user.last),
        text('hiranganaFirstName', user.first),
        text('groupId', site.names.group),
        attrs({ name: 'serviceProvider', text: site.names.enterprise }, { isEnterprise: 'true' }),
        // National form, as the sample of the sheet has it.
        text('number', number?.replace(/^\+1/, '')),
        text('extension', user.extension)),
      el('additionalDetails', text('emailAddress', user.email), text('department', user.department)),
      text('passwordExpiresDays', 21),
      text('fac', `${base}/Fac`),
      text('registrations', `${base}/Registrations`),
      text('scheduleList', `${base}/Schedule`),
      text('portalPasswordChange', `${base}/Password/Portal`),
      text('countryCode', '1'))
  }
}

function fac (): Reply {
  return {
    localised: true,
    body: el('FAC', CODES.map(([name, code, alternate]) => el('featureAccessCode', text('codeName', name), text('code', code), text('alternateCode', alternate))))
  }
}

function registrations ({ site, user }: UserCall): Reply {
  const rows = user.devices.map((key) => site.pbx.devices.get(key)).filter((device) => device?.registered)
  const until = new Date(site.clock.now() + 3_600_000).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4')
  return {
    localised: true,
    body: el('Registrations', rows.map((device, index) => {
      const aor = site.names.addressOfRecord(user, device?.key)
      const host = `192.0.2.${50 + index}`
      return el('registration',
        text('endpointType', index === 0 ? 'Primary' : 'SharedCallAppearance'),
        text('uri', `sip:${aor.split('@')[0] ?? ''}@${host}:5060`),
        text('expiration', until),
        text('linePort', aor),
        text('publicIP', host),
        text('publicPort', 5060),
        text('privateIP', `198.51.100.${7 + index}`),
        text('privatePort', 5060),
        text('userAgent', 'ExamplePhone/1.0'))
    }))
  }
}

function devices ({ site, user }: UserCall): Reply {
  return {
    localised: true,
    body: el('AccessDevices', user.devices.map((key) => site.pbx.devices.get(key)).map((device) => device && el('accessDevice',
      text('deviceName', device.name), text('deviceLevel', 'Group'), text('deviceType', device.kind === 'desk' ? 'Example Phone' : 'Business Communicator'), text('deviceLinePort', site.names.addressOfRecord(user, device.key)))))
  }
}

function loginToken ({ site, user }: UserCall): Reply {
  const token = Buffer.from(Array.from({ length: 24 }, () => site.rng.integer(0, 255))).toString('base64url')
  site.auth.grant(token, site.names.userId(user), site.clock.now() + 60_000)
  return { status: 201, body: el('LoginToken', text('token', token)) }
}

export const profileRoutes: Route[] = [
  route('actions', 'GET /user/:user/profile', forUser(profile)),
  route('actions', 'GET /user/:user/profile/Fac', forUser(fac)),
  route('actions', 'GET /user/:user/profile/Registrations', forUser(registrations)),
  route('actions', 'GET /user/:user/profile/Device', forUser(devices)),
  route('actions', 'GET /user/:user/profile/Schedule', forUser(() => ({ localised: true, body: el('Schedule') }))),
  route('actions', 'POST /user/:user/profile/LoginToken', forUser(loginToken))
]
