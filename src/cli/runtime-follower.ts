import { resolveConfig } from '../agent/config.ts';
import { createLogger } from '../lib/log.ts';
import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { CliIo } from './io.ts';

/**
 * Follows a runtime through an agent of its own that serves no API, until `signal` aborts. What is there
 * already comes first, as the agent finds it.
 *
 * @throws what the configuration and the start of the agent throw
 */
export async function* followRuntime(
  runtimeEndpoint: string,
  io: CliIo,
  signal: AbortSignal,
): AsyncGenerator<LogEntry, void> {
  // Standard error tells of trouble only, since the person came for events.
  const flags = { runtimeEndpoint, logLevel: io.env['PLEGD_LOG_LEVEL'] ?? 'warn' };
  const config = resolveConfig({ flags, env: io.env, isTerminal: io.stderr.isTTY === true });
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const { startAgent } = await import('../agent/agent.ts');
  const agent = await startAgent(
    { ...config, listen: undefined, socket: undefined },
    { logger, time: io.time },
  );
  try {
    yield* agent.view.subscribe({ since: 0, signal });
  } finally {
    await agent.stop();
  }
}
