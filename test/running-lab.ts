import { randomBytes } from 'node:crypto'
import { createGit } from '../src/git.ts'
import { createFaultDesk } from '../src/lab/faults/fault-desk.ts'
import type { FaultDesk, LabSystem } from '../src/lab/platform/lab-system.ts'
import { startSupervisor } from '../src/lab/platform/supervisor.ts'

export type LabOptions = {
  readonly directory: string
  readonly port: number
  readonly perSecond: number
  readonly seed: string
  readonly onProgress: (text: string) => void
}

/** A real lab with its supervisor in this process, so that its insides can be looked at. */
export type RunningLab = { readonly system: LabSystem; readonly desk: FaultDesk; down(): Promise<void> }

export async function bringUpLab({ onProgress, ...plan }: LabOptions): Promise<RunningLab> {
  let parts: { readonly system: LabSystem; readonly desk: FaultDesk } | null = null
  const running = await startSupervisor({
    plan: {
      ...plan,
      host: '127.0.0.1',
      apiHost: '127.0.0.1',
      clients: 'everyday',
      instances: 3,
      otlpEndpoint: null,
      otlpIntervalMs: null,
    },
    surroundings: {
      now: Date.now,
      pid: process.pid,
      isRoot: process.getuid?.() === 0,
      git: createGit({ environment: process.env }),
      drawSeed: () => randomBytes(8).readBigUInt64BE(),
      onProgress,
    },
    createFaultDesk(deps) {
      parts = { system: deps.system, desk: createFaultDesk(deps) }
      return parts.desk
    },
    onDown: () => {},
  })
  if (parts === null) throw new Error('expected the supervisor to make a desk for the faults')
  const { system, desk } = parts as { system: LabSystem; desk: FaultDesk }
  return { system, desk, down: () => running.down() }
}
