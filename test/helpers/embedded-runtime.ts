import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { EmbeddedRuntime } from '../../src/runtime/embedded-runtime.ts';
import { noFaults } from '../../src/runtime/faults.ts';
import { startEmbeddedRuntime, type EmbeddedRuntimeOptions } from '../../src/runtime/server.ts';
import { createRuntimeDriver, type RuntimeDriver } from './runtime-pods.ts';

/** A runtime of each test's own, and somebody to talk to it. */
export interface RuntimeFixture {
  runtime: EmbeddedRuntime;
  driver: RuntimeDriver;
  /** A folder of the test's own; the socket is in it. */
  directory: string;
}

/** Starts an embedded runtime on a socket before each test, and ends it behind it. */
export const useEmbeddedRuntime = (
  options: () => Omit<EmbeddedRuntimeOptions, 'socketPath'> = () => ({}),
): RuntimeFixture => {
  const fixture = {} as RuntimeFixture;
  beforeEach(async () => {
    fixture.directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
    fixture.runtime = await startEmbeddedRuntime({
      socketPath: join(fixture.directory, 'runtime.sock'),
      ...options(),
    });
    fixture.driver = createRuntimeDriver(fixture.runtime.endpoint);
  });
  afterEach(async () => {
    Object.assign(fixture.runtime.faults, noFaults());
    fixture.driver.cri.close();
    await fixture.runtime.stop();
    await rm(fixture.directory, { recursive: true });
  });
  return fixture;
};
