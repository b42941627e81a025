import { pino } from 'pino';
import { startAgent, type Agent } from '../../src/agent/agent.ts';
import { resolveConfig } from '../../src/agent/config.ts';
import { systemTime } from '../../src/lib/time.ts';
import type { PodLifecycleEvent } from '../../src/pleg/lifecycle-event.ts';

export interface AgentUnderTest {
  readonly agent: Agent;
  /** Everything published since the start. */
  readonly events: PodLifecycleEvent[];
  /** The lifecycle events of one container or sandbox so far. */
  typesOf(containerId: string): string[];
  /** Waits for an event of a container; also one that has come already. */
  next(type: PodLifecycleEvent['type'], containerId: string): Promise<PodLifecycleEvent>;
  stop(): Promise<void>;
}

/** A whole agent in this process, on a real socket, with its HTTP API on a port of its own. */
export const startAgentUnderTest = async (
  runtimeEndpoint: string,
  flags: Record<string, string> = {},
): Promise<AgentUnderTest> => {
  const config = resolveConfig({ flags: { runtimeEndpoint, listen: '127.0.0.1:0', ...flags } });
  const logger = pino({ level: process.env['PLEGD_TEST_LOG'] ?? 'silent' });
  const agent = await startAgent(config, { logger, time: systemTime });
  const events: PodLifecycleEvent[] = [];
  const waiters = new Set<() => void>();
  const abort = new AbortController();
  const following = (async () => {
    for await (const entry of agent.view.subscribe({ since: 0, signal: abort.signal })) {
      if (entry.type === 'Gap') throw new Error('the test fell behind the lifecycle log');
      events.push(entry);
      for (const wake of waiters) wake();
    }
  })();
  return {
    agent,
    events,
    typesOf: (containerId) =>
      events.filter((event) => event.containerId === containerId).map(({ type }) => type),
    next: (type, containerId) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find((event) => event.type === type && event.containerId === containerId);
          if (!found) return;
          waiters.delete(look);
          resolve(found);
        };
        waiters.add(look);
        look();
      }),
    stop: async () => {
      abort.abort();
      await following;
      await agent.stop();
    },
  };
};
