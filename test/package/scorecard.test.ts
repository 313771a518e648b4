import assert from 'node:assert/strict'
import { scorecard } from '../../scripts/scorecard.cjs'
import { NODE_SETS, isConfig, templateTypes } from '../support/sets'

/** What the checker finds out for itself; its other checks ask the network (see CONTRIBUTING.md). */
const PROVEN_OFFLINE = ['P01', 'P03', 'P04', 'P05', 'P07', 'N02', 'D01'] as const

describe('the scorecard of the Flow Library', () => {
  it('is green in each check that needs no network, and the checker could read every form', function () {
    this.timeout(180000)
    const { status, output, card } = scorecard()
    assert.equal(status, 0, output)
    assert.ok(card, output)
    assert.doesNotMatch(output, /Unable to parse|Warning/)
    for (const check of PROVEN_OFFLINE) assert.equal(card[check]?.test, true, `${check}\n${output}`)
    const flowNodes = NODE_SETS.flatMap((set) => templateTypes(set).filter((type) => !isConfig(set, type)))
    assert.deepEqual([...(card.N02.nodes ?? [])].sort(), flowNodes.sort())
  })
})
