/** What happened in one slice of time. Durations in milliseconds; missing where there was none. */
export interface VitalSlice {
  /** Slices since the agent's clock began; the next slice has the next number. */
  readonly index: number;
  relistDurationMs?: number;
  relistIntervalMs?: number;
  eventLatencyMs?: number;
  eventCount: number;
  reconnectCount: number;
  missedCount: number;
}
