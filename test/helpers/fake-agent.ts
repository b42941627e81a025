import { createLogger } from '../../src/lib/log.ts';
import { formatHostPort } from '../../src/lib/host-port.ts';
import { startServer } from '../../src/server/server.ts';
import { FakeAgentView } from './fake-agent-view.ts';
import { SimulatedTime } from './simulated-time.ts';

/** The real HTTP API of a fake agent, on loopback. */
export async function startFakeAgent({ port = 0, view = new FakeAgentView() } = {}) {
  const server = await startServer({
    view,
    listen: { host: '127.0.0.1', port },
    logger: createLogger({ level: 'silent', format: 'json' }),
    time: new SimulatedTime(),
  });
  return { view, server: formatHostPort(server.address), address: server.address, close: server.close };
}
