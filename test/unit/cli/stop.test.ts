import { beforeEach, describe, expect, it } from 'vitest';
import { serveUntilStopped, untilAborted } from '../../../src/cli/stop.ts';
import { FakeIo } from '../../helpers/cli-io.ts';
import { settle } from '../../helpers/simulated-time.ts';

let io: FakeIo;
beforeEach(() => {
  io = new FakeIo();
});

const forever = () => new Promise<void>(() => undefined);

describe('serveUntilStopped', () => {
  it.each(['SIGINT', 'SIGTERM'])('ends on %s and leaves nothing behind', async (name) => {
    const done = serveUntilStopped(io, untilAborted);
    io.signals.emit(name, name);
    await done;
    expect(io.signals.eventNames()).toEqual([]);
    expect(io.time.timerCount).toBe(0);
    expect(io.exitCodes).toEqual([]);
  });

  it('ends when nobody reads any more', async () => {
    const done = serveUntilStopped(io, untilAborted);
    io.closeReader();
    await done;
    expect(io.time.timerCount).toBe(0);
  });

  it('fails as what it serves fails', async () => {
    await expect(serveUntilStopped(io, () => Promise.reject(new Error('no runtime')))).rejects.toThrow(
      'no runtime',
    );
    expect(io.signals.eventNames()).toEqual([]);
  });

  it('waits 4 s for the end and then gives up', async () => {
    const outcome = serveUntilStopped(io, forever).catch((error: Error) => error.message);
    await io.time.advance(60_000);
    io.signals.emit('SIGTERM', 'SIGTERM');
    await io.time.advance(3_999);
    expect(io.time.timerCount).toBe(1);
    await io.time.advance(1);
    expect(await outcome).toBe('not stopped within 4 s, leaving what is left');
  });

  it.each([
    ['SIGINT', 'SIGTERM', 0, 143],
    ['SIGTERM', 'SIGINT', 0, 130],
    ['SIGINT', 'SIGINT', 300, 130],
    ['SIGTERM', 'SIGTERM', 300, 143],
  ])('after %s, %s %d ms later ends the process at once with %d', async (first, second, laterMs, code) => {
    void serveUntilStopped(io, forever);
    io.signals.emit(first, first);
    await io.time.advance(laterMs);
    io.signals.emit(second, second);
    expect(io.exitCodes).toEqual([code]);
  });

  it('takes the same signal within a moment for the echo that npm makes', async () => {
    void serveUntilStopped(io, forever);
    io.signals.emit('SIGINT', 'SIGINT');
    await io.time.advance(299);
    io.signals.emit('SIGINT', 'SIGINT');
    await settle();
    expect(io.exitCodes).toEqual([]);
  });
});
