import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/bundled.ts',
    pool: 'forks',
    // One more than the cores that CI has: some tests wait for a quota, others for a server to start.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that asserts nothing passes whatever happens.
    expect: { requireAssertions: true },
  },
});
