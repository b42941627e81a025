import { describe, expect, it } from 'vitest';
import type { RuntimeFact } from '../../../src/doctor/facts.ts';
import { lookAtStream } from '../../../src/doctor/probes/stream.ts';
import { isShared } from '../../../src/doctor/shared-stream.ts';
import { FakeRuntimeService } from '../../helpers/fake-runtime-service.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';
import { failedCall, runtime } from './healthy-facts.ts';

const lookAt = async (fact: RuntimeFact, isOpenAsked = false) => {
  const time = new SimulatedTime();
  const service = new FakeRuntimeService();
  const seen = lookAtStream(fact, { service, time, windowMs: 20_000, deadlineMs: 10_000, isOpenAsked });
  await time.advance(30_000);
  const { stream, churn } = await seen;
  return { stream, churn, opened: service.eventStreamCount, stillOpen: service.openStreamCount };
};

describe('the event stream', () => {
  it('of containerd 1.7 is left alone, and the lists are compared all the same', async () => {
    const { stream, churn, opened } = await lookAt({ ...runtime, release: 'v1.7.24' });
    expect(opened).toBe(0);
    expect(stream.leftAlone).toContain('--open-stream');
    expect(churn).toEqual({ betweenMs: 17_000, changedContainers: 0, changedPods: 0 });
  });

  it('of containerd 1.7 is opened when that is asked for', async () => {
    const { stream, opened, stillOpen } = await lookAt({ ...runtime, release: 'v1.7.24' }, true);
    expect({ opened, stillOpen, leftAlone: stream.leftAlone }).toEqual({ opened: 1, stillOpen: 0 });
  });

  it('is left alone where nobody knows whose it is', async () => {
    const version = failedCall('Version', 'DEADLINE_EXCEEDED', 'late');
    const { stream, opened } = await lookAt({ ...runtime, version, name: '', release: '' });
    expect(opened).toBe(0);
    expect(stream.leftAlone).toBe('the runtime did not tell its version');
  });

  it.each([
    ['containerd', '1.6.20', false],
    ['containerd', 'v1.7.24', true],
    ['containerd', '1.7.0-rc.1', true],
    ['containerd', '2.1.9', false],
    ['containerd', 'v10.0.0', false],
    ['cri-o', '1.37.0', false],
  ])('of %s %s is shared: %s', (name, release, expected) => {
    expect(isShared({ name, release })).toBe(expected);
  });
});
