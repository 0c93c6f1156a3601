import { writeFile } from 'node:fs/promises'
import type { FingerprintJson } from '../contract/incident-json.ts'
import { AppError } from '../errors.ts'
import { filesOf, notesOf, readDeps, repositoryOf, type Doing, type Parts } from '../parts.ts'
import { fingerprintsJson } from '../review/index.ts'
import { readLogs } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

export type FingerprintPlan = {
  readonly files: readonly string[]
  readonly repository: string | null
  readonly timeZone: string
  readonly groupsFile: string | null
}

export type Fingerprinted = {
  readonly lines: number
  readonly fingerprints: readonly FingerprintJson[]
  readonly notes: readonly string[]
  readonly firstSeen: EpochMs | null
  readonly lastSeen: EpochMs | null
}

/** The kinds of lines in logs. */
export async function fingerprintLogs(
  parts: Parts,
  plan: FingerprintPlan,
  doing: Doing,
): Promise<Fingerprinted> {
  const repository = await repositoryOf(parts, plan.repository)
  const logs = await readLogs(readDeps(parts, doing), plan.files, {
    timeZone: plan.timeZone,
    signal: doing.signal,
    withGroups: plan.groupsFile !== null,
    ...filesOf(repository),
  })
  if (plan.groupsFile !== null) await writeGroups(plan.groupsFile, logs.groups ?? [])
  const { lines, firstSeen, lastSeen } = logs
  return {
    lines,
    firstSeen,
    lastSeen,
    fingerprints: fingerprintsJson(logs, new Set()),
    notes: notesOf(logs, repository),
  }
}

async function writeGroups(file: string, groups: readonly number[]): Promise<void> {
  try {
    await writeFile(file, `[${groups.join(',')}]\n`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `--groups: expected a file that can be written, found ${file}: ${why}`,
      { cause },
    )
  }
}
