import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/doctor/report-text.ts';
import { judge } from '../../../src/doctor/report.ts';
import { look, UnseenError } from '../../../src/doctor/seen.ts';
import { ownerPattern } from '../../../src/doctor/pod-names.ts';
import { workThrough } from '../../../src/doctor/waiting.ts';
import { bytesText, spanText } from '../../../src/doctor/words.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';
import { failedCall, healthyFacts, lists, pressure, statuses, stream, webPod } from './healthy-facts.ts';

const hanging = {
  seen: {
    ...statuses,
    asked: 9,
    answered: 2,
    hanging: Array.from({ length: 7 }, (_, index) => ({
      pod: { ...webPod, name: `web-${index}`, podSandboxId: `sandbox-${index}` },
      call: failedCall('PodSandboxStatus', 'DEADLINE_EXCEEDED', 'late'),
    })),
  },
};

describe('a report', () => {
  it('of a healthy node is one line and what was seen', () => {
    expect(renderReport(judge(healthyFacts))).toBe(`\
healthy: 20 s at unix:///run/containerd/containerd.sock showed nothing that needs action

Seen:
  runtime           containerd 2.1.9; Version 2 ms, Status 2 ms
  lists             100 sandboxes in 2 ms (46.9 KiB, about 34852 more fit into 16 MiB), 10 dead; 100
                    containers in 2 ms (46.9 KiB, about 34852 more fit into 16 MiB), 10 dead
  statuses          2 of 2 answered, the slowest in 3 ms (default/web-0)
  churn             2 containers of 1 pod changed in 17 s
  stream            open, 4 events, 2 changes in the lists
  clients           1 other connection, kubelet 800
  processes         900 of 32768 threads, 0 hanging in the kernel, 1 defunct
  runtime process   containerd 700: 20 threads, 200 of 1048576 open files
  pressure          cpu 10 %, io 1 %, memory 0 %
  disk              /var/lib/containerd 50.0 GiB of 100.0 GiB free
  bus               systemd answers in 2 ms, dbus answers in 2 ms
  clock             wall and monotonic clock differ by 0 ms
  kubelet health    200 ok
  kubelet PLEG      19 relists in 20 s, 12 ms each
  agent             healthy, mode evented, stream open, 0 missed events`);
  });

  it('puts what is critical first, whatever the order of the catalogue, and shows a part of long evidence', () => {
    const report = judge({
      ...healthyFacts,
      statuses: hanging,
      pressure: { seen: { ...pressure, cpu: { someAvg60: 90, fullAvg60: 1 } } },
      agent: { unseen: 'nobody listens' },
    });
    expect(report.verdict).toBe(
      '2 findings need action, first: the status of one pod hangs (default/web-0: PodSandboxStatus without an answer for 10 s)',
    );
    const text = renderReport(report);
    expect(text.indexOf('CRITICAL: the status of one pod hangs  [pod-status-hangs]')).toBeGreaterThan(0);
    expect(text.indexOf('WARNING: ')).toBeGreaterThan(text.indexOf('CRITICAL: '));
    expect(text).toContain(`
  - default/web-4: PodSandboxStatus without an answer for 10 s
      $ timeout 10 crictl -r unix:///run/containerd/containerd.sock inspectp sandbox-4
  and 2 more, see -o json
  Likely cause: `);
    expect(text).toContain('\n  Known as: kubernetes/kubernetes#98044, ');
    expect(text).toContain('\nNot seen:\n  agent             nobody listens');
    const prose = text.split('\n').filter((line) => !line.includes('$ '));
    expect(prose.slice(1).filter((line) => line.length > 101)).toEqual([]);
  });

  it('needs no action for information alone', () => {
    const end = { code: 'UNIMPLEMENTED', problem: '', afterMs: 1 } as const;
    const report = judge({ ...healthyFacts, stream: { seen: { ...stream, end } } });
    expect(report).toMatchObject({ exitCode: 0, findings: [{ severity: 'info' }] });
    expect(report.verdict).toMatch(/^healthy: /);
  });

  it('goes through JSON unchanged', () => {
    const report = judge({ ...healthyFacts, statuses: hanging });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('tells of an empty list without dividing by it', () => {
    const sandboxes = { ...lists.sandboxes, bytes: 0, total: 0, dead: 0 };
    const text = renderReport(judge({ ...healthyFacts, lists: { seen: { ...lists, sandboxes } } }));
    expect(text).toContain('0 sandboxes in 2 ms, 0 dead');
  });
});

it.each([
  [4.4, '4 ms'],
  [999.6, '1 s'],
  [1_240, '1.2 s'],
  [150_000, '3 min'],
  [-7_200_000, '-2 h'],
])('%s ms are %j', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

it.each([
  [0, '0 bytes'],
  [1_023, '1023 bytes'],
  [17 * 1024 ** 2, '17.0 MiB'],
])('%s bytes are %j', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

describe('a look', () => {
  it('tells what was seen, or why nothing was', async () => {
    const time = new SimulatedTime();
    expect(await look(time, 5_000, () => Promise.resolve(7))).toEqual({ seen: 7 });
    expect(await look(time, 5_000, () => Promise.reject(new UnseenError('too dark')))).toEqual({
      unseen: 'too dark',
    });
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/proc/1/fd' });
    expect(await look(time, 5_000, () => Promise.reject(denied))).toEqual({
      unseen: 'no permission on /proc/1/fd; run as root',
    });
    expect(time.timerCount).toBe(0);
  });

  it('ends at its deadline and tells its probe', async () => {
    const time = new SimulatedTime();
    let isToldToStop = false;
    const seen = look(time, 5_000, (signal) => {
      signal.addEventListener('abort', () => {
        isToldToStop = true;
      });
      return new Promise(() => {});
    });
    await time.advance(5_000);
    expect(await seen).toEqual({ unseen: 'no answer within 5 s' });
    expect(isToldToStop).toBe(true);
  });
});

describe('workThrough', () => {
  const pace = { places: 2, slowMs: 1_000, budgetMs: 2_500 };

  it('gives the place of what hangs to others, and begins nothing beyond the budget', async () => {
    const time = new SimulatedTime();
    const begun: number[] = [];
    let release = (): void => {};
    const hang = new Promise<void>((resolve) => {
      release = resolve;
    });
    const done = workThrough([1, 2, 3, 4, 5, 6, 7, 8, 9], { time, ...pace }, (item) => {
      begun.push(item);
      return hang;
    });
    await time.advance(0);
    expect(begun).toEqual([1, 2]);
    await time.advance(2_000);
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
    await time.advance(10_000);
    release();
    expect(await done).toBe(3);
  });
});

it.each([
  ['backup-28374650-x7k2p', 'backup-*'],
  ['web-6d4cf56db6-abcde', 'web-6d4cf56db6-abcde'],
  ['web-6d4cf56db6-bcdfg', 'web-*'],
  ['node-agent-z9xkq', 'node-agent-*'],
  ['web-0', 'web-0'],
  ['', ''],
])('%j belongs to %j', (name, pattern) => {
  expect(ownerPattern(name)).toBe(pattern);
});
