import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerEvidence } from '../../../machines/index.ts';
import { ContainerActor, eventTypes, plegStates } from '../../model/container-actor.ts';
import { generateEvents } from '../../model/container-rules.ts';

/** How far a container's life is; no event turns it back. A lost container ran before. */
const ranks: Record<string, number> = {
  'nonexistent.unseen': 0,
  'unknown.created': 1,
  running: 2,
  'unknown.lost': 2,
  exited: 3,
  'nonexistent.deleted': 4,
  'nonexistent.gone': 4,
};

const rankOf = (container: ContainerActor): number => {
  const rank = ranks[container.path];
  if (rank === undefined) throw new Error(`no rank for ${container.path}`);
  return rank;
};

const lifecycleOf = (container: ContainerActor, evidence: ContainerEvidence): string[] =>
  container
    .take(evidence)
    .map(({ type }) => type)
    .filter((type) => type.startsWith('Container'));

const anyEvents = fc.array(fc.constantFrom(...eventTypes), { maxLength: 40 });

/** Evidence in the order of its arrival; a list began up to eight places earlier, so lists overlap. */
const anyEvidence = fc
  .array(
    fc.oneof(
      fc.record({ event: fc.constantFrom(...eventTypes) }),
      fc.record({ state: fc.constantFrom(...plegStates), lag: fc.nat(8) }),
    ),
    { maxLength: 60 },
  )
  .map((pieces) =>
    pieces.map((piece, index): ContainerEvidence => {
      const place = index + 1;
      return 'event' in piece
        ? { type: piece.event, at: place }
        : { type: `list.${piece.state}`, began: Math.max(1, place - piece.lag), arrived: place };
    }),
  );

const runs = { numRuns: 500 };

/** Room for a busy machine; no run is near it. */
const timeoutMs = 60_000;

describe('any sequence of events alone', () => {
  it(
    'reads started, died, removed: each at most once and in this order',
    () => {
      fc.assert(
        fc.property(anyEvents, (types) => {
          const container = new ContainerActor();
          const emitted = types.flatMap((type, index) => lifecycleOf(container, { type, at: index + 1 }));
          expect(emitted.join(' ')).toMatch(
            /^(ContainerChanged)? ?(ContainerStarted)? ?(ContainerDied)? ?(ContainerRemoved)?$/,
          );
        }),
        runs,
      );
    },
    timeoutMs,
  );

  it(
    'never turns a container back',
    () => {
      fc.assert(
        fc.property(anyEvents, (types) => {
          const container = new ContainerActor();
          for (const [index, type] of types.entries()) {
            const before = rankOf(container);
            container.take({ type, at: index + 1 });
            expect(rankOf(container)).toBeGreaterThanOrEqual(before);
          }
        }),
        runs,
      );
    },
    timeoutMs,
  );
});

describe('any mix of events and lists', () => {
  it(
    'is moved by no list that began before the newest evidence had arrived, but for the start of what was created',
    () => {
      fc.assert(
        fc.property(anyEvidence, (pieces) => {
          const container = new ContainerActor();
          let newest = 0;
          for (const [index, evidence] of pieces.entries()) {
            const before = container.path;
            const isStale = 'began' in evidence && evidence.began <= newest;
            const isStart = before === 'unknown.created' && evidence.type === 'list.running';
            container.take(evidence);
            if (isStale && !isStart) expect(container.path).toBe(before);
            else if (container.path !== before) newest = index + 1;
          }
        }),
        runs,
      );
    },
    timeoutMs,
  );

  it(
    'is never turned back by an event, and an event that is ignored moves nothing',
    () => {
      fc.assert(
        fc.property(anyEvidence, (pieces) => {
          const container = new ContainerActor();
          for (const evidence of pieces) {
            const [before, rank] = [container.path, rankOf(container)];
            const isIgnored = container.take(evidence).some(({ type }) => type === 'EventIgnored');
            if ('at' in evidence) expect(rankOf(container)).toBeGreaterThanOrEqual(rank);
            expect(isIgnored).toBe('at' in evidence && container.path === before);
          }
        }),
        runs,
      );
    },
    timeoutMs,
  );

  it(
    "emits for each move what kubelet's table gives for it",
    () => {
      fc.assert(
        fc.property(anyEvidence, (pieces) => {
          const container = new ContainerActor();
          for (const evidence of pieces) {
            const old = container.plegState;
            const emitted = lifecycleOf(container, evidence);
            expect(emitted).toEqual(generateEvents(old, container.plegState));
          }
        }),
        runs,
      );
    },
    timeoutMs,
  );

  it(
    'ends where a list that began last of all says, but for the remains of a deleted container',
    () => {
      fc.assert(
        fc.property(anyEvidence, fc.constantFrom(...plegStates), (pieces, state) => {
          const container = new ContainerActor();
          for (const evidence of pieces) container.take(evidence);
          const isForgiven = container.path === 'nonexistent.deleted' && state === 'exited';
          container.take({ type: `list.${state}`, began: pieces.length + 1 });
          expect(container.plegState).toBe(isForgiven ? 'nonexistent' : state);
        }),
        runs,
      );
    },
    timeoutMs,
  );
});
