import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { recordPipeline } from '../../src/agent/record.ts';
import { createReplay } from '../../src/agent/replay.ts';
import type { RuntimeService } from '../../src/cri/runtime-service.ts';
import { systemTime, type Time } from '../../src/lib/time.ts';
import type { PodLifecycleEvent } from '../../src/pleg/lifecycle-event.ts';
import { createPace } from '../../src/record/pace.ts';
import { readRecording, type Recording } from '../../src/record/recording.ts';
import type { PipelineSettings } from '../../src/record/recording-format.ts';

export const silent = pino({ level: 'silent' });

/** As an agent has them, less the pauses. */
export const quickSettings: PipelineSettings = {
  mode: 'evented',
  generic: { periodMs: 100, thresholdMs: 180_000 },
  evented: { periodMs: 300, thresholdMs: 600_000 },
  maxStreamRetries: 5,
  inspectConcurrency: 8,
  inspectTimeoutMs: 10_000,
  lifecycleLogSize: 1_000,
};

export const testHeader = (settings: PipelineSettings = quickSettings) => ({
  plegdVersion: '0.0.0-test',
  runtime: null,
  runtimeEndpoint: 'unix:///nowhere',
  settings,
});

/** Events as they come, and somebody who waits for one. */
export class Published {
  readonly events: PodLifecycleEvent[] = [];
  readonly #waiters = new Set<() => void>();

  /** The events as they stand in files. */
  get lines(): string[] {
    return this.events.map((event) => JSON.stringify(event));
  }

  readonly add = (event: PodLifecycleEvent): void => {
    this.events.push(event);
    for (const wake of this.#waiters) wake();
  };

  /** Waits for an event of a container or sandbox; also one that has come already. */
  async next(type: PodLifecycleEvent['type'], containerId: string): Promise<PodLifecycleEvent> {
    for (;;) {
      const found = this.events.find((event) => event.type === type && event.containerId === containerId);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }
}

export interface RecordedRun {
  readonly published: Published;
  /** The lines written so far, the header first. */
  readonly lines: string[];
  stop(): Promise<void>;
}

/** A pipeline that runs on a service and is recorded in memory. */
export const startRecordedRun = (
  service: RuntimeService,
  { time = systemTime, settings }: { readonly time?: Time; readonly settings?: PipelineSettings } = {},
): RecordedRun => {
  const published = new Published();
  const lines: string[] = [];
  const recording = recordPipeline({
    logger: silent,
    time,
    service,
    header: testHeader(settings),
    write: (line) => lines.push(line),
    onBroken: (error) => {
      throw error;
    },
    onPublished: published.add,
  });
  return { published, lines, stop: () => recording.stop() };
};

/** Hands a file with this text to `use`, and removes it. */
export const withFile = async <T>(text: string, use: (path: string) => Promise<T>): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
  try {
    const path = join(directory, 'recording.jsonl');
    await writeFile(path, text);
    return await use(path);
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** As from a file that has these lines. */
export const readLines = (lines: readonly string[]): Promise<Recording> =>
  withFile(lines.map((line) => `${line}\n`).join(''), readRecording);

/** The events of a replay, as they stand in files. */
export const replayToEnd = async (recording: Recording): Promise<string[]> => {
  const replay = createReplay(recording, {
    logger: silent,
    pace: createPace(systemTime, Number.POSITIVE_INFINITY),
  });
  const lines: string[] = [];
  try {
    const never = new AbortController().signal;
    for await (const event of replay.events(never)) lines.push(JSON.stringify(event));
  } finally {
    await replay.stop();
  }
  return lines;
};
