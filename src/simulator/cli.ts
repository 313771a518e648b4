#!/usr/bin/env node
/** The command `switchhook-sim`: a simulated PBX on this machine, until Ctrl-C. */
import { runCli } from './cli/run'

void runCli(process.argv.slice(2), { out: (line) => console.log(line), err: (line) => console.error(line) }).then((running) => {
  if (!running.stop) {
    process.exitCode = running.code
    return
  }
  const { stop } = running
  // Sockets keep the process alive; a face that is being restarted has none for a moment.
  const alive = setInterval(() => {}, 3_600_000)
  const end = (): void => {
    clearInterval(alive)
    void stop()
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  // Whoever read the output (`| head`) is gone: the same as Ctrl-C.
  process.stdout.once('error', end)
})
