import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { NodePlegOptions } from '../../../src/agent/node-pleg.ts';
import { CriError } from '../../../src/cri/cri-error.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

interface LogLine {
  readonly msg: string;
  readonly level: number;
  readonly reason?: string;
}

/** Evented, with all that is logged. */
const newLoggedPleg = (options: Partial<NodePlegOptions> = {}) => {
  const lines: LogLine[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => lines.push(JSON.parse(line) as LogLine) },
  );
  const test = newTestPleg({ mode: 'evented', logger, ...options });
  const fellBack = () => lines.filter(({ msg }) => msg.startsWith('Fall back to Generic PLEG'));
  return { ...test, lines, fellBack };
};

const unavailable = (details: string): CriError => new CriError('GetContainerEvents', 'UNAVAILABLE', details);

// Kubelet disables the stream for good after its retries; here it degrades, and probes its way back.
describe('TestEventedPLEGRetryExhaustionClosesEventChannelAndLogsLastError', () => {
  it('opens the stream as often as it may and logs once that it falls back, with the last error', async () => {
    const { pleg, runtime, time, fellBack } = newLoggedPleg({ maxStreamRetries: 3 });
    const { behaviours } = runtime;
    behaviours.set('containerEvents', unavailable('first'));
    pleg.start();
    await time.advance(50);
    behaviours.set('containerEvents', unavailable('second'));
    await time.advance(100);
    expect(pleg.supervision.mode).toBe('evented');
    behaviours.set('containerEvents', unavailable('last'));
    await time.advance(200);
    expect([runtime.eventStreamCount, runtime.openStreamCount]).toEqual([3, 0]);
    expect(pleg.supervision.mode).toBe('generic');
    expect(fellBack()).toMatchObject([
      { level: 40, reason: 'the runtime cannot be reached: last (3 in a row)' },
    ]);
    const errors = await pleg.metrics.registry.getSingleMetricAsString(
      'kubelet_evented_pleg_connection_error_count',
    );
    expect(errors.split('\n').at(-1)).toBe('kubelet_evented_pleg_connection_error_count 3');
    await pleg.stop();
  });

  it('waits longer before each retry: 100, 200, 400, 800 ms', async () => {
    const { pleg, runtime, time } = newLoggedPleg();
    const openedMs: number[] = [];
    const startMs = time.monotonicMs();
    const { containerEvents } = runtime;
    runtime.containerEvents = () => {
      openedMs.push(time.monotonicMs() - startMs);
      return containerEvents.call(runtime);
    };
    runtime.behaviours.set('containerEvents', unavailable('Connection dropped'));
    pleg.start();
    await time.advance(1_600);
    expect(openedMs).toEqual([0, 100, 300, 700, 1_500]);
    await pleg.stop();
  });

  it('falls back at once on UNIMPLEMENTED', async () => {
    const { pleg, runtime, time, fellBack } = newLoggedPleg();
    runtime.behaviours.set(
      'containerEvents',
      new CriError('GetContainerEvents', 'UNIMPLEMENTED', 'unknown method'),
    );
    pleg.start();
    await time.advance(0);
    expect(runtime.eventStreamCount).toBe(1);
    expect(pleg.supervision.mode).toBe('generic');
    expect(pleg.genericPleg.relistDuration).toEqual({ periodMs: 1_000, thresholdMs: 180_000 });
    expect(fellBack()).toHaveLength(1);
    await pleg.stop();
  });

  it('counts failures anew after a minute on a healthy stream', async () => {
    const { pleg, runtime, time } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    for (let failure = 1; failure <= 12; failure += 1) {
      runtime.failStream('UNAVAILABLE', 'Connection dropped');
      await time.advance(62_000);
      expect(pleg.supervision.mode).toBe('evented');
    }
    expect(pleg.supervision.streamFailures).toBe(0);
    await pleg.stop();
  });
});

