import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { checkEndpoint, discoverEndpoint, parseEndpoint } from '../cri/endpoint.ts';
import { startDemo } from '../runtime/demo.ts';
import { startEmbeddedRuntime } from '../runtime/server.ts';

/** The runtime that the agent uses, and what to end with it. */
export interface RuntimeChoice {
  readonly endpoint: string;
  /** Stops what was started here; nothing for a runtime that was found. */
  stop(): Promise<void>;
}

/**
 * The runtime that was asked for, else the first that crictl would find, else the embedded one with its
 * demo pods.
 *
 * @throws EndpointError for an endpoint that can never work; one that is merely absent is fine
 */
export const chooseRuntime = async (asked: string | undefined, logger: Logger): Promise<RuntimeChoice> => {
  if (asked === 'embedded') return startEmbedded(logger, 'asked for');
  const endpoint = asked === undefined ? await discoverEndpoint() : parseEndpoint(asked);
  if (!endpoint) return startEmbedded(logger, 'no container runtime found');
  if ((await checkEndpoint(endpoint)) === 'absent') {
    logger.warn({ endpoint: endpoint.target }, 'Container runtime is not there yet; waiting for it');
  }
  return { endpoint: endpoint.target, stop: () => Promise.resolve() };
};

const startEmbedded = async (logger: Logger, why: string): Promise<RuntimeChoice> => {
  const directory = await mkdtemp(join(tmpdir(), 'plegd-'));
  const undo: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const runtime = await startEmbeddedRuntime({ socketPath: join(directory, 'runtime.sock') });
    undo.push(() => runtime.stop());
    const demo = await startDemo(runtime.endpoint);
    undo.push(() => demo.stop());
    logger.info(
      { endpoint: runtime.endpoint },
      `Using the embedded runtime with two demo pods: ${why}; its containers are plain processes, not isolated`,
    );
    return { endpoint: runtime.endpoint, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
