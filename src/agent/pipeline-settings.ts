import type { PipelineSettings } from '../record/recording-format.ts';
import type { AgentConfig } from './config.ts';

/** The part of the configuration that the pipeline's decisions depend on; a recording holds it. */
export const pipelineSettings = (config: AgentConfig): PipelineSettings => ({
  mode: config.mode,
  generic: { periodMs: config.relistPeriodMs, thresholdMs: config.relistThresholdMs },
  evented: { periodMs: config.eventedRelistPeriodMs, thresholdMs: config.eventedRelistThresholdMs },
  maxStreamRetries: config.eventedMaxStreamRetries,
  inspectConcurrency: config.inspectConcurrency,
  inspectTimeoutMs: config.inspectTimeoutMs,
  lifecycleLogSize: config.lifecycleLogSize,
});
