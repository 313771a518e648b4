/** Flags of the command line (pure). */
import { parseArgs } from 'node:util'
import { FAULT_KINDS, type FaultSpec } from '../faults/faults'
import { faultSpec } from '../control/commands'
import { type Protocol, PROTOCOL_NAMES } from '../xivo/release'

export interface CliOptions {
  port: number
  xivoPort: number
  five9Port: number
  five9Tls: boolean
  ipecsPort: number
  xivoProtocol: Protocol
  webexPort: number
  controlPort: number
  host: string
  seed: number
  callsPerMinute: number
  eventsPerSecond: number
  scenario?: string
  directory?: string
  faults: FaultSpec[]
  quiet: boolean
  help: boolean
}

export const HELP = `switchhook-sim: a simulated PBX that speaks Cisco BroadWorks / Webex Calling XSI, XiVO CTI, Webex Calling REST, Five9 and iPECS

  --port <n>               port of the XSI face (any free one)
  --xivo-port <n>          port of the XiVO face (any free one)
  --five9-port <n>         port of the Five9 face (any free one)
  --five9-tls              the Five9 face speaks HTTPS, the only thing its published clients know
  --ipecs-port <n>         port of the iPECS face (any free one)
  --xivo-protocol <name>   dialect of the XiVO face: ${PROTOCOL_NAMES.join(' ')} (1.2)
  --webex-port <n>         port of the Webex face (any free one)
  --control-port <n>       port of the control API (any free one)
  --host <address>         address to listen on (127.0.0.1)
  --seed <n>               same seed, same run (1)
  --calls-per-minute <n>   calls that happen by themselves (0)
  --events-per-second <n>  the same, told by the events they make
  --scenario <name>        run a scenario once after the start
  --directory <file.json>  who works here, instead of the demo house
  --fault <kind[,x=y…]>    set a fault, may be repeated: split, status,status=503,times=3 …
                           kinds: ${FAULT_KINDS.join(' ')}
  --quiet                  print addresses and logins only, no events
  --help                   this text

Ctrl-C ends it.`

const FLAGS = {
  port: { type: 'string' }, 'xivo-port': { type: 'string' }, 'five9-port': { type: 'string' }, 'five9-tls': { type: 'boolean' }, 'ipecs-port': { type: 'string' }, 'xivo-protocol': { type: 'string' }, 'webex-port': { type: 'string' }, 'control-port': { type: 'string' }, host: { type: 'string' }, seed: { type: 'string' }, 'calls-per-minute': { type: 'string' }, 'events-per-second': { type: 'string' },
  scenario: { type: 'string' }, directory: { type: 'string' }, fault: { type: 'string', multiple: true }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }
} as const

function number (name: string, given: string | undefined, absent: number, most: number): number {
  if (given === undefined) return absent
  const value = Number(given)
  if (given.trim() === '' || !Number.isFinite(value) || value < 0 || value > most) throw new Error(`--${name} must be a number from 0 to ${most}`)
  return value
}

function protocol (given = '1.2'): Protocol {
  const found = PROTOCOL_NAMES.find((name) => name === given)
  if (found === undefined) throw new Error(`--xivo-protocol must be one of ${PROTOCOL_NAMES.join(', ')}`)
  return found
}

/** `kind,name=value,name=value` as a fault. @throws Error */
export function parseFault (text: string): FaultSpec {
  const [kind, ...pairs] = text.split(',')
  const fields: Record<string, unknown> = { kind }
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new Error(`--fault: "${pair}" is not name=value`)
    fields[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return faultSpec(fields)
}

/** Reads the flags. @throws Error with a text for people */
export function parseFlags (argv: string[]): CliOptions {
  const { values } = parseArgs({ args: argv, options: FLAGS, allowPositionals: false, strict: true })
  return {
    port: number('port', values.port, 0, 65535),
    xivoPort: number('xivo-port', values['xivo-port'], 0, 65535),
    five9Port: number('five9-port', values['five9-port'], 0, 65535),
    five9Tls: values['five9-tls'] ?? false,
    ipecsPort: number('ipecs-port', values['ipecs-port'], 0, 65535),
    xivoProtocol: protocol(values['xivo-protocol']),
    webexPort: number('webex-port', values['webex-port'], 0, 65535),
    controlPort: number('control-port', values['control-port'], 0, 65535),
    host: values.host ?? '127.0.0.1',
    seed: number('seed', values.seed, 1, Number.MAX_SAFE_INTEGER),
    callsPerMinute: number('calls-per-minute', values['calls-per-minute'], 0, 100_000),
    eventsPerSecond: number('events-per-second', values['events-per-second'], 0, 10_000),
    scenario: values.scenario,
    directory: values.directory,
    faults: (values.fault ?? []).map(parseFault),
    quiet: values.quiet ?? false,
    help: values.help ?? false
  }
}
