import type { Logger } from 'pino';
import { createCriClient } from '../cri/client.ts';
import type { RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import type { PodLifecycleEvent } from '../pleg/lifecycle-event.ts';
import { Recorder } from '../record/recorder.ts';
import type { RecordingHeader } from '../record/recording-format.ts';
import { firstAnswerMs, refuseUnusable } from './agent.ts';
import type { AgentConfig } from './config.ts';
import { NodePleg } from './node-pleg.ts';
import { pipelineSettings } from './pipeline-settings.ts';
import { chooseRuntime } from './runtime-choice.ts';

/** A pipeline that runs and is being recorded. */
export interface PipelineRecording {
  readonly pleg: NodePleg;
  /** Writes the end, and then stops the pipeline. Idempotent. */
  stop(): Promise<void>;
}

export interface RecordPipelineOptions {
  readonly logger: Logger;
  /** The machine's own. */
  readonly time: Time;
  readonly service: RuntimeService;
  readonly header: Omit<RecordingHeader, 'plegdRecording' | 'startWallNs'>;
  /** Takes one line, without its newline. */
  readonly write: (line: string) => void;
  /** `write` threw; nothing is written any more. Called once. */
  readonly onBroken: (error: Error) => void;
  readonly onPublished?: (event: PodLifecycleEvent) => void;
}

/** Starts a pipeline of its own on a runtime service, and records it. */
export const recordPipeline = ({
  logger,
  onPublished,
  ...options
}: RecordPipelineOptions): PipelineRecording => {
  const recorder = new Recorder(options);
  const pleg = new NodePleg({
    time: recorder.time,
    service: recorder.service,
    logger,
    ...options.header.settings,
    onPublished: (event) => {
      recorder.published(event);
      onPublished?.(event);
    },
  });
  pleg.start();
  let stopping: Promise<void> | undefined;
  return {
    pleg,
    stop: () => {
      if (!stopping) recorder.end();
      return (stopping ??= pleg.stop());
    },
  };
};

export interface RecordOptions extends Omit<RecordPipelineOptions, 'service' | 'header'> {
  /** This plegd's own. */
  readonly plegdVersion: string;
}

export interface RuntimeRecording {
  readonly runtimeEndpoint: string;
  /** Writes the end and stops everything. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Records the runtime that an agent with this configuration would follow.
 *
 * @throws EndpointError, UnusableRuntimeError, and what `write` throws for the first line
 */
export const recordRuntime = async (
  config: AgentConfig,
  { plegdVersion, ...options }: RecordOptions,
): Promise<RuntimeRecording> => {
  const runtime = await chooseRuntime(config.runtimeEndpoint, options.logger);
  const { endpoint } = runtime;
  const client = createCriClient({
    endpoint,
    callTimeoutMs: config.runtimeRequestTimeoutMs,
    maxReceiveBytes: config.maxReceiveBytes,
    time: options.time,
  });
  const close = async (): Promise<void> => {
    client.close();
    await runtime.stop();
  };
  try {
    const version = client.version({ timeoutMs: firstAnswerMs });
    await refuseUnusable(version, endpoint);
    const header = {
      plegdVersion,
      runtime: await version.catch(() => null),
      runtimeEndpoint: endpoint,
      settings: pipelineSettings(config),
    };
    const recording = recordPipeline({ ...options, service: client, header });
    let stopping: Promise<void> | undefined;
    return { runtimeEndpoint: endpoint, stop: () => (stopping ??= recording.stop().then(close)) };
  } catch (error) {
    await close();
    throw error;
  }
};
