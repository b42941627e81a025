import { expect, it } from 'vitest';
import { ServiceNotifier } from '../../../src/agent/service-notifier.ts';
import { createLogger } from '../../../src/lib/log.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const make = (env: Record<string, string>) => {
  const time = new SimulatedTime();
  const logged: string[] = [];
  const logger = createLogger({
    level: 'warn',
    format: 'json',
    destination: { write: (line) => logged.push(line) },
  });
  const state = { isTurning: true, failure: undefined as Error | undefined };
  const sent: string[] = [];
  const notifier = new ServiceNotifier({
    env,
    time,
    logger,
    pid: 7,
    isTurning: () => state.isTurning,
    send: async (assignment) => {
      if (state.failure) throw state.failure;
      sent.push(assignment);
    },
  });
  return { notifier, time, sent, state, logged };
};

const socket = { NOTIFY_SOCKET: '/run/systemd/notify' };

it('says nothing to nobody', async () => {
  const { notifier, time, sent } = make({});
  await notifier.ready();
  await time.advance(60_000);
  await notifier.stopping();
  expect([sent, time.timerCount]).toEqual([[], 0]);
});

it('without a watchdog tells only the start and the end', async () => {
  const { notifier, time, sent } = make(socket);
  await notifier.ready();
  await time.advance(60_000);
  await notifier.stopping();
  expect(sent).toEqual(['READY=1', 'STOPPING=1']);
});

it('tells the watchdog at half its period, until the end', async () => {
  const { notifier, time, sent } = make({ ...socket, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' });
  await notifier.ready();
  await time.advance(14_999);
  expect(sent).toEqual(['READY=1']);
  await time.advance(1);
  expect(sent).toEqual(['READY=1', 'WATCHDOG=1']);
  await time.advance(30_000);
  await notifier.stopping();
  await time.advance(60_000);
  expect(sent.slice(2)).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1']);
  expect(time.timerCount).toBe(0);
});

it('keeps silent while relists do not go on', async () => {
  const { notifier, time, sent, state, logged } = make({ ...socket, WATCHDOG_USEC: '30000000' });
  await notifier.ready();
  state.isTurning = false;
  await time.advance(30_000);
  expect(sent).toEqual(['READY=1']);
  expect(logged[0]).toContain('relists do not go on');
  state.isTurning = true;
  await time.advance(15_000);
  expect(sent).toEqual(['READY=1', 'WATCHDOG=1']);
  await notifier.stopping();
});

it.each([
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }],
  [{ WATCHDOG_USEC: '0' }],
  [{ WATCHDOG_USEC: 'soon' }],
])('%j is no watchdog of ours', async (env) => {
  const { notifier, time } = make({ ...socket, ...env });
  await notifier.ready();
  expect(time.timerCount).toBe(0);
});

it('says once that it cannot be heard', async () => {
  const { notifier, time, state, logged } = make({ ...socket, WATCHDOG_USEC: '30000000' });
  state.failure = new Error('spawn systemd-notify ENOENT');
  await notifier.ready();
  await time.advance(60_000);
  await notifier.stopping();
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('cannot tell the service manager');
});
