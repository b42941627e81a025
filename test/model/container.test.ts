import { describe, expect, it } from 'vitest';
import type { ActorLogic, InputFrom, SnapshotFrom } from 'xstate';
import { TestModel, type TestPath } from 'xstate/graph';
import { containerMachine, type ContainerEvidence } from '../../machines/index.ts';
import { ContainerActor, eventTypes, pathOf, plegStateOf, plegStates } from './container-actor.ts';
import { ContainerRules } from './container-rules.ts';
import { edgesOf, edgesOn, TakenTransitions, transitionsOf } from './transitions.ts';

type Machine = typeof containerMachine;
type Snapshot = SnapshotFrom<Machine>;
type Input = InputFrom<Machine>;

/** Place 0 is before all evidence: a list that began there is stale even where there is none. */
const staleAt = 0;

/** All that can be said of a container at any moment, each list both as the newest evidence and as a stale one. */
const evidenceAfter = (newestEvidenceAt: number): ContainerEvidence[] => [
  ...eventTypes.map((type) => ({ type, at: newestEvidenceAt + 1 })),
  ...plegStates.flatMap((state) =>
    [newestEvidenceAt + 1, staleAt].map((began) => ({ type: `list.${state}` as const, began })),
  ),
];

const isStale = (evidence: ContainerEvidence): boolean => 'began' in evidence && evidence.began === staleAt;

const nameOf = (evidence: ContainerEvidence): string => evidence.type + (isStale(evidence) ? ' stale' : '');

/** Places only grow: a model that told them apart would have no end. */
const edgeKey = (before: Snapshot, evidence: ContainerEvidence): string =>
  `${pathOf(before.value)} ${nameOf(evidence)}`;

const model = new TestModel<Snapshot, ContainerEvidence, Input>(
  // The model's type has no room for what a machine emits.
  containerMachine as unknown as ActorLogic<Snapshot, ContainerEvidence, Input>,
  {
    input: { containerId: 'container-1', podUid: 'pod-1' },
    events: ({ context }) => evidenceAfter(context.newestEvidenceAt),
    // The way in makes every transition a vertex of its own, so shortest paths walk each one.
    serializeState: (snapshot, evidence, before) =>
      pathOf(snapshot.value) + (before && evidence ? ` by ${edgeKey(before, evidence)}` : ''),
    stateMatcher: (_, key) => key === '*',
  },
);

const paths = model.getShortestPaths();
/** Puts the evidence of a path to a machine and to the rules, and compares them at every step. */
const walk = async (path: TestPath<Snapshot, ContainerEvidence>, taken?: TakenTransitions): Promise<void> => {
  const container = new ContainerActor(taken);
  const rules = new ContainerRules();
  let place = 0;
  let takenCount = 0;

  /** A stale list is the youngest that is still too old. */
  const take = ({ event }: { event: ContainerEvidence }): void => {
    takenCount += 1;
    place += 2;
    const began = isStale(event) ? rules.newestEvidenceAt : place - 1;
    const evidence: ContainerEvidence =
      'at' in event ? { ...event, at: place } : { ...event, began, arrived: place };
    expect(container.take(evidence).map(({ type }) => type)).toEqual(rules.take(evidence));
  };

  const types = [...eventTypes, ...plegStates.map((state) => `list.${state}` as const)];
  await path.test({
    events: Object.fromEntries(types.map((type) => [type, take])),
    states: {
      '*': (snapshot) => {
        expect(container.value).toEqual(snapshot.value);
        expect(rules.state).toBe(plegStateOf(snapshot.value));
        expect(container.isPresent).toBe(rules.state !== 'nonexistent');
        expect(container.newestEvidenceAt).toBe(rules.newestEvidenceAt);
      },
    },
  });
  expect(takenCount).toBe(path.steps.length - 1);
};

describe('a container on a path of its machine', () => {
  const named = paths.map(
    (path) =>
      [
        path.steps
          .slice(1)
          .map(({ event }) => nameOf(event))
          .join(', '),
        path,
      ] as const,
  );

  it.each(named)('%s: agrees with the rules', async (_, path) => {
    await walk(path);
  });
});

describe('the paths', () => {
  it('walk all evidence in every state', () => {
    const states = [
      'nonexistent.unseen',
      'nonexistent.deleted',
      'nonexistent.gone',
      'unknown.created',
      'unknown.lost',
      'running',
      'exited',
    ];
    const words = plegStates.flatMap((listed) => [`list.${listed}`, `list.${listed} stale`]);
    const all = states.flatMap((state) => [...eventTypes, ...words].map((word) => `${state} ${word}`));
    const edges = edgesOf(model.getAdjacencyMap(), edgeKey);
    expect([...edges].toSorted()).toEqual(all.toSorted());
    expect([...edgesOn(paths, edgeKey)].toSorted()).toEqual(all.toSorted());
    console.log(
      `container model: ${states.length} states, ${edges.size} edges, ` +
        `${transitionsOf(containerMachine).length} transitions, ${paths.length} paths`,
    );
  });

  it('take every transition that the machine defines', async () => {
    const taken = new TakenTransitions();
    for (const path of paths) await walk(path, taken);
    expect(taken.leftOutOf(containerMachine)).toEqual([]);
  });
});
