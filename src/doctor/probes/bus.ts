import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Time } from '../../lib/time.ts';
import type { BusAnswer, BusFact } from '../facts.ts';
import { sleep } from '../waiting.ts';

/**
 * Whether systemd and D-Bus, which a runtime with the systemd cgroup driver waits for, still turn their event
 * loops. Each is greeted on its own socket and hung up on: nothing is asked of them.
 */
export const lookAtBus = async (runRoot: string, time: Time, deadlineMs: number): Promise<BusFact> => {
  // sd_booted(3): a bus socket may lie around in a container.
  const isSystemd = await isThere(join(runRoot, 'systemd/system'));
  const [systemd, dbus] = await Promise.all([
    isSystemd
      ? greet(join(runRoot, 'systemd/private'), time, deadlineMs)
      : Promise.resolve<BusAnswer>('absent'),
    greet(join(runRoot, 'dbus/system_bus_socket'), time, deadlineMs),
  ]);
  return { systemd, dbus };
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The first line of D-Bus's handshake; anything that comes back shows that somebody is awake. */
const greeting = `\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')}\r\n`;

const greet = async (path: string, time: Time, deadlineMs: number): Promise<BusAnswer> => {
  if (!(await isThere(path))) return 'absent';
  const startedMs = time.monotonicMs();
  const done = new AbortController();
  const socket = connect(path);
  try {
    const answered = new Promise<BusAnswer>((resolve) => {
      socket.once('connect', () => socket.write(greeting));
      socket.once('data', () => resolve({ answeredMs: time.monotonicMs() - startedMs }));
      socket.once('error', ({ message }) => resolve({ problem: message }));
      socket.once('end', () => resolve({ problem: 'hung up without a word' }));
    });
    const late = sleep(time, deadlineMs, done.signal).then((): BusAnswer => ({
      problem: `no answer within ${deadlineMs / 1000} s`,
    }));
    return await Promise.race([answered, late]);
  } finally {
    done.abort();
    socket.destroy();
  }
};
