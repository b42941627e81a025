import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe } from 'vitest';
import {
  availableRuntimes,
  createContainerd,
  type ContainerdDaemon,
  type ContainerdName,
} from './containerd.ts';

/** Why tests cannot run on this machine. The summary reporter shows it, and fails the run where all is required. */
export interface LeftOut {
  /** The requirement, such as `containerd-2.1`. */
  readonly needs: string;
  readonly reason: string;
  /** The command after which the tests run. */
  readonly enable: string;
}

declare module 'vitest' {
  interface TaskMeta {
    leftOut?: LeftOut;
  }
}

/** Real processes on a busy machine: only to end what hangs. */
const timeoutMs = 60_000;

/** Tests against a real containerd, started before the first of them and purged after the last. */
export const describeRuntime = (name: ContainerdName, define: (daemon: ContainerdDaemon) => void): void => {
  const leftOut = whyLeftOut(name);
  const meta = leftOut === undefined ? {} : { leftOut };
  describe.skipIf(leftOut)(name, { meta, timeout: timeoutMs }, () => {
    const daemon = createContainerd(name);
    beforeAll(() => daemon.start(), timeoutMs);
    afterAll(() => daemon.purge(), timeoutMs);
    define(daemon);
  });
};

/** Tests that need a program of the machine. */
export const describeTool = (tool: string, debianPackage: string, define: () => void): void => {
  const isThere = spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
  const leftOut: LeftOut = {
    needs: tool,
    reason: 'not installed',
    enable: `sudo apt-get install ${debianPackage}`,
  };
  const meta = isThere ? {} : { leftOut };
  describe.skipIf(!isThere)(tool, { meta, timeout: timeoutMs }, () => {
    define();
  });
};

const whyLeftOut = (name: ContainerdName): LeftOut | undefined => {
  if (process.platform !== 'linux') {
    return { needs: name, reason: 'needs Linux', enable: 'run the tests on a Debian machine' };
  }
  const isRoot = process.getuid?.() === 0;
  if (!availableRuntimes().includes(name)) {
    const sudo = isRoot ? '' : 'sudo ';
    const enable = `${sudo}test/runtimes/install && ${sudo}npm test`;
    return { needs: name, reason: 'not installed', enable };
  }
  return isRoot ? undefined : { needs: name, reason: 'containers need root', enable: 'sudo npm test' };
};
