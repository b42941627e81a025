import { runOf, type Run } from './check/run.ts';
import { degradation, isSettled } from './supervision/supervision-properties.ts';
import { SupervisionWorld, type SupervisionSpec } from './supervision/supervision-world.ts';
import { NodeWorld, type NodeWorldSpec } from './world/node-world.ts';
import { hanging, nodeProperties, quiet } from './world/properties.ts';
import { worlds } from './world/worlds.ts';

export type WorldName = keyof typeof worlds;

const hasTwoPods = ({ parts }: NodeWorldSpec): boolean => new Set(parts.map(({ podUid }) => podUid)).size > 1;

export const nodeRun = (name: string, covers: string, spec: NodeWorldSpec, maxStates?: number): Run =>
  runOf({
    name,
    covers,
    create: () => new NodeWorld(spec),
    properties: nodeProperties,
    // Alone, a pod delays nobody.
    probes: hasTwoPods(spec) ? [quiet, hanging] : [quiet],
    ...(maxStates === undefined ? {} : { maxStates }),
  });

export const worldRun = (name: WorldName): Run => nodeRun(name, worlds[name].covers, worlds[name].spec);

/** The same world with one more fault and one more relist on each path, as far as memory goes. */
export const nightlyWorldRun = (name: WorldName): Run => {
  const { spec, covers } = worlds[name];
  const larger = { ...spec, maxFaults: spec.maxFaults + 1, maxRelists: (spec.maxRelists ?? 0) + 1 };
  return nodeRun(`${name}, larger`, covers, larger, 1_000_000);
};

export const supervisionRun = (spec: SupervisionSpec, name = 'supervision'): Run =>
  runOf({
    name,
    covers: 'supervisor, Generic PLEG and stream: failures, time-outs and steps that fail, in any order',
    create: () => new SupervisionWorld(spec),
    properties: [degradation],
    isGood: isSettled,
  });

export const worldNames = Object.keys(worlds) as WorldName[];

/** The failures that differ most; all of them at night. */
export const supervisionSpec: SupervisionSpec = {
  maxSabotages: 1,
  sabotages: [
    { call: 'stop', moment: 'before' },
    { call: 'update', moment: 'before' },
    { call: 'start', moment: 'before' },
    { call: 'start', moment: 'after' },
  ],
  failureCodes: ['UNAVAILABLE', 'UNIMPLEMENTED'],
};

export const runs: readonly Run[] = [...worldNames.map(worldRun), supervisionRun(supervisionSpec)];

export const nightlyRuns: readonly Run[] = [
  ...worldNames.map(nightlyWorldRun),
  supervisionRun({ maxSabotages: 3 }),
];
