/** Runs the simulator for the command line; prints to what it is given, so that tests can read it. */
import { readFile } from 'node:fs/promises'
import { type Directory, type Fact } from '../pbx/types'
import { type Simulator, startSimulator } from '../simulator'
import { type CliOptions, HELP, parseFlags } from './options'

export interface Output { out: (line: string) => void; err: (line: string) => void }
export interface Running { code: number; simulator?: Simulator; /** Ends everything; absent when nothing runs. */ stop?: () => Promise<void> }

async function readDirectory (path: string): Promise<Directory> {
  const parsed: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (parsed === null || typeof parsed !== 'object' || !Array.isArray((parsed as Directory).users)) throw new Error(`${path} has no list "users"`)
  return parsed as Directory
}

/** Systems without tokens have an empty one. */
function tokenText (token: string): string {
  return token === '' ? '' : `   token ${token}`
}

function introduce (simulator: Simulator, { out }: Output): void {
  for (const [name, face] of Object.entries(simulator.faces)) {
    const login = face.login()
    out(`${name.padEnd(8)}${face.url}`)
    out(`        user  ${login.username} / ${login.password}${tokenText(login.token)}`)
    out(`        admin ${login.adminUsername} / ${login.adminPassword}${tokenText(login.adminToken)}`)
    if (login.clientId !== undefined) out(`        integration ${login.clientId} / ${login.clientSecret ?? ''}`)
    if (login.serviceToken !== undefined) out(`        service app ${login.serviceClientId ?? ''} / ${login.serviceClientSecret ?? ''}   token ${login.serviceToken}   refresh token ${login.serviceRefreshToken ?? ''}`)
    if (login.botToken !== undefined) out(`        bot ${login.botEmail ?? ''}   token ${login.botToken}`)
  }
  out(`control ${simulator.control.url}`)
  out(`        Authorization: Bearer ${simulator.control.token}`)
}

/** A fact in a line: time, type, who, state. */
function factLine (fact: Fact): string {
  const who = fact.userKey ?? fact.queueKey
  const { connection } = fact
  const parts = [new Date(fact.at).toISOString().slice(11, 23), fact.type.padEnd(18), (who ?? '-').padEnd(10), connection?.key ?? '', connection?.state ?? '', fact.cause ?? '']
  return parts.join(' ').trimEnd()
}

async function start (options: CliOptions): Promise<Simulator> {
  const simulator = await startSimulator({
    host: options.host, seed: options.seed, ports: { xsi: options.port, xivo: options.xivoPort, five9: options.five9Port, ipecs: options.ipecsPort, webex: options.webexPort, control: options.controlPort }, xivo: { protocol: options.xivoProtocol }, ...(options.five9Tls ? { five9: { tls: true } } : {}), directory: options.directory === undefined ? undefined : await readDirectory(options.directory)
  })
  for (const fault of options.faults) simulator.faults.inject(fault)
  if (options.callsPerMinute > 0) simulator.traffic.start({ callsPerMinute: options.callsPerMinute })
  else if (options.eventsPerSecond > 0) simulator.traffic.start({ eventsPerSecond: options.eventsPerSecond })
  return simulator
}

function play (simulator: Simulator, name: string, output: Output): void {
  simulator.runScenario(name).then(
    () => output.out(`scenario ${name} is over`),
    (error: unknown) => output.err(`scenario ${name}: ${error instanceof Error ? error.message : String(error)}`))
}

/** Starts as the flags say. Wrong flags, a bad file or a taken port end with code 1 and a line on `err`. */
export async function runCli (argv: string[], output: Output): Promise<Running> {
  try {
    const options = parseFlags(argv)
    if (options.help) {
      output.out(HELP)
      return { code: 0 }
    }
    const simulator = await start(options)
    if (options.scenario !== undefined && !simulator.scenarios.includes(options.scenario)) {
      await simulator.close()
      throw new Error(`There is no scenario "${options.scenario}". Possible: ${simulator.scenarios.join(', ')}`)
    }
    introduce(simulator, output)
    const hush = options.quiet ? () => {} : simulator.pbx.facts.on((fact) => output.out(factLine(fact)))
    if (options.scenario !== undefined) play(simulator, options.scenario, output)
    return {
      code: 0,
      simulator,
      stop: async () => {
        hush()
        await simulator.close()
      }
    }
  } catch (error) {
    output.err(error instanceof Error ? error.message : String(error))
    return { code: 1 }
  }
}
