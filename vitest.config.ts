import { defineConfig } from 'vitest/config';

const shared = {
  // Sessions run native threads of their own: more than two test processes only fight for the cores.
  maxWorkers: 2,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    ...shared,
    projects: [
      {
        test: {
          ...shared,
          name: 'units',
          include: ['{cli,electron,lab,plugins,renderer,scripts,sdk,server}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/setup.ts'],
          testTimeout: 400_000,
          hookTimeout: 400_000,
          // One browser at a time, after the rest.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
