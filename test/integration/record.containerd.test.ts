import { afterAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/agent/config.ts';
import { recordRuntime } from '../../src/agent/record.ts';
import { systemTime } from '../../src/lib/time.ts';
import { containerdNames } from '../helpers/containerd.ts';
import { Published, readLines, replayToEnd, silent } from '../helpers/recorded-run.ts';
import { describeRuntime } from '../helpers/requirements.ts';
import { createRuntimeDriver } from '../helpers/runtime-pods.ts';

const shell = (script: string) => ({ command: ['/bin/sh', '-c', script] });

describe('a recording of a real containerd', () => {
  for (const name of containerdNames) {
    describeRuntime(name, (daemon) => {
      const driver = createRuntimeDriver(daemon.endpoint);
      afterAll(() => driver.close());

      it('replays to the same events, byte for byte, and holds no environment', async () => {
        const published = new Published();
        const lines: string[] = [];
        const recording = await recordRuntime(
          resolveConfig({ flags: { runtimeEndpoint: daemon.endpoint, relistPeriod: '200ms' } }),
          {
            logger: silent,
            time: systemTime,
            plegdVersion: '0.0.0-test',
            write: (line) => lines.push(line),
            onBroken: (error) => {
              throw error;
            },
            onPublished: published.add,
          },
        );
        const secret = { env: { TOKEN: 'hunter2' }, annotations: { token: 'hunter2' } };
        const pod = await driver.runPod({ name: `record-${name}`, cgroupParent: daemon.cgroupParent });
        const lasting = await driver.runContainer(pod, {
          ...shell('sleep 1000'),
          name: 'lasting',
          ...secret,
        });
        const brief = await driver.runContainer(pod, { ...shell('exit 3'), name: 'brief', ...secret });
        const failing = await driver.createContainer(pod, { name: 'failing', command: ['/hunter2'] });
        await expect(driver.startContainer(failing)).rejects.toThrow('hunter2');
        await published.next('ContainerStarted', lasting);
        expect(await published.next('ContainerDied', brief)).toMatchObject({ exitCode: 3 });
        process.kill(await driver.containerPid(lasting), 'SIGKILL');
        expect(await published.next('ContainerDied', lasting)).toMatchObject({ exitCode: 137 });
        // No runtime announces a start that failed: the look at what happened beside it shows it.
        await published.next('ContainerDied', failing);
        await driver.removeContainer(brief);
        await published.next('ContainerRemoved', brief);
        await driver.stopPod(pod.id);
        await driver.removePod(pod.id);
        await published.next('ContainerRemoved', pod.id);
        await recording.stop();

        expect(lines.join('\n')).not.toContain('hunter2');
        const read = await readLines(lines);
        expect(read.header.runtime).toMatchObject({
          runtimeName: 'containerd',
          runtimeVersion: expect.stringContaining(name.slice('containerd-'.length)) as string,
        });
        for (let time = 0; time < 3; time += 1) {
          expect(await replayToEnd(read)).toEqual(published.lines);
        }
      });
    });
  }
});
