import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@bufbuild/protobuf';
import type { CriErrorCode } from '../../src/cri/cri-error.ts';

/** First line of a trace. */
export interface TraceHeader {
  readonly runtime: string;
  readonly version: string;
  /** The wall clock at `atMs` 0, nanoseconds. */
  readonly startWallNs: string;
  /** What GetContainerEvents answered, where it did not stream. */
  readonly streamError?: { readonly code: CriErrorCode; readonly details: string };
}

/** Every other line: a step of the one who recorded, or an event; messages are proto JSON of CRI v1. */
export interface TraceLine {
  readonly atMs: number;
  readonly step?: string;
  /** A ContainerEventResponse as it came. */
  readonly event?: JsonObject;
  /** What PodSandboxStatus says from here on. */
  readonly sandbox?: JsonObject;
  /** What ContainerStatus says from here on. */
  readonly container?: JsonObject;
  /** The sandbox of `container`, where no event tells. */
  readonly sandboxId?: string;
  /** Ids that do not exist any more. */
  readonly removed?: readonly string[];
}

export interface Trace {
  readonly header: TraceHeader;
  readonly lines: readonly TraceLine[];
}

const traceFile = (file: string): string => fileURLToPath(new URL(`../traces/${file}`, import.meta.url));

/** Where the lifecycle events that a trace gives are written down. */
export const expectedPath = (name: string): string => traceFile(`${name}.expected.txt`);

export const readTrace = (name: string): Trace => {
  const [header, ...lines] = readFileSync(traceFile(`${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { header: header as TraceHeader, lines: lines as TraceLine[] };
};
