import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

const STARTS_PROGRAMS = /node:child_process|createGit|History\(|smallProgram|FakeLab/

/** The larger a process has grown, the longer it takes to start another: tests that start programs go first. */
class ProgramsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const parts = Object.groupBy(sorted, ({ moduleId }) =>
      STARTS_PROGRAMS.test(readFileSync(moduleId, 'utf8')) ? 'first' : 'then',
    )
    return [...(parts.first ?? []), ...(parts.then ?? [])]
  }
}

// Two projects: `unit` lies beside the source and touches nothing outside the process but temporary folders;
// `integration` needs real servers, interpreters and the browser (test/prepare.ts sees to them).
export default defineConfig({
  test: {
    // vitest leaves one core free, of two that is half of them.
    maxWorkers: '100%',
    sequence: { sequencer: ProgramsFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 20_000,
          // Modules keep nothing between two calls, so files of tests may share them: loaded once, not 170 times.
          isolate: false,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
