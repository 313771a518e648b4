import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red'
import { CtiError, type TelephonyEvent } from '../../src/model'
import { CallRecords, type CallRecord } from '../../src/state'
import { toCount, toFlag } from '../shared/coerce'
import { readEvent } from '../shared/eventMessage'
import { migrate } from '../shared/migrate'
import { StatusLine } from '../shared/status'

const TYPE = 'cti-call-log'
const TOPIC = 'call.record'
const MINUTE_MS = 60_000
const DEFAULT_AGE_MINUTES = 1440
/** ms between two looks at records that are open. */
const TICK_MS = 1000
const MAX_ACCOUNTS = 100
/** Ids of records that were told, remembered so that a flow hears when one of them turns out to be part of another. */
const MAX_TOLD = 10_000

/** The *call log* node: one record a conversation, from the events it receives. */
export default function register (RED: NodeAPI): void {
  function CallLog (this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved)
    const def = migrate({ ...saved }) as NodeDef & Record<string, unknown>
    const withRunning = toFlag(def.running)
    const maxAgeMs = (toCount(def.timeout) || DEFAULT_AGE_MINUTES) * MINUTE_MS
    // Ids of legs are unique within an account only.
    const logs = new Map<string, CallRecords>()
    const told = new Set<string>()
    const line = new StatusLine(this)
    let written = 0
    let timer: NodeJS.Timeout | undefined

    const openCount = (): number => [...logs.values()].reduce((sum, log) => sum + log.openCount, 0)
    const show = (): void => {
      const open = openCount()
      line.setBase({ fill: open > 0 ? 'blue' : 'grey', shape: open > 0 ? 'dot' : 'ring', text: RED._('status.counts', { open, written }) })
    }
    const isWanted = ({ id, open, mergedInto }: CallRecord): boolean => withRunning || (!open && (mergedInto === undefined || told.has(id)))
    const remember = ({ id }: CallRecord): void => {
      told.delete(id)
      told.add(id)
      if (told.size > MAX_TOLD) told.delete(told.values().next().value!)
    }
    const tell = (records: readonly CallRecord[]): void => {
      for (const record of records.filter(isWanted)) {
        remember(record)
        if (!record.open) written++
        this.send({ topic: TOPIC, payload: record })
      }
    }

    function logOf ({ accountId, call }: TelephonyEvent): CallRecords | undefined {
      const known = logs.get(accountId)
      if (known !== undefined || call === undefined) return known
      if (logs.size >= MAX_ACCOUNTS) throw new CtiError('CTI_INVALID_REQUEST', `There are more than ${MAX_ACCOUNTS} accounts: this log takes no more.`, { field: 'accountId', retryable: false })
      const log = new CallRecords({ maxAgeMs })
      logs.set(accountId, log)
      return log
    }

    /** The clock runs only while records are open. */
    const arm = (): void => {
      if (timer !== undefined) return
      show()
      if (openCount() > 0) timer = setTimeout(tick, TICK_MS)
    }
    const tick = (): void => {
      timer = undefined
      try {
        for (const log of logs.values()) tell(log.tick(Date.now()))
      } catch (error) {
        this.error(CtiError.from(error), {})
      }
      arm()
    }

    const take = (payload: unknown): void => {
      const event = readEvent(payload)
      if (event === undefined) {
        throw new CtiError('CTI_INVALID_REQUEST', 'msg.payload is not an event of an events node: wire this node to one, and change the events on other wires only.', { field: 'payload', retryable: false })
      }
      tell(logOf(event)?.fold(event, Date.now()) ?? [])
      arm()
    }

    show()
    this.on('input', (msg: NodeMessageInFlow, _send, done) => {
      try {
        take(msg.payload)
        done()
      } catch (error) {
        done(CtiError.from(error))
      }
    })
    this.on('close', (done: () => void) => {
      clearTimeout(timer)
      line.close()
      done()
    })
  }

  RED.nodes.registerType(TYPE, CallLog)
}
