/** Fictional people and things of the test server, in the server's own words (xivo-cti.md 9). */
export type World = Record<string, Record<string, { config: object; status: object }>>

const UUID = '0f5c0d0a-0000-4000-8000-000000000001'
const services = { enablednd: 0, incallfilter: 0, enableunc: 0, destunc: '', enablebusy: 0, destbusy: '', enablerna: 0, destrna: '', enablevoicemail: 1 }
const member = (name: string, status: string) => ({ queue_name: 'blue', interface: name, membership: 'static', status, paused: '0', penalty: '0', callstaken: '0', lastcall: '' })

/** Dana (3, phone 7, agent 4, mailbox 21) and Lee (5, phone 9, agent 6), both in queue 2. */
export function world (channels: boolean): World {
  const phone = { hintstatus: '0', ...(channels ? { channels: [], queues: [], groups: [] } : {}) }
  const agent = { availability: 'logged_out', availability_since: 1716190000.5, channel: null, nonacd_call_status: null, on_call_acd: false, on_wrapup: false, phonenumber: null, queues: ['2'] }
  return {
    users: {
      3: { config: { firstname: 'Dana', lastname: 'Example', fullname: 'Dana Example', agentid: 4, voicemailid: 21, linelist: ['7'], ...services, ...(channels ? {} : { xivo_uuid: UUID }) }, status: { availstate: 'available', connection: 'yes' } },
      5: { config: { firstname: 'Lee', lastname: 'Sample', fullname: 'Lee Sample', agentid: 6, voicemailid: null, linelist: ['9'], ...services }, status: { availstate: 'away' } }
    },
    phones: {
      7: { config: { number: '1007', identity: 'SIP/dana77', iduserfeatures: 3 }, status: { ...phone } },
      9: { config: { number: '1009', identity: 'SIP/lee99', iduserfeatures: 5 }, status: { ...phone } }
    },
    agents: {
      4: { config: { context: 'default', firstname: 'Dana', lastname: 'Example', number: '2004' }, status: { ...agent } },
      6: { config: { context: 'default', firstname: 'Lee', lastname: 'Sample', number: '2006' }, status: { ...agent, availability: 'available', phonenumber: '1009' } }
    },
    queues: { 2: { config: { context: 'default', displayname: 'Blue team', name: 'blue', number: '3002' }, status: { agentmembers: [], phonemembers: [] } } },
    voicemails: { 21: { config: { context: 'default', mailbox: '1007' }, status: { new: '1', old: '4', waiting: true } } },
    queuemembers: {
      'Agent/2004,blue': { config: member('Agent/2004', '101'), status: member('Agent/2004', '101') },
      'Agent/2006,blue': { config: member('Agent/2006', '1'), status: member('Agent/2006', '1') }
    },
    meetmes: {}
  }
}

export const CAPAS = {
  regcommands: {}, ipbxcommands: {}, preferences: false, services: ['enablednd', 'fwdunc', 'fwdbusy', 'fwdrna'],
  userstatus: {
    available: { color: '#08FD20', longname: 'Available', allowed: ['available', 'away', 'outtolunch', 'donotdisturb'], actions: { enablednd: 'false' } },
    away: { color: '#FDE50A', longname: 'Away', actions: { queuepause_all: '' } },
    outtolunch: { color: '#001AFF', longname: 'Out to lunch', allowed: ['available'], actions: { queuepause_all: '' } },
    donotdisturb: { color: '#FF032D', longname: 'Do not disturb', allowed: ['available'], actions: { enablednd: 'true' } },
    disconnected: { color: '#202020', longname: 'Disconnected', actions: { agentlogoff: '' } }
  },
  phonestatus: { 0: { color: '#0DFF25', longname: 'Available' }, 8: { color: '#1B0AFF', longname: 'Ringing' } }
}
export { UUID }
