import { mkdir } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { PodSandbox } from '../../../src/cri/runtime-service.ts';
import { systemTime } from '../../../src/lib/time.ts';
import { systemHost } from '../../../src/doctor/host.ts';
import { PodNames } from '../../../src/doctor/pod-names.ts';
import { lookAtBus } from '../../../src/doctor/probes/bus.ts';
import { lookAtClients, lookAtClientsTwice, parseSs } from '../../../src/doctor/probes/clients.ts';
import { lookAtClock } from '../../../src/doctor/probes/clock.ts';
import { lookAtDisk } from '../../../src/doctor/probes/disk.ts';
import { lookAtPressure } from '../../../src/doctor/probes/pressure.ts';
import { lookAtRuntimeProcess } from '../../../src/doctor/probes/runtime-process.ts';
import { writeProcess, writeTree } from '../../helpers/fake-proc.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';
import { makeTempDirectory } from '../../helpers/temp-directory.ts';

let root: string;
beforeEach(async () => {
  root = await makeTempDirectory();
});

const path = '/run/containerd/containerd.sock';

/** /proc/net/unix with the runtime's listening socket 100, two connections of it, and others. */
const unixTable = `Num       RefCount Protocol Flags    Type St Inode Path
0000000011c7ab9b: 00000002 00000000 00010000 0001 01   100 ${path}
0000000011c7ab9c: 00000003 00000000 00000000 0001 03   101 ${path}
0000000011c7ab9d: 00000003 00000000 00000000 0001 03 102 ${path}
0000000011c7ab9e: 00000003 00000000 00000000 0001 03 103
0000000011c7ab9f: 00000002 00000000 00010000 0001 01   104 /run/other.sock
`;

const ssOutput = `u_str ESTAB 0      0      * 201 * 101 users:(("kubelet",pid=800,fd=9))
u_str ESTAB 0      0      ${path} 101 * 201 users:(("containerd",pid=700,fd=11))
u_str ESTAB 0      70000  ${path} 102 * 202 users:(("containerd",pid=700,fd=12))
u_str ESTAB 0      0      * 202 * 102 users:(("crictl",pid=900,fd=3))
u_str ESTAB 0      0      /run/other.sock 301 * 302 users:(("other",pid=5,fd=3))
u_str LISTEN 0      4096   ${path} 100 * 0 users:(("containerd",pid=700,fd=8))
`;

describe('the runtime’s socket', () => {
  it('shows the runtime’s process by who listens, although systemd holds the socket too', async () => {
    await writeTree(root, { 'net/unix': unixTable });
    await writeProcess(root, 1, { name: 'systemd', openFiles: ['socket:[100]'] });
    await writeProcess(root, 700, {
      name: 'containerd',
      threads: 20,
      openFiles: ['/dev/null', 'socket:[100]', '/data/containerd/io.containerd.metadata.v1.bolt/meta.db'],
      openFilesLimit: 4096,
    });
    expect(await lookAtRuntimeProcess(root, path)).toEqual({
      pid: 700,
      name: 'containerd',
      state: 'S',
      threads: 20,
      openFiles: 3,
      openFilesLimit: 4096,
      root: '/data/containerd',
    });
  });

  it('says so where the process is not to be seen', async () => {
    await writeTree(root, { 'net/unix': unixTable });
    await expect(lookAtRuntimeProcess(root, path)).rejects.toThrow('run as root on the node itself');
  });

  it('shows who is connected and what they have not read', async () => {
    await writeTree(root, { 'net/unix': unixTable });
    const run = () => Promise.resolve(ssOutput);
    expect(await lookAtClients({ procRoot: root, run }, path)).toEqual({
      connectionCount: 2,
      connections: [
        { pid: 800, name: 'kubelet', unreadBytes: 0 },
        { pid: 900, name: 'crictl', unreadBytes: 70_000 },
      ],
    });
  });

  it('leaves our own connection out', async () => {
    await writeTree(root, { 'net/unix': unixTable });
    const run = () => Promise.resolve(ssOutput);
    expect(await lookAtClients({ procRoot: root, run }, path, 900)).toMatchObject({ connectionCount: 1 });
  });

  it('takes for unread only what stays so', async () => {
    await writeTree(root, { 'net/unix': unixTable });
    let looks = 0;
    const run = () => {
      looks += 1;
      return Promise.resolve(looks === 1 ? ssOutput : ssOutput.replace('70000', '0    '));
    };
    const time = new SimulatedTime();
    const seen = lookAtClientsTwice({ procRoot: root, run }, path, time, 20_000);
    while (time.timerCount === 0) await new Promise((resolve) => setImmediate(resolve));
    await time.advance(20_000);
    expect((await seen).connections?.map(({ unreadBytes }) => unreadBytes)).toEqual([0, 0]);
  });

  it('counts at least where ss is missing', async () => {
    await writeTree(root, { 'net/unix': unixTable });
    const run = () => Promise.reject(new Error('no such program'));
    expect(await lookAtClients({ procRoot: root, run }, path)).toEqual({
      connectionCount: 1,
      connections: undefined,
    });
  });

  it('says so where nobody listens', async () => {
    const { run } = systemHost;
    await expect(lookAtClients({ procRoot: root, run }, path)).rejects.toThrow(`nobody listens on ${path}`);
  });

  it('keeps a peer that nobody may see', () => {
    const line = `u_str ESTAB 0 0 ${path} 101 * 201 users:(("containerd",pid=700,fd=11))`;
    expect(parseSs(line, new Set(['101']))).toEqual([{ pid: 0, name: '', unreadBytes: 0 }]);
  });
});

