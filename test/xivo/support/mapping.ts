import assert from 'node:assert/strict'
import { NumberHelper, type TelephonyEvent } from '../../../src/model'
import { LegMemory } from '../../../src/session/legMemory'
import { Stamper } from '../../../src/session/stamper'
import type { EventDraft } from '../../../src/session/types'
import { Conversations } from '../../../src/state/conversations'
import { Picture } from '../../../src/state/picture'
import { prepare, reduce } from '../../../src/xivo/events'
import type { XivoMessage } from '../../../src/xivo/protocol'
import type { Scope } from '../../../src/xivo/scope'
import { snapshotOf } from '../../../src/xivo/snapshot'
import { Tables } from '../../../src/xivo/tables'
import { CAPAS, UUID, world } from './world'

const START = 1716203000

/** Lines through the pure mapping, with the picture that the session would keep. No socket, no clock. */
export class Mapping {
  readonly tables = new Tables()
  readonly picture: Picture
  private now = START * 1000
  private readonly stamper: Stamper

  constructor (channels: boolean) {
    this.picture = new Picture(() => this.now)
    this.stamper = new Stamper({
      accountId: 'acc1', account: 'Test', platform: 'xivo', picture: this.picture, conversations: new Conversations('acc1', () => this.now), memory: new LegMemory(),
      numbers: new NumberHelper(), count: () => undefined
    })
    this.stamper.begin('e1')
    this.tables.capabilities = { userId: '3', profileId: '2', xlets: [], services: [], preferences: false, userStatus: CAPAS.userstatus, phoneStatus: CAPAS.phonestatus }
    this.tables.xivoUuid = UUID
    for (const [list, rows] of Object.entries(world(channels))) {
      for (const [tid, { config, status }] of Object.entries(rows)) {
        for (const [name, part] of [['config', config], ['status', status]] as const) this.feed({ class: 'getlist', function: `update${name}`, listname: list, tid, tipbxid: 'xivo', [name]: part })
      }
    }
    this.tables.hasChannels = channels
    const { agents = [], queues = [] } = snapshotOf(this.scope({}))
    for (const agent of agents) this.apply([{ event: 'agent.updated', agent }])
    for (const queue of queues) this.apply([{ event: 'queue.updated', queue }])
    this.tables.synced = true
  }

  scope (message: XivoMessage): Scope {
    if (typeof message.timenow === 'number') this.now = message.timenow * 1000
    return { tables: this.tables, picture: this.picture, message, now: this.now, epoch: 'e1' }
  }

  /** What one line gives, after stamping. */
  feed (line: XivoMessage): TelephonyEvent[] {
    const { message } = prepare(JSON.parse(JSON.stringify(line)) as XivoMessage)
    return this.apply(reduce(this.scope(message)))
  }

  apply (drafts: readonly EventDraft[]): TelephonyEvent[] {
    this.stamper.beginMessage(drafts.length)
    return drafts.map((draft) => this.stamper.stamp(draft, { at: this.now, offsetMs: 0 })).filter((event) => event !== undefined)
  }

  pass (seconds: number): void {
    this.now += seconds * 1000
  }
}

/** Every field of `wanted` is in `told` with that value; `null` means absent. */
export function assertHolds (told: unknown, wanted: unknown, path = ''): void {
  if (wanted === null) return assert.equal(told, undefined, `${path} should be absent`)
  if (Array.isArray(wanted)) {
    assert.ok(Array.isArray(told), `${path} should be a list`)
    assert.equal(told.length, wanted.length, `${path}: ${JSON.stringify(told)}`)
    wanted.forEach((item, index) => assertHolds(told[index], item, `${path}[${index}]`))
    return
  }
  if (typeof wanted !== 'object') return assert.deepEqual(told, wanted, path)
  assert.ok(typeof told === 'object' && told !== null, `${path} should be an object, is ${JSON.stringify(told)}`)
  for (const [key, value] of Object.entries(wanted as object)) assertHolds((told as Record<string, unknown>)[key], value, `${path}.${key}`)
}
