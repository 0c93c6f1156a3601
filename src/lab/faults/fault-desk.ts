import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeRelease } from '../platform/make-release.ts'
import type { CreateFaultDesk } from '../platform/lab-system.ts'
import { createActiveFaults, findFault } from './active-faults.ts'
import { createCatalogue } from './catalogue.ts'
import { parseSeed } from './chance.ts'
import { faultLevels } from './fault.ts'
import { watchOnset } from './onset.ts'
import type { OnsetWatch } from './onset.ts'
import type { MakeRelease } from './release-fault.ts'
import type { TruthRecord } from './truth-record.ts'

/** What stands behind the operator's API: the catalogue, the faults that are in, and the record of what is true. */
export const createFaultDesk: CreateFaultDesk = ({ system, git, drawSeed, operatorDirectory }) => {
  const file = join(operatorDirectory, 'truth.jsonl')

  const release: MakeRelease = async (system, { fault, seed }) => {
    const { repository } = system.releases
    // On top of what runs: a release that was taken back stays out of those that come after it.
    const onto = system.releases.current().commit
    const made = await makeRelease({ git }, repository, { fault, seed, onto, now: system.now() })
    return { head: made.head, culprit: made.culprit?.sha ?? null }
  }

  async function record(entry: TruthRecord): Promise<void> {
    await mkdir(operatorDirectory, { recursive: true, mode: 0o700 })
    await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
  }

  const catalogue = createCatalogue(release)
  const watches = new Map<string, OnsetWatch>()
  const faults = createActiveFaults({ system, catalogue, drawSeed, record })

  return {
    catalogue: () =>
      catalogue.map(({ name, kind, summary, where, levels }) => ({
        name,
        kind,
        summary,
        where,
        levels: faultLevels.filter((level) => levels[level] !== undefined),
      })),
    active: () => faults.list(),
    async apply({ name, level, seed }) {
      const request = {
        name,
        ...(level === undefined ? {} : { level }),
        ...(seed === undefined ? {} : { seed: parseSeed(seed) }),
      }
      const fault = findFault(catalogue, name)
      // Before it is in: a release hurts from its first instance on.
      const onset = watchOnset(system, (firstFailureAt) => record({ kind: 'onset', name, firstFailureAt }))
      try {
        const { level: applied, since } = await faults.apply(request)
        watches.set(fault.name, onset)
        return { name, level: applied, since }
      } catch (cause) {
        onset.stop()
        throw cause
      }
    },
    async mend(name) {
      const mended = await faults.mend(name)
      for (const one of mended) watches.get(one)?.stop()
      return mended
    },
    check: (name) => faults.check(name),
    async close() {
      for (const watch of watches.values()) watch.stop()
      await faults.close()
    },
    async truth() {
      const text = await readFile(file, 'utf8').catch(() => '') // nothing was ever put in
      const lines = text.split('\n').filter(Boolean)
      return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) // written by record above
    },
  }
}
