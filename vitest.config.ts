import { defineConfig } from 'vitest/config'

// Two projects: `unit` lies beside the source and touches nothing outside the process but temporary folders;
// `integration` needs real servers, interpreters and the browser (test/prepare.ts sees to them).
export default defineConfig({
  test: {
    // vitest leaves one core free, of two that is half of them.
    maxWorkers: '100%',
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
