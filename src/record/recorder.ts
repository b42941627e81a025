import type { RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import type { PodLifecycleEvent } from '../pleg/lifecycle-event.ts';
import { formatVersion, type RecordingHeader } from './recording-format.ts';
import { RecordingService } from './recording-service.ts';
import { RecordingTime } from './recording-time.ts';
import { RecordingTurns } from './recording-turns.ts';

export interface RecorderOptions {
  /** The machine's own. */
  readonly time: Time;
  /** The runtime that is recorded. */
  readonly service: RuntimeService;
  readonly header: Omit<RecordingHeader, 'plegdRecording' | 'startWallNs'>;
  /** Takes one line, without its newline. */
  readonly write: (line: string) => void;
  /** `write` threw; nothing is written any more. Called once. */
  readonly onBroken: (error: Error) => void;
}

/**
 * Records a pipeline that runs on its `service` and its `time` and on nothing else. The pipeline is to be made
 * and started at once, before the event loop goes on: that is where a replay starts too.
 */
export class Recorder {
  readonly service: RuntimeService;
  readonly time: Time;
  readonly #turns: RecordingTurns;
  readonly #recordingService: RecordingService;

  constructor({ time, service, header, write, onBroken }: RecorderOptions) {
    const startWallNs = time.wallNs();
    write(
      JSON.stringify({
        plegdRecording: formatVersion,
        ...header,
        startWallNs: startWallNs.toString(),
      } satisfies RecordingHeader),
    );
    this.#turns = new RecordingTurns({ time, startWallNs, write, onBroken });
    this.#recordingService = new RecordingService(service, this.#turns);
    this.service = this.#recordingService;
    this.time = new RecordingTime(time, this.#turns);
  }

  /** Notes what the pipeline made of its inputs; to be called while it publishes. */
  published(event: PodLifecycleEvent): void {
    this.#turns.write({ kind: 'published', event: { ...event } });
  }

  /** Writes the end. The pipeline goes on until somebody stops it, unrecorded. */
  end(): void {
    this.#turns.end(this.#recordingService.unanswered());
  }
}
