import { describe, expect, it } from 'vitest';
import { newTestPleg } from '../../helpers/node-pleg.ts';

describe('a whole PLEG on simulated time', () => {
  it('publishes the first list, then the change that an event announces, with its exit code', async () => {
    const { pleg, runtime, time, take, events } = newTestPleg({ mode: 'evented' });
    runtime.addSandbox('p1');
    runtime.addContainer('p1', 'c1');
    pleg.start();
    await time.advance(10);
    expect(take()).toEqual(['ContainerStarted p1-sandbox', 'ContainerStarted c1']);
    await time.advance(5_000);
    runtime.setContainer('c1', 'exited', 137, 'OOMKilled');
    runtime.emit('stopped', 'c1');
    await time.advance(0);
    expect(take()).toEqual(['ContainerDied c1']);
    expect(events.at(-1)).toMatchObject({ exitCode: 137, reason: 'OOMKilled', source: 'event', seq: 3 });
    runtime.containers.delete('c1');
    runtime.emit('deleted', 'c1', { podSandbox: runtime.sandboxes.get('p1-sandbox')! });
    await time.advance(0);
    expect(take()).toEqual(['ContainerRemoved c1']);
    runtime.sandboxes.clear();
    runtime.emit('deleted', 'p1-sandbox');
    await time.advance(0);
    expect(take()).toEqual(['ContainerDied p1-sandbox', 'ContainerRemoved p1-sandbox']);
    expect(pleg.merge.podCount).toBe(0);
    expect(pleg.supervision.path).toBe('streaming.evented.fresh');
    await pleg.stop();
    expect(time.timerCount).toBe(0);
    expect(runtime.openStreamCount).toBe(0);
  });

  it('degrades when the stream keeps failing and climbs back when a probe holds', async () => {
    const { pleg, runtime, time } = newTestPleg({ mode: 'evented' });
    pleg.start();
    await time.advance(10);
    for (let failure = 1; failure <= 5; failure += 1) {
      runtime.failStream('UNAVAILABLE', 'Connection dropped');
      await time.advance(3_000);
    }
    expect(pleg.supervision.mode).toBe('generic');
    expect(pleg.genericPleg.relistDuration.periodMs).toBe(1_000);
    await time.advance(10_000);
    expect(pleg.supervision.mode).toBe('evented');
    expect(pleg.genericPleg.relistDuration.periodMs).toBe(300_000);
    await pleg.stop();
  });
});
