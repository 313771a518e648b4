import assert from 'node:assert/strict'
import { TERMINAL_EVENTS } from '../../src/model'
import { Rng } from '../../src/simulator/pbx/rng'
import { play, scenarios } from '../../src/simulator/scenarios'
import { CallRecords, type CallRecord } from '../../src/state/callRecord'
import { day } from '../faults/support/agree'
import { differences } from './support/differences'
import { Stage } from './support/stage'

/** ms of PBX time between two looks, and after the script for what still runs (wrap-up). */
const STEP_MS = 1000
const AFTERWARDS_MS = 60_000
const MOST_STEPS = 400
/** ms after which the last record has closed. */
const CLOSED_MS = 10_000

/** Where the servers beside the two main kinds may differ. */
const HANDED_ON = /^(blind|attended|early|transfer-chain|queue-|park-|gap-|restart|in-two|out-click)/
const SERVERS = [
  { title: 'that lists channels (14.06)', face: { release: '14.06' }, scripts: /./ },
  { title: 'that has no directions (15.15)', face: { release: '15.15' }, scripts: HANDED_ON },
  { title: 'that only tells the state of phones (15.20)', face: { release: '15.20' }, scripts: /./ },
  { title: 'of protocol 2.3', face: { protocol: '2.3' }, scripts: HANDED_ON }
] as const

/** How many records of the calls in a script are expected, and how each ended, where that is the point of the script. */
const RECORDS: Readonly<Record<string, readonly string[]>> = {
  'in-answered': ['answered'],
  'in-missed': ['missed'],
  'in-two-devices': ['answered'],
  internal: ['answered'],
  'hold-local': ['answered'],
  blind: ['answered'],
  'blind-no-answer-recall': ['answered'],
  attended: ['answered'],
  early: ['answered'],
  'transfer-chain': ['answered'],
  'park-retrieve': ['answered'],
  'queue-answered': ['answered'],
  'queue-bounced': ['answered']
}

function assertLegs (stage: Stage): void {
  const ends = new Map<string, number>()
  const first = new Set<string>()
  for (const { event, call } of stage.events) {
    if (call === undefined) continue
    assert.ok(first.has(call.id) || !TERMINAL_EVENTS.has(event), `${call.id} ends before it begins`)
    first.add(call.id)
    ends.set(call.id, (ends.get(call.id) ?? 0) + (TERMINAL_EVENTS.has(event) ? 1 : 0))
  }
  assert.deepEqual([...ends].filter(([, count]) => count !== 1), [], 'each leg ends once')
  for (const counter of ['badDrafts', 'badTransitions', 'listenerErrors', 'afterEnd']) assert.equal(stage.session.counters[counter] ?? 0, 0, counter)
  assert.deepEqual(stage.warnings, [])
}

function recordsOf (stage: Stage): CallRecord[] {
  const folder = new CallRecords()
  const records = new Map<string, CallRecord>()
  for (const event of stage.events) for (const record of folder.fold(event)) records.set(record.id, record)
  for (const record of folder.tick(stage.clock.now() + CLOSED_MS)) records.set(record.id, record)
  return [...records.values()].filter(({ mergedInto }) => mergedInto === undefined)
}

async function playThrough (stage: Stage, name: string): Promise<void> {
  const { clock, simulator: { pbx }, face, session } = stage
  let down: Promise<void> | undefined
  const { done } = play(pbx, name, {
    drivesClock: false,
    hooks: {
      breakLine: () => { down = face.line(false) },
      mendLine: () => { down = down?.then(() => face.line(true)).then(() => { down = undefined }) }
    }
  })
  let over = false
  void done.catch(() => undefined).finally(() => { over = true })
  let left = AFTERWARDS_MS / STEP_MS
  for (let step = 0; step < MOST_STEPS && left > 0; step++) {
    if (over) left -= 5
    clock.advance(over ? STEP_MS * 5 : STEP_MS)
    await new Promise((resolve) => { setImmediate(resolve) })
    if (down !== undefined) continue
    if (session.status.state !== 'online') await session.whenOnline(4000)
    await stage.agree(() => differences(stage), `after step ${step}`)
  }
  await done
  await stage.agree(() => differences(stage, true), 'at the end')
}

for (const { title, face, scripts } of SERVERS) {
  const names = [...scenarios.keys()].filter((name) => scripts.test(name))

  describe(`XiVO: each script of the simulator through a session with a server ${title}`, () => {
    let stage: Stage
    let legs = 0
    afterEach(() => stage.close())

    for (const name of names) {
      it(`${name}: the session has what the house has, at each step and at the end`, async () => {
        stage = await Stage.open(face)
        await stage.agree(() => differences(stage, true), 'before')
        await playThrough(stage, name)
        assertLegs(stage)
        const records = recordsOf(stage)
        const told = new Set(stage.events.flatMap(({ call }) => call === undefined ? [] : [call.id]))
        legs += told.size
        const recorded = records.flatMap((record) => record.legs.map(({ id }) => id))
        assert.equal(new Set(recorded).size, recorded.length, 'no leg in two records')
        assert.deepEqual([...told].filter((id) => !recorded.includes(id)), [], 'each leg in a record')
        for (const record of records) assert.equal(record.open, false)
        if (stage.face.site.release.channels && RECORDS[name] !== undefined) assert.deepEqual(records.map(({ result }) => result), RECORDS[name])
      }).timeout(20_000)
    }

    for (const seed of [1, 2, 3]) {
      it(`a busy day, at random (seed ${seed})`, async () => {
        stage = await Stage.open(face)
        const rng = new Rng(seed + 40)
        await day({ simulator: stage.simulator }, seed, 150, async () => {
          stage.clock.advance(rng.integer(100, 4000))
          await stage.agree(() => differences(stage), 'in between')
        })
        const { pbx } = stage.simulator
        const open = (): string[] => [...pbx.connections.values()].filter(({ state, party }) => state !== 'null' && party.kind !== 'queue').map(({ key }) => key)
        // Who is hung up on may go on to somebody else.
        for (let key = open()[0]; key !== undefined; key = open()[0]) pbx.release(key)
        stage.clock.advance(AFTERWARDS_MS)
        await stage.agree(() => differences(stage, true), 'at the end')
        assert.deepEqual([...stage.session.picture.calls()].map(({ id, state }) => `${id} ${state}`), [])
        assertLegs(stage)
      }).timeout(20_000)
    }

    it('has told of calls', () => assert.ok(legs > names.length, `only ${legs} legs`))
  })
}
