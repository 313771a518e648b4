/** Scripts of the simulator, played while three accounts of the same calls are compared: what events add up to, what lists say, what is (model.md 10). */
import assert from 'node:assert/strict'
import type { Call } from '../../src/model'
import type { Clock } from '../../src/session'
import { CallRecords, RESULTS, type CallRecord } from '../../src/state/callRecord'
import { VirtualClock } from '../../src/simulator/pbx/clock'
import { Rng } from '../../src/simulator/pbx/rng'
import type { Condition } from '../../src/simulator/pbx/types'
import { play, scenarios } from '../../src/simulator/scenarios'
import { assertOrder, differences, PEOPLE } from './support/agree'
import type { Line } from './support/line'
import { until, World } from './support/world'
import { VENDORS, type Vendor } from './vendors'

const PARTS = 4
const CONDITIONS = ['always', 'busy', 'noAnswer'] as const satisfies readonly Condition[]
const FIGURES = ['waitSeconds', 'queueSeconds', 'ringSeconds', 'talkSeconds', 'holdSeconds', 'wrapSeconds', 'handleSeconds', 'durationSeconds'] as const
/** The memory of the PBX is lost: what lists and events say may not be tied together any more. */
const FORGETFUL = /^restart$/
const GAPS = /^gap-/

function shuffled<T> (list: readonly T[], rng: Rng): T[] {
  const rest = [...list]
  const out: T[] = []
  while (rest.length > 0) out.push(...rest.splice(rng.integer(0, rest.length - 1), 1))
  return out
}

/** The time of the PBX for the session too, so that durations are differences on one clock; its own timers run in real time. */
const following = (clock: VirtualClock): Clock => ({
  now: () => clock.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout)
})

/** Agents and settings that the session believes otherwise than they are. */
function wrongSettings ({ simulator: { pbx }, vendor }: World, { session: { picture } }: Line): string[] {
  const wrong: string[] = []
  for (const { key, userKey } of pbx.agents.values()) {
    const [state, told] = [pbx.agentState(key), picture.agent(vendor.agent(userKey))?.state ?? 'unknown']
    if (vendor.agentStates[state]?.includes(told) !== true) wrong.push(`agent ${userKey} is ${state}, told ${told}`)
  }
  for (const key of vendor.changes === undefined ? PEOPLE : []) {
    const user = pbx.users.get(key)
    if (user === undefined) continue
    if ((picture.dnd(vendor.owner(key))?.enabled ?? false) !== user.dnd.enabled) wrong.push(`do not disturb of ${key} is ${user.dnd.enabled}`)
    const rules = picture.forwarding(vendor.owner(key))?.rules
    for (const condition of CONDITIONS) {
      const { enabled, to } = user.forwarding[condition]
      const told = rules?.[condition]
      if (told?.enabled !== enabled || (enabled && told.to !== to)) wrong.push(`forwarding ${condition} of ${key} is ${enabled} ${to}, told ${told?.enabled} ${told?.to}`)
    }
  }
  return wrong
}

function believed (world: World, line: Line): string[] {
  return [...differences(world, (owner) => line.session.picture.callsOf(owner)), ...wrongSettings(world, line)]
}

/** What the face's own lists say, against what is. */
async function listed (world: World, line: Line): Promise<string[]> {
  const legs = new Map<string, Call[]>()
  for (const key of PEOPLE) legs.set(world.vendor.owner(key), (await line.perform('listCalls', { user: world.vendor.owner(key) })).items as Call[])
  return differences(world, (owner) => legs.get(owner) ?? [])
}

function checkRecord (name: string, record: CallRecord): void {
  const where = `${name}: record of ${record.conversationId}`
  assert.ok(RESULTS.includes(record.result ?? 'unknown'), where)
  assert.ok(record.legs.length > 0, where)
  for (const figure of FIGURES) assert.ok((record[figure] ?? 0) >= 0 && Number.isFinite(record[figure] ?? 0), `${where}: ${figure} ${record[figure]}`)
  const at = (text: string | undefined): number => text === undefined ? NaN : Date.parse(text)
  assert.ok(!(at(record.answeredAt) < at(record.startedAt)), `${where}: answered before it began`)
  assert.ok(!(at(record.endedAt) < at(record.answeredAt)), `${where}: ended before it was answered`)
  if (record.durationSeconds !== undefined && record.talkSeconds !== undefined) assert.ok(record.talkSeconds <= record.durationSeconds + 0.1, `${where}: talked ${record.talkSeconds} of ${record.durationSeconds} s`)
  if (record.result === 'answered') assert.ok(record.answeredAt !== undefined, `${where}: answered, but when`)
}

class Theatre {
  readonly records = new Map<string, CallRecord>()
  private readonly folder = new CallRecords()
  private folded = 0
  private lineUp = true
  checks = 0