describe('pressure', () => {
  const psi = (some: number, full: number) =>
    `some avg10=0.00 avg60=${some} avg300=0.00 total=1\nfull avg10=0.00 avg60=${full} avg300=0.00 total=1\n`;
  const containerId = 'b'.repeat(64);
  const known: PodSandbox = {
    id: 'c'.repeat(64),
    podUid: 'u',
    podName: 'n',
    podNamespace: 'd',
    state: 'ready',
    createdAtNs: 1n,
  };

  it('reads PSI, kills, the runtime’s own cgroup and scopes that nobody owns', async () => {
    const group = 'cgroup/system.slice/containerd.service';
    await writeTree(root, {
      'proc/pressure/cpu': psi(12.5, 0),
      'proc/pressure/io': psi(70.01, 60),
      'proc/vmstat': 'nr_free_pages 1\noom_kill 4\n',
      'proc/700/cgroup': '0::/system.slice/containerd.service\n',
      [`${group}/pids.current`]: '90\n',
      [`${group}/pids.max`]: '100\n',
      [`${group}/memory.current`]: '1000\n',
      [`${group}/memory.max`]: 'max\n',
      [`${group}/cpu.stat`]: 'nr_periods 100\nnr_throttled 10\n',
    });
    for (const id of [containerId, known.id]) {
      await mkdir(join(root, `cgroup/kubepods.slice/pod.slice/cri-containerd-${id}.scope`), {
        recursive: true,
      });
    }
    const time = new SimulatedTime();
    const facts = lookAtPressure({
      host: { procRoot: join(root, 'proc'), cgroupRoot: join(root, 'cgroup') },
      time,
      windowMs: 20_000,
      runtimePid: Promise.resolve(700),
      names: Promise.resolve(new PodNames([known])),
    });
    while (time.timerCount === 0) await new Promise((resolve) => setImmediate(resolve));
    await writeTree(root, {
      'proc/vmstat': 'oom_kill 6\n',
      [`${group}/cpu.stat`]: 'nr_periods 200\nnr_throttled 60\n',
    });
    await time.advance(20_000);
    expect(await facts).toEqual({
      cpu: { someAvg60: 12.5, fullAvg60: 0 },
      io: { someAvg60: 70.01, fullAvg60: 60 },
      memory: undefined,
      oomKills: 2,
      runtimeCgroup: {
        path: '/system.slice/containerd.service',
        pids: 90,
        pidsMax: 100,
        memoryBytes: 1000,
        throttledShare: 0.5,
      },
      leakedScopes: [`pod.slice/cri-containerd-${containerId}.scope`],
    });
  });
});

