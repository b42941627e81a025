import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { NodePlegOptions } from '../../../src/agent/node-pleg.ts';
import { CriError } from '../../../src/cri/cri-error.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: number };

const debug = 20;
const info = 30;
const error = 50;

const newLoggedPleg = (options: Partial<NodePlegOptions> = {}) => {
  const lines: LogLine[] = [];
  const logger = pino(
    { level: 'debug', base: null },
    { write: (line: string) => lines.push(JSON.parse(line) as LogLine) },
  );
  const test = newTestPleg({ logger, ...options });
  test.runtime.addSandbox('p');
  test.runtime.addContainer('p', 'c1');
  return { ...test, lines, linesOf: (msg: string) => lines.filter((line) => line.msg === msg) };
};

describe('the log of a PLEG', () => {
  it('says of a container that an event announced that it finished, as kubelet does', async () => {
    const { pleg, runtime, time, linesOf } = newLoggedPleg({ mode: 'evented' });
    pleg.start();
    await time.advance(10);
    runtime.setContainer('c1', 'exited', 137);
    runtime.emit('stopped', 'c1');
    await time.advance(0);
    expect(linesOf('Evented PLEG: container finished')).toMatchObject([
      { level: debug, podID: 'p', containerID: 'c1', exitCode: 137 },
    ]);
    await pleg.stop();
  });

  it('says of a container that a relist found that it finished, as kubelet does', async () => {
    const { pleg, runtime, time, linesOf } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    runtime.setContainer('c1', 'exited', 3);
    await time.advance(1_000);
    expect(linesOf('Generic (PLEG): container finished')).toMatchObject([
      { level: debug, podID: 'p', containerID: 'c1', exitCode: 3 },
    ]);
    await pleg.stop();
  });

  it('says once that lists fail, and once that they are back', async () => {
    const { pleg, runtime, time, linesOf } = newLoggedPleg();
    pleg.start();
    await time.advance(10);
    runtime.behaviours.set(
      'listContainers',
      new CriError('ListContainers', 'UNAVAILABLE', 'Connection dropped'),
    );
    await time.advance(30_000);
    expect(linesOf('GenericPLEG: Unable to retrieve pods')).toMatchObject([
      { level: error, reason: 'the runtime cannot be reached: Connection dropped' },
    ]);
    runtime.behaviours.clear();
    await time.advance(30_000);
    expect(linesOf('GenericPLEG: relist succeeded again')).toHaveLength(1);
    await pleg.stop();
  });

  it('has nothing at info for an event or a relist', async () => {
    const { pleg, runtime, time, lines } = newLoggedPleg({ mode: 'evented' });
    pleg.start();
    await time.advance(2_000);
    const before = lines.filter(({ level }) => level >= info).length;
    runtime.setContainer('c1', 'exited', 1);
    for (let copy = 0; copy < 10; copy += 1) runtime.emit('stopped', 'c1');
    pleg.genericPleg.requestRelist();
    await time.advance(1_000);
    expect(lines.filter(({ level }) => level >= info)).toHaveLength(before);
    await pleg.stop();
  });

  it('says at info that the runtime is up and which mode has started', async () => {
    const { pleg, time, lines } = newLoggedPleg({ mode: 'evented' });
    pleg.start();
    await time.advance(10);
    const told = lines.filter(({ level }) => level >= info);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual(
      expect.objectContaining({ msg: 'Evented PLEG: started', relistPeriodMs: 300_000 }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({
        msg: 'Container runtime is up',
        runtimeName: 'fake',
        runtimeVersion: '1',
      }),
    );
    await pleg.stop();
  });

  it('counts each event that changed nothing, by reason', async () => {
    const { pleg, runtime, time } = newLoggedPleg({ mode: 'evented' });
    pleg.start();
    await time.advance(10);
    runtime.emit('started', 'c1');
    runtime.emit('started', 'c1');
    runtime.emit(undefined, 'c1');
    runtime.emit('deleted', 'nobody');
    expect(pleg.ignoredCounts).toEqual({ stale: 2, unrecognized: 1, unknown_container: 1 });
    const text = await pleg.metrics.registry.getSingleMetricAsString('plegd_ignored_events_total');
    expect(text.split('\n').slice(2)).toEqual([
      'plegd_ignored_events_total{reason="stale"} 2',
      'plegd_ignored_events_total{reason="unrecognized"} 1',
      'plegd_ignored_events_total{reason="unknown_container"} 1',
    ]);
    await pleg.stop();
  });

  it('counts what is published by type and source, and its latency where an event brought it', async () => {
    const { pleg, runtime, time } = newLoggedPleg({ mode: 'evented' });
    pleg.start();
    await time.advance(10);
    runtime.setContainer('c1', 'exited', 1);
    runtime.emit('stopped', 'c1', { createdAtNs: time.wallNs() - 40_000_000n });
    await time.advance(0);
    const { registry } = pleg.metrics;
    expect((await registry.getSingleMetricAsString('plegd_events_total')).split('\n').slice(2)).toEqual([
      'plegd_events_total{type="ContainerStarted",source="relist"} 2',
      'plegd_events_total{type="ContainerDied",source="event"} 1',
    ]);
    const latency = await registry.getSingleMetricAsString('plegd_event_latency_seconds');
    expect(latency).toContain('plegd_event_latency_seconds_sum 0.04\n');
    expect(latency).toContain('plegd_event_latency_seconds_count 1');
    await pleg.stop();
  });

  it('counts the listed containers that belong to no pod', async () => {
    const { pleg, runtime, time } = newLoggedPleg();
    const stray = runtime.containers.get('c1');
    if (stray) Object.assign(stray, { podUid: '', podName: '', podNamespace: '', podSandboxId: 'nowhere' });
    pleg.start();
    await time.advance(0);
    const text = await pleg.metrics.registry.getSingleMetricAsString('plegd_skipped_records_total');
    expect(text).toContain('plegd_skipped_records_total{operation_type="list_containers"} 1');
    await pleg.stop();
  });
});
