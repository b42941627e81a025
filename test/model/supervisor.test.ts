import { describe, expect, it } from 'vitest';
import { adjacencyMapToArray, type TestPath } from 'xstate/graph';
import { supervisorMachine, type PlegMode, type SupervisorEvent } from '../../machines/index.ts';
import { degradation, type EffectMoment } from './step-discipline.ts';
import {
  edgeKey,
  inputOf,
  insideEventTypes,
  isSettled,
  longestWayOut,
  modelOf,
  outsideEvents,
  stateKey,
  type Snapshot,
} from './supervisor-model.ts';
import { SupervisorStage } from './supervisor-stage.ts';
import { edgesOf, edgesOn, TakenTransitions, transitionsOf } from './transitions.ts';

const modes: readonly PlegMode[] = ['evented', 'generic'];
const effects: readonly EffectMoment[] = ['when it is done', 'before it answers'];
const durations = { generic: inputOf('generic').generic, evented: inputOf('generic').evented };

const models = modes.map((mode) => {
  const model = modelOf(mode);
  return { mode, paths: model.getShortestPaths(), adjacency: model.getAdjacencyMap() };
});

/** What each pause lasts, counted by hand for the input of the model. */
const pauseMs = (eventType: string, { streamFailures, probeFailures }: Snapshot['context']): number => {
  const name = eventType.split('.')[2];
  const pauses: Record<string, number | undefined> = {
    stepTimeout: 10_000,
    stepRetry: 700,
    reconnect: [100, 200][streamFailures - 1],
    probe: [1_000, 2_000][probeFailures] ?? 4_000,
    probeOpen: 5_000,
    steadyAfter: 60_000,
  };
  const pause = name === undefined ? undefined : pauses[name];
  if (pause === undefined) throw new Error(`no pause is known for ${eventType}`);
  return pause;
};

/** Makes happen what a pause's event stands for, and proves that it does not happen a moment earlier. */
const waitOut = async (stage: SupervisorStage, eventType: string): Promise<void> => {
  const { path } = stage;
  await stage.advance(pauseMs(eventType, stage.context) - 1);
  expect(stage.path).toBe(path);
  await stage.advance(1);
  expect(stage.path).not.toBe(path);
  if (!eventType.includes('.stepTimeout.')) return;
  const { path: pausing } = stage;
  await stage.endLate();
  expect(stage.path).toBe(pausing);
};

const act = async (stage: SupervisorStage, event: SupervisorEvent): Promise<void> => {
  // The events that the machine sends itself are no part of its type.
  const type: string = event.type;
  const [origin, kind] = type.split('.');
  if (origin !== 'xstate') await stage.say(event);
  else if (kind === 'after') await waitOut(stage, type);
  else if (stage.pending && type.endsWith(`.${stage.pending}`))
    await stage.end(stage.pending, kind === 'done' ? 'done' : 'failed');
  else throw new Error(`${type} but ${stage.pending ?? 'nothing'} is under way`);
};

const equal = (left: readonly string[], right: readonly string[]): boolean => left.join() === right.join();

/** The laws that hold in every state, and whether they do. */
const lawsOn = (stage: SupervisorStage, expected: Snapshot): Record<string, boolean> => {
  const snapshot = stage.actor.getSnapshot();
  const { discipline, path } = stage;
  const isStreaming = path.startsWith('streaming.');
  const isEvented = snapshot.hasTag('evented');
  const doing = ['stoppingEvented', 'stoppingGeneric', 'updatingRelistDuration', 'startingGeneric'];
  const doneCount = doing.indexOf(path.split('.')[1] ?? '');
  return {
    'it is where the model says': stateKey(snapshot) === stateKey(expected),
    'steps keep their order': discipline.breaches.length === 0,
    'the stream is open while streaming, and once': stage.openStreamCount === (isStreaming ? 1 : 0),
    'it says that it watches while streaming': snapshot.hasTag('watching') === isStreaming,
    'it is in one mode': isEvented !== snapshot.hasTag('generic'),
    'a step is under way while acting': (stage.pending !== undefined) === path.endsWith('.acting'),
    'a generic PLEG runs at the pace of the mode, outside of steps':
      !isSettled(snapshot) ||
      (discipline.isGenericRunning && discipline.duration === durations[isEvented ? 'evented' : 'generic']),
    'a degradation has done the steps before the one it is at':
      !path.startsWith('degrading.') ||
      (doneCount >= 0 &&
        equal(discipline.done.slice(discipline.done.length - doneCount), degradation.slice(0, doneCount))),
    'a degradation has done all four steps':
      (path !== 'generic.waiting' && path !== 'streaming.probing') ||
      equal(discipline.done.slice(-4), degradation),
  };
};

/** One assertion for all of them: there are tens of thousands of states to check. */
const check = (stage: SupervisorStage, expected: Snapshot): void => {
  const broken = Object.entries(lawsOn(stage, expected)).filter(([, holds]) => !holds);
  expect([...broken.map(([law]) => law), ...stage.discipline.breaches]).toEqual([]);
};

const walk = async (
  path: TestPath<Snapshot, SupervisorEvent>,
  stage: SupervisorStage,
): Promise<SupervisorStage> => {
  let actedCount = 0;
  const perform = async ({ event }: { event: SupervisorEvent }): Promise<void> => {
    actedCount += 1;
    await act(stage, event);
  };
  const types = [...outsideEvents.map(({ type }) => type), ...insideEventTypes];
  await path.test({
    events: {
      ...Object.fromEntries(types.map((type) => [type, perform])),
    },
    states: {
      '*': (snapshot) => {
        check(stage, snapshot);
      },
    },
  });
  expect(actedCount).toBe(path.steps.length - 1);
  stage.actor.stop();
  return stage;
};

describe.each(effects)('a supervisor whose steps take effect %s', (effect) => {
  it('keeps its laws on every path and takes every transition that the machine defines', async () => {
    const taken = new TakenTransitions();
    for (const { mode, paths } of models) {
      for (const path of paths) {
        const stage = await walk(
          path,
          new SupervisorStage({ input: inputOf(mode), effect, inspect: taken.inspect }),
        );
        if (mode === 'generic') expect(stage.openedStreamCount).toBe(0);
      }
    }
    expect(taken.leftOutOf(supervisorMachine)).toEqual([]);
  }, 60_000);
});

describe.each(models)('the model of a supervisor configured $mode', ({ mode, paths, adjacency }) => {
  const edges = edgesOf(adjacency, edgeKey);

  it('has paths that walk every event in every state', () => {
    expect([...edgesOn(paths, edgeKey)].toSorted()).toEqual([...edges].toSorted());
    const states = new Set(adjacencyMapToArray(adjacency).map(({ state }) => stateKey(state)));
    console.log(
      `supervisor model, ${mode}: ${states.size} states, ${edges.size} edges, ` +
        `${transitionsOf(supervisorMachine).length} transitions, ${paths.length} paths`,
    );
  });

  it('has no dead end: from every state, once steps succeed again, a generic PLEG runs', () => {
    // At most one pause and the three steps of a climb, and the four of a degradation if its stream was lost.
    expect(longestWayOut(adjacency)).toBeLessThanOrEqual(1 + 3 + 4);
  });
});
