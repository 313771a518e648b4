import { type Directory } from './types'

/** The house that the simulator shows when no directory is given: fictional people, 555-01xx numbers, every password `demo`. */
export const demoDirectory: Directory = {
  enterprise: 'acme',
  group: 'sales',
  domain: 'example.com',
  country: 'US',
  users: [
    { key: 'alice', first: 'Alice', last: 'Martin', extension: '1001', numbers: ['+12025550101'], department: 'Sales', pickupGroup: 'sales', features: features({ voicemail: true }), devices: [{}, { kind: 'app' }] },
    { key: 'bob', first: 'Bob', last: 'Keller', extension: '1002', numbers: ['+12025550102'], department: 'Sales', pickupGroup: 'sales', agentKey: 'agent-bob', features: features({ voicemail: true }) },
    { key: 'dave', first: 'Dave', last: 'Osei', extension: '1003', numbers: ['+12025550103'], department: 'Support', supervisor: true },
    { key: 'erin', first: 'Erin', last: 'Novak', extension: '1004', numbers: ['+12025550104'], department: 'Support', pickupGroup: 'support', agentKey: 'agent-erin' },
    { key: 'frank', first: 'Frank', last: 'Lindqvist', extension: '1005', numbers: ['+12025550105'], department: 'Support', pickupGroup: 'support', agentKey: 'agent-frank', assistantOf: 'alice' },
    { key: 'cti-admin', first: 'CTI', last: 'Admin', extension: '1099', department: 'IT', admin: true, devices: [] }
  ],
  queues: [
    { key: 'support', name: 'Support', number: '+12025550150', extension: '1050', ids: { xsi: 'support@example.com' }, members: ['agent-bob', 'agent-erin', 'agent-frank'], overflow: { afterSeconds: 120, size: 10, to: '1060' } },
    { key: 'billing', name: 'Billing', number: '+12025550160', extension: '1060', ids: { xsi: 'billing@example.com' }, members: ['agent-erin', 'agent-frank'], wrapUpSeconds: 0 }
  ],
  dids: [{ number: '+12025550140', to: '1050' }, { number: '+12025550141', to: '1001' }],
  externals: [
    { number: '+12025550199', name: 'Carol Diaz', answerAfterMs: 2000 },
    { number: '+12025550188', name: 'Henry Busy', busy: true },
    { number: '+12025550177', name: 'Nora Away', silent: true },
    { number: '+12025550166', invalid: true },
    { number: '+12025550155', name: 'Short Talker', answerAfterMs: 1000, hangUpAfterMs: 5000 }
  ],
  reasonCodes: [{ code: 'BREAK', name: 'Short break' }, { code: 'LUNCH', name: 'Lunch' }, { code: 'MEETING', name: 'Meeting' }, { code: 'TRAINING', name: 'Training' }],
  dispositions: [{ code: 'SALE', name: 'Sale' }, { code: 'NOSALE', name: 'No sale' }, { code: 'CALLBACK', name: 'Call back' }],
  parkSlots: ['2222', '2223', '2224']
}

function features (wanted: { voicemail: boolean }): NonNullable<Directory['users'][number]['features']> {
  return { remoteOffice: { enabled: false }, callWaiting: true, recording: 'on-demand-user-start', callFilter: false, ...wanted }
}
