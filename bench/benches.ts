/** The list of benches: a bench is a file that exports a `Bench`, and a line here. Interleaved in this order. */
import { type Bench } from './measure'
import { channels, hints } from './xivoWire'
import { bench as xmlParse } from './xmlParse'
import { bench as xmlSplit } from './xmlSplit'
import { action, plain, secure } from './xsiAccount'
import { delayMiddle, delayWorst, functionNode, processor, processorWithAcks, slowFlow, statuses } from './xsiLoad'
import { acknowledged, framing, parser } from './xsiWire'

export const BENCHES: readonly Bench[] = [
  framing, parser, acknowledged, xmlParse, xmlSplit, functionNode, processor, processorWithAcks, delayMiddle, delayWorst, plain, secure, slowFlow, statuses, action, hints, channels
]
