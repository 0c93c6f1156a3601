import { randomBytes } from 'node:crypto'
import { AppError } from '../../errors.ts'
import { createGit } from '../../git.ts'
import { createFaultDesk } from '../faults/fault-desk.ts'
import { startSupervisor } from './supervisor.ts'
import type { RunningLab } from './supervisor.ts'
import type { SupervisorOrder, SupervisorReport } from './supervisor-protocol.ts'

// The supervisor: owns every process of the lab. It is told what to bring up over its parent's channel, and ends with
// its parent unless that one detached it before.
let lab: RunningLab | null = null
let isEnding = false
let isDetached = false

const tell = (report: SupervisorReport): void => {
  if (process.connected) process.send?.(report)
}

async function up(order: SupervisorOrder & { kind: 'up' }): Promise<void> {
  try {
    lab = await startSupervisor({
      plan: order.plan,
      surroundings: {
        now: Date.now,
        pid: process.pid,
        isRoot: process.getuid?.() === 0,
        git: createGit({ environment: process.env }),
        drawSeed: () => randomBytes(8).readBigUInt64BE(),
        onProgress: (text) => tell({ kind: 'progress', text }),
      },
      createFaultDesk,
      onDown: () => void end(0),
    })
    tell({ kind: 'up', file: lab.file })
  } catch (error) {
    const known = error instanceof AppError ? error : null
    const message = error instanceof Error ? error.message : String(error)
    if (known === null) process.stderr.write(`${error instanceof Error ? error.stack : message}\n`)
    tell({ kind: 'failed', code: known?.code ?? null, message, hint: known?.hint ?? null })
    process.exitCode = 1
    if (process.connected) process.disconnect()
  }
}

async function end(code: number): Promise<void> {
  if (isEnding) return
  isEnding = true
  await lab?.down() // of one that is still coming up the guard ends what there is
  process.exit(code)
}

process.on('message', (order: SupervisorOrder) => {
  if (order.kind === 'up') void up(order)
  else if (order.kind === 'detach') isDetached = true
  else void end(0)
})
process.on('disconnect', () => {
  if (!isDetached) void end(1)
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(0))
