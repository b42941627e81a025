import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import { callUnary, deadlineGraceMs, type StartUnary } from '../../../src/cri/unary.ts';
import { failureOf } from './cri-server.ts';

/** Timers that fire only when told. */
const simulateTimers = () => {
  const pending = new Set<{ callback: () => void; delayMs: number }>();
  return {
    pending,
    fire: () => {
      for (const { callback } of pending) callback();
    },
    setTimeout: (callback: () => void, delayMs: number) => {
      const timer = { callback, delayMs };
      pending.add(timer);
      return timer;
    },
    clearTimeout: (timer: unknown) => {
      pending.delete(timer as { callback: () => void; delayMs: number });
    },
  };
};

/** A transport that answers when told, and reports a cancelled call as grpc-js does. */
const simulateTransport = () => {
  let callBack: Parameters<StartUnary<string>>[1] = () => undefined;
  const cancel = vi.fn(() => {
    callBack({ code: 1, details: 'Cancelled on client' });
  });
  const start = vi.fn<StartUnary<string>>((_deadlineMs, callback) => {
    callBack = callback;
    return { cancel };
  });
  return { start, cancel, callBack: ((...args) => callBack(...args)) as typeof callBack };
};

const method = 'ListContainers';

describe('a unary call', () => {
  it('resolves with the answer and lets go of timer and signal', async () => {
    const time = simulateTimers();
    const { signal } = new AbortController();
    const { start, callBack, cancel } = simulateTransport();
    const call = callUnary(start, { method, timeoutMs: 500, signal, time });
    expect([...time.pending].map(({ delayMs }) => delayMs)).toEqual([500 + deadlineGraceMs]);
    callBack(null, 'answer');
    await expect(call).resolves.toBe('answer');
    expect(time.pending.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(cancel).not.toHaveBeenCalled();
  });

  it('gives the transport the deadline', async () => {
    const { start, callBack } = simulateTransport();
    const beforeMs = Date.now();
    const call = callUnary(start, { method, timeoutMs: 1e9 });
    callBack(null, 'answer');
    await call;
    const [deadlineMs] = start.mock.lastCall!;
    expect(deadlineMs).toBeGreaterThanOrEqual(beforeMs + 1e9);
    expect(deadlineMs).toBeLessThanOrEqual(Date.now() + 1e9);
  });

  it('rejects with a CriError that keeps code, details and cause', async () => {
    const time = simulateTimers();
    const { signal } = new AbortController();
    const { start, callBack } = simulateTransport();
    const call = callUnary(start, { method, timeoutMs: 500, signal, time });
    const cause = Object.assign(new Error('5 NOT_FOUND: gone'), { code: 5, details: 'gone' });
    callBack(cause);
    const error = await failureOf(call);
    expect(error).toBeInstanceOf(CriError);
    expect(error).toMatchObject({ method, code: 'NOT_FOUND', details: 'gone', cause });
    expect(time.pending.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not start when the signal has aborted before', async () => {
    const time = simulateTimers();
    const { start } = simulateTransport();
    const reason = new Error('shutting down');
    const error = await failureOf(
      callUnary(start, { method, timeoutMs: 500, signal: AbortSignal.abort(reason), time }),
    );
    expect(error).toMatchObject({ name: 'CriError', code: 'CANCELLED', cause: reason });
    expect(start).not.toHaveBeenCalled();
    expect(time.pending.size).toBe(0);
  });

  it('cancels the call and rejects with the reason when the signal aborts', async () => {
    const time = simulateTimers();
    const controller = new AbortController();
    const { start, cancel } = simulateTransport();
    const call = callUnary(start, { method, timeoutMs: 500, signal: controller.signal, time });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(failureOf(call)).resolves.toMatchObject({ code: 'CANCELLED', cause: reason });
    expect(cancel).toHaveBeenCalledOnce();
    expect(time.pending.size).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('fails and cancels when the transport misses its deadline', async () => {
    const time = simulateTimers();
    const cancel = vi.fn();
    const call = callUnary(() => ({ cancel }), { method, timeoutMs: 500, time });
    time.fire();
    await expect(failureOf(call)).resolves.toMatchObject({ name: 'CriError', code: 'DEADLINE_EXCEEDED' });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('stays settled when the transport answers after all', async () => {
    const time = simulateTimers();
    const { start, callBack } = simulateTransport();
    const call = callUnary(start, { method, timeoutMs: 500, time });
    time.fire();
    callBack(null, 'late');
    callBack(null, 'later');
    await expect(failureOf(call)).resolves.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('rejects with a CriError when the transport throws', async () => {
    const time = simulateTimers();
    const cause = new Error('Channel has been shut down');
    const call = callUnary(
      () => {
        throw cause;
      },
      { method, timeoutMs: 500, time },
    );
    await expect(failureOf(call)).resolves.toMatchObject({ name: 'CriError', code: 'UNKNOWN', cause });
    expect(time.pending.size).toBe(0);
  });

  it('keeps a timeout beyond what a timer can hold from firing at once', async () => {
    const time = simulateTimers();
    const { start, callBack } = simulateTransport();
    const call = callUnary(start, { method, timeoutMs: 2 ** 31, time });
    expect([...time.pending].map(({ delayMs }) => delayMs)).toEqual([2 ** 31 - 1]);
    callBack(null, 'answer');
    await call;
  });
});