  constructor (readonly world: World, readonly line: Line, private readonly clock: VirtualClock, private readonly rng: Rng) {}

  static async open (vendor: Vendor, seed: number): Promise<Theatre> {
    const clock = new VirtualClock(Date.now())
    const world = await World.start(vendor, { clock, seed, ...vendor.patient })
    try {
      const line = await world.online({ who: 'everybody', clock: following(clock), hasty: true })
      return new Theatre(world, line, clock, new Rng(seed))
    } catch (error) {
      await world.close()
      throw error
    }
  }

  /** Plays a script in steps of random length, and compares after each. */
  async play (name: string): Promise<void> {
    const { world, clock, rng } = this
    let over = false
    const up = (is: boolean) => (): void => {
      this.lineUp = is
      void world.face.line(is)
    }
    const run = play(world.simulator.pbx, name, { drivesClock: false, hooks: { breakLine: up(false), mendLine: up(true) } })
    const done = run.done.finally(() => { over = true })
    done.catch(() => undefined)
    for (let n = 0; !over; n++) {
      clock.advance(rng.integer(300, 2500))
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => { setImmediate(resolve) })
      if (over || !this.lineUp) continue
      await this.quiet(name)
      if (n % 8 === 5) await this.lists(name)
    }
    await done
    await this.quiet(name)
    await this.lists(name)
  }

  /** Agents finish their wrap-up; whatever a script leaves open is over after a minute. */
  async settle (name: string): Promise<void> {
    for (let n = 0; n < 5; n++) {
      this.clock.advance(10_000)
      await this.quiet(name)
    }
    // Why a caller left a queue may be waited for, in real time.
    await until(() => this.line.session.picture.calls().next().done === true, () => `the end of the calls of ${name}`)
    this.clock.advance(10_000)
    await this.quiet(name)
  }

  private async quiet (name: string): Promise<void> {
    this.checks++
    const { world, line } = this
    await until(() => line.session.status.state === 'online' && believed(world, line).length === 0, () => `agreement in ${name}: ${line.session.status.state} ${believed(world, line).join('; ')}`)
    for (const event of line.events.slice(this.folded)) this.keep(this.folder.fold(event))
    this.folded = line.events.length
    this.keep(this.folder.tick(this.clock.now()))
  }

  private async lists (name: string): Promise<void> {
    assert.deepEqual(await listed(this.world, this.line), [], `the lists in ${name}`)
  }

  private keep (records: readonly CallRecord[]): void {
    for (const record of records) {
      assert.ok(record.revision > (this.records.get(record.id)?.revision ?? 0), `revision of ${record.id}`)
      this.records.set(record.id, record)
    }
  }
}

for (const vendor of VENDORS.filter(({ comparable }) => comparable)) {
  describe(`${vendor.platform}: events, lists and the house agree`, function () {
    this.timeout(30_000)
    let theatre: Theatre | undefined
    afterEach(async () => {
      await theatre?.world.close()
      theatre = undefined
    })
    const plain = shuffled([...scenarios.keys()].filter((name) => !FORGETFUL.test(name) && !GAPS.test(name)), new Rng(20260121))

    for (let part = 0; part < PARTS; part++) {
      const names = plain.filter((_, index) => index % PARTS === part)
      it(`in ${names.length} scripts, part ${part + 1}, and each call has one sound record`, async () => {
        theatre = await Theatre.open(vendor, part + 1)
        const { line, records } = theatre
        for (const name of names) {
          await theatre.play(name)
          await theatre.settle(name)
          assert.equal([...line.session.picture.calls()].length, 0, `calls left after ${name}`)
          for (const record of records.values()) {
            assert.equal(record.open, false, `${name} leaves the record of ${record.conversationId} open`)
            checkRecord(name, record)
          }
        }
        assertOrder(line)
        assert.deepEqual(line.warnings, [])
        assert.ok(theatre.checks > 50 && line.events.length > 100)
        const legs = new Set(line.events.flatMap(({ call }) => call === undefined ? [] : [call.id]))
        const recorded = [...records.values()].filter(({ mergedInto }) => mergedInto === undefined).flatMap((record) => record.legs.map(({ id }) => id))
        assert.equal(new Set(recorded).size, recorded.length, 'no leg in two records')
        assert.deepEqual([...legs].filter((id) => !recorded.includes(id)), [], 'each leg in a record')
      })
    }

    it('in scripts that lose the line at awkward moments', async () => {
      theatre = await Theatre.open(vendor, 7)
      for (const name of shuffled([...scenarios.keys()].filter((each) => GAPS.test(each)), new Rng(3))) await theatre.play(name)
      assertOrder(theatre.line)
    })

    it('when the PBX loses its memory in the middle of a script', async () => {
      theatre = await Theatre.open(vendor, 9)
      await theatre.play('restart')
      assertOrder(theatre.line)
    })
  })
}
