/** Scenario scripts under way on one PBX. */
import { type Face } from './face'
import { type Pbx } from './pbx/pbx'
import { play, scenarios, type Stage, type StageHooks } from './scenarios'

export class Stages {
  private readonly running = new Set<Stage>()

  constructor (private readonly pbx: Pbx, private readonly faces: ReadonlyMap<string, Face>) {}

  /** Names of the scripts. */
  get names (): string[] {
    return [...scenarios.keys()]
  }

  /** Plays a script; resolves at its end. @throws Refusal when the PBX does not allow a step, StageStopped after `stop`, RangeError for an unknown name */
  async run (name: string): Promise<void> {
    const { stage, done } = play(this.pbx, name, { hooks: this.hooks() })
    this.running.add(stage)
    try {
      await done
    } finally {
      this.running.delete(stage)
    }
  }

  /** Ends all scripts at their present wait. */
  stop (): void {
    for (const stage of [...this.running]) stage.stop()
  }

  /** In a script the line of every face breaks and comes back. */
  private hooks (): StageHooks {
    const all = (up: boolean) => (): void => {
      for (const face of this.faces.values()) face.line(up).catch((error: unknown) => { process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' }) })
    }
    return { breakLine: all(false), mendLine: all(true) }
  }
}
