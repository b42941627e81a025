import { pino, type Logger } from 'pino';
import { systemTime, type Time } from '../lib/time.ts';
import { createCriCaller } from './cri-caller.ts';
import { delay } from './delay.ts';
import { DemoPod } from './demo-pod.ts';

export interface DemoOptions {
  /** How long the job's container runs, seconds. @default 3 */
  readonly jobSeconds?: number;
  /** How often exited containers are looked for, milliseconds. @default 1_000 */
  readonly syncPeriodMs?: number;
  readonly time?: Time;
  readonly logger?: Logger;
}

export interface Demo {
  /** Removes the demo pods as far as the runtime still answers. */
  stop(): Promise<void>;
}

/**
 * Makes two pods on a runtime and keeps them going, so that a newcomer has something to look at: `demo-web`,
 * whose container runs on, and `demo-job`, whose container ends after a few seconds and is started anew.
 *
 * @throws the runtime's ServiceError when a pod cannot be made
 */
export const startDemo = async (
  endpoint: string,
  {
    jobSeconds = 3,
    syncPeriodMs = 1_000,
    time = systemTime,
    logger = pino({ enabled: false }),
  }: DemoOptions = {},
): Promise<Demo> => {
  const caller = createCriCaller(endpoint, { timeoutMs: 5_000 });
  const pods = [
    new DemoPod({ podName: 'demo-web', containerName: 'web', command: [] }, caller),
    new DemoPod(
      { podName: 'demo-job', containerName: 'job', command: ['/bin/sh', '-c', `sleep ${jobSeconds}`] },
      caller,
    ),
  ];
  const stopped = new AbortController();
  const tryEach = (action: (pod: DemoPod) => Promise<void>) =>
    Promise.all(
      pods.map((pod) =>
        action(pod).catch((err: unknown) => logger.debug({ err }, 'demo: the runtime does not answer')),
      ),
    );
  const keepGoing = async () => {
    while (!stopped.signal.aborted) {
      await delay(time, syncPeriodMs, stopped.signal);
      if (!stopped.signal.aborted) await tryEach((pod) => pod.sync());
    }
  };

  try {
    for (const pod of pods) await pod.start();
  } catch (error) {
    caller.close();
    throw error;
  }
  const ended = keepGoing();
  return {
    stop: async () => {
      stopped.abort();
      await ended;
      await tryEach((pod) => pod.remove());
      caller.close();
    },
  };
};
