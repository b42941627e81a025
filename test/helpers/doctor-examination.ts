import { tap } from 'rxjs';
import { expect } from 'vitest';
import { createCriClient } from '../../src/cri/client.ts';
import type { RuntimeService } from '../../src/cri/runtime-service.ts';
import { systemTime } from '../../src/lib/time.ts';
import { examineRuntime, type RuntimeExamination } from '../../src/doctor/examine.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { judge, type Report } from '../../src/doctor/report.ts';
import { healthyFacts } from '../unit/doctor/healthy-facts.ts';
import { patient } from './patience.ts';
import { settle, SimulatedTime } from './simulated-time.ts';

/** Ages are simulated; stamps are those of the runtime, which lives in real time. */
class MixedTime extends SimulatedTime {
  override wallNs(): bigint {
    return systemTime.wallNs();
  }
}

interface PendingCall {
  readonly method: string;
  readonly id: string | undefined;
}

const stepMs = 250;

/**
 * The doctor's examination of a runtime behind a real socket, in simulated time: it moves on only when every
 * call has been answered but those that the test says hang. So a busy machine cannot make a call look slow.
 */
export class DoctorExamination {
  readonly time = new MixedTime();
  readonly endedCounts: Record<string, number> = {};
  eventCount = 0;
  hasStreamEnded = false;
  readonly #client;
  readonly #answerBytes = new Map<string, number>();
  readonly #pending = new Set<PendingCall>();
  readonly #options: Pick<RuntimeExamination, 'isStreamAsked'>;
  readonly #hangs: (call: PendingCall) => boolean;

  constructor(
    endpoint: string,
    {
      hangs = () => false,
      ...options
    }: Pick<RuntimeExamination, 'isStreamAsked'> & { hangs?: (call: PendingCall) => boolean } = {},
  ) {
    this.#options = options;
    this.#hangs = hangs;
    this.#client = createCriClient({
      endpoint,
      maxReceiveBytes: 128 * 1024 * 1024,
      onCall: ({ method, answerBytes }) => {
        if (answerBytes !== undefined) this.#answerBytes.set(method, answerBytes);
      },
    });
  }

  /**
   * Examines to the end and judges; what is not the runtime's is healthy.
   *
   * @param midway runs between the two lists that the stream is compared with
   */
  async run(midway: () => Promise<void> = () => Promise.resolve()): Promise<Report> {
    const { facts } = examineRuntime({
      ...this.#options,
      service: this.#count(this.#client),
      answerBytes: (method) => this.#answerBytes.get(method),
      time: this.time,
      windowMs: 20_000,
    });
    let isDone = false;
    const all = Promise.all(
      Object.entries(facts).map(async ([key, fact]) => [key, await fact] as const),
    ).finally(() => {
      isDone = true;
    });
    let isMidwayDone = false;
    for (;;) {
      await this.#untilQuiet();
      if (isDone) break;
      if (!isMidwayDone && (this.endedCounts['ListContainers'] ?? 0) >= 2) {
        isMidwayDone = true;
        await midway();
      }
      await this.time.advance(stepMs);
    }
    this.#client.close();
    return judge({ ...healthyFacts, ...(Object.fromEntries(await all) as Partial<Facts>) });
  }

  /** Waits until the doctor has read so many events. */
  async untilEvents(count: number): Promise<void> {
    await expect.poll(() => this.eventCount, patient).toBeGreaterThanOrEqual(count);
  }

  /** Waits until the doctor has seen the end of the stream. */
  async untilStreamEnds(): Promise<void> {
    await expect.poll(() => this.hasStreamEnded, patient).toBe(true);
  }

  async #untilQuiet(): Promise<void> {
    const busy = () => [...this.#pending].filter((call) => !this.#hangs(call));
    do {
      await expect.poll(busy, { interval: 1, timeout: 30_000 }).toEqual([]);
      // The answer may lead to another call.
      await settle();
    } while (busy().length > 0);
  }

  #count(service: RuntimeService): RuntimeService {
    const unary = async <T>(method: string, id: string | undefined, run: () => Promise<T>): Promise<T> => {
      const call = { method, id };
      this.#pending.add(call);
      try {
        return await run();
      } finally {
        this.#pending.delete(call);
        this.endedCounts[method] = (this.endedCounts[method] ?? 0) + 1;
      }
    };
    return {
      version: (options) => unary('Version', undefined, () => service.version(options)),
      status: (options) => unary('Status', undefined, () => service.status(options)),
      listPodSandboxes: (options) =>
        unary('ListPodSandbox', undefined, () => service.listPodSandboxes(options)),
      listContainers: (options) => unary('ListContainers', undefined, () => service.listContainers(options)),
      podSandboxStatus: (id, options) =>
        unary('PodSandboxStatus', id, () => service.podSandboxStatus(id, options)),
      containerStatus: (id, options) =>
        unary('ContainerStatus', id, () => service.containerStatus(id, options)),
      containerEvents: () => {
        const end = (): void => {
          this.hasStreamEnded = true;
        };
        const next = (): void => {
          this.eventCount += 1;
        };
        return service.containerEvents().pipe(tap({ next, error: end, complete: end }));
      },
    };
  }
}
