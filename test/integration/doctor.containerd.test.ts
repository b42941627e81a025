import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCriClient } from '../../src/cri/client.ts';
import { parseEndpoint } from '../../src/cri/endpoint.ts';
import { diagnose } from '../../src/doctor/doctor.ts';
import { systemHost } from '../../src/doctor/host.ts';
import { unreadLimitBytes } from '../../src/doctor/limits.ts';
import { parseStat } from '../../src/doctor/proc-table.ts';
import { lookAtClients } from '../../src/doctor/probes/clients.ts';
import { lookAtRuntimeProcess } from '../../src/doctor/probes/runtime-process.ts';
import { whatOf } from '../../src/doctor/seen.ts';
import { systemTime } from '../../src/lib/time.ts';
import { type ContainerdName } from '../helpers/containerd.ts';
import { childrenOf } from '../helpers/process-state.ts';
import { describeRuntime } from '../helpers/requirements.ts';
import { spawnCli } from '../helpers/spawn-cli.ts';
import { createRuntimeDriver, type Pod } from '../helpers/runtime-pods.ts';

/** tcpmux: no kubelet and no agent of this machine is to have a say. */
const deadUrl = 'http://127.0.0.1:1/';

/** What a machine that runs tests side by side may well have, whatever the runtime does. */
const ofTheMachine = new Set([
  'cpu-pressure',
  'io-pressure',
  'memory-pressure',
  'disk-full',
  'disk-nearly-full',
  'status-slow',
  'relist-outgrows-period',
  'events-late',
  'process-in-d-state',
  'oci-runtime-hangs',
  'cni-plugin-hangs',
  'exec-flood',
  'pids-nearly-exhausted',
  'defunct-processes',
  'clock-stepped',
]);

const statOf = (pid: number) => parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));

/** All threads of a process have taken note of a SIGSTOP only a while after it was sent. */
const stateOf = (pid: number): string | undefined => statOf(pid)?.state;

for (const name of ['containerd-1.7', 'containerd-2.1'] as const satisfies ContainerdName[]) {
  describeRuntime(name, ({ id, endpoint, cgroupParent }) => {
    const driver = createRuntimeDriver(endpoint);
    const { path } = parseEndpoint(endpoint);
    let web: Pod;
    beforeAll(async () => {
      web = await driver.runPod({ name: 'web', cgroupParent });
      await driver.runContainer(web);
    });
    afterAll(() => driver.close());

    const examine = async () => {
      const report = await diagnose({
        endpoint: parseEndpoint(endpoint),
        time: systemTime,
        windowMs: 6_000,
        agentUrl: deadUrl,
        kubeletHealthUrl: deadUrl,
        kubeletMetricsUrls: [deadUrl],
      });
      return { report, findings: report.findings.filter((finding) => !ofTheMachine.has(finding.id)) };
    };

    it('is healthy, and its process, root, shims and statuses were seen', async () => {
      const { report, findings } = await examine();
      expect(findings).toEqual([]);
      const { runtime, statuses, runtimeProcess, stream, clients } = report.facts;
      expect(whatOf(runtime)).toMatchObject({ name: 'containerd' });
      expect(whatOf(statuses)).toMatchObject({ asked: 2, answered: 2 });
      expect(whatOf(runtimeProcess)).toMatchObject({
        name: 'containerd',
        root: expect.stringMatching(new RegExp(`${id}.*/root$`)),
      });
      // The driver of this test is of our own process.
      expect(whatOf(clients)).toMatchObject({ connectionCount: 0 });
      if (name === 'containerd-1.7') {
        expect(whatOf(stream)?.leftAlone).toContain('--open-stream');
      } else {
        expect(whatOf(stream)).toMatchObject({ changes: 0 });
        expect(whatOf(stream)).not.toHaveProperty('leftAlone');
      }
    });

    it('has a shim that somebody stopped: the doctor names the pod and the process', async () => {
      const shimPid = statOf(await driver.podPid(web.id))?.parentPid ?? Number.NaN;
      expect(childrenOf(shimPid).length).toBeGreaterThan(0);
      process.kill(shimPid, 'SIGSTOP');
      try {
        await expect.poll(() => stateOf(shimPid), { interval: 5 }).toBe('T');
        const { report, findings } = await examine();
        const stopped = findings.find((finding) => finding.id === 'process-stopped');
        expect(stopped?.evidence.map(({ figure }) => figure)).toEqual([
          expect.stringMatching(new RegExp(`^containerd-shim ${shimPid} of default/web: state T`)),
        ]);
        expect(report.exitCode).toBe(1);
      } finally {
        process.kill(shimPid, 'SIGCONT');
      }
      const client = createCriClient({ endpoint });
      await expect(client.podSandboxStatus(web.id)).resolves.toMatchObject({ podName: 'web' });
      client.close();
    });

    it('is stopped as a whole: the doctor says so, comes to an end and blames no pod', async () => {
      const { pid } = await lookAtRuntimeProcess(systemHost.procRoot, path);
      process.kill(pid, 'SIGSTOP');
      try {
        await expect.poll(() => stateOf(pid), { interval: 5 }).toBe('T');
        const { report } = await examine();
        const figures = report.findings.flatMap(({ id: entry, evidence }) =>
          evidence.map(({ figure }) => `${entry}: ${figure}`),
        );
        expect(figures).toContainEqual(
          expect.stringMatching(/^runtime-hangs: ListContainers without an answer for [\d.]+ s$/),
        );
        expect(figures).toContainEqual(
          expect.stringMatching(new RegExp(`^process-stopped: containerd ${pid}: state T`)),
        );
        expect(figures.join()).not.toContain('default/web');
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    });

    // A reader that does not read holds up only containerd 2.
    if (name !== 'containerd-2.1') return;

    it('has a reader of events that somebody stopped: the doctor names it before all starts hang', async () => {
      const reader = spawnCli(['events', '--runtime-endpoint', endpoint]);
      try {
        await reader.stdout.until('default/web');
        reader.kill('SIGSTOP');
        const unreadBytes = async () => {
          const { connections } = await lookAtClients(systemHost, path);
          return Math.max(0, ...(connections ?? []).map((connection) => connection.unreadBytes));
        };
        while ((await unreadBytes()) <= unreadLimitBytes) {
          await driver.removeContainer(await driver.createContainer(web, { name: 'extra' }));
        }
        const { report } = await examine();
        expect(report.findings.find((finding) => finding.id === 'slow-reader')?.evidence).toMatchObject([
          { figure: expect.stringMatching(/^node \d+ has left \d+\.\d KiB unread$/) },
        ]);
      } finally {
        reader.kill('SIGKILL');
        await reader.ended;
      }
    });
  });
}
