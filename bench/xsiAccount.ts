/** What an idle account costs in memory, and an action in time (performance.md G9, G11). */
import { join } from 'node:path'
import { median, type Bench } from './measure'
import { rig } from './wire/rig'
import { Worker } from './wire/rpc'

const WARM = 20
const ACCOUNTS = 200
const ACTIONS = 12

const close = (): Promise<void> => rig.close()
const worker = (label: string): Worker => new Worker(join(__dirname, 'wire/xsiAccounts.js'), label)

function memory (name: string, goal: number, address: 'plain' | 'secure'): Bench {
  return {
    name, goal, atMost: true, repetitions: 5, close,
    async run () {
      await rig.ready()
      const accounts = worker(`xsi-accounts-${address}`)
      try {
        return await accounts.ask<number>('memory', { place: { url: rig[address], ca: rig.ca }, warm: WARM, count: ACCOUNTS }) / 1000
      } finally {
        await accounts.close()
      }
    }
  }
}

export const plain = memory('G9 memory of an idle account, kB', 30, 'plain')
export const secure = memory('G9 memory of an idle account with TLS, kB', 130, 'secure')

let actions: Worker | undefined
export const action: Bench = {
  name: 'G11 an action, p50, against a bare https request',
  goal: 1.5,
  atMost: true,
  repetitions: 5,
  async run () {
    await rig.ready()
    actions ??= worker('xsi-actions')
    const { ours, bare } = await actions.ask<{ ours: number[]; bare: number[] }>('actions', { place: { url: rig.secure, ca: rig.ca }, count: ACTIONS })
    return median(ours) / median(bare)
  },
  async close () {
    await actions?.close()
    actions = undefined
    await rig.close()
  }
}
