import { describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

/** Moments from the start of a stream that keeps failing, through the fall to generic and the probes. */
const momentsMs = Array.from({ length: 30 }, (_, index) => index * 271);

describe('the stop of a PLEG', () => {
  it.each(momentsMs)(
    'leaves nothing behind %i ms after the start, whatever is under way then',
    async (ms) => {
      const { pleg, runtime, time, events } = newTestPleg({ mode: 'evented' });
      runtime.addSandbox('p');
      runtime.addContainer('p', 'c1');
      runtime.addContainer('q', 'c2');
      runtime.behaviours.set('containerStatus c2', new Promise(() => undefined));
      runtime.behaviours.set(
        'containerEvents',
        new CriError('GetContainerEvents', 'UNAVAILABLE', 'Connection dropped'),
      );
      pleg.start();
      await time.advance(ms);
      await pleg.stop();
      const eventCount = events.length;
      const callCount = runtime.calls.length;
      await time.advance(120_000);
      expect([time.timerCount, runtime.openStreamCount]).toEqual([0, 0]);
      expect([events.length, runtime.calls.length]).toEqual([eventCount, callCount]);
    },
  );

  it('ends every subscription after what was published', async () => {
    const { pleg, runtime, time } = newTestPleg();
    runtime.addContainer('p', 'c1');
    pleg.start();
    await time.advance(0);
    const entries = pleg.log.subscribe({ since: 0 });
    await pleg.stop();
    expect((await entries.next()).value).toMatchObject({ type: 'ContainerStarted', containerId: 'c1' });
    expect(await entries.next()).toEqual({ done: true, value: undefined });
  });

  it('publishes nothing of an inspection that it cut off', async () => {
    const { pleg, runtime, time, take } = newTestPleg();
    runtime.addContainer('p', 'c1');
    runtime.behaviours.set('containerStatus c1', new Promise(() => undefined));
    pleg.start();
    await time.advance(500);
    await pleg.stop();
    expect(take()).toEqual([]);
  });

  it('may come before the start', async () => {
    const { pleg, time } = newTestPleg();
    await pleg.stop();
    expect(time.timerCount).toBe(0);
  });
});
