import { join } from 'node:path';
import { toJsonString } from '@bufbuild/protobuf';
import { expect, it, onTestFinished } from 'vitest';
import { startAgent } from '../../src/agent/agent.ts';
import { resolveConfig } from '../../src/agent/config.ts';
import { EventSchema, ListPodsResponseSchema, Pleg } from '../../src/grpc/gen/plegd/v1/api_pb.ts';
import { createLogger } from '../../src/lib/log.ts';
import { systemTime } from '../../src/lib/time.ts';
import { useEmbeddedRuntime } from '../helpers/embedded-runtime.ts';
import { PlegClient } from '../helpers/pleg-client.ts';

const fixture = useEmbeddedRuntime();
const secret = 'hunter2-of-this-test';

it('environment and annotations of containers are told nowhere', async () => {
  const { runtime, driver, directory } = fixture;
  const socket = join(directory, 'plegd.sock');
  const flags = { runtimeEndpoint: runtime.endpoint, listen: '127.0.0.1:0', socket };
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const logger = createLogger({ level: 'trace', format: 'json', destination });
  const agent = await startAgent(resolveConfig({ flags }), { logger, time: systemTime });
  onTestFinished(() => agent.stop());
  const client = new PlegClient(socket);
  onTestFinished(() => client.close());
  const watcher = client.watch({ since: 0n });

  const annotations = { 'example.com/password': secret };
  const pod = await driver.runPod({ name: 'private', annotations });
  const env = { PASSWORD: secret };
  await driver.runContainer(pod, { name: 'told', command: ['sh', '-c', 'exit 3'], env, annotations });
  await watcher.until((events) =>
    events.some(({ entry }) => entry.case === 'lifecycle' && entry.value.exitCode === 3),
  );

  const pages = ['/v1/pods', '/v1/status', '/v1/watch/events', '/metrics', '/healthz?verbose'].map(
    async (path) => (await fetch(`${agent.url}${path}`)).text(),
  );
  const told = [
    ...(await Promise.all(pages)),
    ...watcher.events.map((event) => toJsonString(EventSchema, event)),
    toJsonString(ListPodsResponseSchema, await client.call(Pleg.method.listPods, {})),
    ...logged,
  ].join('\n');
  expect(told).toContain('told');
  expect(told).not.toContain(secret);
  expect(told).not.toMatch(/PASSWORD|example\.com\/password/);
});
