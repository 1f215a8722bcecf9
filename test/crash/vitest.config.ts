import { defineConfig } from 'vitest/config';

/** `npm run crash`: hundreds of kills, a full disk, an outage of gigabytes. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.long.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 3_600_000,
  },
});
