import type { Time } from '../lib/time.ts';
import { CallError } from './call-error.ts';
import { delay } from './delay.ts';
import type { CallFault, RuntimeFaults } from './faults.ts';
import { garbageBytes, padMessage } from './wire-fault.ts';

/** What a call is about, for the faults that strike one container only. */
const subjectOf = (request: object): string | undefined => {
  const { containerId, podSandboxId, image } = request as {
    containerId?: string;
    podSandboxId?: string;
    image?: { image: string };
  };
  return containerId ?? podSandboxId ?? image?.image;
};

/** Finds the fault that strikes a call, and counts it. */
export const takeFault = (faults: RuntimeFaults, method: string, request: object): CallFault | undefined => {
  const fault = faults.calls[method]?.find(
    ({ id, times }) => (id === undefined || id === subjectOf(request)) && times !== 0,
  );
  if (fault?.times !== undefined) fault.times -= 1;
  return fault;
};

/**
 * Holds a call, or fails it, as its fault says for this stage. Returns early when the caller has gone.
 *
 * @throws CallError
 */
export const passGate = async (
  fault: CallFault | undefined,
  stage: 'request' | 'answer',
  { time, signal }: { readonly time: Time; readonly signal: AbortSignal },
): Promise<void> => {
  if (fault === undefined || (fault.at ?? 'request') !== stage) return;
  if (fault.delayMs !== undefined) await delay(time, fault.delayMs, signal);
  if (fault.until !== undefined) await Promise.race([fault.until.catch(() => {}), aborted(signal)]);
  if (fault.fail !== undefined) {
    throw new CallError(fault.fail.code, fault.fail.details ?? 'fault injected by the embedded runtime');
  }
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The bytes to send in place of a message, if its fault spoils it. */
export const spoil = (fault: CallFault | undefined, encode: () => Uint8Array): Buffer | undefined => {
  if (fault?.garbage === true) return garbageBytes();
  if (fault?.empty === true) return Buffer.alloc(0);
  return fault?.padToBytes === undefined ? undefined : padMessage(encode(), fault.padToBytes);
};
