import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of the test's own, gone after it. */
export const makeTempDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
};
