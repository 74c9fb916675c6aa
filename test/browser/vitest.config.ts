import { defineConfig } from 'vitest/config';

/** The browser suite: its own, because it starts Dagster and Chromium and takes minutes. */
export default defineConfig({
  test: {
    include: ['test/browser/*.browser.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 150_000,
    // Chromium may have to be installed first.
    hookTimeout: 300_000,
    expect: { requireAssertions: true },
  },
});
