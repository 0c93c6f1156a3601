import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { ShownConfig } from './service/check-config.ts'
import type { Check, CheckPlan } from './service/check-installation.ts'
import type { ServerAddress, WantedServer } from './service/find-server.ts'
import type { FingerprintPlan, Fingerprinted } from './respond/fingerprint-logs.ts'
import { createGit } from './git.ts'
import type { Lab } from './lab/index.ts'
import type { Doing, Parts } from './parts.ts'
import type { InvestigatePlan } from './respond/respond-to-files.ts'
import type { RunPlan } from './respond/respond-to-run.ts'
import type { Outcome } from './respond/responders.ts'
import type { RunningService, ServeDoing, ServePlan } from './service/start-service.ts'
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
  /** Takes telemetry and detects until it is stopped. */
  serve(plan: ServePlan, doing: ServeDoing): Promise<RunningService>
  findServer(wanted: Omit<WantedServer, 'env' | 'isRoot'>): Promise<ServerAddress>
  /** Reads a configuration, or the defaults, and shows all of it. */
  checkConfig(file: string | null): Promise<ShownConfig>
  doctor(plan: CheckPlan): Promise<readonly Check[]>
}

/**
 * The composition root: everything is built here, once, from what surrounds the process. Each job loads what it needs
 * when it is asked for: who only wants fingerprints does not wait for a diff library.
 */
export function createApp({ env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): App {
  const git = createGit({ environment: env })
  const parts: Parts = { env, cwd, git, now: Date.now, random: Math.random, newId: randomUUID }
  return {
    run: async (plan, doing) =>
      (await import('./respond/respond-to-run.ts')).respondToRun(parts, plan, doing),
    investigate: async (plan, doing) =>
      (await import('./respond/respond-to-files.ts')).respondToFiles(parts, plan, doing),
    fingerprint: async (plan, doing) =>
      (await import('./respond/fingerprint-logs.ts')).fingerprintLogs(parts, plan, doing),
    replay: async (plan, doing) => (await import('./respond/replay-file.ts')).replayFile(plan, doing),
    example: async (plan, doing) => (await import('./respond/run-example.ts')).runExample(parts, plan, doing),
    lab: async (directory) => {
      const { createLab } = await import('./lab/index.ts')
      const root = directory === null ? null : resolve(cwd, directory)
      return createLab({ env, isRoot: process.getuid?.() === 0 }, root)
    },
    serve: async (plan, doing) =>
      (await import('./service/start-service.ts')).startService(parts, plan, doing),
    findServer: async (wanted) => {
      const { findServer } = await import('./service/find-server.ts')
      return findServer({ ...wanted, env, isRoot: process.getuid?.() === 0 })
    },
    checkConfig: async (file) => (await import('./service/check-config.ts')).checkConfig({ file, cwd, env }),
    doctor: async (plan) => (await import('./service/check-installation.ts')).checkInstallation(parts, plan),
  }
}
