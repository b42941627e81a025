import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Real sockets, processes and runtimes share two cores: files run two at a time.
    maxWorkers: 2,
    // Only to end what hangs: how fast a busy machine is decides nothing.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: 'test/helpers/global-setup.ts',
    reporters: ['default', './test/helpers/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
        },
      },
      {
        extends: true,
        test: {
          // After all the rest: a browser takes the bridges of containerd's pods for a changed network and
          // drops its connections, and its long tasks are to be its own.
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