describe('disk', () => {
  const size = { totalBytes: 100, freeBytes: 50, totalInodes: 10, freeInodes: 5 };

  it('measures where the runtime really keeps its data', async () => {
    const fileSystemSize = () => Promise.resolve(size);
    expect((await lookAtDisk({ fileSystemSize }, 'containerd', root))[0]).toEqual({ path: root, ...size });
  });

  it('says so where nobody knows', async () => {
    await expect(lookAtDisk(systemHost, 'embedded', undefined)).rejects.toThrow(
      'nobody knows where embedded',
    );
  });

  it('measures a real file system', async () => {
    const { totalBytes, freeBytes } = await systemHost.fileSystemSize(root);
    expect(totalBytes).toBeGreaterThan(0);
    expect(freeBytes).toBeLessThanOrEqual(totalBytes);
  });
});

describe('systemd and D-Bus', () => {
  /** Somebody on a unix socket, gone with the test. */
  const listen = async (socketPath: string, serve: (socket: Socket) => void): Promise<Server> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      serve(socket.on('error', () => {}));
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return server;
  };

  it('are not there on a machine without them', async () => {
    expect(await lookAtBus(root, systemTime, 5_000)).toEqual({ systemd: 'absent', dbus: 'absent' });
  });

  it('answer a greeting', async () => {
    await mkdir(join(root, 'systemd/system'), { recursive: true });
    await mkdir(join(root, 'dbus'));
    const heard: string[] = [];
    const serve = (socket: Socket) => {
      socket.on('data', (data) => {
        heard.push(data.toString());
        socket.write('OK 0123456789abcdef\r\n');
      });
    };
    await listen(join(root, 'systemd/private'), serve);
    await listen(join(root, 'dbus/system_bus_socket'), serve);
    expect(await lookAtBus(root, systemTime, 5_000)).toEqual({
      systemd: { answeredMs: expect.any(Number) },
      dbus: { answeredMs: expect.any(Number) },
    });
    expect(heard.every((text) => /^\0AUTH EXTERNAL [0-9a-f]+\r\n$/.test(text))).toBe(true);
  });

  it('are told to be silent', async () => {
    await mkdir(join(root, 'systemd/system'), { recursive: true });
    const time = new SimulatedTime();
    let onGreeted = (): void => {};
    const greeted = new Promise<void>((resolve) => {
      onGreeted = resolve;
    });
    await listen(join(root, 'systemd/private'), (socket) => socket.once('data', onGreeted));
    const facts = lookAtBus(root, time, 5_000);
    await greeted;
    await time.advance(5_000);
    expect(await facts).toEqual({ systemd: { problem: 'no answer within 5 s' }, dbus: 'absent' });
  });

  it('are told to hang up', async () => {
    await mkdir(join(root, 'dbus'));
    await listen(join(root, 'dbus/system_bus_socket'), (socket) => socket.end());
    expect((await lookAtBus(root, systemTime, 5_000)).dbus).toEqual({
      problem: expect.stringMatching(/hung up|EPIPE|ECONNRESET/),
    });
  });

  it('refuse where nobody listens any more', async () => {
    await writeTree(root, { 'dbus/system_bus_socket': '' });
    expect((await lookAtBus(root, systemTime, 5_000)).dbus).toEqual({
      problem: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('the clock', () => {
  it.each([
    [0n, 0],
    [3_600_000_000_000n, 3_600_000],
    [-5_000_000_000n, -5_000],
  ])('set by %s ns is seen as %s ms', async (stepNs, stepMs) => {
    const time = new SimulatedTime();
    const fact = lookAtClock(time, 20_000);
    await time.advance(10_000);
    time.wallStepNs = stepNs;
    await time.advance(10_000);
    expect(await fact).toEqual({ stepMs });
  });
});
