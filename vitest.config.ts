import { defineConfig } from 'vitest/config'

// Two projects: `unit` lies beside the source and touches nothing outside the process but temporary folders;
// `integration` needs real servers, interpreters and the browser (test/prepare.ts sees to them).
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts'], testTimeout: 20_000 } },
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
