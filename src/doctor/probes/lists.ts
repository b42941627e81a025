import type { Container, PodSandbox, RuntimeService } from '../../cri/runtime-service.ts';
import type { Time } from '../../lib/time.ts';
import { tryCall } from '../cri-call.ts';
import type { CallFact, DeadOwner, ListFact, ListsFact } from '../facts.ts';
import { ownerPattern, PodNames } from '../pod-names.ts';

/** Stamps this little ahead are the two clocks being read one after the other. */
const toleratedAheadMs = 2_000;

/** What the lists said; records are `undefined` where the list did not come. */
export interface Lists {
  readonly fact: ListsFact;
  readonly sandboxes: readonly PodSandbox[] | undefined;
  readonly containers: readonly Container[] | undefined;
  readonly names: PodNames;
}

export type ListService = Pick<RuntimeService, 'listPodSandboxes' | 'listContainers'>;

/** @param answerBytes length of the last answer to a method, where known */
export const lookAtLists = async (
  service: ListService,
  answerBytes: (method: string) => number | undefined,
  time: Time,
  deadlineMs: number,
): Promise<Lists> => {
  const [sandboxList, containerList] = await Promise.all([
    tryCall(time, 'ListPodSandbox', deadlineMs, (options) => service.listPodSandboxes(options)),
    tryCall(time, 'ListContainers', deadlineMs, (options) => service.listContainers(options)),
  ]);
  const sandboxes = sandboxList.value;
  const containers = containerList.value;
  const names = new PodNames(sandboxes, containers);
  const deadSandboxes = (sandboxes ?? []).filter(({ state }) => state === 'notready');
  const deadContainers = (containers ?? []).filter(({ state }) => state === 'exited');
  const describe = (call: CallFact, records: readonly unknown[] = [], dead: number): ListFact => ({
    call,
    bytes: call.code === 'OK' ? answerBytes(call.method) : bytesInProblem(call),
    total: records.length,
    dead,
  });
  return {
    fact: {
      sandboxes: describe(sandboxList.call, sandboxes, deadSandboxes.length),
      containers: describe(containerList.call, containers, deadContainers.length),
      deadOwners: countOwners(deadSandboxes, deadContainers, names),
      fromTheFuture: findFuture([...(sandboxes ?? []), ...(containers ?? [])], names, time.wallNs()),
    },
    sandboxes,
    containers,
    names,
  };
};

/** A list that is too long says how long it would have been. */
const bytesInProblem = ({ code, problem }: CallFact): number | undefined => {
  const bytes = code === 'RESOURCE_EXHAUSTED' ? / is (\d+) bytes,/.exec(problem)?.[1] : undefined;
  return bytes === undefined ? undefined : Number(bytes);
};

const countOwners = (
  sandboxes: readonly PodSandbox[],
  containers: readonly Container[],
  names: PodNames,
): DeadOwner[] => {
  const owners = new Map<string, { -readonly [Key in keyof DeadOwner]: DeadOwner[Key] }>();
  const count = (id: string, kind: 'containers' | 'sandboxes'): void => {
    const { namespace, name } = names.of(id);
    const pods = ownerPattern(name);
    const key = `${namespace}/${pods}`;
    const owner = owners.get(key) ?? { namespace, pods, containers: 0, sandboxes: 0 };
    owner[kind] += 1;
    owners.set(key, owner);
  };
  for (const { id } of sandboxes) count(id, 'sandboxes');
  for (const { id } of containers) count(id, 'containers');
  const size = (owner: DeadOwner): number => owner.containers + owner.sandboxes;
  return [...owners.values()].sort((a, b) => size(b) - size(a));
};

const findFuture = (
  records: readonly { readonly id: string; readonly createdAtNs: bigint }[],
  names: PodNames,
  nowNs: bigint,
): ListsFact['fromTheFuture'] =>
  records
    .map(({ id, createdAtNs }) => ({
      id,
      pod: names.of(id),
      aheadMs: Number((createdAtNs - nowNs) / 1_000_000n),
    }))
    .filter(({ aheadMs }) => aheadMs > toleratedAheadMs)
    .sort((a, b) => b.aheadMs - a.aheadMs);
