import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{cli,electron,lab,plugins,renderer,scripts,sdk,server}/**/*.test.ts'],
    // Sessions run native threads of their own: more than two test processes only fight for the cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
