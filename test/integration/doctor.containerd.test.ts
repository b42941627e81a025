import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCriClient } from '../../src/cri/client.ts';
import { parseEndpoint } from '../../src/cri/endpoint.ts';
import { diagnose } from '../../src/doctor/doctor.ts';
import { whatOf } from '../../src/doctor/seen.ts';
import { systemTime } from '../../src/lib/time.ts';
import { type ContainerdName } from '../helpers/containerd.ts';
import { childrenOf } from '../helpers/process-state.ts';
import { describeRuntime } from '../helpers/requirements.ts';
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

const parentOf = (pid: number): number =>
  Number(/\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]);

for (const name of ['containerd-1.7', 'containerd-2.1'] as const satisfies ContainerdName[]) {
  describeRuntime(name, ({ id, endpoint, cgroupParent }) => {
    const driver = createRuntimeDriver(endpoint);
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
      const shimPid = parentOf(await driver.podPid(web.id));
      expect(childrenOf(shimPid).length).toBeGreaterThan(0);
      process.kill(shimPid, 'SIGSTOP');
      try {
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
  });
}
