import { startEmbeddedRuntime } from '../../src/runtime/server.ts';

/**
 * A process of its own for an embedded runtime, for tests that end it: `tsx runtime-process.ts SOCKET`. Says
 * `serving` to its parent once it does. Told `stop`, it stops the runtime and then does nothing to exit.
 */
const runtime = await startEmbeddedRuntime({ socketPath: process.argv[2]! });
process.once('message', () => {
  void runtime.stop().then(() => process.disconnect());
});
process.send?.('serving');
