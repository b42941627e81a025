import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { createCriCaller } from '../../src/runtime/cri-caller.ts';
import { testImage } from './runtime-pods.ts';

export const containerdNames = ['containerd-1.6', 'containerd-1.7', 'containerd-2.1'] as const;
export type ContainerdName = (typeof containerdNames)[number];

/** The one image of every daemon (test/runtimes/make-image), under the names for workloads and for sandboxes. */
const images = [testImage, 'localhost/pause:1'];

/** A real containerd of its own, with nothing in it but the image. Ends with the process that made it. */
export interface ContainerdDaemon {
  readonly name: ContainerdName;
  /** Its name and instance: part of every path that belongs to it. */
  readonly id: string;
  /** `unix:///…`, the same through every stop and start. */
  readonly endpoint: string;
  /** What Version answered at the last start, such as `2.1.9`; empty before the first. */
  readonly version: string;
  /** For a pod's `cgroup_parent`: cgroups below it are found by `purge` whatever happens. */
  readonly cgroupParent: string;
  /** Resolves once the daemon answers and has the image. Also after `stop` and `kill9`: containers are found again. */
  start(): Promise<void>;
  /** Ends the daemon in good order; its containers live on. */
  stop(): Promise<void>;
  /** Ends the daemon as a crash does; its containers live on. */
  kill9(): Promise<void>;
  /** Ends the daemon and its containers and removes all that they left on the machine. */
  purge(): Promise<void>;
}

const script = fileURLToPath(new URL('../runtimes/daemon', import.meta.url));
const readyTimeoutMs = 15_000;

/** The runtimes that are installed on this machine (`test/runtimes/install`); none where there is not even bash. */
export const availableRuntimes = (): ContainerdName[] => {
  const { status, stdout } = spawnSync('bash', [script, 'list'], { encoding: 'utf8' });
  const installed = status === 0 ? stdout.split('\n') : [];
  return containerdNames.filter((name) => installed.includes(name));
};

/** Purges the daemons of test processes that are gone without having done so. */
export const sweepContainerd = (): void => {
  execFileSync('bash', [script, 'sweep'], { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** A daemon that is yet to be started, under an instance name of its own. */
export const createContainerd = (name: ContainerdName): ContainerdDaemon => {
  const instance = `test-${randomBytes(4).toString('hex')}`;
  const id = `${name}_${instance}`;
  const endpoint = `unix:///run/plegd-test/${id}/containerd.sock`;
  const owner = ['--owner', String(process.pid)];
  let version = '';

  const run = async (verb: string, ...options: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('bash', [
      script,
      verb,
      name,
      '--instance',
      instance,
      ...options,
    ]);
    return stdout;
  };

  return {
    name,
    id,
    endpoint,
    get version() {
      return version;
    },
    cgroupParent: `/plegd-test-${id}`,
    start: async () => {
      await run('start', ...owner);
      try {
        version = await untilReady(endpoint);
      } catch (cause) {
        throw new Error(`${id} does not serve CRI; the end of its log:\n${await run('log')}`, { cause });
      }
    },
    stop: async () => {
      await run('stop');
    },
    kill9: async () => {
      await run('kill9');
    },
    purge: async () => {
      await run('purge');
    },
  };
};

/** Starts a daemon; whoever calls it purges it. */
export const startContainerd = async (name: ContainerdName): Promise<ContainerdDaemon> => {
  const daemon = createContainerd(name);
  try {
    await daemon.start();
  } catch (error) {
    await daemon.purge();
    throw error;
  }
  return daemon;
};

/** Resolves with the runtime's version once it answers and its CRI plugin knows both images. */
const untilReady = async (endpoint: string): Promise<string> => {
  const cri = createCriCaller(endpoint, { timeoutMs: 2000 });
  const check = async (): Promise<string> => {
    const { runtimeVersion } = await cri.runtime.version({});
    for (const image of images) {
      const { image: found } = await cri.images.imageStatus({ image: { image } });
      if (found === undefined) throw new Error(`image ${image} is not there`);
    }
    return runtimeVersion;
  };

  const giveUpAt = performance.now() + readyTimeoutMs;
  try {
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
      }
      await delay(50);
    }
  } finally {
    cri.close();
  }
};
