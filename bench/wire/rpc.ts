/** Calls between the bench and its processes over node's IPC channel: one question, one answer. */
import { fork, type ChildProcess } from 'node:child_process'

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>
interface Question { id: number; call: string; argument: unknown }
interface Answer { id: number; result?: unknown; error?: string }

/** In a child: answers until the parent has gone. */
export function serve (handlers: Handlers): void {
  process.on('message', (question: Question) => {
    const answer = (reply: Omit<Answer, 'id'>): void => { process.send?.({ id: question.id, ...reply }) }
    const run = async (): Promise<unknown> => (handlers[question.call] as (argument: unknown) => unknown)(question.argument)
    run().then((result) => answer({ result }), (error: unknown) => answer({ error: error instanceof Error ? error.stack ?? error.message : String(error) }))
  })
  process.once('disconnect', () => process.exit(0))
}

/** In the parent: a process that answers. */
export class Worker {
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  private count = 0

  /** @param script path of the built file; `BENCH_PROFILE` names a folder for CPU profiles of all processes, `BENCH_FLAGS` are flags of node for them */
  constructor (script: string, readonly label: string) {
    const folder = process.env.BENCH_PROFILE
    const profile = folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${label}.cpuprofile`]
    this.child = fork(script, { execArgv: [...(process.env.BENCH_FLAGS ?? '').split(' ').filter((flag) => flag !== ''), '--expose-gc', '--enable-source-maps', ...profile], serialization: 'advanced' })
    this.child.on('message', (answer: Answer) => {
      const asked = this.waiting.get(answer.id)
      this.waiting.delete(answer.id)
      if (answer.error === undefined) asked?.resolve(answer.result)
      else asked?.reject(new Error(`${label}: ${answer.error}`))
    })
    this.child.once('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${this.label} ended (${signal ?? code})`))
      this.waiting.clear()
    })
  }

  ask<T> (call: string, argument?: unknown): Promise<T> {
    const id = ++this.count
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
      this.child.send({ id, call, argument })
    })
  }

  /** Ends the process; by itself first, so that a profile gets written. */
  async close (): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const hard = setTimeout(() => this.child.kill('SIGKILL'), 5000)
      this.child.once('exit', () => {
        clearTimeout(hard)
        resolve()
      })
      this.child.disconnect()
    })
  }
}
