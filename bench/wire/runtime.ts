/** A Node-RED inside this process, without editor, with the built nodes and a flow. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Flow = readonly Readonly<{ id: string; type: string; [property: string]: unknown }>[]

interface Embedded {
  init (server: http.Server, settings: object): void
  start (): Promise<void>
  stop (): Promise<void>
  nodes: { getNode (id: string): unknown }
  events: NodeJS.EventEmitter
}

/**
 * @param nodesDirs folders whose nodes are offered
 * @param secrets credentials by node id
 * @returns the way to its nodes; it ends with the process
 */
export async function startNodeRed (nodesDirs: readonly string[], flow: Flow, secrets: Readonly<Record<string, object>>): Promise<{ node<T> (id: string): T }> {
  const userDir = await mkdtemp(join(tmpdir(), 'node-red-bench-'))
  process.once('exit', () => { void rm(userDir, { recursive: true, force: true }) })
  await mkdir(join(userDir, 'nodes'), { recursive: true })
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow))
  await writeFile(join(userDir, 'flows_cred.json'), JSON.stringify(secrets))
  const { default: red } = await import('node-red') as unknown as { default: Embedded }
  red.init(http.createServer(), {
    userDir, nodesDir: [...nodesDirs], flowFile: 'flows.json', credentialSecret: false, httpAdminRoot: false, httpNodeRoot: false, telemetry: { enabled: false },
    logging: { console: { level: process.env.BENCH_LOG ?? 'error', metrics: false, audit: false } }
  })
  const started = new Promise<void>((resolve) => { red.events.once('flows:started', () => resolve()) })
  await red.start()
  await started
  return {
    node: <T>(id: string) => {
      const node = red.nodes.getNode(id)
      if (node === null || node === undefined) throw new Error(`The node ${id} is not there`)
      return node as T
    }
  }
}
