import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/pleg/observation.ts';
import { Observations } from '../../../src/pleg/observations.ts';
import { eventOf } from './records.ts';

const beginning = { began: 1, beganMs: 0, beganWallNs: 0n };

describe('the observations', () => {
  it('merge relists, events and inspections in the order in which they come, each before `next` returns', () => {
    const observations = new Observations();
    const seen: Observation['kind'][] = [];
    observations.observation$.subscribe(({ kind }) => seen.push(kind));
    observations.criEvent$.next(eventOf('p', 'started', 'c1', 1n));
    expect(seen).toEqual(['event']);
    observations.relist$.next({ ...beginning, podSandboxes: [], containers: [] });
    observations.inspection$.next({
      request: {
        ...beginning,
        podUid: 'p',
        podName: '',
        podNamespace: '',
        podSandboxIds: [],
        containerIds: [],
      },
      outcome: { ok: false, error: new Error('unable to get status') },
    });
    expect(seen).toEqual(['event', 'relist', 'inspection']);
  });

  it('keep nothing for who subscribes later', () => {
    const observations = new Observations();
    observations.criEvent$.next(eventOf('p', 'started', 'c1', 1n));
    const seen: Observation[] = [];
    observations.observation$.subscribe((observation) => seen.push(observation));
    expect(seen).toEqual([]);
  });
});
