import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import type { OwnMark } from '../../src/xivo/tables'
import { assertHolds, Mapping } from './support/mapping'

interface Step { line: Record<string, unknown>; events: object[]; pass?: number; dial?: string; mark?: OwnMark & { leg: string } }
interface Golden { title: string; channels: boolean; steps: Step[] }

const folder = join(__dirname, '../golden/xivo')

/** The wire as the protocol sheet shows it, line by line, and the events that each must give. */
describe('lines of XiVO as neutral events', () => {
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
