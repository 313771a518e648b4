import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import type { OwnMark } from '../../src/xivo/tables'
import { assertHolds, Mapping } from './support/mapping'

interface Step { line: Record<string, unknown>; events: object[]; pass?: number; dial?: string; mark?: OwnMark & { leg: string } }
interface Golden { title: string; channels: boolean; steps: Step[] }

const folder = join(__dirname, '../golden/xivo')

const LISTS = ['users', 'phones', 'agents', 'queues', 'voicemails', 'queuemembers', 'meetmes']
/** What a server sends by itself, and what it answers without an id (xivo-cti.md 4.2). */
const PUSHED = [
  ...LISTS.flatMap((list) => ['addconfig', 'delconfig', 'updateconfig'].map((what) => `getlist ${what} ${list}`)), ...LISTS.filter((list) => list !== 'queuemembers').map((list) => `getlist updatestatus ${list}`),
  'getlist updatestatus channels', 'getlist delconfig channels', 'getqueuesstats', 'queueentryupdate', 'current_calls', 'current_call_attended_transfer_answered', 'current_call_attended_transfer_cancelled',
  'meetme_update', 'meetme_user', 'sheet', 'user_status_update', 'agent_status_update', 'endpoint_status_update', 'dial_success', 'ipbxcommand', 'chitchat', 'fax_progress', 'directory', 'directory_headers',
  'directory_search_result', 'people_headers_result', 'people_search_result', 'people_favorites_result', 'people_favorite_update', 'people_personal_contacts_result', 'people_personal_contact_created',
  'people_personal_contact_deleted', 'people_personal_contact_raw_result', 'people_personal_contact_raw_update', 'people_personal_contacts_purged', 'people_import_personal_contacts_csv_result',
  'people_export_personal_contacts_csv_result', 'relations', 'history', 'agentlisten', 'serverdown', 'disconn', 'disconnect', 'featuresput'
]
const nameOf = ({ class: name, function: what, listname }: Step['line']): string => name === 'getlist' ? `getlist ${String(what)} ${String(listname)}` : String(name)

/** The wire as the protocol sheet shows it, line by line, and the events that each must give. */
describe('lines of XiVO as neutral events', () => {
  it('are each there as a sample', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
    const sampled = new Set(files.flatMap((file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden[]).flatMap(({ steps }) => steps.map(({ line }) => nameOf(line)))))
    assert.deepEqual(PUSHED.filter((name) => !sampled.has(name)), [])
  })

  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).sort()) {
    const scenarios = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden[]
    describe(file.replace('.json', ''), () => {
      for (const { title, channels, steps } of scenarios) {
        it(title, () => {
          const mapping = new Mapping(channels)
          steps.forEach(({ line, events, pass, dial, mark }, index) => {
            if (pass !== undefined) mapping.pass(pass)
            if (dial !== undefined) mapping.tables.dials.push({ to: dial, phone: '7', at: Number(line.timenow) * 1000 - 100 })
            if (mark !== undefined) mapping.tables.mark(mark.leg, mark)
            const told = mapping.feed(line)
            const names = (list: readonly object[]): unknown[] => list.map((event) => (event as TelephonyEvent).event)
            assert.deepEqual(names(told), names(events), `line ${index + 1}: ${JSON.stringify(line)}`)
            events.forEach((wanted, at) => assertHolds(told[at], wanted, `line ${index + 1} event ${at + 1}`))
          })
        })
      }
    })
  }
})
