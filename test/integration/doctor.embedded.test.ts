import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/doctor/report.ts';
import { whatOf } from '../../src/doctor/seen.ts';
import { DoctorExamination } from '../helpers/doctor-examination.ts';
import { useEmbeddedRuntime } from '../helpers/embedded-runtime.ts';

const fixture = useEmbeddedRuntime();
const forGood = { until: new Promise<never>(() => {}) };

/** The pods `default/web` and `default/db`, with one container each. */
const runTwoPods = async () => {
  const { driver } = fixture;
  const [web, db] = [await driver.runPod({ name: 'web' }), await driver.runPod({ name: 'db' })];
  return { web, db, webId: await driver.runContainer(web), dbId: await driver.runContainer(db) };
};

const idsOf = ({ findings }: Report): string[] => findings.map(({ id }) => id);
const figuresOf = ({ findings: [first] }: Report): string[] =>
  (first?.evidence ?? []).map(({ figure }) => figure);

describe('the doctor on a runtime that behaves', () => {
  it('finds nothing, and has asked for each status and compared the stream with the lists', async () => {
    const { webId } = await runTwoPods();
    const { driver, runtime } = fixture;
    const examination = new DoctorExamination(runtime.endpoint);
    const report = await examination.run(async () => {
      await driver.stopContainer(webId);
      await examination.untilEvents(1);
    });
    expect(report).toMatchObject({ findings: [], exitCode: 0 });
    expect(report.verdict).toMatch(/^healthy: /);
    expect(whatOf(report.facts.statuses)).toMatchObject({ asked: 4, answered: 4, hanging: [], unasked: 0 });
    expect(whatOf(report.facts.stream)).toMatchObject({ changes: 1, unannounced: [] });
    expect(whatOf(report.facts.lists)).toMatchObject({
      sandboxes: { total: 2, bytes: expect.any(Number) },
      containers: { total: 2, bytes: expect.any(Number) },
    });
    await runtime.events.waitForReaders(0);
  });
});

describe('the doctor names what hangs', () => {
  it('one pod’s status: the pod, the call and the age, and no other pod', async () => {
    const { web } = await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { PodSandboxStatus: [{ id: web.id, ...forGood }] };
    const examination = new DoctorExamination(runtime.endpoint, { hangs: ({ id }) => id === web.id });
    const report = await examination.run();
    expect(idsOf(report)).toEqual(['pod-status-hangs']);
    expect(figuresOf(report)).toEqual(['default/web: PodSandboxStatus without an answer for 10 s']);
    expect(report.findings[0]?.evidence[0]?.command).toContain(`inspectp ${web.id}`);
    expect(report).toMatchObject({ exitCode: 1, findings: [{ severity: 'critical' }] });
    expect(whatOf(report.facts.statuses)).toMatchObject({ asked: 4, answered: 3 });
  });

  it('one container’s status', async () => {
    const { dbId } = await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { ContainerStatus: [{ id: dbId, ...forGood }] };
    const examination = new DoctorExamination(runtime.endpoint, { hangs: ({ id }) => id === dbId });
    const report = await examination.run();
    expect(idsOf(report)).toEqual(['container-status-hangs']);
    expect(figuresOf(report)).toEqual([
      `default/db, container main (${dbId.slice(0, 13)}): ContainerStatus without an answer for 10 s`,
    ]);
  });

  it('all statuses, and blames no pod for it', async () => {
    await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { ContainerStatus: [forGood], PodSandboxStatus: [forGood] };
    const examination = new DoctorExamination(runtime.endpoint, {
      hangs: ({ method }) => ['ContainerStatus', 'PodSandboxStatus'].includes(method),
    });
    expect(idsOf(await examination.run())).toEqual(['all-statuses-hang']);
  });

  it('a list, and still asks for what the other list shows', async () => {
    await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { ListContainers: [forGood] };
    const examination = new DoctorExamination(runtime.endpoint, {
      hangs: ({ method }) => method === 'ListContainers',
    });
    const report = await examination.run();
    expect(idsOf(report)).toEqual(['runtime-hangs']);
    expect(figuresOf(report)).toEqual(['ListContainers without an answer for 10 s']);
    expect(whatOf(report.facts.statuses)).toMatchObject({ asked: 2, answered: 2 });
    expect(report.unseen.map(({ probe }) => probe)).toEqual(['churn']);
  });
});

describe('the doctor on a runtime that stops answering while it looks', () => {
  it('names the call', async () => {
    await runTwoPods();
    const { runtime } = fixture;
    const examination = new DoctorExamination(runtime.endpoint, {
      hangs: ({ method }) =>
        method === 'ListContainers' && runtime.faults.calls['ListContainers'] !== undefined,
    });
    const report = await examination.run(async () => {
      runtime.faults.calls = { ListContainers: [forGood] };
    });
    expect(idsOf(report)).toEqual(['runtime-hangs']);
    expect(figuresOf(report)).toEqual(['ListContainers without an answer for 10 s']);
  });
});

