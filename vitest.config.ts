import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real sockets, processes and runtimes share two cores: files run two at a time.
    maxWorkers: 2,
    globalSetup: 'test/helpers/global-setup.ts',
    reporters: ['default', './test/helpers/summary-reporter.ts'],
  },
});
