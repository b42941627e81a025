import type { Logger } from 'pino';
import type { PodLifecycleEvent } from '../pleg/lifecycle-event.ts';
import type { Recording } from '../record/recording.ts';
import { ReplayScript, untilQuiet } from '../record/replay-script.ts';
import type { AgentView } from '../server/agent-view.ts';
import { createAgentView } from './agent-view.ts';
import { NodePleg } from './node-pleg.ts';

export interface ReplayOptions {
  readonly logger: Logger;
  /** Waits until it is time for the lines of this moment, milliseconds since the recording's start. */
  readonly pace: (atMs: number, signal: AbortSignal) => Promise<void>;
}

/** A recording that is lived again by a real pipeline. */
export interface Replay {
  /** What an agent would show at this point of the recording. */
  readonly view: AgentView;
  /**
   * Plays the recording, once, and yields each event when it is published. Ends with the recording, or when
   * `signal` aborts.
   *
   * @throws {DivergenceError} when the pipeline leaves the recording
   */
  events(signal: AbortSignal): AsyncGenerator<PodLifecycleEvent, void>;
  stop(): Promise<void>;
}

export const createReplay = (recording: Recording, { logger, pace }: ReplayOptions): Replay => {
  const { settings, runtimeEndpoint } = recording.header;
  const script = new ReplayScript(recording);
  const { time, service } = script;
  const published: PodLifecycleEvent[] = [];
  const pleg = new NodePleg({
    time,
    service,
    logger,
    ...settings,
    // Only spreads delays, and those the recording decides.
    random: () => 1,
    onPublished: (event) => {
      published.push(event);
    },
  });
  return {
    view: createAgentView({ time, pleg, configuredMode: settings.mode, runtimeEndpoint }),

    async *events(signal) {
      pleg.start();
      await untilQuiet();
      for (const [index, line] of recording.lines.entries()) {
        await pace(line.atMs, signal);
        if (signal.aborted) return;
        await script.play(line, index + 2);
        yield* published.splice(0);
      }
    },

    async stop() {
      const stopping = pleg.stop();
      script.close();
      await stopping;
    },
  };
};
