import { resolve } from 'node:path'
import type { FingerprintPlan, Fingerprinted } from './fingerprint-logs.ts'
import { createGit } from './git.ts'
import type { Lab } from './lab/index.ts'
import type { Doing, Parts } from './parts.ts'
import type { InvestigatePlan } from './respond-to-files.ts'
import type { RunPlan } from './respond-to-run.ts'
import type { Outcome } from './responders.ts'
import type { ReplayResult } from './verify/index.ts'

/** What the doors may ask for. */
export type App = {
  run(plan: RunPlan, doing: Doing): Promise<Outcome>
  investigate(plan: InvestigatePlan, doing: Doing): Promise<Outcome>
  fingerprint(plan: FingerprintPlan, doing: Doing): Promise<Fingerprinted>
  replay(plan: { file: string; url: string | null }, doing: Doing): Promise<ReplayResult>
  example(plan: { out: string }, doing: Doing): Promise<Outcome>
  /** The lab of a data directory, or of the default one. */
  lab(directory: string | null): Promise<Lab>
}

/**
 * The composition root: everything is built here, once, from what surrounds the process. Each job loads what it needs
 * when it is asked for: who only wants fingerprints does not wait for a diff library.
 */
export function createApp({ env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): App {
  const parts: Parts = { env, cwd, git: createGit({ environment: env }), now: Date.now }
  return {
    run: async (plan, doing) => (await import('./respond-to-run.ts')).respondToRun(parts, plan, doing),
    investigate: async (plan, doing) =>
      (await import('./respond-to-files.ts')).respondToFiles(parts, plan, doing),
    fingerprint: async (plan, doing) =>
      (await import('./fingerprint-logs.ts')).fingerprintLogs(parts, plan, doing),
    replay: async (plan, doing) => (await import('./replay-file.ts')).replayFile(plan, doing),
    example: async (plan, doing) => (await import('./run-example.ts')).runExample(parts, plan, doing),
    lab: async (directory) => {
      const { createLab } = await import('./lab/index.ts')
      const root = directory === null ? null : resolve(cwd, directory)
      return createLab({ env, isRoot: process.getuid?.() === 0 }, root)
    },
  }
}
