import { describe, expect, it } from 'vitest';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import { createRuntimeDriver } from '../../helpers/runtime-pods.ts';

const fixture = useEmbeddedRuntime();

describe('GetContainerEvents', () => {
  it('every reader gets every event', async () => {
    const { driver, runtime } = fixture;
    const tapes = [driver.recordEvents(), driver.recordEvents(), driver.recordEvents()];
    await runtime.events.waitForReaders(3);
    const pod = await driver.runPod({ name: 'web' });
    await driver.removePod(pod.id);

    for (const tape of tapes) {
      await tape.next('deleted', pod.id);
      expect(tape.steps.map(([kind]) => kind)).toEqual(['created', 'started', 'stopped', 'deleted']);
    }
  });

  it('a reader that cancels is forgotten, and the others read on', async () => {
    const { driver, runtime } = fixture;
    const leaving = driver.recordEvents();
    const staying = driver.recordEvents();
    await runtime.events.waitForReaders(2);
    leaving.cancel();
    await runtime.events.waitForReaders(1);
    const pod = await driver.runPod({ name: 'web' });

    await staying.next('started', pod.id);
    expect(leaving.events).toEqual([]);
  });

  it('a reader whose connection breaks is forgotten', async () => {
    const { driver, runtime } = fixture;
    const other = createRuntimeDriver(runtime.endpoint);
    const gone = other.recordEvents();
    await runtime.events.waitForReaders(1);
    other.cri.close();
    gone.cancel();

    await runtime.events.waitForReaders(0);
    await driver.runPod({ name: 'web' });
    expect(gone.events).toEqual([]);
  });

  it('tells nothing of what happened before', async () => {
    const { driver, runtime } = fixture;
    await driver.runPod({ name: 'before' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const pod = await driver.runPod({ name: 'after' });

    await tape.take(2);
    expect(tape.steps).toEqual([
      ['created', pod.id],
      ['started', pod.id],
    ]);
  });
});
