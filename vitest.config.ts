import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take the longest. Begun last, they would leave a core idle at the end. */
const longest = [
  'destinations/same-everywhere',
  'destinations/bigquery',
  'destinations/snowflake',
  'extract/source',
  'properties/loads-equal-truth',
  'quota/processes',
  'destinations/emulator-failures',
].map((name) => `/test/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/bundled.ts',
    pool: 'forks',
    // One more than the cores that CI has: some tests wait for a quota, others for a server to start.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that asserts nothing passes whatever happens.
    expect: { requireAssertions: true },
  },
});