describe('the doctor on answers that are none', () => {
  it('measures a list that is too long for kubelet, and still counts it', async () => {
    await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { ListContainers: [{ padToBytes: 17 * 1024 * 1024 }] };
    const report = await new DoctorExamination(runtime.endpoint).run();
    expect(idsOf(report)).toEqual(['list-too-long']);
    expect(figuresOf(report)).toEqual(['ListContainers is 17.0 MiB long with 2 containers']);
  });

  it('reads the length of a list that the runtime refuses to send', async () => {
    const { runtime } = fixture;
    const details = 'grpc: trying to send message larger than max (16791221 vs. 16777216)';
    runtime.faults.calls = {
      ListPodSandbox: [{ fail: { code: status.RESOURCE_EXHAUSTED, details } }],
    };
    const report = await new DoctorExamination(runtime.endpoint).run();
    expect(idsOf(report)).toEqual(['list-too-long']);
    expect(figuresOf(report)).toEqual(['ListPodSandbox is 16.0 MiB long']);
  });

  it.each([
    ['garbage', { garbage: true }],
    ['nothing', { empty: true }],
    ['an error', { fail: { code: status.UNKNOWN, details: 'input/output error' } }],
  ])('names the pod whose status is %s', async (_what, fault) => {
    const { web } = await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { PodSandboxStatus: [{ id: web.id, ...fault }] };
    const report = await new DoctorExamination(runtime.endpoint).run();
    expect(idsOf(report)).toEqual(['status-fails']);
    expect(figuresOf(report)).toEqual([expect.stringMatching(/^default\/web: /)]);
  });

  it('is not upset by a container that goes before it is asked for', async () => {
    const { webId } = await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { ContainerStatus: [{ id: webId, fail: { code: status.NOT_FOUND } }] };
    expect(idsOf(await new DoctorExamination(runtime.endpoint).run())).toEqual([]);
  });

  it('goes on where Status is garbage', async () => {
    await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.calls = { Status: [{ garbage: true }] };
    const report = await new DoctorExamination(runtime.endpoint).run();
    expect(idsOf(report)).toEqual(['call-fails']);
    expect(whatOf(report.facts.statuses)).toMatchObject({ answered: 4 });
  });

  it('says that nobody answers when nobody does', async () => {
    const { runtime } = fixture;
    await runtime.stop();
    const report = await new DoctorExamination(runtime.endpoint).run();
    expect(idsOf(report)).toEqual(['runtime-unreachable']);
    expect(report.verdict).toContain('start the runtime');
  });
});

describe('the doctor on the event stream', () => {
  it('tells one that is switched off (the end at once), as no more than information', async () => {
    const { runtime } = fixture;
    runtime.faults.events.onOpen = 'eof';
    const examination = new DoctorExamination(runtime.endpoint);
    const report = await examination.run(() => examination.untilStreamEnds());
    expect(idsOf(report)).toEqual(['events-disabled']);
    expect(report.exitCode).toBe(0);
  });

  it('tells one that is not implemented', async () => {
    const { runtime } = fixture;
    runtime.faults.calls = { GetContainerEvents: [{ fail: { code: status.UNIMPLEMENTED } }] };
    const examination = new DoctorExamination(runtime.endpoint);
    const report = await examination.run(() => examination.untilStreamEnds());
    expect(idsOf(report)).toEqual(['events-unimplemented']);
    expect(report.exitCode).toBe(0);
  });

  it('tells one that is open and silent, by a container that dies without a word', async () => {
    const { webId } = await runTwoPods();
    const { driver, runtime } = fixture;
    runtime.faults.events.isSilent = true;
    const report = await new DoctorExamination(runtime.endpoint).run(() => driver.stopContainer(webId));
    expect(idsOf(report)).toEqual(['stream-silent']);
    expect(figuresOf(report)).toEqual([
      'default/web, container main died without an event (1 of 1 changes had none)',
    ]);
  });

  it('does not judge a silent one where nothing changed', async () => {
    await runTwoPods();
    const { runtime } = fixture;
    runtime.faults.events.isSilent = true;
    expect(idsOf(await new DoctorExamination(runtime.endpoint).run())).toEqual([]);
  });

  it('tells one that loses some events', async () => {
    const { webId, dbId } = await runTwoPods();
    const { driver, runtime } = fixture;
    runtime.faults.events.drop = ({ containerId }) => containerId === webId;
    const examination = new DoctorExamination(runtime.endpoint);
    const report = await examination.run(async () => {
      await driver.stopContainer(webId);
      await driver.stopContainer(dbId);
      await examination.untilEvents(1);
    });
    expect(idsOf(report)).toEqual(['events-missed']);
    expect(figuresOf(report)).toEqual([
      'default/web, container main died without an event (1 of 2 changes had none)',
    ]);
  });

  it('tells one that breaks', async () => {
    const { webId } = await runTwoPods();
    const { driver, runtime } = fixture;
    runtime.faults.events.garbageNext = 1;
    const examination = new DoctorExamination(runtime.endpoint);
    const report = await examination.run(async () => {
      await driver.stopContainer(webId);
      await examination.untilStreamEnds();
    });
    expect(idsOf(report)).toEqual(['stream-breaks']);
  });
});