describe('TestEventedPLEGWatcherRetriesWhenStreamClosesWithoutError', () => {
  it('counts a stream that the runtime ends without an error as failed, and opens it again with delay', async () => {
    const { pleg, runtime, time, lines } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    runtime.closeStream();
    await time.advance(0);
    expect([runtime.eventStreamCount, runtime.openStreamCount]).toEqual([1, 0]);
    expect(pleg.stream).toMatchObject({
      state: 'down',
      lastError: 'CRI container event stream closed without an error',
    });
    expect(lines.find(({ msg }) => msg === 'Evented PLEG: event stream ended')).toMatchObject({
      code: 'OK',
      reason: 'CRI container event stream closed without an error',
    });
    await time.advance(100);
    expect([runtime.eventStreamCount, runtime.openStreamCount]).toEqual([2, 1]);
    await pleg.stop();
  });

  it('does not spin on a runtime that ends every stream at once', async () => {
    const { pleg, runtime, time, fellBack } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    for (let failure = 1; failure <= 5; failure += 1) {
      runtime.closeStream();
      await time.advance(1_600);
    }
    expect(fellBack()).toMatchObject([
      { reason: 'CRI container event stream closed without an error (5 in a row)' },
    ]);
    await pleg.stop();
  });
});

describe('TestEventedPLEGWatcherStopsWhenContextIsCanceled', () => {
  it('closes the stream when it is stopped and logs no fall back', async () => {
    const { pleg, runtime, time, fellBack } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    expect(runtime.openStreamCount).toBe(1);
    await pleg.stop();
    expect([runtime.openStreamCount, time.timerCount]).toEqual([0, 0]);
    await time.advance(60_000);
    expect(runtime.eventStreamCount).toBe(1);
    expect(fellBack()).toEqual([]);
  });

  it('opens no stream any more when it is stopped while it waits to open it again', async () => {
    const { pleg, runtime, time } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    runtime.failStream('UNAVAILABLE', 'Connection dropped');
    await pleg.stop();
    await time.advance(60_000);
    expect([runtime.eventStreamCount, time.timerCount]).toEqual([1, 0]);
  });
});

describe('TestEventedPLEGDelegatesToGenericPLEG, TestEventedPLEGUsageFlag', () => {
  it('relists at the slow period in evented mode', async () => {
    const { pleg, time } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    expect(pleg.supervision.mode).toBe('evented');
    expect(pleg.genericPleg.relistDuration).toEqual({ periodMs: 300_000, thresholdMs: 600_000 });
    await pleg.stop();
  });

  it('never opens the stream in a generic mode that was asked for', async () => {
    const { pleg, runtime, time } = newTestPleg({ mode: 'generic' });
    pleg.start();
    await time.advance(120_000);
    expect(runtime.eventStreamCount).toBe(0);
    expect([pleg.supervision.mode, pleg.supervision.path]).toEqual(['generic', 'generic.chosen']);
    await pleg.stop();
  });

  it('relists around each opening of the stream and a second later, for no runtime announces all by then', async () => {
    const { pleg, runtime, time } = newLoggedPleg();
    const listCount = () => runtime.calls.filter((call) => call === 'listContainers').length;
    pleg.start();
    await time.advance(10);
    await time.advance(990);
    const atStart = listCount();
    await time.advance(60_000);
    expect(listCount()).toBe(atStart);
    runtime.failStream('UNAVAILABLE', 'Connection dropped');
    await time.advance(100);
    expect(listCount()).toBe(atStart + 1);
    await time.advance(1_000);
    expect(listCount()).toBe(atStart + 2);
    await pleg.stop();
  });

  it('has one stream at most, and one relist at most, through failures, falls and climbs', async () => {
    const { pleg, runtime, time } = newLoggedPleg();
    const most = { streams: 0, lists: 0 };
    let listsUnderWay = 0;
    const { listContainers, containerEvents } = runtime;
    runtime.listContainers = async (options) => {
      listsUnderWay += 1;
      most.lists = Math.max(most.lists, listsUnderWay);
      try {
        await new Promise<void>((resolve) => {
          time.setTimeout(resolve, 30);
        });
        return await listContainers.call(runtime, options);
      } finally {
        listsUnderWay -= 1;
      }
    };
    runtime.containerEvents = () => {
      const event$ = containerEvents.call(runtime);
      most.streams = Math.max(most.streams, runtime.openStreamCount + 1);
      return event$;
    };
    pleg.start();
    for (let round = 0; round < 40; round += 1) {
      await time.advance(170 + 413 * (round % 20));
      runtime.failStream('UNAVAILABLE', 'Connection dropped');
    }
    expect(most).toEqual({ streams: 1, lists: 1 });
    expect(pleg.supervision.history.some(({ path }) => path.startsWith('streaming.climbing'))).toBe(true);
    await pleg.stop();
  });
});
