import type { Node, NodeAPI, NodeDef } from 'node-red'
import { CtiError, type Platform, type TelephonyEvent } from '../../src/model'
import { isAccountNode } from './account'
import { useAccount } from './accountChoice'
import { PLATFORM_NODES } from './accountTypes'
import { Coalescer } from './coalesce'
import { toCount, toFlag, toText } from './coerce'
import { type EventFilter, eventFilter } from './eventFilter'
import { migrate } from './migrate'
import { PresentState } from './presentState'
import { StatusLine, problemLook } from './status'
import { commonTexts } from './texts'

/** How many events of an event node went on, were held back by its filters, or were replaced by newer figures. */
export interface EventCounts { sent: number; filtered: number; replaced: number; initial: number }

/** An event node, as the admin endpoints see it. */
export interface EventNode extends Node { readonly counts: Readonly<EventCounts> }

export function isEventNode (node: unknown): node is EventNode {
  const candidate = node as Partial<EventNode> | null | undefined
  return candidate?.counts !== undefined && Object.values(PLATFORM_NODES).some(({ events }) => events === candidate.type)
}

/** Registers the event node type of a platform: the account's events as messages `{ topic, payload, vendorEvent }`. */
export function registerEventNode (RED: NodeAPI, platform: Platform): void {
  const t = commonTexts(RED)
  const types = PLATFORM_NODES[platform]

  function Events (this: EventNode, saved: NodeDef): void {
    RED.nodes.createNode(this, saved)
    const def = migrate({ ...saved }) as NodeDef & Record<string, unknown>
    const counts: EventCounts = { sent: 0, filtered: 0, replaced: 0, initial: 0 }
    Object.assign(this, { counts })
    const line = new StatusLine(this)
    const withVendorEvent = toFlag(def.vendorEvent, true)
    const withInitial = toFlag(def.initial)

    const emit = (event: TelephonyEvent, vendorEvent: unknown): void => {
      counts.sent++
      const message = { topic: event.event, payload: event }
      this.send(vendorEvent === undefined ? message : { ...message, vendorEvent })
    }
    const figures = new Coalescer(toCount(def.interval) ?? 0, emit)

    let passes: EventFilter
    try {
      passes = eventFilter(def)
    } catch (error) {
      line.setBase(problemLook(t('status.badNumber')))
      this.error(t('log.badNumber', { reason: (error as Error).message }))
      this.on('close', () => { line.close() })
      return
    }

    const accepts = (event: TelephonyEvent): boolean => {
      if (event.initial && !past.isTold) {
        if (!withInitial) counts.initial++
        return false
      }
      const fits = passes(event)
      if (!fits) counts.filtered++
      return fits
    }
    const receive = (event: TelephonyEvent, vendorEvent: unknown): void => {
      if (event.event !== 'stats.updated') emit(event, vendorEvent)
      else if (figures.push(event, vendorEvent)) counts.replaced++
    }

    const found: unknown = RED.nodes.getNode(toText(def.account))
    const account = isAccountNode(found) && found.platform === platform ? found : undefined
    const past = new PresentState(
      withInitial ? account : undefined,
      (event) => { if (accepts(event)) receive(event, undefined) },
      (error) => { this.error(CtiError.from(error, platform), {}) }
    )
    const leave = useAccount(this, account, line, t, { accepts, event: receive, vendorEvent: withVendorEvent, status: (status) => { past.heard(status) } })
    past.joined()
    this.on('close', (done: () => void) => {
      leave()
      past.close()
      figures.close()
      line.close()
      done()
    })
  }

  RED.nodes.registerType(types.events, Events)
}
